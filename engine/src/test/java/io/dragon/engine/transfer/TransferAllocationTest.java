package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the agents of both sides allocate for a frame, and that nothing of it is for its chunks. */
final class TransferAllocationTest {
    private static final int SHORT = 1 << 20;
    private static final int LONG = 16 << 20;
    private static final int CHUNK = 64 << 10;
    private static final int FRAMES = 12;
    private static final int WARM_UP = 4;

    /** A lease of a slot that another one shares has a byte buffer of its own; the rest is used again. */
    private static final long MOST_PER_FRAME = 512;

    /** The smallest object: were there one in every fourth chunk, it would be seen among what a longer frame happens to meet. */
    private static final long LEAST_OBJECT = 16;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldAllocateNothingPerChunkAndLittlePerFrame(final TransportKind kind) {
        assertTrue(threads.isThreadAllocatedMemorySupported());
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind).mtu(8960).compression(Compression.OFF))) {
            final FramePool pool = hosts.host(1).pool(4, LONG, 0);
            final long[] ofShort = leastForAFrame(hosts, pool, SHORT);
            final long[] ofLong = leastForAFrame(hosts, pool, LONG);
            check("sender", ofShort[0], ofLong[0]);
            check("receiver", ofShort[1], ofLong[1]);
        }
    }

    private static void check(final String who, final long ofShort, final long ofLong) {
        assertTrue(ofShort <= MOST_PER_FRAME, () -> "the " + who + " allocates " + ofShort + " bytes for a frame");
        assertTrue(
                ofLong - ofShort < LEAST_OBJECT * (LONG - SHORT) / CHUNK / 4,
                () -> who + ": " + ofShort + " bytes for 16 chunks, " + ofLong + " for 256");
    }

    /** Of several frames the least: what happens now and then, whatever is sent, is not in it. */
    private long[] leastForAFrame(final Hosts hosts, final FramePool pool, final int length) {
        final long[] least = {Long.MAX_VALUE, Long.MAX_VALUE};
        for (int i = 0; i < FRAMES; i++) {
            final FrameRef ref = TransferHost.publish(pool, length, 0, i + 1);
            final long[] bytes = allocatedForAFrame(hosts, ref);
            pool.release(ref);
            if (i >= WARM_UP) {
                least[0] = Math.min(least[0], bytes[0]);
                least[1] = Math.min(least[1], bytes[1]);
            }
        }
        return least;
    }

    private long[] allocatedForAFrame(final Hosts hosts, final FrameRef ref) {
        final TransferHost owner = hosts.host(1);
        final TransferHost asker = hosts.host(2);
        final long[] bytes = new long[2];
        final long id = asker.asker.ask(ref, 1);
        hosts.await("frame " + ref, () -> {
            bytes[0] += allocatedBy(owner.agent);
            bytes[1] += allocatedBy(asker.agent);
            return asker.asker.answers.containsKey(id);
        });
        asker.asker.done(id);
        return bytes;
    }

    /** In a cycle of its own, between those in which the drivers and the program work too. */
    private long allocatedBy(final TransferAgent agent) {
        final long before = threads.getCurrentThreadAllocatedBytes();
        agent.doWork();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
