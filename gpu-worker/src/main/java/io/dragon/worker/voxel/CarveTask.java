package io.dragon.worker.voxel;

import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.device.PinnedBuffer;
import io.dragon.worker.device.RingSlot;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One carve task on a GPU: what it has on the device, what it queues there, and what comes back. Used again for every task.
 *
 * <pre>
 *   slot of the ring:  cameras | slab | summary 7 x u32, peaks found u32, runs u32 | peaks | runs before each row | masks | levels
 *   pinned, in:        cameras | slab | summary as it begins
 *   pinned, out:       summary, found, runs | the first peaks
 * </pre>
 */
final class CarveTask {
    static final int KERNEL_PEAK_BYTES = 32;

    private static final int EAGER_PEAKS = 1_024;
    private static final int COUNTED_WORDS = 9;
    private static final int FOUND_OFFSET = 28;
    private static final int RUNS_OFFSET = 32;
    private static final int RESULT_PEAKS_OFFSET = 64;
    private static final int ALIGNMENT = 256;

    private final CarveKernels kernels;
    private final GpuDriver driver;
    private final int mostPeaks;
    private final Carver carver = new Carver();
    private final SlabVotes votes = new SlabVotes();
    private final UnsafeBuffer decoded = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
    private final FrameLease[] masks = new FrameLease[Rig.MAX_CAMERAS];
    private final long[] maskAt = new long[Rig.MAX_CAMERAS];
    private final PinnedBuffer allPeaks;
    private final PinnedBuffer newRuns;

    /** The runs of all pieces, when there are several. */
    private final ExpandableArrayBuffer keptRuns = new ExpandableArrayBuffer();

    private CarveRule rule;
    private Rig rig;
    private CarveResult.Kernel kernel;
    private RingSlot slot;
    private int split;
    private int peakRoom;
    private int rowCount;
    private long levelWords;
    private long cameras;
    private long slab;
    private long summary;
    private long peaks;
    private long rows;
    private long levels;
    private int inputBytes;
    private int found;
    private int runs;
    private int keptBytes;
    private boolean isAllFetched;

    CarveTask(final CarveKernels kernels, final int mostPeaks) {
        this.kernels = kernels;
        this.driver = kernels.driver();
        this.mostPeaks = mostPeaks;
        this.allPeaks = kernels.newPinned();
        this.newRuns = kernels.newPinned();
    }

    /** Reads what is to be done; false when nothing is on the device. */
    boolean begin(final TaskContext task, final DecodedRig rigs, final MaskFrame scratch) throws TaskFailedException {
        final FrameLease rigFrame = CarveHandler.rigFrame(task);
        readRule(task);
        rig = rigs.of(rigFrame);
        split = task.split();
        CarveHandler.begin(task, carver, rig, rule, scratch, masks);
        kernel = carver.prepare();
        keptBytes = 0;
        runs = 0;
        int mostRows = 0;
        for (int piece = 0; piece < carver.pieces(); piece++) {
            place(piece);
            mostRows = Math.max(
                    mostRows, (votes.end() - votes.begin()) * rule.grid().ny());
        }
        rowCount = mostRows;
        return kernel != CarveResult.Kernel.NONE && mostRows > 0;
    }

    /** The same rule comes again and again, and is made into an object once. */
    private void readRule(final TaskContext task) {
        final int length = task.parametersLength();
        boolean isSame = rule != null && length >= CarveRule.ENCODED_LENGTH;
        for (int i = 0; isSame && i < CarveRule.ENCODED_LENGTH; i += Long.BYTES) {
            isSame = decoded.getLong(i) == task.parameters().getLong(i);
        }
        if (!isSame) {
            rule = null;
            rule = CarveRule.decode(task.parameters(), 0, length);
            decoded.putBytes(0, task.parameters(), 0, CarveRule.ENCODED_LENGTH);
        }
    }

    int pieces() {
        return carver.pieces();
    }

    private void place(final int piece) {
        votes.place(rule.grid(), carver.pieceBegin(piece), carver.pieceBegin(piece + 1));
    }

    private boolean isScatter() {
        return kernel == CarveResult.Kernel.SCATTER;
    }

