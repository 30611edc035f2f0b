package io.dragon.worker.voxel;

import java.util.List;
import org.agrona.DirectBuffer;

/**
 * The voxels of a slab as they travel: runs along z of voxels with the same camera bits and sum; and all peaks of the slab, when they
 * do not fit into the inline result.
 *
 * <pre>
 *   0  magic "DVOX"  4  version u16  6  kernel u8  7 zero
 *   8  first layer u32  12  layer after the last u32  16  peaks u32  20  runs u32
 *  24  nx, ny, nz u32 each  36  reserved, zero, up to 64
 *  64  peaks of 20 bytes, as in {@link CarveResult}
 *   .  runs of 16 bytes: index of the first voxel in the grid (x slowest) u32, length u32, camera bits u32, sum u32
 * </pre>
 */
public final class VoxelFrame {
    static final int MAGIC = 0x584F5644;
    static final int VERSION = 1;
    static final int PEAKS_OFFSET = 64;
    static final int RUN_LENGTH = 16;

    private DirectBuffer buffer;
    private int offset;
    private int peaks;
    private int runs;
    private long voxels;

    /** Receives runs of voxels. */
    @FunctionalInterface
    public interface RunConsumer {
        /**
         * Some voxels next to each other along z.
         *
         * @param index      of the first one in the grid, x slowest
         * @param length     voxels
         * @param cameraBits the cameras that voted for each
         * @param sum        the integer sum of each, unsigned
         */
        void onRun(int index, int length, int cameraBits, int sum);
    }

    /** A view of no frame yet. */
    public VoxelFrame() {}

    /**
     * View a frame. Every length is checked first.
     *
     * @param newBuffer where it lies
     * @param newOffset where it begins
     * @param length    bytes there are
     * @return this
     * @throws IllegalArgumentException when it is none; the message says why
     */
    public VoxelFrame wrap(final DirectBuffer newBuffer, final int newOffset, final int length) {
        if (length < PEAKS_OFFSET || newBuffer.getInt(newOffset, Wire.ORDER) != MAGIC) {
            throw new IllegalArgumentException("this frame of " + length + " bytes holds no voxels");
        }
        final int version = newBuffer.getShort(newOffset + 4, Wire.ORDER) & 0xFFFF;
        if (version != VERSION) {
            throw new IllegalArgumentException("voxels of version " + version + ", expected " + VERSION);
        }
        final long newPeaks = newBuffer.getInt(newOffset + 16, Wire.ORDER) & 0xFFFF_FFFFL;
        final long newRuns = newBuffer.getInt(newOffset + 20, Wire.ORDER) & 0xFFFF_FFFFL;
        final long nx = newBuffer.getInt(newOffset + 24, Wire.ORDER);
        final long ny = newBuffer.getInt(newOffset + 28, Wire.ORDER);
        final long nz = newBuffer.getInt(newOffset + 32, Wire.ORDER);
        if (nx < 1 || ny < 1 || nz < 1 || nx > Grid.MAX_SIDE || ny > Grid.MAX_SIDE || nz > Grid.MAX_SIDE) {
            throw new IllegalArgumentException("voxels of a grid of " + nx + " x " + ny + " x " + nz);
        }
        if (length < PEAKS_OFFSET + newPeaks * CarveResult.PEAK_LENGTH + newRuns * RUN_LENGTH) {
            throw new IllegalArgumentException(
                    "a frame of " + length + " bytes with " + newPeaks + " peaks and " + newRuns + " runs of voxels");
        }
        buffer = newBuffer;
        offset = newOffset;
        peaks = (int) newPeaks;
        runs = (int) newRuns;
        voxels = nx * ny * nz;
        return this;
    }

    /**
     * All peaks of the slab, when the inline result could not hold them; none otherwise.
     *
     * @return best first
     */
    public List<CarveResult.Peak> peaks() {
        return CarveResult.peaks(buffer, offset + PEAKS_OFFSET, peaks);
    }

    /**
     * Visit the voxels that count, in the order of their index.
     *
     * @param consumer is called once a run
     * @throws IllegalArgumentException when a run lies outside the grid
     */
    public void forEachRun(final RunConsumer consumer) {
        final int first = offset + PEAKS_OFFSET + peaks * CarveResult.PEAK_LENGTH;
        for (int i = 0; i < runs; i++) {
            final int at = first + i * RUN_LENGTH;
            final long index = buffer.getInt(at, Wire.ORDER) & 0xFFFF_FFFFL;
            final long length = buffer.getInt(at + 4, Wire.ORDER) & 0xFFFF_FFFFL;
            if (index + length > voxels) {
                throw new IllegalArgumentException("a run of " + length + " voxels at " + index + " of " + voxels);
            }
            consumer.onRun(
                    (int) index, (int) length, buffer.getInt(at + 8, Wire.ORDER), buffer.getInt(at + 12, Wire.ORDER));
        }
    }
}
