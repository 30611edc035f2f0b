package io.dragon.worker;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.transfer.RouteView;
import io.dragon.engine.transfer.TransferAgent;
import io.dragon.engine.transfer.TransferContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;

/** The transfer agents of two "hosts" of this machine and the direct way between them: nodes 1 and 2. */
final class TransferLine implements AutoCloseable {
    private static final int NODES = 2;

    private final DragonDirectory[] directories = new DragonDirectory[NODES];
    private final int[] ports = new int[NODES];
    private final TransferAgent[] agents = new TransferAgent[NODES];
    private final AgentRunner[] runners = new AgentRunner[NODES];

    TransferLine(
            final DragonDirectory one,
            final String driverOfOne,
            final DragonDirectory two,
            final String driverOfTwo,
            final ErrorHandler errorHandler) {
        directories[0] = one;
        directories[1] = two;
        final String[] drivers = {driverOfOne, driverOfTwo};
        for (int i = 0; i < NODES; i++) {
            ports[i] = freePort();
        }
        for (int i = 0; i < NODES; i++) {
            final int nodeId = i + 1;
            agents[i] = new TransferAgent(new TransferContext()
                    .directory(directories[i])
                    .aeronDirectoryName(drivers[i])
                    .nodeId(() -> nodeId)
                    .routes(new View())
                    .bindAddress("127.0.0.1")
                    .port(ports[i])
                    .receiveMemory(64L << 20)
                    .errorHandler(errorHandler));
            runners[i] = new AgentRunner(new BackoffIdleStrategy(), errorHandler, null, agents[i]);
            AgentRunner.startOnThread(runners[i]);
        }
    }

    TransferAgent agent(final int nodeId) {
        return agents[nodeId - 1];
    }

    static int freePort() {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (final TransferAgent agent : agents) {
            text.append(agent.state()).append(": ").append(agent.counters()).append("; ");
        }
        return text.toString();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(runners);
    }

    /** A pool is where its file is. */
    private final class View implements RouteView {
        @Override
        public int nodeOf(final long poolId) {
            for (int i = 0; i < NODES; i++) {
                if (Files.exists(directories[i].pool(poolId))) {
                    return i + 1;
                }
            }
            return NOWHERE;
        }

        @Override
        public int nextHop(final int nodeId) {
            return nodeId;
        }

        @Override
        public boolean isDead(final int nodeId) {
            return false;
        }

        @Override
        public String address(final int nodeId) {
            return "127.0.0.1";
        }

        @Override
        public int port(final int nodeId) {
            return ports[nodeId - 1];
        }

        @Override
        public String name(final int nodeId) {
            return "node-" + nodeId;
        }

        @Override
        public long version() {
            return 1;
        }
    }
}