    /** What it needs of the ring; where things lie there, counted from the slot's beginning. */
    long slotBytes() {
        peakRoom = carver.peakRoom() == 0 ? 0 : Math.max(mostPeaks / split, 1);
        cameras = 0;
        slab = aligned((long) rig.size() * KernelStructs.CAMERA_LENGTH);
        summary = slab + ALIGNMENT;
        peaks = summary + ALIGNMENT;
        rows = peaks + aligned((long) peakRoom * KERNEL_PEAK_BYTES);
        long at = rows + aligned(rule.voxels() ? (long) rowCount * Integer.BYTES : 0);
        levelWords = 0;
        for (int i = 0; i < rig.size(); i++) {
            if (masks[i] != null) {
                final MaskFrame mask = carver.mask(i);
                maskAt[i] = at;
                at += aligned(isScatter() ? 5L * mask.count() : bitsBytes(mask));
                for (int level = 0; level < MaskLevels.LEVELS && !isScatter(); level++) {
                    levelWords += (long) Bits.wordsPerRow(MaskLevels.cells(mask.width(), level))
                            * MaskLevels.cells(mask.height(), level);
                }
            }
        }
        levels = at;
        return at + aligned(levelWords * Long.BYTES);
    }

    private static long bitsBytes(final MaskFrame mask) {
        return (long) Long.BYTES * mask.wordsPerRow() * mask.height();
    }

    /** Queues the copies of cameras and masks, and the levels of these. */
    void copyIn(final RingSlot newSlot) {
        slot = newSlot;
        inputBytes = (int) (summary + ALIGNMENT);
        final long host = slot.parameters().ensure(inputBytes);
        final UnsafeBuffer parameters = slot.parameters().buffer();
        KernelStructs.cameras(rig, carver.cameraBits(), parameters, 0);
        for (int word = 0; word < COUNTED_WORDS; word++) {
            parameters.putInt((int) summary + Integer.BYTES * word, word >= 1 && word <= 3 ? -1 : 0, Wire.ORDER);
        }
        slot.copyIn(cameras, host, slab);
        final long base = slot.address();
        cameras += base;
        slab += base;
        summary += base;
        peaks += base;
        rows += base;
        levels += base;
        for (int i = 0; i < rig.size(); i++) {
            if (masks[i] != null) {
                maskAt[i] += base;
                final MaskFrame mask = carver.mask(i);
                final long bits = bitsBytes(mask);
                final long from = MaskFrame.BITS_OFFSET + (isScatter() ? bits : 0);
                final long bytes = isScatter() ? 5L * mask.count() : bits;
                if (bytes > 0) {
                    kernels.pools().copy(maskAt[i], masks[i], from, bytes);
                }
            }
        }
        slot.copiedIn();
        for (int i = 0; i < rig.size() && !isScatter(); i++) {
            if (masks[i] != null) {
                queueLevels(i);
            }
        }
    }

    private long offsetInParameters(final long address) {
        return address - slot.address();
    }

    private void queueLevels(final int camera) {
        final MaskFrame mask = carver.mask(camera);
        final UnsafeBuffer parameters = slot.parameters().buffer();
        final int words = mask.wordsPerRow() * mask.height();
        long from = levels + Long.BYTES * KernelStructs.levelAt(parameters, camera, 0);
        kernels.loadLevel(maskAt[camera], from, mask.wordsPerRow(), words, Bits.lastWord(mask.width()));
        for (int level = 1; level < MaskLevels.LEVELS; level++) {
            final long to = levels + Long.BYTES * KernelStructs.levelAt(parameters, camera, level);
            kernels.reduceLevel(
                    from,
                    to,
                    Bits.wordsPerRow(MaskLevels.cells(mask.width(), level - 1)),
                    MaskLevels.cells(mask.height(), level - 1),
                    Bits.wordsPerRow(MaskLevels.cells(mask.width(), level)),
                    MaskLevels.cells(mask.height(), level));
            from = to;
        }
    }

