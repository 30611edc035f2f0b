package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class CommandWindowTest {
    private static final long MS = 1_000_000;

    private final CommandWindow window = new CommandWindow(500 * MS, 4_000 * MS);
    private final UnsafeBuffer command = new UnsafeBuffer(new byte[64]);

    @Test
    void shouldNumberOnFromTheLastIncarnation() {
        window.reset(41, 256);
        assertEquals(42, window.put(command, 64));
        assertEquals(42, window.unsentSeq());
        assertTrue(window.hasUnsent(0));
        assertEquals(41, window.acknowledgedSeq());
    }

    @Test
    void shouldBeFullAtItsLimitAndOpenWithAnAcknowledgement() {
        window.reset(0, 4);
        for (int i = 0; i < 4; i++) {
            assertFalse(window.isFull());
            window.put(command, 64);
        }
        assertTrue(window.isFull());
        sendAll(0);
        assertTrue(window.onAcknowledged(2, 0));
        assertFalse(window.isFull());
        assertFalse(window.onAcknowledged(1, 0), "an older acknowledgement says nothing");
        assertFalse(window.onAcknowledged(9, 0), "what was never sent cannot be acknowledged");
    }

    @Test
    void shouldSendAgainFromTheOldestWhenNothingIsAcknowledged() {
        put(3);
        sendAll(0);
        window.onTimer(499 * MS);
        assertFalse(window.hasUnsent(499 * MS));
        window.onTimer(500 * MS);
        assertEquals(1, window.unsentSeq());
        sendAll(500 * MS);
        window.onTimer(1_400 * MS);
        assertFalse(window.hasUnsent(1_400 * MS), "the wait has doubled");
        window.onTimer(1_500 * MS);
        assertEquals(1, window.unsentSeq());
        assertEquals(6, window.resends());
    }

    @Test
    void shouldRewindOnceForAllRefusalsOfOneLoss() {
        put(10);
        sendAll(0);
        window.onRefused(4, 3, 0, 10 * MS);
        assertEquals(2, window.acknowledgedSeq());
        assertEquals(3, window.unsentSeq());
        sendAll(10 * MS);
        for (int i = 0; i < 7; i++) {
            window.onRefused(5 + i, 3, 0, 11 * MS);
        }
        assertFalse(window.hasUnsent(11 * MS), "those were in flight before the rewind");
        window.onRefused(6, 5, 0, 12 * MS);
        assertEquals(5, window.unsentSeq(), "but this is another loss");
    }

    @Test
    void shouldPauseWhenItIsToldToRetryLater() {
        put(2);
        sendAll(0);
        window.onRefused(1, 1, 20 * MS, 0);
        assertFalse(window.hasUnsent(19 * MS));
        assertTrue(window.hasUnsent(20 * MS));
        assertEquals(1, window.unsentSeq());
        sendAll(20 * MS);
        window.onRefused(1, 1, 20 * MS, 21 * MS);
        assertEquals(1, window.unsentSeq(), "refused again, to be sent again");
        assertTrue(window.hasUnsent(41 * MS));
    }

    @Test
    void shouldKeepEveryCommandWholeThroughLossesAndRewinds() {
        final Random random = new Random(7);
        long sequenced = 0;
        long nowNs = 0;
        for (int round = 0; round < 50_000; round++) {
            nowNs += MS;
            if (!window.isFull() && random.nextInt(3) > 0) {
                command.putLong(0, window.nextSeq());
                window.put(command, 8 + random.nextInt(57));
            }
            window.onTimer(nowNs);
            while (window.hasUnsent(nowNs)) {
                final long seq = window.unsentSeq();
                assertEquals(seq, window.buffer().getLong(window.unsentOffset()));
                window.onSent(nowNs);
                final boolean isLost = random.nextInt(10) == 0;
                if (!isLost && seq == sequenced + 1) {
                    sequenced++;
                    if (random.nextBoolean()) {
                        window.onAcknowledged(sequenced, nowNs);
                    }
                } else if (!isLost && seq > sequenced + 1 && random.nextBoolean()) {
                    window.onRefused(seq, sequenced + 1, 0, nowNs);
                }
            }
        }
        assertTrue(sequenced > 2_000, "sequenced " + sequenced);
        assertTrue(window.acknowledgedSeq() <= sequenced);
    }

    @Test
    void shouldAllocateNothing() {
        put(256);
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        cycle(20_000);
        final long before = threads.getThreadAllocatedBytes(id);
        cycle(20_000);
        final long allocated = threads.getThreadAllocatedBytes(id) - before;
        assertTrue(allocated < 1_024, "allocated " + allocated);
    }

    private void cycle(final int count) {
        for (int i = 0; i < count; i++) {
            sendAll(i);
            window.onAcknowledged(window.acknowledgedSeq() + 1, i);
            window.put(command, 64);
            window.onTimer(i);
        }
    }

    private void put(final int count) {
        window.reset(0, 256);
        for (int i = 0; i < count; i++) {
            window.put(command, 64);
        }
    }

    private void sendAll(final long nowNs) {
        while (window.hasUnsent(nowNs)) {
            window.onSent(nowNs);
        }
    }
}
