package io.dragon.benchmarks.handoff;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;

/**
 * One end of the hand-off of frames: a pool of its own and a subscription to the other's. A frame carries its number in its first and
 * in its last eight bytes; the bytes between are loaned and not written, as in the measurements of others.
 */
final class FrameEnd implements AutoCloseable {
    private static final int SLOTS = 3;

    private final DragonDirectory directory;
    private final FramePool pool;
    private final FrameClaim claim = new FrameClaim();
    private final FrameRef ref = new FrameRef();
    private final FrameHandler onFrame = this::onFrame;
    private final FrameHandler onQuestion = this::onQuestion;
    private FrameSubscriber subscriber;
    private boolean isClaimed;
    private long number;
    private int length;

    FrameEnd(final DragonDirectory directory, final String name) {
        this.directory = directory;
        pool = FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName(name)
                .slotCount(SLOTS)
                .slotLength(Sizes.LARGEST));
    }

    long poolId() {
        return pool.poolId();
    }

    void subscribe(final long poolId) {
        subscriber = FrameSubscriber.attach(directory, poolId, "handoff");
    }

    /** Into the slot that was claimed ahead, as a camera does, which has its buffer before it has its picture. */
    void publish(final long frameNumber, final int frameLength) {
        if (!isClaimed) {
            claimAhead();
        }
        claim.shorten(frameLength);
        claim.buffer().putLong(0, frameNumber);
        claim.buffer().putLong(frameLength - Long.BYTES, frameNumber);
        claim.publish(ref, false);
        claimAhead();
    }

    private void claimAhead() {
        isClaimed = pool.tryClaim(claim, Sizes.LARGEST) >= 0;
        if (!isClaimed) {
            throw new IllegalStateException("the pool of the hand-off refused a claim");
        }
    }

    /** Whether a frame has come. */
    boolean poll() {
        return subscriber.poll(onFrame, 1) > 0;
    }

    /** Answers a frame with one of the same number and length, if one has come. */
    boolean answer() {
        return subscriber.poll(onQuestion, 1) > 0;
    }

    /** The answer goes out while the question is still leased: nobody waits for the end of a lease. */
    private void onQuestion(final FrameLease frame) {
        onFrame(frame);
        publish(number, length);
    }

    private void onFrame(final FrameLease frame) {
        length = frame.buffer().capacity();
        number = frame.buffer().getLong(0);
        if (frame.buffer().getLong(length - Long.BYTES) != number) {
            throw new IllegalStateException("a frame's end is another frame's");
        }
    }

    /** Of the frame that came last. */
    long number() {
        return number;
    }

    /** Of the frame that came last. */
    int length() {
        return length;
    }

    @Override
    public void close() {
        if (subscriber != null) {
            subscriber.close();
        }
        if (isClaimed) {
            claim.abort();
        }
        pool.deleteNow();
    }
}