    /** Queues the votes of a piece and what counts of them. */
    void count(final int piece) {
        place(piece);
        isAllFetched = false;
        final long layer = (long) rule.grid().ny() * rule.grid().nz();
        rowCount = (votes.end() - votes.begin()) * rule.grid().ny();
        kernels.clear(votes.layers() * layer);
        final UnsafeBuffer parameters = slot.parameters().buffer();
        final int slabOffset = (int) offsetInParameters(slab);
        KernelStructs.slab(votes, rule, rig.size(), parameters, slabOffset);
        driver.copyToDevice(
                slab, slot.parameters().address() + slabOffset, KernelStructs.SLAB_LENGTH, GpuStream.COMPUTE);
        driver.copyToDevice(
                summary,
                slot.parameters().address() + offsetInParameters(summary),
                COUNTED_WORDS * Integer.BYTES,
                GpuStream.COMPUTE);
        if (isScatter()) {
            queueRays();
        } else {
            kernels.gather(slab, cameras, levels, votes);
        }
        kernels.summarise(slab, cameras, summary, ownCells());
        if (peakRoom > 0) {
            kernels.peaks(slab, cameras, peaks, peakRoom, summary + FOUND_OFFSET, ownCells());
        }
        if (rule.voxels()) {
            kernels.countRuns(slab, cameras, rows, rowCount, summary + RUNS_OFFSET);
        }
        final int eager = Math.min(EAGER_PEAKS, peakRoom);
        final long results = slot.results().ensure(RESULT_PEAKS_OFFSET + (long) EAGER_PEAKS * KERNEL_PEAK_BYTES);
        driver.copyToHost(results, summary, COUNTED_WORDS * Integer.BYTES, GpuStream.COMPUTE);
        if (eager > 0) {
            driver.copyToHost(
                    results + RESULT_PEAKS_OFFSET, peaks, (long) eager * KERNEL_PEAK_BYTES, GpuStream.COMPUTE);
        }
    }

    private long ownCells() {
        return (long) rowCount * rule.grid().nz();
    }

    private void queueRays() {
        for (int i = 0; i < rig.size(); i++) {
            final int listed = masks[i] == null ? 0 : carver.mask(i).count();
            if (listed > 0) {
                kernels.scatter(slab, cameras, i, maskAt[i], maskAt[i] + 4L * listed, listed);
            }
        }
    }

    /** Queues what has not come back yet of the peaks and voxels of the piece; false when there is no more. */
    boolean fetch() {
        final UnsafeBuffer results = slot.results().buffer();
        found = results.getInt(FOUND_OFFSET, Wire.ORDER);
        runs = rule.voxels() ? results.getInt(RUNS_OFFSET, Wire.ORDER) : 0;
        isAllFetched = found > Math.min(EAGER_PEAKS, peakRoom) && peakRoom > 0;
        if (isAllFetched) {
            final long list = found <= peakRoom
                    ? peaks
                    : kernels.peaksAgain(slab, cameras, found, summary + FOUND_OFFSET, ownCells());
            final long bytes = (long) found * KERNEL_PEAK_BYTES;
            driver.copyToHost(allPeaks.grow(bytes), list, bytes, GpuStream.COMPUTE);
        }
        if (runs > 0) {
            final long list = kernels.writeRuns(slab, cameras, rows, rowCount, runs);
            final long bytes = (long) runs * VoxelFrame.RUN_LENGTH;
            driver.copyToHost(newRuns.grow(bytes), list, bytes, GpuStream.COMPUTE);
        }
        return isAllFetched || runs > 0;
    }

    /** What the piece gave. */
    void take() {
        final DirectBuffer peakList =
                isAllFetched ? allPeaks.buffer() : slot.results().buffer();
        final int peaksFrom = isAllFetched ? 0 : RESULT_PEAKS_OFFSET;
        carver.add(slot.results().buffer(), 0, peakList, peaksFrom, found, runs);
        if (pieces() > 1) {
            final int bytes = runs * VoxelFrame.RUN_LENGTH;
            keptRuns.putBytes(keptBytes, newRuns.buffer(), 0, bytes);
            keptBytes += bytes;
        }
    }

    void finish(final TaskContext task) throws TaskFailedException {
        carver.end();
        CarveHandler.finish(task, carver, pieces() > 1 ? keptRuns : newRuns.buffer());
    }

    void forget() {
        Arrays.fill(masks, null);
        slot = null;
    }

    private static long aligned(final long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }
}
