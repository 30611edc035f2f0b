package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

final class AdaptiveMaskLanesTest {
    private static final long PAUSE_NS = 500_000;

    /** Compares nothing, and takes a while. */
    private record Lanes(String description, long pauseNs) implements MaskLanes {
        @Override
        public int differing(
                final Object base,
                final long address,
                final Object otherBase,
                final long otherAddress,
                final int words,
                final int threshold,
                final long kept,
                final long[] bits,
                final int at) {
            if (pauseNs > 0) {
                LockSupport.parkNanos(pauseNs);
            }
            return 0;
        }
    }

    @Test
    void shouldFindTheFasterAlsoWhereEveryRowHasARest() {
        final AtomicReference<AdaptiveMaskLanes.Kind> settled = new AtomicReference<>();
        final AdaptiveMaskLanes lanes =
                new AdaptiveMaskLanes(new Lanes("vectors", 0), new Lanes("scalar", PAUSE_NS), settled);
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (settled.get() == null) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "rows of 7 words and a rest are never tried");
            for (final int words : new int[] {7, 1}) {
                lanes.differing(null, 0, null, 0, words, 0, -1L, null, 0);
            }
        }
        assertEquals("vectors", lanes.description());
    }

    @Test
    void shouldStayWithWhatAnotherThreadHasFound() {
        final AtomicReference<AdaptiveMaskLanes.Kind> settled = new AtomicReference<>();
        final MaskLanes slow = new Lanes("vectors", TimeUnit.MILLISECONDS.toNanos(1_100));
        final MaskLanes settling = new MaskLanes() {
            @Override
            public String description() {
                return slow.description();
            }

            @Override
            public int differing(
                    final Object base,
                    final long address,
                    final Object otherBase,
                    final long otherAddress,
                    final int words,
                    final int threshold,
                    final long kept,
                    final long[] bits,
                    final int at) {
                settled.set(AdaptiveMaskLanes.Kind.VECTORS); // the other thread, meanwhile
                return slow.differing(base, address, otherBase, otherAddress, words, threshold, kept, bits, at);
            }
        };
        final AdaptiveMaskLanes lanes = new AdaptiveMaskLanes(settling, new Lanes("scalar", 0), settled);
        for (int i = 0; i < 2; i++) {
            lanes.differing(null, 0, null, 0, 7, 0, -1L, null, 0);
        }
        assertEquals(AdaptiveMaskLanes.Kind.VECTORS, settled.get());
    }
}
