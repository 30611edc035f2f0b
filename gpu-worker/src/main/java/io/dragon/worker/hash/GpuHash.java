package io.dragon.worker.hash;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.GpuHandler;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.device.KernelArguments;
import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The {@code hash} task type on a GPU, with the results of {@link HashHandler}. A frame goes to the device in pieces, and what has
 * arrived is hashed while the next piece is copied; so a frame takes no more memory there than three pieces and the chaining values of
 * some blocks. {@link TaskContext#split} makes both smaller.
 *
 * <pre>
 *   copy stream:      table | piece 0 | piece 1 | piece 2 | (piece 0's kernel done) piece 3 ...
 *   compute stream:                   | chunks 0 | chunks 1 | ... | trees of a group of blocks | ... | results to the host
 *   slot of the ring: pieces, 3 at most | table | first chunk of each block | results | chaining values, own (or states) | ... at their place
 * </pre>
 *
 * <p>The table is checked on the host, and the device gets what was checked.
 *
 * <p>SHA-256 is serial within a block: one thread of the device hashes a block, much slower than the processor would. So the device
 * hashes frames in which at least {@value #SERIAL_MESSAGES} blocks of the longest one's length would have room, in pieces as large as possible, and
 * the processor of this host all others, and XXH3 of all: with the same results.
 */
final class GpuHash extends GpuHandler {
    /** Copies reach the full rate well below this, and three of them hide what a launch takes. */
    private static final int PIECE_BYTES = 16 << 20;

    private static final int LEAST_PIECE_BYTES = 4 << 10;

    /** Blocks that are in one piece are hashed side by side by SHA-256; pieces are not. */
    private static final int SERIAL_PIECES = 16;

    /** Processor over thread of the device: about 1.3 GB/s over 20 MB/s, the latter estimated and not measured. */
    private static final int SERIAL_MESSAGES = 64;

    private static final int SERIAL_THREADS = 32;
    private static final int BUFFERS = 3;

    /** Chunks whose chaining values are on the device at a time, unless a single block has more: 512 MiB of data. */
    private static final int GROUP_CHUNKS = 1 << 19;

    private static final int LEAST_GROUP_CHUNKS = 64;
    private static final int THREADS = 128;
    private static final int ALIGNMENT = 256;

    private final int pieceBytes;
    private final int groupChunks;
    private final KernelArguments chunksArguments = new KernelArguments(10);
    private final KernelArguments treesArguments = new KernelArguments(6);
    private final KernelArguments serialArguments = new KernelArguments(9);
    private final int serialMessages;
    private final HashHandler processor = new HashHandler();
    private final long[] events = new long[MOST_IN_FLIGHT * 2 * BUFFERS];
    private int usedEvents;
    private long chunksKernel;
    private long treesKernel;
    private long serialKernel;

    GpuHash(final CudaDevice device) {
        this(device, PIECE_BYTES, GROUP_CHUNKS, SERIAL_MESSAGES);
    }

    GpuHash(final CudaDevice device, final int pieceBytes, final int groupChunks, final int serialMessages) {
        super(device);
        this.serialMessages = serialMessages;
        this.pieceBytes = pieceBytes;
        this.groupChunks = groupChunks;
    }

    @Override
    public String taskType() {
        return HashHandler.TYPE;
    }

    @Override
    public void open(final HandlerContext context) {
        super.open(context);
        chunksKernel = device().driver().kernel("blake3", "blake3_chunks");
        treesKernel = device().driver().kernel("blake3", "blake3_trees");
        serialKernel = device().driver().kernel("sha256", "sha256_blocks");
    }

    @Override
    protected void free() {
        while (usedEvents > 0) {
            device().driver().freeEvent(events[--usedEvents]);
        }
    }

    @Override
    protected Job newJob() {
        return new HashJob(device());
    }

    @Override
    public String toString() {
        return "GpuHash{" + device() + '}';
    }

    private long newEvent() {
        return events[usedEvents++] = device().driver().newEvent(false);
    }

    private final class HashJob extends Job implements BlockTable.Sink {
        private final GpuDriver driver;
        private final long[] copied = new long[BUFFERS];
        private final long[] hashed = new long[BUFFERS];
        private final int[] offsets = new int[BlockTable.MAX_ENTRIES];
        private final int[] lengths = new int[BlockTable.MAX_ENTRIES];
        private final long[] counters = new long[BlockTable.MAX_ENTRIES];
        private final boolean[] wholeFiles = new boolean[BlockTable.MAX_ENTRIES];
        private final long[] firstChunk = new long[BlockTable.MAX_ENTRIES + 1];
        private HashAlgorithm algorithm;
        private boolean isOnProcessor;
        private FrameLease frame;
        private int count;
        private int read;
        private int mostPieceBytes;

        // the plan, and where things lie in the slot
        private boolean isPlanning;
        private int pieces;
        private long widestPiece;
        private long mostGroupChunks;
        private int buffers;
        private long tableAt;
        private long firstChunkAt;
        private long resultsAt;
        private long ownAt;
        private long placeAt;

        // the piece that is put together
        private long low;
        private long high;
        private long beginChunk;
        private long endChunk;

        HashJob(final CudaDevice device) {
            super(device);
            driver = device.driver();
            for (int i = 0; i < BUFFERS; i++) {
                copied[i] = newEvent();
                hashed[i] = newEvent();
            }
        }

        @Override
        protected boolean start() throws TaskFailedException {
            algorithm = HashHandler.algorithm(task());
            frame = HashHandler.input(task());
            readTable();
            isOnProcessor = algorithm == HashAlgorithm.XXH3 || algorithm == HashAlgorithm.SHA256 && !isWorthwhile();
            if (isOnProcessor) {
                return true;
            }
            final int whole = algorithm == HashAlgorithm.SHA256 ? SERIAL_PIECES * pieceBytes : pieceBytes;
            mostPieceBytes = Math.max(whole / task().split(), LEAST_PIECE_BYTES);
            mostGroupChunks = 0;
            widestPiece = 0;
            isPlanning = true;
            walk();
            if (!claim(layOut())) {
                return false;
            }
            copyTable();
            isPlanning = false;
            walk();
            final long results = slot().results().ensure(resultBytes());
            driver.copyToHost(results, resultsAt, resultBytes(), GpuStream.COMPUTE);
            slot().copiedIn();
            slot().computed();
            return true;
        }

        @Override
        protected void finish() throws TaskFailedException {
            if (isOnProcessor) {
                processor.execute(task());
                return;
            }
            final int length = resultBytes();
            final MutableDirectBuffer to;
            if (length <= TaskContext.MAX_INLINE_RESULT) {
                to = task().inlineResult();
                task().inlineResultLength(length);
            } else {
                to = task().claimOutput(length).format(FrameFormat.BLOCKS).buffer();
            }
            to.putBytes(0, slot().results().buffer(), 0, length);
        }

        @Override
        protected void end() {
            frame = null;
        }

        /** Whether threads of the device, one a block, are faster than the processor. */
        private boolean isWorthwhile() {
            long longest = 0;
            long all = 0;
            for (int i = 0; i < count; i++) {
                longest = Math.max(longest, lengths[i]);
                all += lengths[i];
            }
            return all >= serialMessages * longest;
        }

        private int resultBytes() {
            return count * BlockTable.RESULT_LENGTH;
        }

        private void readTable() throws TaskFailedException {
            final int length = frame.ref().length();
            try {
                count = BlockTable.count(frame.buffer(), length);
                for (read = 0; read < count; read++) {
                    BlockTable.entry(frame.buffer(), length, count, read, this);
                }
            } catch (final BlockTable.BadTableException ex) {
                throw new TaskFailedException(Reason.BAD_INPUT, ex.getMessage());
            }
            for (int i = 0; i < count; i++) {
                firstChunk[i + 1] = firstChunk[i] + chunksOf(lengths[i]);
            }
        }

        /** An entry of the table, checked. */
        @Override
        public void block(
                final int offset,
                final int length,
                final long chunkCounter,
                final boolean wholeFile,
                final int resultOffset) {
            offsets[read] = offset;
            lengths[read] = length;
            counters[read] = chunkCounter;
            wholeFiles[read] = wholeFile;
        }

        /** Bytes of the slot. */
        private long layOut() {
            buffers = Math.min(BUFFERS, pieces);
            tableAt = buffers * aligned(widestPiece + ALIGNMENT);
            firstChunkAt = tableAt + aligned((long) count * BlockTable.ENTRY_LENGTH);
            resultsAt = firstChunkAt + aligned((count + 1L) * Integer.BYTES);
            ownAt = resultsAt + aligned(resultBytes());
            placeAt = ownAt + aligned(mostGroupChunks * Blake3.DIGEST_LENGTH);
            return algorithm == HashAlgorithm.BLAKE3
                    ? placeAt + aligned(mostGroupChunks * Blake3.DIGEST_LENGTH)
                    : placeAt;
        }

        private void copyTable() {
            final long tableBytes = resultsAt - tableAt;
            final long host = slot().parameters().ensure(tableBytes);
            final UnsafeBuffer table = slot().parameters().buffer();
            final int firstChunks = (int) (firstChunkAt - tableAt);
            for (int i = 0; i < count; i++) {
                BlockTable.put(table, i * BlockTable.ENTRY_LENGTH, offsets[i], lengths[i], counters[i], wholeFiles[i]);
            }
            for (int i = 0; i <= count; i++) {
                table.putInt(firstChunks + i * Integer.BYTES, (int) firstChunk[i], ByteOrder.LITTLE_ENDIAN);
            }
            slot().copyIn(tableAt, host, tableBytes);
            final long base = slot().address();
            tableAt += base;
            firstChunkAt += base;
            resultsAt += base;
            ownAt += base;
            placeAt += base;
        }

        /** Cuts the frame into pieces and the blocks into groups, or only counts both. */
        private void walk() {
            final long limit = algorithm == HashAlgorithm.BLAKE3
                    ? Math.max(groupChunks / task().split(), LEAST_GROUP_CHUNKS)
                    : Long.MAX_VALUE;
            pieces = 0;
            int groupBegin = 0;
            beginPiece(0);
            for (int i = 0; i < count; i++) {
                if (i > groupBegin && firstChunk[i + 1] - firstChunk[groupBegin] > limit) {
                    group(groupBegin, i);
                    groupBegin = i;
                }
                walkBlock(i, groupBegin);
            }
            group(groupBegin, count);
        }

        private void walkBlock(final int index, final int groupBegin) {
            final long length = lengths[index];
            final long chunks = firstChunk[index + 1] - firstChunk[index];
            for (long done = 0; done < chunks; ) {
                final long from = offsets[index] + done * Blake3.CHUNK_LENGTH;
                final long left = length - done * Blake3.CHUNK_LENGTH;
                final long newLow = high > low ? Math.min(low, from) : from;
                final long room = newLow + mostPieceBytes - from;
                final long fitting = left == 0 || left <= room ? chunks - done : room / Blake3.CHUNK_LENGTH;
                if (left > 0 && (fitting <= 0 || high > low && high - newLow > mostPieceBytes)) {
                    piece(groupBegin);
                    continue;
                }
                if (left > 0) {
                    low = newLow;
                    high = Math.max(high, from + Math.min(left, fitting * Blake3.CHUNK_LENGTH));
                }
                done += fitting;
                endChunk = firstChunk[index] + done;
            }
        }

        private void beginPiece(final long chunk) {
            low = 0;
            high = 0;
            beginChunk = chunk;
            endChunk = chunk;
        }

        private void piece(final int groupBegin) {
            if (endChunk > beginChunk) {
                if (isPlanning) {
                    widestPiece = Math.max(widestPiece, high - low);
                } else {
                    queuePiece(groupBegin);
                }
                pieces++;
            }
            beginPiece(endChunk);
        }

        private void queuePiece(final int groupBegin) {
            final int buffer = pieces % buffers;
            final long from = low & -ALIGNMENT;
            final long at = slot().address() + buffer * aligned(widestPiece + ALIGNMENT);
            if (pieces >= buffers) {
                driver.await(GpuStream.COPY, hashed[buffer]);
            }
            if (high > low) {
                copy(at, from, high - from);
            }
            driver.record(copied[buffer], GpuStream.COPY);
            driver.await(GpuStream.COMPUTE, copied[buffer]);
            if (algorithm == HashAlgorithm.BLAKE3) {
                launchChunks(at, from, groupBegin);
            } else {
                launchSerial(at, from);
            }
            driver.record(hashed[buffer], GpuStream.COMPUTE);
        }

        private void launchChunks(final long at, final long from, final int groupBegin) {
            chunksArguments
                    .set(0, at)
                    .set(1, from)
                    .set(2, tableAt)
                    .set(3, firstChunkAt)
                    .setInt(4, count)
                    .setInt(5, (int) beginChunk)
                    .setInt(6, (int) endChunk)
                    .setInt(7, (int) firstChunk[groupBegin])
                    .set(8, ownAt)
                    .set(9, placeAt);
            final int blocks = (int) ((endChunk - beginChunk + THREADS - 1) / THREADS);
            driver.launch(chunksKernel, blocks, 1, 1, THREADS, 0, GpuStream.COMPUTE, chunksArguments);
        }

        /** All blocks that have a part in the piece go on by it. */
        private void launchSerial(final long at, final long from) {
            serialArguments
                    .set(0, at)
                    .set(1, from)
                    .set(2, tableAt)
                    .set(3, firstChunkAt)
                    .setInt(4, count)
                    .setInt(5, (int) beginChunk)
                    .setInt(6, (int) endChunk)
                    .set(7, ownAt)
                    .set(8, resultsAt);
            final int blocks = (count + SERIAL_THREADS - 1) / SERIAL_THREADS;
            driver.launch(serialKernel, blocks, 1, 1, SERIAL_THREADS, 0, GpuStream.COMPUTE, serialArguments);
        }

        private void copy(final long to, final long from, final long bytes) {
            device().pools().copy(to, frame, from, bytes);
        }

        /** Ends a group of blocks: what is above their chunks. */
        private void group(final int begin, final int end) {
            piece(begin);
            if (isPlanning) {
                final long values = algorithm == HashAlgorithm.BLAKE3 ? firstChunk[end] - firstChunk[begin] : count;
                mostGroupChunks = Math.max(mostGroupChunks, values);
                return;
            }
            if (algorithm != HashAlgorithm.BLAKE3) {
                return;
            }
            treesArguments
                    .set(0, tableAt)
                    .set(1, firstChunkAt)
                    .setInt(2, begin)
                    .set(3, ownAt)
                    .set(4, placeAt)
                    .set(5, resultsAt);
            driver.launch(treesKernel, end - begin, 1, 1, THREADS, 0, GpuStream.COMPUTE, treesArguments);
        }

        private static long aligned(final long bytes) {
            return bytes + ALIGNMENT - 1 & -ALIGNMENT;
        }

        private static long chunksOf(final int length) {
            return length == 0 ? 1 : (length + (long) Blake3.CHUNK_LENGTH - 1) / Blake3.CHUNK_LENGTH;
        }
    }
}
