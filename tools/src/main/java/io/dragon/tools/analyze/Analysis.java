package io.dragon.tools.analyze;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/** Hashes every regular file of a data set and finds what is there more than once. */
public final class Analysis {
    /** The block when none is chosen: 4 MiB. */
    public static final int DEFAULT_BLOCK_LENGTH = 4 << 20;

    /** The longest block: a frame of one block stays below 1 GiB. */
    public static final int MAX_BLOCK_LENGTH = 512 << 20;

    /** So that a task is worth its way through the masters. */
    private static final int GOOD_SLOT_DATA = 16 << 20;

    /** Less than this is hashed before anything has warmed up. */
    private static final long LITTLE = 256L << 20;

    private static final long POLL_MS = 100;

    private final Context ctx;
    private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong skippedBytes = new AtomicLong();
    private volatile boolean stopped;

    private Analysis(final Context ctx) {
        this.ctx = ctx;
    }

    /**
     * Runs an analysis.
     *
     * @param ctx what to analyse, and how.
     * @return everything there is to say about it.
     * @throws DragonException when it cannot be done at all; single files that cannot be read are in the result.
     */
    public static AnalysisResult run(final Context ctx) {
        ctx.conclude();
        return new Analysis(ctx).run();
    }

    private AnalysisResult run() {
        final long beginNs = System.nanoTime();
        final SourceNames names = new SourceNames(ctx.source, ctx.typedSource);
        final TreeWalk walk = new TreeWalk(names, ctx.followLinks, ctx.excluded, ctx.stop);
        walk.walk(ctx.source);
        checkStop();
        final long expectedBlocks = walk.files().size() + walk.bytes() / ctx.blockLength;
        final Tally tally = new Tally(ctx.algorithm, ctx.blockLength, expectedBlocks, ctx.journal);
        if (ctx.journal != null) {
            ctx.journal.restore(walk, names, ctx.blockLength, tally);
        }
        ctx.onTotal.accept(walk.bytes() - tally.restoredBytes());
        refuseTooManyBlocks(walk);
        if (walk.bytes() - tally.restoredBytes() >= LITTLE) {
            ctx.warmUp.run();
        }
        final int slotData = ctx.slotData();
        final List<WorkerShare> shares;
        try (BlockHasher hasher =
                ctx.client == null ? new DirectHasher(ctx.algorithm) : new DragonHasher(ctx.client, ctx.algorithm)) {
            hash(new BatchPlan(walk.files(), ctx.blockLength, slotData), hasher, slotData, tally);
            shares = hasher.shares();
        }
        return new AnalysisResult(ctx, walk, names, tally, shares, System.nanoTime() - beginNs);
    }

    private void refuseTooManyBlocks(final TreeWalk walk) {
        for (final FoundFile file : walk.files()) {
            if (file.size / ctx.blockLength >= FoundFile.MAX_BLOCKS) {
                file.fail("has more than " + FoundFile.MAX_BLOCKS + " blocks: choose a larger --block");
                skippedBytes.addAndGet(file.size);
            }
        }
    }

