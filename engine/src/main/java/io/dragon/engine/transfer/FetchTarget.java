package io.dragon.engine.transfer;

import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameRef;

/** Where frames of other hosts go: the receive pools, or a mirror. */
interface FetchTarget {
    /** No room now. */
    int LATER = -2;

    /** Room for it is being made, or is taken by a frame that is on its way. */
    int SOON = -3;

    /** There can be no room for it. */
    int NEVER = -5;

    /** Takes a slot: 0 or more, {@link #LATER}, {@link #SOON} or {@link #NEVER}. */
    int claim(FrameClaim claim, FrameRef origin, int length, int metadataLength, long nowNs);

    /** Gives a slot back. */
    void abort(FrameClaim claim);

    /** The slot is filled: makes it readable, and says what the frame is called here. False when it is not wanted any more. */
    boolean publish(FrameClaim claim, FrameRef origin, FrameRef local, long nowNs);

    /** Why there is no room, in words. */
    String refusal(int length);
}
