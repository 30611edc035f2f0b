package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.frame.LeaveEncoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FramePool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections without end from an address that is allowed, and such as stop in the middle: the frames of others come. */
final class TcpFloodTest {
    private static final int CONNECTIONS = 10_000;
    private static final int MOST_OF_AN_ADDRESS = 64;
    private static final int LENGTH = 300_000;

    private final List<SocketChannel> strangers = new ArrayList<>();

    @AfterEach
    void after() {
        CloseHelper.quietCloseAll(strangers);
    }

    @Test
    void shouldServeOthersWhileOneOpensTenThousandConnections() throws IOException {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(TransportKind.TCP))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(8, LENGTH, 0);
            hosts.fetchWhole(asker, TransferHost.publish(pool, LENGTH, 0, 1), 1, 0, 1);
            int frames = 1;
            for (int i = 0; i < CONNECTIONS; i++) {
                final SocketChannel stranger = connect(owner.port);
                strangers.add(stranger);
                final long refused = owner.agent.counters().intruders();
                if (strangers.size() >= MOST_OF_AN_ADDRESS) {
                    hosts.await("a refusal", () -> owner.agent.counters().intruders() > refused);
                    strangers.remove(strangers.size() - 1).close();
                }
                if (i % (CONNECTIONS / 4) == 0) {
                    frames++;
                    hosts.fetchWhole(asker, TransferHost.publish(pool, LENGTH, 0, frames), 1, 0, frames);
                }
            }
            assertTrue(owner.agent.counters().intruders() >= CONNECTIONS - MOST_OF_AN_ADDRESS);
            assertEquals(frames, asker.agent.counters().framesFetched());
        }
    }

    @Test
    void shouldServeOthersWhileSomeStopInTheMiddleOfAMessage() throws IOException {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(TransportKind.TCP))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(8, LENGTH, 0);
            hosts.fetchWhole(asker, TransferHost.publish(pool, LENGTH, 0, 1), 1, 0, 1);
            final ByteBuffer begun = begun();
            for (int length = 1; length < begun.capacity(); length++) {
                final SocketChannel stranger = connect(asker.port);
                strangers.add(stranger);
                stranger.write(begun.clear().limit(length));
                hosts.doWork();
            }
            for (int seed = 2; seed < 8; seed++) {
                hosts.fetchWhole(asker, TransferHost.publish(pool, LENGTH, 0, seed), 1, 0, seed);
            }
            assertEquals(0, asker.agent.counters().chunksRepeated());
        }
    }

    private static SocketChannel connect(final int port) throws IOException {
        return SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
    }

    /** What a connection begins with, and a message. */
    private static ByteBuffer begun() {
        final int message = MessageHeaderEncoder.ENCODED_LENGTH + LeaveEncoder.BLOCK_LENGTH;
        final ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + message)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(TcpTransport.GREETING)
                .putInt(message);
        new LeaveEncoder()
                .wrapAndApplyHeader(new UnsafeBuffer(bytes), bytes.position(), new MessageHeaderEncoder())
                .requestId(1);
        return bytes;
    }
}
