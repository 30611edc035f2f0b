package io.dragon.worker;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.HostAgent;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.cluster.NetworkContext;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;

/**
 * Another "host" in this process: a Dragon directory, a media driver and a name of its own. It shares nothing with the first but the network.
 */
final class SecondHost implements AutoCloseable {
    private final String name;
    private final EmbeddedDragon masters;
    private final Path parent;
    private final DragonDirectory directory;
    private final MediaDriverNode driver;
    private final ErrorHandler errorHandler;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    SecondHost(final String name, final EmbeddedDragon masters, final ErrorHandler errorHandler) {
        this.name = name;
        this.masters = masters;
        this.errorHandler = errorHandler;
        try {
            parent = Files.createTempDirectory(Path.of("/dev/shm"), "dragon-test-");
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
        directory = DragonDirectory.of(parent.resolve(name)).create();
        driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(directory.aeron())
                .timeouts(Timeouts.dev())
                .errorHandler(errorHandler));
    }

    DragonDirectory directory() {
        return directory;
    }

    String aeronDirectoryName() {
        return driver.aeronDirectoryName();
    }

    <T extends AutoCloseable> T with(final T part) {
        parts.push(part);
        return part;
    }

    /** As `dragon gpu-server` has it, without workers of its own. */
    AgentRunner nodeAgent(final NetworkContext network) {
        final HostAgent agent = new HostAgent(new HostAgent.Context()
                .dragonDirectory(directory.path())
                .name("node-" + name)
                .network(network)
                .errorHandler(errorHandler)
                .session(new ClusterSession.Context()
                        .name("node-" + name)
                        .host(name)
                        .aeronDirectoryName(aeronDirectoryName())
                        .ingressEndpoints(masters.master().ingressEndpoints())
                        .errorHandler(errorHandler)));
        final AgentRunner runner = new AgentRunner(new BackoffIdleStrategy(), errorHandler, null, agent);
        AgentRunner.startOnThread(runner);
        return runner;
    }

    WorkerContext worker(final String workerName) {
        return new WorkerContext()
                .name(workerName)
                .host(name)
                .directory(directory)
                .aeronDirectoryName(aeronDirectoryName())
                .ingressEndpoints(masters.master().ingressEndpoints())
                .outputSlotLength(64 * 1024)
                .errorHandler(errorHandler);
    }

    ClientContext client(final String clientName) {
        return new ClientContext()
                .name(clientName)
                .host(name)
                .directory(directory)
                .aeronDirectoryName(aeronDirectoryName())
                .ingressEndpoints(masters.master().ingressEndpoints())
                .errorHandler(errorHandler);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(parts);
        CloseHelper.closeAll(driver);
        IoUtil.delete(parent.toFile(), true);
    }
}