    private void hash(final BatchPlan plan, final BlockHasher hasher, final int slotData, final Tally tally) {
        final int slotLength = BlockTable.dataOffset(BlockTable.MAX_ENTRIES) + slotData;
        final List<Thread> readers = new ArrayList<>();
        final List<BlockHasher.Lane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < ctx.readers; i++) {
                final BlockHasher.Lane lane = hasher.lane(i, slotLength);
                lanes.add(lane);
                final Thread thread = new Thread(() -> read(plan, lane), "analyze-reader-" + i);
                thread.setDaemon(true);
                readers.add(thread);
            }
            readers.forEach(Thread::start);
            collect(readers.size(), tally);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new DragonException("The analysis was interrupted.");
        } finally {
            stopped = true;
            plan.cancel();
            readers.forEach(Thread::interrupt);
            readers.forEach(Analysis::join);
            lanes.forEach(BlockHasher.Lane::close);
        }
    }

    private void read(final BatchPlan plan, final BlockHasher.Lane lane) {
        Throwable fault = null;
        try {
            new BlockReader(plan, lane, ctx.blockLength, new Outcome()).run();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (final RuntimeException | Error ex) {
            fault = ex;
        }
        answers.add(new Answer(null, null, null, fault));
    }

    private void collect(final int readers, final Tally tally) throws InterruptedException {
        int reading = readers;
        long answered = 0;
        long done = 0;
        long lastNs = System.nanoTime();
        while (reading > 0 || answered < submitted.get()) {
            final Answer answer = answers.poll(POLL_MS, TimeUnit.MILLISECONDS);
            checkStop();
            if (answer == null) {
                if (submitted.get() > answered && System.nanoTime() - lastNs > ctx.stallTimeoutNs) {
                    throw new DragonException(
                            DragonException.TIMED_OUT,
                            "No block was hashed for " + TimeUnit.NANOSECONDS.toSeconds(ctx.stallTimeoutNs)
                                    + " s: is there a worker, and does it run?");
                }
            } else if (answer.batch == null) {
                reading--;
                rethrow(answer.fault);
            } else {
                answered++;
                lastNs = System.nanoTime();
                done += answer.batch.bytes();
                take(answer, tally);
            }
            if (ctx.journal != null) {
                ctx.journal.poll(System.nanoTime());
            }
            ctx.progress.accept(done + skippedBytes.get());
        }
    }

    private static void take(final Answer answer, final Tally tally) {
        if (answer.error == null) {
            tally.add(answer.batch, answer.results);
            return;
        }
        for (int i = 0; i < answer.batch.count(); i++) {
            answer.batch.file(i).fail("could not be hashed: " + answer.error);
        }
    }

    private void checkStop() {
        if (ctx.stop.getAsBoolean()) {
            throw new DragonException("The analysis was stopped before its end.");
        }
    }

    private static void rethrow(final Throwable fault) {
        if (fault instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (fault instanceof Error error) {
            throw error;
        }
    }

    private static void join(final Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What one worker did.
     *
     * @param id     its name.
     * @param device its device.
     * @param blocks it hashed.
     * @param bytes  of them.
     * @param busyNs how long it computed.
     */
    public record WorkerShare(String id, String device, long blocks, long bytes, long busyNs) {}

    private record Answer(Batch batch, DirectBuffer results, String error, Throwable fault) {}

    private final class Outcome implements BlockReader.Outcome {
        @Override
        public boolean isStopped() {
            return stopped;
        }

        @Override
        public void onSubmit() {
            submitted.incrementAndGet();
        }

        @Override
        public void onSkipped(final long bytes) {
            skippedBytes.addAndGet(bytes);
        }

        @Override
        public void onHashed(final Batch batch, final DirectBuffer results) {
            answers.add(new Answer(batch, results, null, null));
        }

        @Override
        public void onFailed(final Batch batch, final String error) {
            answers.add(new Answer(batch, null, error, null));
        }
    }

    /** What to analyse, and how. */
    public static final class Context {
        private Path source;
        private String typedSource;
        private int blockLength = DEFAULT_BLOCK_LENGTH;
        private HashAlgorithm algorithm = HashAlgorithm.BLAKE3;
        private int readers = Math.min(8, Runtime.getRuntime().availableProcessors());
        private boolean followLinks;
        private List<Path> excluded = List.of();
        private DragonClient client;
        private Journal journal;
        private long stallTimeoutNs = TimeUnit.SECONDS.toNanos(60);
        private long mostMemory = Long.MAX_VALUE;
        private Runnable warmUp = () -> {};
        private BooleanSupplier stop = () -> false;
        private LongConsumer onTotal = total -> {};
        private LongConsumer progress = done -> {};

        /** The defaults: blocks of 4 MiB, a reader for every core (at most 8), hashing in the readers' own threads. */
        public Context() {}

        /**
         * Sets the folder or file.
         *
         * @param typed as the user typed it: names in the manifest begin with it.
         * @return this.
         */
        public Context source(final String typed) {
            typedSource = Objects.requireNonNull(typed, "typed");
            source = Path.of(typed);
            return this;
        }

        /**
         * Sets the block.
         *
         * @param bytes a power of two from 1 KiB to 512 MiB; 4 MiB when it is not set.
         * @return this.
         */
        public Context blockLength(final long bytes) {
            if (bytes < Blake3.CHUNK_LENGTH || bytes > MAX_BLOCK_LENGTH || Long.bitCount(bytes) != 1) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "A block has a power of two of bytes between 1KiB and 512MiB, and " + bytes + " B is not one.");
            }
            blockLength = (int) bytes;
            return this;
        }

        /**
         * The block.
         *
         * @return bytes.
         */
        public int blockLength() {
            return blockLength;
        }

        /**
         * Sets what is computed of each block.
         *
         * @param value BLAKE3 when it is not set: the only one that gives digests of files.
         * @return this.
         */
        public Context algorithm(final HashAlgorithm value) {
            algorithm = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * What is computed of each block.
         *
         * @return never null.
         */
        public HashAlgorithm algorithm() {
            return algorithm;
        }

        /**
         * Sets the number of threads that read files.
         *
         * @param value at least 1.
         * @return this.
         */
        public Context readers(final int value) {
            readers = Math.max(1, value);
            return this;
        }

        /**
         * Sets whether symbolic links are followed.
         *
         * @param value false when it is not set.
         * @return this.
         */
        public Context followLinks(final boolean value) {
            followLinks = value;
            return this;
        }

        /**
         * Sets files that are left out, as the manifest being written.
         *
         * @param paths of them.
         * @return this.
         */
        public Context excluded(final List<Path> paths) {
            excluded = List.copyOf(paths);
            return this;
        }

        /**
         * Sets who hashes.
         *
         * @param value a client of the system whose workers do; null: the readers themselves.
         * @return this.
         */
        public Context client(final DragonClient value) {
            client = value;
            return this;
        }

        /**
         * Sets where it is noted what is done, so that an interrupted analysis can be resumed.
         *
         * @param value null, as when it is not set: nowhere.
         * @return this.
         */
        public Context journal(final Journal value) {
            journal = value;
            return this;
        }

        /**
         * Sets how long no result may come before the analysis is given up.
         *
         * @param nanoseconds 60 s when it is not set.
         * @return this.
         */
        public Context stallTimeoutNs(final long nanoseconds) {
            stallTimeoutNs = nanoseconds;
            return this;
        }

        /**
         * Sets how much shared memory its frames shall take at most. A block fits into a frame whatever is said here.
         *
         * @param bytes no limit when it is not set.
         * @return this.
         */
        public Context mostMemory(final long bytes) {
            mostMemory = bytes;
            return this;
        }

        /** What a frame takes of files. */
        int slotData() {
            final long fair = mostMemory / ((long) readers * DragonHasher.SLOTS_PER_READER);
            return (int) Math.max(blockLength, Math.min(GOOD_SLOT_DATA, fair));
        }

        /**
         * Sets what is waited for before much is hashed.
         *
         * @param value returns when hashing is as fast as it will be; nothing is waited for when it is not set.
         * @return this.
         */
        public Context warmUp(final Runnable value) {
            warmUp = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets what is asked now and then whether to stop.
         *
         * @param value true to stop.
         * @return this.
         */
        public Context stop(final BooleanSupplier value) {
            stop = value;
            return this;
        }

        /**
         * Sets who is told how much there is to do, once, and how much is done, often.
         *
         * @param total    bytes of all files.
         * @param progress bytes done so far, on the caller's thread.
         * @return this.
         */
        public Context progress(final LongConsumer total, final LongConsumer progress) {
            this.onTotal = total;
            this.progress = progress;
            return this;
        }

        String typedSource() {
            return typedSource;
        }

        private void conclude() {
            if (typedSource == null || typedSource.isEmpty()) {
                throw new DragonException(
                        DragonException.WRONG_USAGE, "An analysis needs a source: a folder or a file.");
            }
        }
    }
}
