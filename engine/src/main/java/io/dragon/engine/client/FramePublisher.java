package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * A camera: claims a slot of its own frame pool, fills it in place, publishes it. The frame is written once; nothing is copied and nothing
 * allocated on the way.
 *
 * <p>One thread, the first that claims, owns the claims and the publishing: another one is refused with an
 * {@link IllegalStateException}. The counters may be read, and {@link #close} called, by any thread.
 */
public final class FramePublisher implements AutoCloseable {
    /** Answer of a claim: no slot is free, by the pool's policy. The frame is dropped and counted. */
    public static final int BACK_PRESSURED = FramePool.BACK_PRESSURED;

    /** Answer of a claim: the publisher is closed. */
    public static final int CLOSED = FramePool.CLOSED;

    /** Answer of a claim: the frame is longer than a slot. */
    public static final int TOO_LARGE = FramePool.TOO_LARGE;

    /** What becomes of frames that are published while no master can be reached. */
    public enum AwayPolicy {
        /** They keep their slots and are named when a master is back; a full pool then answers by its own policy. */
        KEEP,
        /** They are given back at once and counted as dropped. */
        DROP
    }

    private final DragonClient client;
    private final FrameFeed feed;
    private final Config config;
    private final DragonDirectory directory;
    private volatile FramePool pool;
    private volatile Drops dropsBefore = new Drops(0, 0, 0, 0, 0, 0);
    private int generation;
    private final OneToOneRingBuffer ring;
    private final FrameClaim claim = new FrameClaim();
    private final FrameRef ref = new FrameRef();
    private final long claimTimeoutNs;
    private Thread owner;
    private boolean claimed;
    private long captureNs;
    private volatile long published;
    private volatile long droppedUnsent;

    FramePublisher(
            final DragonClient client,
            final FrameFeed feed,
            final FramePool pool,
            final Config config,
            final DragonDirectory directory) {
        this.client = client;
        this.feed = feed;
        this.pool = pool;
        this.ring = feed.ring();
        this.config = config;
        this.directory = directory;
        this.claimTimeoutNs = config.claimTimeoutNs();
    }

    /**
     * Name of the camera.
     *
     * @return as given to {@link DragonClient#addPublisher}.
     */
    public String name() {
        return feed.name();
    }

    /**
     * The camera's party id, by which a job names it.
     *
     * @return the same for every run of a camera of this name.
     */
    public int cameraId() {
        return feed.partyId;
    }

    /**
     * Id of its frame pool, by which subscribers attach.
     *
     * @return random, new for every publisher, and when the cluster had given the camera up and took it again.
     */
    public long poolId() {
        return pool.poolId();
    }

    /**
     * Claims a slot. With {@link FullPolicy#WAIT} it waits for one, otherwise it answers at once.
     *
     * @param length bytes of payload, at most the configured slot length.
     * @return index of the slot, or {@link #BACK_PRESSURED}, {@link #CLOSED}, {@link #TOO_LARGE}.
     */
    public int claim(final int length) {
        checkThread();
        if (claimed) {
            throw new IllegalStateException(
                    "publish or abort the frame of camera '" + name() + "' before the next claim");
        }
        if (generation != feed.generation()) {
            renewPool();
        }
        final int slot = claimTimeoutNs > 0 ? pool.claim(claim, length, claimTimeoutNs) : pool.tryClaim(claim, length);
        claimed = slot >= 0;
        captureNs = 0;
        return slot;
    }

    /**
     * The claimed frame: its memory, also as a {@link java.nio.ByteBuffer} that a camera's SDK can fill, and its description. Its
     * {@code publish} and {@code abort} are not to be called; this publisher's are.
     *
     * @return the same object for every claim.
     */
    public FrameClaim frame() {
        return claim;
    }

    /**
     * Notes when the picture was taken, for the frame's passport.
     *
     * @param capturedNs {@link System#nanoTime} of the capture.
     */
    public void captured(final long capturedNs) {
        captureNs = capturedNs;
    }

    /**
     * Publishes the claimed frame to the camera's job (and to every subscriber). It keeps its slot until the job is done with it.
     *
     * @param step           number of the step, the same for all cameras of a moment, growing.
     * @param captureEpochNs when the picture was taken, nanoseconds since 1970 by a clock that the cameras share.
     * @return {@link System#nanoTime} of the publication, or {@link #BACK_PRESSURED} when too many frames wait for a master: the frame
     *     is then dropped and counted.
     */
    public long publish(final long step, final long captureEpochNs) {
        checkClaimed();
        final int index = ring.tryClaim(FrameFeed.FRAME_TYPE, FrameFeed.RECORD_LENGTH);
        if (index < 0) {
            abort();
            droppedUnsent++;
            return BACK_PRESSURED;
        }
        describe(step, captureEpochNs);
        claimed = false;
        final long publishedNs;
        try {
            publishedNs = claim.publish(ref, true);
        } catch (final IllegalStateException ex) {
            ring.abort(index); // a record that is never committed would stop all that come after it
            throw ex;
        }
        final AtomicBuffer buffer = ring.buffer();
        buffer.putLong(index + FrameFeed.STEP_OFFSET, step);
        buffer.putLong(index + FrameFeed.CAPTURE_EPOCH_OFFSET, captureEpochNs);
        buffer.putLong(index + FrameFeed.CAPTURED_OFFSET, captureNs);
        buffer.putLong(index + FrameFeed.PUBLISHED_OFFSET, publishedNs);
        buffer.putLong(index + FrameFeed.POOL_OFFSET, ref.poolId());
        buffer.putLong(index + FrameFeed.SEQUENCE_OFFSET, ref.sequence());
        buffer.putInt(index + FrameFeed.SLOT_OFFSET, ref.slot());
        buffer.putInt(index + FrameFeed.LENGTH_OFFSET, ref.length());
        ring.commit(index);
        published++;
        feed.sendNow();
        return publishedNs;
    }

    /**
     * Publishes the claimed frame for a task that the caller submits with it as an input. It keeps its slot until that task is done; a
     * frame for which none is submitted must be given back by {@link #release}.
     *
     * @param out            filled with the reference.
     * @param step           number of the step.
     * @param captureEpochNs when the picture was taken, nanoseconds since 1970.
     * @return {@link System#nanoTime} of the publication.
     */
    public long publishForTask(final FrameRef out, final long step, final long captureEpochNs) {
        checkClaimed();
        describe(step, captureEpochNs);
        final long publishedNs = claim.publish(out, true);
        claimed = false;
        published++;
        return publishedNs;
    }

    /**
     * Publishes the claimed frame to subscribers only: the sequencer does not learn of it, and its slot is free as soon as no one reads it.
     *
     * @param out            filled with the reference.
     * @param step           number of the step.
     * @param captureEpochNs when the picture was taken, nanoseconds since 1970.
     * @return {@link System#nanoTime} of the publication.
     */
    public long publishDirect(final FrameRef out, final long step, final long captureEpochNs) {
        checkClaimed();
        describe(step, captureEpochNs);
        final long publishedNs = claim.publish(out, false);
        claimed = false;
        published++;
        return publishedNs;
    }

    /** Gives the claimed slot back unpublished. */
    public void abort() {
        checkClaimed();
        claimed = false;
        claim.abort();
    }

    /**
     * Gives back a frame that was published for a task which was then not submitted. Any thread.
     *
     * @param frame the frame.
     * @return false when it is not held.
     */
    public boolean release(final FrameRef frame) {
        return pool.release(frame);
    }

    /**
     * Frames published.
     *
     * @return since the publisher was added.
     */
    public long published() {
        return published;
    }

    /**
     * Frames named to the sequencer.
     *
     * @return since the publisher was added.
     */
    public long sent() {
        return feed.sentFrames;
    }

    /**
     * Frames given back because nothing needs them any more, for a reason.
     *
     * @param reason {@link Reason#NONE}: their tasks are done; otherwise why the sequencer refused them.
     * @return since the publisher was added.
     */
    public long released(final Reason reason) {
        return feed.released(reason);
    }

    /**
     * Frames that the sequencer refused, whatever the reason.
     *
     * @return since the publisher was added.
     */
    public long refused() {
        return feed.refused();
    }

    /**
     * Frames that never reached the sequencer, by reason.
     *
     * @return the counters.
     */
    public Drops drops() {
        final Drops before = dropsBefore;
        final FramePool now = pool;
        return new Drops(
                before.backPressured + now.droppedBackPressured(),
                before.overwritten + now.droppedOverwritten(),
                before.timedOut + now.droppedTimedOut(),
                before.tooLarge + now.droppedTooLarge(),
                droppedUnsent,
                feed.droppedAway);
    }

    /** Leaves in order: frames published so far are still named and processed; their memory stays until then. */
    @Override
    public void close() {
        client.removePublisher(feed);
        feed.close();
        pool.close();
    }

    @Override
    public String toString() {
        return "FramePublisher{" + name() + ", camera " + cameraId() + ", " + published + " published}";
    }

    /** The cluster had given the camera up: what its pool holds stays for the node agent, new frames get a new one. */
    private void renewPool() {
        final int next = feed.generation();
        final FramePool old = pool;
        final FramePool renewed = config.createPool(directory, name());
        final Drops before = dropsBefore;
        old.close();
        pool = renewed;
        dropsBefore = new Drops(
                before.backPressured + old.droppedBackPressured(),
                before.overwritten + old.droppedOverwritten(),
                before.timedOut + old.droppedTimedOut(),
                before.tooLarge + old.droppedTooLarge(),
                0,
                0);
        generation = next;
        feed.pool(renewed, next);
    }

    private void describe(final long step, final long captureEpochNs) {
        claim.camera(feed.partyId).step(step).captureEpochNs(captureEpochNs).capturedNs(captureNs);
    }

    private void checkClaimed() {
        checkThread();
        if (!claimed) {
            throw new IllegalStateException(
                    "claim a frame of camera '" + name() + "' before it is published or aborted");
        }
    }

    private void checkThread() {
        final Thread current = Thread.currentThread();
        if (owner != current) {
            if (owner != null) {
                throw new IllegalStateException("the publisher of camera '" + name() + "' belongs to thread "
                        + owner.getName() + " and was used by " + current.getName());
            }
            owner = current;
        }
    }

    /**
     * Frames that were dropped before the sequencer learned of them.
     *
     * @param backPressured every slot was taken.
     * @param overwritten   overwritten by a newer frame before anyone had read them.
     * @param timedOut      no slot became free in time.
     * @param tooLarge      longer than a slot.
     * @param unsent        too many frames were waiting for a master.
     * @param away          given back while no master could be reached ({@link AwayPolicy#DROP}), or because the cluster had given the
     *                      camera up.
     */
    public record Drops(long backPressured, long overwritten, long timedOut, long tooLarge, long unsent, long away) {
        /**
         * All of them.
         *
         * @return the sum.
         */
        public long total() {
            return backPressured + overwritten + timedOut + tooLarge + unsent + away;
        }
    }

    /** How a publisher's pool is made. */
    public static final class Config {
        private int slotCount = 16;
        private long slotLength;
        private int metadataLength = 4096;
        private FullPolicy fullPolicy = FullPolicy.BACK_PRESSURED;
        private AwayPolicy awayPolicy = AwayPolicy.KEEP;
        private long claimTimeoutNs = 1_000_000_000L;

        /** The defaults: 16 slots, a full pool drops the new frame, frames are kept while masters are away. */
        public Config() {}

        /**
         * Sets the number of slots.
         *
         * @param value at least 2; 16 when it is not set.
         * @return this.
         */
        public Config slotCount(final int value) {
            slotCount = value;
            return this;
        }

        /**
         * Sets the longest frame.
         *
         * @param bytes of payload; has to be set.
         * @return this.
         */
        public Config slotLength(final long bytes) {
            slotLength = bytes;
            return this;
        }

        /**
         * Sets the longest metadata of a frame.
         *
         * @param bytes 0 to 65,536; 4,096 when it is not set.
         * @return this.
         */
        public Config metadataLength(final int bytes) {
            metadataLength = bytes;
            return this;
        }

        /**
         * Sets what a claim does when every slot is taken.
         *
         * @param value the policy.
         * @return this.
         */
        public Config fullPolicy(final FullPolicy value) {
            fullPolicy = value;
            return this;
        }

        /**
         * Sets what becomes of frames that are published while no master can be reached.
         *
         * @param value the policy.
         * @return this.
         */
        public Config awayPolicy(final AwayPolicy value) {
            awayPolicy = value;
            return this;
        }

        /**
         * Sets how long a claim waits under {@link FullPolicy#WAIT}.
         *
         * @param nanoseconds 1 s when it is not set.
         * @return this.
         */
        public Config claimTimeoutNs(final long nanoseconds) {
            claimTimeoutNs = nanoseconds;
            return this;
        }

        AwayPolicy awayPolicy() {
            return awayPolicy;
        }

        long claimTimeoutNs() {
            return fullPolicy == FullPolicy.WAIT ? claimTimeoutNs : 0;
        }

        FramePool createPool(final DragonDirectory directory, final String name) {
            if (slotLength <= 0) {
                throw new DragonException("camera '" + name + "' needs a slot length: the bytes of its longest frame");
            }
            return FramePool.create(new FramePool.Context()
                    .directory(directory)
                    .ownerName(name)
                    .slotCount(slotCount)
                    .slotLength(slotLength)
                    .metadataLength(metadataLength)
                    .fullPolicy(fullPolicy));
        }
    }
}
