package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.frame.FramePool;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A link that is slower than who sends: the lane takes a part of a chunk each time, and is full again. */
final class FullLaneTest {
    private static final int LENGTH = 32 << 20;
    private static final int MASK = 300_000;
    private static final int FRAMES = 3;
    private static final int CYCLES = 20;
    private static final long PATIENCE_NS = 20_000_000_000L;

    /** The sender looks often, and finds little room each time. */
    private static void await(final Hosts hosts, final BooleanSupplier condition) {
        final long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            for (int i = 0; i < CYCLES; i++) {
                hosts.host(1).doWork();
            }
            hosts.host(2).doWork();
            assertTrue(System.nanoTime() - beganNs < PATIENCE_NS, hosts::trouble);
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldSendFramesThatWaitForEachOtherOnce(final TransportKind kind) {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind).poolMaker(Runnable::run))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(FRAMES, LENGTH, 0);
            final long[] ids = new long[FRAMES];
            for (int i = 0; i < FRAMES; i++) {
                ids[i] = asker.asker.ask(TransferHost.publish(pool, LENGTH, 0, i + 1), 1);
                await(hosts, () -> owner.agent.counters().bytesServed() > LENGTH / 8);
            }
            await(hosts, () -> asker.asker.answers.size() == FRAMES);
            for (int i = 0; i < FRAMES; i++) {
                Hosts.check(asker, asker.asker.answers.get(ids[i]).frame(), LENGTH, 0, i + 1);
            }
            assertEquals(FRAMES, owner.agent.counters().framesServed());
            assertEquals((long) FRAMES * LENGTH, owner.agent.counters().bytesServed());
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldLetAMaskOvertakeAFrame(final TransportKind kind) {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind).poolMaker(Runnable::run))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final long frame = asker.asker.ask(TransferHost.publish(owner.pool(1, LENGTH, 0), LENGTH, 0, 1), 1);
            await(hosts, () -> owner.agent.counters().bytesServed() > LENGTH / 8);
            final long mask = asker.asker.ask(TransferHost.publish(owner.pool(1, MASK, 0), MASK, 0, 2), 1);
            await(hosts, () -> asker.asker.answers.containsKey(mask));
            Hosts.check(asker, asker.asker.answers.get(mask).frame(), MASK, 0, 2);
            assertEquals(1, asker.agent.counters().framesFetched());
            await(hosts, () -> asker.asker.answers.containsKey(frame));
            assertEquals(LENGTH + MASK, owner.agent.counters().bytesServed());
        }
    }
}
