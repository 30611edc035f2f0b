package io.dragon.worker.voxel;

import org.agrona.UnsafeApi;

/**
 * Eight bytes in a long. Most words of a frame hold nothing that differs, so 64 bytes are first asked together whether they might:
 * seven bits of each byte are subtracted, in bytes, which finds all that differ by more than the threshold, and some that
 * differ by just that. Only then is each byte looked at, in 16 bits.
 *
 * <pre>
 *   a byte      a / 2 - b / 2 + 127 - k        calm: at most 127
 *               b / 2 - a / 2 + 127 - k        calm: at most 127
 * </pre>
 *
 * <p>Calm is what differs by at most k, so that a and b differ by at most 2 k + 1. Calm bytes neither borrow nor carry; so the
 * lowest byte that is not calm is computed rightly and shows it in its highest bit, whatever comes of those above it.
 */
final class LongLanes implements MaskLanes {
    private static final long HIGH = 0x8000_8000_8000_8000L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long LOW_BITS = 0x7F7F_7F7F_7F7F_7F7FL;
    private static final long LOW_BYTES = 0x00FF_00FF_00FF_00FFL;
    private static final long BYTE_OVERFLOW = 0x0100_0100_0100_0100L;
    private static final long BYTES = 0x0101_0101_0101_0101L;
    private static final long ONES = 0x0001_0001_0001_0001L;
    private static final long GATHER = 0x0102_0408_1020_4080L;
    private static final int MOST_CALM = 63;

    @Override
    public String description() {
        return "scalar, 8 bytes at a time";
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
        final long seven = kept >>> 1 & LOW_BITS;
        final long room = BYTES * (127 - Math.min(threshold - 1 >> 1, MOST_CALM));
        int count = 0;
        for (int i = 0; i < words; i++) {
            final long a = address + i * (long) WORD;
            final long b = otherAddress + i * (long) WORD;
            long word = 0;
            if (((restless(base, a, otherBase, b, seven, room)
                                    | restless(base, a + 8, otherBase, b + 8, seven, room)
                                    | restless(base, a + 16, otherBase, b + 16, seven, room)
                                    | restless(base, a + 24, otherBase, b + 24, seven, room)
                                    | restless(base, a + 32, otherBase, b + 32, seven, room)
                                    | restless(base, a + 40, otherBase, b + 40, seven, room)
                                    | restless(base, a + 48, otherBase, b + 48, seven, room)
                                    | restless(base, a + 56, otherBase, b + 56, seven, room))
                            & HIGH_BITS)
                    != 0) {
                word = exactly(base, a, otherBase, b, threshold, kept);
                count += Long.bitCount(word);
            }
            bits[at + i] = word;
        }
        return count;
    }

    private static long restless(
            final Object base,
            final long address,
            final Object otherBase,
            final long otherAddress,
            final long seven,
            final long room) {
        final long up = ((UnsafeApi.getLong(base, address) >>> 1 & seven) + room)
                - (UnsafeApi.getLong(otherBase, otherAddress) >>> 1 & seven);
        return up | 2 * room - up;
    }

    private static long exactly(
            final Object base,
            final long address,
            final Object otherBase,
            final long otherAddress,
            final int threshold,
            final long kept) {
        final long above = HIGH - (257 + threshold) * ONES;
        final long below = HIGH + (255 - threshold) * ONES;
        long word = 0;
        for (int i = 0; i < WORD; i += 8) {
            final long over = over(
                    UnsafeApi.getLong(base, address + i) & kept,
                    UnsafeApi.getLong(otherBase, otherAddress + i) & kept,
                    above,
                    below);
            word |= gather(over) << i;
        }
        return word;
    }

    /**
     * The highest bit of each byte whose difference is over the threshold; even bytes first, odd ones a bit position lower.
     *
     * @param above what added to a lane of 256 + a - b reaches its highest bit when a is over b by more than the threshold
     * @param below what a lane of 256 + a - b is taken from to keep the highest bit when a is under b by more than the threshold
     */
    private static long over(final long a, final long b, final long above, final long below) {
        final long even = (a & LOW_BYTES | BYTE_OVERFLOW) - (b & LOW_BYTES);
        final long odd = (a >>> 8 & LOW_BYTES | BYTE_OVERFLOW) - (b >>> 8 & LOW_BYTES);
        return (even + above | below - even) & HIGH | ((odd + above | below - odd) & HIGH) >>> 1;
    }

    /** One bit a byte, the first in the lowest place, from what {@link #over} gives. */
    private static long gather(final long over) {
        return (over >>> 15 & ONES | over >>> 6 & ONES << 8) * GATHER >>> 56;
    }
}
