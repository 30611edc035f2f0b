package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What to carve out of a step's masks: the parameters of a {@code carve} task. Immutable.
 *
 * @param grid       the volume
 * @param method     how masks become votes
 * @param minCameras a voxel counts with at least so many cameras: 1 to 32; they must also stand at two stations, except with
 *                   {@link Method#HULL}
 * @param peakLimit  best peaks that a slab reports, 0 to {@link #MAX_PEAKS}
 * @param voxels     whether each slab also gives its voxels, as a {@link VoxelFrame}
 * @param part       index of the slab, when the task does not say
 * @param parts      number of slabs along x; 0: the task says
 */
public record CarveRule(Grid grid, Method method, int minCameras, int peakLimit, boolean voxels, int part, int parts) {
    /** Length of the encoding in bytes. */
    public static final int ENCODED_LENGTH = 56;

    /** The largest number of peaks a slab reports. */
    public static final int MAX_PEAKS = 4096;

    private static final int VERSION = 1;

    /** How masks become votes. */
    public enum Method {
        /** Scatter or gather, whichever suits the number of changed pixels; the same for all slabs of a step. */
        MOTION,
        /** A voxel stays when its centre is inside every silhouette whose picture it falls into. */
        HULL,
        /** Rays of the listed pixels walk the grid. */
        SCATTER,
        /** Every voxel looks up its projection in every mask. */
        GATHER
    }

    /**
     * A rule.
     *
     * @param grid the volume
     * @param method how masks become votes
     * @param minCameras a voxel counts with at least so many cameras: 1 to 32; see the record
     * @param peakLimit best peaks that a slab reports, 0 to {@link #MAX_PEAKS}
     * @param voxels whether each slab also gives its voxels, as a {@link VoxelFrame}
     * @param part index of the slab, when the task does not say
     * @param parts number of slabs along x; 0: the task says
     * @throws IllegalArgumentException when a value is out of range
     */
    public CarveRule {
        if (minCameras < 1 || minCameras > Rig.MAX_CAMERAS) {
            throw new IllegalArgumentException(
                    "carve: at least " + minCameras + " cameras, expected 1 to " + Rig.MAX_CAMERAS);
        }
        if (peakLimit < 0 || peakLimit > MAX_PEAKS) {
            throw new IllegalArgumentException("carve: " + peakLimit + " peaks, expected 0 to " + MAX_PEAKS);
        }
        if (parts < 0 || parts > Grid.MAX_SIDE || part < 0 || part > Math.max(parts - 1, 0)) {
            throw new IllegalArgumentException("carve: slab " + part + " of " + parts);
        }
    }

    /**
     * Moving things, by vote.
     *
     * @param grid the volume
     * @return a rule that takes two cameras at least and reports the best peaks that fit into a result
     */
    public static CarveRule motion(final Grid grid) {
        return new CarveRule(grid, Method.MOTION, 2, CarveResult.INLINE_PEAKS, false, 0, 0);
    }

    /**
     * The same rule for one slab.
     *
     * @param index  of the slab
     * @param number of slabs
     * @return a rule that says which
     */
    public CarveRule forSlab(final int index, final int number) {
        return new CarveRule(grid, method, minCameras, peakLimit, voxels, index, number);
    }

    /**
     * Write the rule.
     *
     * @param buffer at least {@link #ENCODED_LENGTH} bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encode(final MutableDirectBuffer buffer, final int offset) {
        buffer.putByte(offset, (byte) VERSION);
        buffer.putByte(offset + 1, (byte) method.ordinal());
        buffer.putByte(offset + 2, (byte) minCameras);
        buffer.putByte(offset + 3, (byte) (voxels ? 1 : 0));
        buffer.putInt(offset + 4, peakLimit, Wire.ORDER);
        buffer.putDouble(offset + 8, grid.originX(), Wire.ORDER);
        buffer.putDouble(offset + 16, grid.originY(), Wire.ORDER);
        buffer.putDouble(offset + 24, grid.originZ(), Wire.ORDER);
        buffer.putDouble(offset + 32, grid.voxel(), Wire.ORDER);
        buffer.putInt(offset + 40, grid.nx(), Wire.ORDER);
        buffer.putInt(offset + 44, grid.ny(), Wire.ORDER);
        buffer.putInt(offset + 48, grid.nz(), Wire.ORDER);
        buffer.putShort(offset + 52, (short) part, Wire.ORDER);
        buffer.putShort(offset + 54, (short) parts, Wire.ORDER);
        return ENCODED_LENGTH;
    }

    /**
     * Read a rule.
     *
     * @param buffer where it lies
     * @param offset where it begins
     * @param length bytes there are
     * @return the rule
     * @throws IllegalArgumentException when it is not one; the message says why
     */
    public static CarveRule decode(final DirectBuffer buffer, final int offset, final int length) {
        if (length < ENCODED_LENGTH || buffer.getByte(offset) != VERSION) {
            throw new IllegalArgumentException(
                    "carve: parameters of " + length + " bytes are not a rule of version " + VERSION);
        }
        final int method = buffer.getByte(offset + 1);
        if (method < 0 || method >= Method.values().length) {
            throw new IllegalArgumentException("carve: unknown method " + method);
        }
        final Grid grid = new Grid(
                buffer.getDouble(offset + 8, Wire.ORDER),
                buffer.getDouble(offset + 16, Wire.ORDER),
                buffer.getDouble(offset + 24, Wire.ORDER),
                buffer.getDouble(offset + 32, Wire.ORDER),
                buffer.getInt(offset + 40, Wire.ORDER),
                buffer.getInt(offset + 44, Wire.ORDER),
                buffer.getInt(offset + 48, Wire.ORDER));
        return new CarveRule(
                grid,
                Method.values()[method],
                buffer.getByte(offset + 2),
                buffer.getInt(offset + 4, Wire.ORDER),
                buffer.getByte(offset + 3) != 0,
                buffer.getShort(offset + 52, Wire.ORDER) & 0xFFFF,
                buffer.getShort(offset + 54, Wire.ORDER) & 0xFFFF);
    }
}
