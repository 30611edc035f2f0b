package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.CloseHelper;

/** Hosts that know each other, worked by the thread of the test. Ids are 1, 2, 3. */
final class Hosts implements AutoCloseable {
    private static final long PATIENCE_NS = 20_000_000_000L;

    final TransferHost[] all;

    Hosts(final int count, final Consumer<TransferContext> setting) {
        all = new TransferHost[count];
        for (int i = 0; i < count; i++) {
            all[i] = new TransferHost(i + 1, FreePort.find());
            setting.accept(all[i].ctx);
        }
        for (final TransferHost host : all) {
            for (final TransferHost other : all) {
                if (host != other) {
                    host.routes.node(other.nodeId, other.port);
                }
            }
            host.start();
        }
    }

    TransferHost host(final int nodeId) {
        return all[nodeId - 1];
    }

    void doWork() {
        for (final TransferHost host : all) {
            host.doWork();
        }
    }

    void await(final String what, final BooleanSupplier condition) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            doWork();
            if (System.nanoTime() - startNs > PATIENCE_NS) {
                final StringBuilder text = new StringBuilder(what + " did not come about" + trouble());
                throw new AssertionError(text.toString());
            }
        }
    }

    String trouble() {
        final StringBuilder text = new StringBuilder();
        for (final TransferHost host : all) {
            text.append("; host ")
                    .append(host.nodeId)
                    .append(": ")
                    .append(host.agent.state())
                    .append(' ')
                    .append(host.log)
                    .append(' ')
                    .append(host.errors);
        }
        return text.toString();
    }

    Asker.Answer fetch(final TransferHost by, final FrameRef ref, final int nodeId) {
        final long id = by.asker.ask(ref, nodeId);
        await("an answer about " + ref, () -> by.asker.answers.containsKey(id));
        return by.asker.answers.get(id);
    }

    /** Fetches a frame and looks that it is what was published. */
    FrameRef fetchWhole(
            final TransferHost by, final FrameRef ref, final int nodeId, final int metadataLength, final long seed) {
        final long id = by.asker.ask(ref, nodeId);
        await("frame " + ref, () -> by.asker.answers.containsKey(id));
        final Asker.Answer answer = by.asker.answers.get(id);
        assertEquals(FetchOutcome.HERE, answer.outcome(), () -> answer.text() + trouble());
        check(by, answer.frame(), ref.length(), metadataLength, seed);
        by.asker.done(id);
        return answer.frame();
    }

    static void check(
            final TransferHost by, final FrameRef local, final int length, final int metadataLength, final long seed) {
        final FrameLease lease = new FrameLease();
        assertEquals(0, by.reader.acquire(local, lease));
        final byte[] bytes = new byte[length];
        assertEquals(length, lease.buffer().capacity());
        lease.buffer().getBytes(0, bytes);
        assertArrayEquals(TransferHost.content(length, seed), bytes);
        final byte[] metadata = new byte[lease.metadataLength()];
        lease.metadata().getBytes(0, metadata);
        assertArrayEquals(TransferHost.content(metadataLength, ~seed), metadata);
        assertEquals(FrameFormat.GREY8, lease.format());
        assertEquals(640, lease.width());
        assertEquals(480, lease.height());
        assertEquals(7, lease.camera());
        assertEquals(seed, lease.step());
        assertEquals(seed * 1_000, lease.captureEpochNs());
        lease.release();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(all);
    }
}
