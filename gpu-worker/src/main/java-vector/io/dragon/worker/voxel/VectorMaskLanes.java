package io.dragon.worker.voxel;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorSpecies;
import org.agrona.UnsafeApi;

/**
 * As many bytes at once as a vector of this machine has. The bytes are copied first, a strip that stays in the first cache: the way
 * to read a vector from memory that is no array has changed between the releases of Java, the one to read it from an array has not.
 *
 * <p>Vectors compare signed bytes, so the highest bit of everything compared is turned. No vector lives across a loop or a call, or it
 * would become an object.
 */
final class VectorMaskLanes implements MaskLanes {
    private static final VectorSpecies<Byte> LANES = ByteVector.SPECIES_PREFERRED;
    private static final int WIDTH = LANES.length();
    private static final int STRIP = 4096;
    /** Words of four vectors. */
    private static final int GROUP = 4 * WIDTH / WORD;

    private static final byte SIGN = (byte) 0x80;
    private static final long GATHER = 0x0102_0408_1020_4080L;
    private static final long BYTES = UnsafeApi.arrayBaseOffset(byte[].class);

    private final byte[] left = new byte[STRIP];
    private final byte[] right = new byte[STRIP];
    private final byte[] keeping = new byte[WORD];
    private final byte[] over = new byte[WORD];
    private long keptNow;

    VectorMaskLanes() {
        if (WIDTH < 16 || WIDTH > WORD) {
            throw new UnsupportedOperationException("vectors of " + WIDTH + " bytes are of no use for masks");
        }
    }

    @Override
    public String description() {
        return "Vector API, " + WIDTH + " bytes at a time";
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
        if (kept != keptNow) {
            for (int i = 0; i < WORD; i++) {
                keeping[i] = (byte) (kept >>> 8 * (i & 7));
            }
            keptNow = kept;
        }
        final byte most = (byte) (threshold ^ SIGN);
        int count = 0;
        for (int i = 0; i < words; i += STRIP / WORD) {
            final int some = Math.min(STRIP / WORD, words - i);
            UnsafeApi.copyMemory(base, address + i * (long) WORD, left, BYTES, some * (long) WORD);
            UnsafeApi.copyMemory(otherBase, otherAddress + i * (long) WORD, right, BYTES, some * (long) WORD);
            for (int k = 0; k < some; k += GROUP) {
                final int end = Math.min(k + GROUP, some);
                if (isAnyOver(left, right, keeping, k * WORD, most)) {
                    count += words(bits, at + i, k, end, most);
                } else {
                    Arrays.fill(bits, at + i + k, at + i + end, 0);
                }
            }
        }
        return count;
    }

    /** Whether there is one in a group; what is left of an earlier strip behind the last word may give a false alarm. */
    private static boolean isAnyOver(
            final byte[] left, final byte[] right, final byte[] keeping, final int at, final byte most) {
        final ByteVector kept = ByteVector.fromArray(LANES, keeping, 0);
        final ByteVector a0 =
                ByteVector.fromArray(LANES, left, at).lanewise(AND, kept).lanewise(XOR, SIGN);
        final ByteVector b0 =
                ByteVector.fromArray(LANES, right, at).lanewise(AND, kept).lanewise(XOR, SIGN);
        final ByteVector a1 = ByteVector.fromArray(LANES, left, at + WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector b1 = ByteVector.fromArray(LANES, right, at + WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector a2 = ByteVector.fromArray(LANES, left, at + 2 * WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector b2 = ByteVector.fromArray(LANES, right, at + 2 * WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector a3 = ByteVector.fromArray(LANES, left, at + 3 * WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector b3 = ByteVector.fromArray(LANES, right, at + 3 * WIDTH)
                .lanewise(AND, kept)
                .lanewise(XOR, SIGN);
        final ByteVector d0 = a0.max(b0).sub(a0.min(b0)).lanewise(XOR, SIGN);
        final ByteVector d1 = a1.max(b1).sub(a1.min(b1)).lanewise(XOR, SIGN);
        final ByteVector d2 = a2.max(b2).sub(a2.min(b2)).lanewise(XOR, SIGN);
        final ByteVector d3 = a3.max(b3).sub(a3.min(b3)).lanewise(XOR, SIGN);
        return d0.max(d1).max(d2.max(d3)).compare(GT, most).anyTrue();
    }

    private int words(final long[] bits, final int at, final int first, final int end, final byte most) {
        int count = 0;
        for (int k = first; k < end; k++) {
            final long word = word(k * WORD, most);
            bits[at + k] = word;
            count += Long.bitCount(word);
        }
        return count;
    }

    private long word(final int at, final byte most) {
        for (int i = 0; i < WORD; i += WIDTH) {
            final ByteVector kept = ByteVector.fromArray(LANES, keeping, 0);
            final ByteVector a = ByteVector.fromArray(LANES, left, at + i)
                    .lanewise(AND, kept)
                    .lanewise(XOR, SIGN);
            final ByteVector b = ByteVector.fromArray(LANES, right, at + i)
                    .lanewise(AND, kept)
                    .lanewise(XOR, SIGN);
            ByteVector.zero(LANES)
                    .blend((byte) 1, a.max(b).sub(a.min(b)).lanewise(XOR, SIGN).compare(GT, most))
                    .intoArray(over, i);
        }
        long word = 0;
        for (int i = 0; i < WORD; i += 8) {
            word |= (UnsafeApi.getLong(over, BYTES + i) * GATHER >>> 56) << i;
        }
        return word;
    }
}
