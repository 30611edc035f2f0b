package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What nobody of the system sent is counted and ignored. */
final class TransferIntruderTest {
    private static final int MESSAGES = 20_000;

    @Test
    void shouldCountAndIgnoreWhatMakesNoSense() throws IOException {
        final Random random = new Random(4711);
        try (Hosts hosts = new Hosts(2, ctx -> {});
                DatagramSocket socket = new DatagramSocket()) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(4, 1 << 20, 100);
            hosts.fetchWhole(asker, TransferHost.publish(pool, 1 << 20, 100, 1), 1, 100, 1);
            assertEquals(0, owner.agent.counters().intruders());
            try (Aeron aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(asker.directory.aeron().toString())
                    .useConductorAgentInvoker(true))) {
                for (final TransferHost target : hosts.all) {
                    final long publicationId =
                            aeron.asyncAddExclusivePublication("aeron:udp?endpoint=127.0.0.1:" + target.port, 9877);
                    final ExclusivePublication[] intruder = new ExclusivePublication[1];
                    hosts.await("a lane for the intruder", () -> {
                        aeron.conductorAgentInvoker().invoke();
                        intruder[0] = intruder[0] == null ? aeron.getExclusivePublication(publicationId) : intruder[0];
                        return intruder[0] != null && intruder[0].isConnected();
                    });
                    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1376]);
                    for (int i = 0; i < MESSAGES; i++) {
                        final int length = message(buffer, random);
                        hosts.await("room", () -> intruder[0].offer(buffer, 0, length) > 0);
                    }
                    for (int i = 0; i < 200; i++) {
                        final byte[] bytes = new byte[random.nextInt(1_000)];
                        random.nextBytes(bytes);
                        socket.send(new DatagramPacket(
                                bytes, bytes.length, new InetSocketAddress("127.0.0.1", target.port)));
                    }
                    hosts.await("a count", () -> target.agent.counters().intruders() > MESSAGES / 4);
                    intruder[0].close();
                }
                final FrameRef ref = TransferHost.publish(pool, 1 << 20, 100, 2);
                hosts.fetchWhole(asker, ref, 1, 100, 2);
                assertEquals(0, asker.agent.counters().chunksRepeated());
            }
            assertTrue(asker.agent.counters().framesFetched() >= 2);
        }
    }

    /** Random bytes, or a header of ours with random bytes behind it. */
    private static int message(final UnsafeBuffer buffer, final Random random) {
        final byte[] bytes = new byte[1 + random.nextInt(300)];
        random.nextBytes(bytes);
        buffer.putBytes(0, bytes);
        if (random.nextInt(4) == 0 || bytes.length < MessageHeaderEncoder.ENCODED_LENGTH) {
            return bytes.length;
        }
        final int template = random.nextInt(4) == 0 ? random.nextInt(64) : 20 + random.nextInt(13);
        final int block = random.nextBoolean() ? random.nextInt(bytes.length) : bytes.length - 8;
        new MessageHeaderEncoder()
                .wrap(buffer, 0)
                .blockLength(block)
                .templateId(template)
                .schemaId(AskEncoder.SCHEMA_ID)
                .version(AskEncoder.SCHEMA_VERSION);
        return bytes.length;
    }
}
