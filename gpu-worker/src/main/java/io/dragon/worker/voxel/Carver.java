package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Carves one slab of the grid out of a step's masks. Keeps its working memory between steps. One thread at a time.
 *
 * <p>Use: {@link #begin}, {@link #mask} for every camera there is, {@link #carve}, then the encoders.
 */
public final class Carver {
    /** Pixels of a step beyond which rays would overflow the sums, or take longer than voxels do. */
    private static final long MAX_SCATTERED_PIXELS = 1 << 22;

    private static final long SCATTER_ADVANTAGE = 4;

    private final SlabVotes votes = new SlabVotes();
    private final Scatter scatter = new Scatter();
    private final Gather gather = new Gather();
    private final PeakFinder peaks = new PeakFinder();
    private final MaskFrame[] masks = new MaskFrame[Rig.MAX_CAMERAS];
    private final MaskLevels[] levels = new MaskLevels[Rig.MAX_CAMERAS];
    private final MaskLevels[] levelsInUse = new MaskLevels[Rig.MAX_CAMERAS];
    private Rig rig;
    private CarveRule rule;
    private int part;
    private int parts;
    private int split;
    private int slabBegin;
    private int slabEnd;
    private int cameraBits;
    private long changed;
    private boolean allListed;
    private CarveResult.Kernel kernel;
    private long occupied;
    private final int[] extent = new int[6];
    private int runs;

    /** A carver without working memory yet. */
    public Carver() {
        for (int i = 0; i < masks.length; i++) {
            masks[i] = new MaskFrame();
        }
    }

    /** For tests: the kernels' own part. */
    Gather gather() {
        return gather;
    }

    /** For tests: voxels that there is memory for. */
    int cells() {
        return votes.cells();
    }

    /**
     * Begin a slab.
     *
     * @param newRig   the cameras
     * @param newRule  what to carve
     * @param newPart  index of the slab
     * @param newParts number of slabs
     */
    public void begin(final Rig newRig, final CarveRule newRule, final int newPart, final int newParts) {
        begin(newRig, newRule, newPart, newParts, 1);
    }

    /**
     * Begin a slab that is to be carved in pieces, one after the other: so much less memory, and the same result.
     *
     * @param newRig   the cameras
     * @param newRule  what to carve
     * @param newPart  index of the slab
     * @param newParts number of slabs
     * @param newSplit number of pieces, 1 and more
     */
    public void begin(
            final Rig newRig, final CarveRule newRule, final int newPart, final int newParts, final int newSplit) {
        if (newParts < 1 || newPart < 0 || newPart >= newParts || newSplit < 1) {
            throw new IllegalArgumentException(
                    "carve: slab " + newPart + " of " + newParts + " in " + newSplit + " pieces");
        }
        split = newSplit;
        slabBegin = newRule.grid().slabBegin(newPart, newParts);
        slabEnd = newRule.grid().slabBegin(newPart + 1, newParts);
        rig = newRig;
        rule = newRule;
        part = newPart;
        parts = newParts;
        cameraBits = 0;
        changed = 0;
        allListed = true;
    }

    /**
     * Take the mask of a camera.
     *
     * @param camera its index in the rig
     * @param buffer where the mask lies; it must stay there until {@link #carve} has returned
     * @param offset where it begins
     * @param length bytes there are
     * @throws IllegalArgumentException when it is no mask, or has another size than the camera's pictures
     */
    public void mask(final int camera, final DirectBuffer buffer, final int offset, final int length) {
        if (camera < 0 || camera >= rig.size() || (cameraBits >>> camera & 1) != 0) {
            throw new IllegalArgumentException("carve: a mask for camera " + camera + " of " + rig.size()
                    + ((camera >= 0 && camera < rig.size()) ? ", which has one already" : ""));
        }
        final MaskFrame mask = masks[camera].wrap(buffer, offset, length);
        final Camera calibrated = rig.camera(camera);
        if (mask.width() != calibrated.width() || mask.height() != calibrated.height()) {
            throw new IllegalArgumentException("camera '" + calibrated.id() + "': the mask has " + mask.width() + " x "
                    + mask.height() + " pixels, the rig says " + calibrated.width() + " x " + calibrated.height());
        }
        cameraBits |= 1 << camera;
        changed += mask.count();
        allListed &= mask.hasList();
    }

    /** Count the votes and find the peaks. */
    public void carve() {
        prepare();
        if (kernel == CarveResult.Kernel.GATHER || kernel == CarveResult.Kernel.HULL) {
            loadLevels();
        }
        for (int piece = 0; piece < pieces(); piece++) {
            count(piece);
            summarise();
            peaks.add(votes);
        }
        end();
    }

    /** Decides how votes are counted; what they give is collected from here on. */
    CarveResult.Kernel prepare() {
        kernel = chooseKernel();
        occupied = 0;
        runs = 0;
        java.util.Arrays.fill(extent, CarveResult.NONE);
        peaks.begin(rig, rule, peakRoom());
        return kernel;
    }

    /** How many peaks are kept. */
    int peakRoom() {
        return kernel == CarveResult.Kernel.HULL ? 0 : rule.peakLimit();
    }

    /**
     * Takes what a piece gave whose votes were counted elsewhere: voxels that count, the least and the largest x, y, z of them, 7 x
     * u32; and peaks of 32 bytes in no order.
     */
    void add(
            final DirectBuffer summary,
            final int summaryAt,
            final DirectBuffer peakList,
            final int peaksAt,
            final int found,
            final int runsFound) {
        final int counted = summary.getInt(summaryAt, Wire.ORDER);
        for (int i = 0; i < extent.length && counted != 0; i++) {
            final int value = summary.getInt(summaryAt + 4 + 4 * i, Wire.ORDER);
            extent[i] = occupied == 0 ? value : i < 3 ? Math.min(extent[i], value) : Math.max(extent[i], value);
        }
        occupied += counted;
        runs += runsFound;
        peaks.add(peakList, peaksAt, found);
    }

    /** All pieces are in. */
    void end() {
        peaks.end(masks, cameraBits);
    }

    int cameraBits() {
        return cameraBits;
    }

    /** The mask of a camera that has one. */
    MaskFrame mask(final int camera) {
        return masks[camera];
    }

    /** Layers are not cut: a slab has no more pieces than layers. */
    int pieces() {
        return Math.max(1, Math.min(split, slabEnd - slabBegin));
    }

    int pieceBegin(final int piece) {
        return slabBegin + (int) ((long) (slabEnd - slabBegin) * piece / pieces());
    }

    /** The votes of one piece, in the order of memory where the voxels themselves are wanted. */
    private void count(final int piece) {
        votes.reset(rule.grid(), pieceBegin(piece), pieceBegin(piece + 1));
        if (slabBegin < slabEnd) {
            switch (kernel) {
                case SCATTER -> scatter();
                case GATHER, HULL -> gather.carve(
                        votes, rig, levelsInUse, rule.minCameras(), kernel == CarveResult.Kernel.HULL);
                default -> {}
            }
        }
        if (rule.voxels()) {
            votes.sortTouched();
        }
    }

    /** Every slab of a step sees the same masks and so chooses alike. */
    private CarveResult.Kernel chooseKernel() {
        if (rule.method() == CarveRule.Method.HULL) {
            return cameraBits == 0 ? CarveResult.Kernel.NONE : CarveResult.Kernel.HULL;
        }
        if (changed == 0) {
            return CarveResult.Kernel.NONE;
        }
        if (rule.method() == CarveRule.Method.GATHER) {
            return CarveResult.Kernel.GATHER;
        }
        if (rule.method() == CarveRule.Method.SCATTER) {
            if (!allListed || changed > MAX_SCATTERED_PIXELS) {
                throw new IllegalArgumentException("carve: scatter needs the list of all changed pixels, and " + changed
                        + " of them are too many; use gather");
            }
            return CarveResult.Kernel.SCATTER;
        }
        final Grid grid = rule.grid();
        final long walked = changed * ((long) grid.nx() + grid.ny() + grid.nz());
        final long looked = grid.voxels() * Integer.bitCount(cameraBits) * SCATTER_ADVANTAGE;
        return allListed && changed <= MAX_SCATTERED_PIXELS && walked <= looked && pixelsAreFine()
                ? CarveResult.Kernel.SCATTER
                : CarveResult.Kernel.GATHER;
    }

    /** Rays of neighbouring pixels must not leave voxels between them out. */
    private boolean pixelsAreFine() {
        final Grid grid = rule.grid();
        final double x = grid.originX() + 0.5 * grid.nx() * grid.voxel();
        final double y = grid.originY() + 0.5 * grid.ny() * grid.voxel();
        final double z = grid.originZ() + 0.5 * grid.nz() * grid.voxel();
        for (int i = 0; i < rig.size(); i++) {
            if ((cameraBits >>> i & 1) != 0
                    && rig.camera(i).depth(x, y, z)
                            > grid.voxel() * rig.camera(i).focalLength()) {
                return false;
            }
        }
        return true;
    }

    private void scatter() {
        scatter.begin(votes);
        for (int i = 0; i < rig.size(); i++) {
            if ((cameraBits >>> i & 1) != 0) {
                scatter.add(rig.camera(i), 1 << i, masks[i]);
            }
        }
    }

    private void loadLevels() {
        for (int i = 0; i < rig.size(); i++) {
            levelsInUse[i] = null;
            if ((cameraBits >>> i & 1) != 0) {
                if (levels[i] == null) {
                    levels[i] = new MaskLevels();
                }
                levels[i].load(masks[i]);
                levelsInUse[i] = levels[i];
            }
        }
    }

    /** Whether a voxel has enough cameras at enough places. */
    static boolean counts(final Rig rig, final CarveRule rule, final int bits) {
        return Integer.bitCount(bits) >= rule.minCameras()
                && (rule.method() == CarveRule.Method.HULL || rig.spansStations(bits));
    }

    private void summarise() {
        final Grid grid = rule.grid();
        final int layer = grid.ny() * grid.nz();
        int previous = -2;
        for (int i = 0; i < votes.touchedCount(); i++) {
            final int local = votes.touched(i);
            final int x = votes.base() + local / layer;
            if (x < votes.begin() || x >= votes.end() || !counts(rig, rule, votes.bits(local))) {
                continue;
            }
            final int y = local % layer / grid.nz();
            final int z = local % grid.nz();
            if (occupied == 0) {
                extent[0] = extent[3] = x;
                extent[1] = extent[4] = y;
                extent[2] = extent[5] = z;
            } else {
                extent[0] = Math.min(extent[0], x);
                extent[1] = Math.min(extent[1], y);
                extent[2] = Math.min(extent[2], z);
                extent[3] = Math.max(extent[3], x);
                extent[4] = Math.max(extent[4], y);
                extent[5] = Math.max(extent[5], z);
            }
            occupied++;
            runs += continues(previous, local) ? 0 : 1;
            previous = local;
        }
    }

    /** A run ends with its row, and so never goes on in the next piece. */
    private boolean continues(final int previous, final int local) {
        return previous == local - 1
                && votes.bits(previous) == votes.bits(local)
                && votes.sum(previous) == votes.sum(local)
                && local % rule.grid().nz() != 0;
    }

    /**
     * Write the inline result, as {@link CarveResult} reads it.
     *
     * @param buffer at least 512 bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encodeResult(final MutableDirectBuffer buffer, final int offset) {
        final int inline = Math.min(peaks.count(), CarveResult.INLINE_PEAKS);
        buffer.putByte(offset, (byte) CarveResult.VERSION);
        buffer.putByte(offset + 1, (byte) kernel.ordinal());
        buffer.putShort(offset + 2, (short) part, Wire.ORDER);
        buffer.putShort(offset + 4, (short) parts, Wire.ORDER);
        buffer.putShort(offset + 6, (short) inline, Wire.ORDER);
        buffer.putInt(offset + 8, peaks.found(), Wire.ORDER);
        buffer.putInt(offset + 12, cameraBits, Wire.ORDER);
        buffer.putLong(offset + 16, occupied, Wire.ORDER);
        for (int i = 0; i < 6; i++) {
            buffer.putShort(offset + 24 + 2 * i, (short) extent[i], Wire.ORDER);
        }
        peaks.encode(buffer, offset + CarveResult.PEAKS_OFFSET, inline);
        return CarveResult.PEAKS_OFFSET + inline * CarveResult.PEAK_LENGTH;
    }

    /**
     * Whether the slab has something to say that does not fit inline.
     *
     * @return whether a {@link VoxelFrame} belongs to the result
     */
    public boolean hasFrame() {
        return rule.voxels() || peaks.count() > CarveResult.INLINE_PEAKS;
    }

    /**
     * Length of the frame.
     *
     * @return bytes
     * @throws IllegalArgumentException when a frame cannot hold it
     */
    public int frameLength() {
        final long length = VoxelFrame.PEAKS_OFFSET
                + (long) framePeaks() * CarveResult.PEAK_LENGTH
                + (rule.voxels() ? (long) runs * VoxelFrame.RUN_LENGTH : 0);
        if (length > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException("the slab's voxels take " + length + " bytes: cut it into more slabs");
        }
        return (int) length;
    }

    private int framePeaks() {
        return peaks.count() > CarveResult.INLINE_PEAKS ? peaks.count() : 0;
    }

    /**
     * Write the frame, as {@link VoxelFrame} reads it.
     *
     * @param buffer at least {@link #frameLength()} bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encodeFrame(final MutableDirectBuffer buffer, final int offset) {
        return encodeFrame(buffer, offset, null);
    }

    /** With the runs that were found elsewhere, or null. */
    int encodeFrame(final MutableDirectBuffer buffer, final int offset, final DirectBuffer foundRuns) {
        final Grid grid = rule.grid();
        buffer.setMemory(offset, VoxelFrame.PEAKS_OFFSET, (byte) 0);
        buffer.putInt(offset, VoxelFrame.MAGIC, Wire.ORDER);
        buffer.putShort(offset + 4, (short) VoxelFrame.VERSION, Wire.ORDER);
        buffer.putByte(offset + 6, (byte) kernel.ordinal());
        buffer.putInt(offset + 8, slabBegin, Wire.ORDER);
        buffer.putInt(offset + 12, slabEnd, Wire.ORDER);
        buffer.putInt(offset + 16, framePeaks(), Wire.ORDER);
        buffer.putInt(offset + 20, rule.voxels() ? runs : 0, Wire.ORDER);
        buffer.putInt(offset + 24, grid.nx(), Wire.ORDER);
        buffer.putInt(offset + 28, grid.ny(), Wire.ORDER);
        buffer.putInt(offset + 32, grid.nz(), Wire.ORDER);
        peaks.encode(buffer, offset + VoxelFrame.PEAKS_OFFSET, framePeaks());
        if (rule.voxels()) {
            int at = offset + VoxelFrame.PEAKS_OFFSET + framePeaks() * CarveResult.PEAK_LENGTH;
            if (foundRuns != null) {
                buffer.putBytes(at, foundRuns, 0, runs * VoxelFrame.RUN_LENGTH);
            }
            for (int piece = 0; piece < pieces() && foundRuns == null; piece++) {
                if (pieces() > 1) {
                    count(piece); // Only the votes of the last one are still there; what is kept of the others is
                    // small.
                }
                at = encodeRuns(buffer, at);
            }
        }
        return frameLength();
    }

    /** The runs of the piece whose votes are there; where the next ones go. */
    private int encodeRuns(final MutableDirectBuffer buffer, final int offset) {
        final int layer = rule.grid().ny() * rule.grid().nz();
        int at = offset - VoxelFrame.RUN_LENGTH;
        int previous = -2;
        int length = 0;
        for (int i = 0; i < votes.touchedCount(); i++) {
            final int local = votes.touched(i);
            final int x = votes.base() + local / layer;
            if (x < votes.begin() || x >= votes.end() || !counts(rig, rule, votes.bits(local))) {
                continue;
            }
            if (continues(previous, local)) {
                length++;
            } else {
                at += VoxelFrame.RUN_LENGTH;
                length = 1;
                buffer.putInt(at, votes.base() * layer + local, Wire.ORDER);
                buffer.putInt(at + 8, votes.bits(local), Wire.ORDER);
                buffer.putInt(at + 12, votes.sum(local), Wire.ORDER);
            }
            buffer.putInt(at + 4, length, Wire.ORDER);
            previous = local;
        }
        return at + VoxelFrame.RUN_LENGTH;
    }
}
