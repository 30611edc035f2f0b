package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Neither side allocates for a chunk. */
final class TransferAllocationTest {
    private static final int LENGTH = 32 << 20;
    private static final int CHUNKS = (24 << 20) / (64 << 10);

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldAllocateNothingPerChunk(final TransportKind kind) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertTrue(threads.isThreadAllocatedMemorySupported());
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind).mtu(8960).compression(Compression.OFF))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(4, LENGTH, 0);
            hosts.fetchWhole(asker, TransferHost.publish(pool, LENGTH, 0, 1), 1, 0, 1);
            final FrameRef ref = TransferHost.publish(pool, LENGTH, 0, 2);
            final long id = asker.asker.ask(ref, 1);
            final long before = owner.agent.counters().bytesServed();
            hosts.await("the beginning", () -> owner.agent.counters().bytesServed() - before > 4 << 20);
            long allocated = 0;
            while (owner.agent.counters().bytesServed() - before < 28 << 20) {
                owner.driver.sharedAgentInvoker().invoke();
                asker.driver.sharedAgentInvoker().invoke();
                final long atFirst = threads.getCurrentThreadAllocatedBytes();
                owner.agent.doWork();
                asker.agent.doWork();
                allocated += threads.getCurrentThreadAllocatedBytes() - atFirst;
            }
            hosts.await("the frame", () -> asker.asker.answers.containsKey(id));
            Hosts.check(asker, asker.asker.answers.get(id).frame(), LENGTH, 0, 2);
            // The smallest object has 16 bytes: fewer than that for each chunk is something else, now and then.
            final long bytes = allocated;
            assertTrue(bytes < 16 * CHUNKS, () -> bytes + " bytes allocated for " + CHUNKS + " chunks");
        }
    }
}
