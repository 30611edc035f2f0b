package io.dragon.worker.voxel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * What a slab has found, as it travels inline with the task's result.
 *
 * <pre>
 *   0  version u8   1  kernel u8   2  part u16   4  parts u16   6  peaks here u16
 *   8  peaks found u32  12  cameras taking part u32  16  voxels that count u64
 *  24  first x, y, z and last x, y, z of them, u16 each (all 65535 when there are none)
 *  36  peaks of 20 bytes, best first: x, y, z as i32 in 1/4096 voxel from the grid's origin, camera bits u32, sum u32
 * </pre>
 *
 * @param kernel        which kernel ran
 * @param part          index of the slab
 * @param parts         number of slabs
 * @param cameraBits    the cameras that took part
 * @param occupied      voxels that count
 * @param extent        first x, y, z and last x, y, z of these voxels; empty when there are none
 * @param peaksFound    peaks there were, listed or not
 * @param peaks         the best ones, best first
 */
public record CarveResult(
        Kernel kernel,
        int part,
        int parts,
        int cameraBits,
        long occupied,
        int[] extent,
        int peaksFound,
        List<Peak> peaks) {
    /** Peaks that fit into an inline result of 512 bytes. */
    public static final int INLINE_PEAKS = 23;

    /** Fractions of a voxel that a peak's place is given in. */
    public static final int FRACTIONS = 4096;

    static final int VERSION = 1;
    static final int PEAKS_OFFSET = 36;
    static final int PEAK_LENGTH = 20;
    static final int NONE = 0xFFFF;

    /** How the votes were counted. */
    public enum Kernel {
        /** No mask, no votes. */
        NONE,
        /** Rays of listed pixels. */
        SCATTER,
        /** Windows of voxels. */
        GATHER,
        /** Silhouettes. */
        HULL
    }

    /**
     * A local maximum of votes, then of the sum.
     *
     * @param x          along x from the grid's origin, in 1/{@link #FRACTIONS} voxel
     * @param y          along y
     * @param z          along z
     * @param cameraBits the cameras that voted
     * @param sum        the integer sum, unsigned
     */
    public record Peak(int x, int y, int z, int cameraBits, int sum) {
        /**
         * Number of cameras that voted.
         *
         * @return at least the rule's minimum
         */
        public int votes() {
            return Integer.bitCount(cameraBits);
        }
    }

    /**
     * Read a result.
     *
     * @param buffer where it lies
     * @param offset where it begins
     * @param length bytes there are
     * @return the result
     * @throws IllegalArgumentException when it is none; the message says why
     */
    public static CarveResult decode(final DirectBuffer buffer, final int offset, final int length) {
        if (length < PEAKS_OFFSET || buffer.getByte(offset) != VERSION) {
            throw new IllegalArgumentException("these " + length + " bytes are no result of carve");
        }
        final int kernel = buffer.getByte(offset + 1);
        final int count = buffer.getShort(offset + 6, Wire.ORDER) & 0xFFFF;
        if (kernel < 0 || kernel >= Kernel.values().length || length - PEAKS_OFFSET < count * PEAK_LENGTH) {
            throw new IllegalArgumentException(
                    "carve: a result of " + length + " bytes with kernel " + kernel + " and " + count + " peaks");
        }
        final long occupied = buffer.getLong(offset + 16, Wire.ORDER);
        final int[] extent = new int[occupied > 0 ? 6 : 0];
        for (int i = 0; i < extent.length; i++) {
            extent[i] = buffer.getShort(offset + 24 + 2 * i, Wire.ORDER) & 0xFFFF;
        }
        return new CarveResult(
                Kernel.values()[kernel],
                buffer.getShort(offset + 2, Wire.ORDER) & 0xFFFF,
                buffer.getShort(offset + 4, Wire.ORDER) & 0xFFFF,
                buffer.getInt(offset + 12, Wire.ORDER),
                occupied,
                extent,
                buffer.getInt(offset + 8, Wire.ORDER),
                peaks(buffer, offset + PEAKS_OFFSET, count));
    }

    static List<Peak> peaks(final DirectBuffer buffer, final int offset, final int count) {
        final List<Peak> peaks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            final int at = offset + i * PEAK_LENGTH;
            peaks.add(new Peak(
                    buffer.getInt(at, Wire.ORDER),
                    buffer.getInt(at + 4, Wire.ORDER),
                    buffer.getInt(at + 8, Wire.ORDER),
                    buffer.getInt(at + 12, Wire.ORDER),
                    buffer.getInt(at + 16, Wire.ORDER)));
        }
        return peaks;
    }
}
