package io.dragon.engine.frame;

/** Takes the frames of a {@link FrameSubscriber}. */
@FunctionalInterface
public interface FrameHandler {
    /**
     * Called for one frame on the thread that polls. The lease ends when this returns.
     *
     * @param frame leased for the length of the call
     */
    void onFrame(FrameLease frame);
}
