package io.dragon.worker.voxel;

import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceBuffer;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.device.KernelArguments;
import io.dragon.worker.device.PinnedBuffer;
import io.dragon.worker.device.PinnedPools;
import java.util.ArrayList;
import java.util.List;

/** The launches of {@code carve.cu}, all on the compute stream, and the memory that tasks have one after the other. Compute thread only. */
final class CarveKernels implements AutoCloseable {
    private static final int THREADS = 256;
    private static final int RAY_THREADS = 128;
    private static final int BLOCK = 8;
    private static final int BLOCK_THREADS = BLOCK * BLOCK * BLOCK;
    private static final int SCAN_THREADS = 1_024;
    private static final int WARP = 32;
    private static final int BLOCKS_A_UNIT = 16;
    private static final String MODULE = "carve";

    private final CudaDevice device;
    private final KernelArguments loadArguments = new KernelArguments(5);
    private final KernelArguments reduceArguments = new KernelArguments(6);
    private final KernelArguments gatherArguments = new KernelArguments(5);
    private final KernelArguments scatterArguments = new KernelArguments(8);
    private final KernelArguments summariseArguments = new KernelArguments(4);
    private final KernelArguments peaksArguments = new KernelArguments(7);
    private final KernelArguments rowsArguments = new KernelArguments(5);
    private final KernelArguments scanArguments = new KernelArguments(3);
    private final KernelArguments writeArguments = new KernelArguments(7);
    private final DeviceBuffer bits;
    private final DeviceBuffer sums;
    private final DeviceBuffer morePeaks;
    private final DeviceBuffer runs;
    private final List<PinnedBuffer> pinned = new ArrayList<>();
    private long tickets;
    private long served;
    private long load;
    private long reduce;
    private long gather;
    private long scatter;
    private long summarise;
    private long peaks;
    private long runsRows;
    private long runsScan;
    private long runsWrite;

    CarveKernels(final CudaDevice device) {
        this.device = device;
        bits = new DeviceBuffer(device.memory());
        sums = new DeviceBuffer(device.memory());
        morePeaks = new DeviceBuffer(device.memory());
        runs = new DeviceBuffer(device.memory());
    }

    void load() {
        load = kernel("levels_load");
        reduce = kernel("levels_reduce");
        gather = kernel("gather");
        scatter = kernel("scatter");
        summarise = kernel("summarise");
        peaks = kernel("peaks");
        runsRows = kernel("runs_rows");
        runsScan = kernel("runs_scan");
        runsWrite = kernel("runs_write");
    }

    private long kernel(final String name) {
        return device.driver().kernel(MODULE, name);
    }

    GpuDriver driver() {
        return device.driver();
    }

    PinnedPools pools() {
        return device.pools();
    }

    PinnedBuffer newPinned() {
        final PinnedBuffer buffer = new PinnedBuffer(device.driver());
        pinned.add(buffer);
        return buffer;
    }

    /** Queues for the votes: tasks have them in the order in which they end, or an older one would wait for a younger. */
    long newTicket() {
        return tickets++;
    }

    boolean hasVotes(final long ticket) {
        return ticket == served;
    }

    /** The task with the votes has ended. */
    void giveVotes() {
        served++;
    }

    @Override
    public void close() {
        bits.close();
        sums.close();
        morePeaks.close();
        runs.close();
        pinned.forEach(PinnedBuffer::close);
        pinned.clear();
    }

    /** Makes all votes zero. */
    void clear(final long cells) {
        // Both are let go first: a slab that does not fit beside the one before it may fit in its place.
        if (bits.capacity() < cells * Integer.BYTES || sums.capacity() < cells * Integer.BYTES) {
            bits.close();
            sums.close();
            bits.ensure(cells * Integer.BYTES);
            sums.ensure(cells * Integer.BYTES);
        }
        driver().fill(bits.address(), 0, cells, GpuStream.COMPUTE);
        driver().fill(sums.address(), 0, cells, GpuStream.COMPUTE);
    }

    void loadLevel(final long from, final long to, final int rowWords, final int words, final long lastWord) {
        loadArguments
                .set(0, from)
                .set(1, to)
                .setInt(2, rowWords)
                .setInt(3, words)
                .set(4, lastWord);
        launch(load, blocks(words, THREADS), THREADS, loadArguments);
    }

    void reduceLevel(
            final long from,
            final long to,
            final int fromWords,
            final int fromRows,
            final int toWords,
            final int toRows) {
        reduceArguments
                .set(0, from)
                .set(1, to)
                .setInt(2, fromWords)
                .setInt(3, fromRows)
                .setInt(4, toWords)
                .setInt(5, toRows);
        launch(reduce, blocks((long) toWords * toRows, THREADS), THREADS, reduceArguments);
    }

    void gather(final long slab, final long cameras, final long levels, final SlabVotes votes) {
        gatherArguments
                .set(0, slab)
                .set(1, cameras)
                .set(2, levels)
                .set(3, bits.address())
                .set(4, sums.address());
        final int last = votes.base() + votes.layers() - 1;
        driver().launch(
                        gather,
                        blocks(votes.grid().nz(), BLOCK),
                        blocks(votes.grid().ny(), BLOCK),
                        last / BLOCK - votes.base() / BLOCK + 1,
                        BLOCK_THREADS,
                        0,
                        GpuStream.COMPUTE,
                        gatherArguments);
    }

    void scatter(
            final long slab,
            final long cameras,
            final int camera,
            final long list,
            final long weights,
            final int listed) {
        scatterArguments
                .set(0, slab)
                .set(1, cameras)
                .setInt(2, camera)
                .set(3, list)
                .set(4, weights)
                .setInt(5, listed)
                .set(6, bits.address())
                .set(7, sums.address());
        launch(scatter, blocks(listed, RAY_THREADS), RAY_THREADS, scatterArguments);
    }

    void summarise(final long slab, final long cameras, final long summary, final long ownCells) {
        summariseArguments.set(0, slab).set(1, cameras).set(2, bits.address()).set(3, summary);
        final int most = BLOCKS_A_UNIT * device.computeUnits();
        launch(summarise, Math.min(blocks(ownCells, THREADS), most), THREADS, summariseArguments);
    }

    void peaks(
            final long slab,
            final long cameras,
            final long list,
            final int limit,
            final long found,
            final long ownCells) {
        peaksArguments
                .set(0, slab)
                .set(1, cameras)
                .set(2, bits.address())
                .set(3, sums.address())
                .set(4, list)
                .setInt(5, limit)
                .set(6, found);
        launch(peaks, blocks(ownCells, THREADS), THREADS, peaksArguments);
    }

    /** All of them, when there was not room for so many; where they lie. */
    long peaksAgain(final long slab, final long cameras, final int count, final long found, final long ownCells) {
        final long list = morePeaks.grow((long) count * CarveTask.KERNEL_PEAK_BYTES);
        driver().fill(found, 0, 1, GpuStream.COMPUTE);
        peaks(slab, cameras, list, count, found, ownCells);
        return list;
    }

    void countRuns(final long slab, final long cameras, final long rows, final int rowCount, final long total) {
        rowsArguments
                .set(0, slab)
                .set(1, cameras)
                .set(2, bits.address())
                .set(3, sums.address())
                .set(4, rows);
        launch(runsRows, blocks((long) rowCount * WARP, THREADS), THREADS, rowsArguments);
        scanArguments.set(0, rows).setInt(1, rowCount).set(2, total);
        launch(runsScan, 1, SCAN_THREADS, scanArguments);
    }

    /** Where the runs lie. */
    long writeRuns(final long slab, final long cameras, final long rows, final int rowCount, final int total) {
        final long list = runs.grow((long) total * VoxelFrame.RUN_LENGTH);
        writeArguments
                .set(0, slab)
                .set(1, cameras)
                .set(2, bits.address())
                .set(3, sums.address())
                .set(4, rows)
                .set(5, list)
                .setInt(6, total);
        launch(runsWrite, blocks((long) rowCount * WARP, THREADS), THREADS, writeArguments);
        return list;
    }

    private void launch(final long kernel, final int blocks, final int threads, final KernelArguments arguments) {
        driver().launch(kernel, blocks, 1, 1, threads, 0, GpuStream.COMPUTE, arguments);
    }

    private static int blocks(final long threads, final int each) {
        return (int) ((threads + each - 1) / each);
    }
}
