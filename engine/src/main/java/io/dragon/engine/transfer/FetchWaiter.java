package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameRef;

/** Whoever waits for a frame of another host. Told once. */
interface FetchWaiter {
    /** The frame is here: whoever wants it to stay leases it before this returns. */
    void onFetched(FrameRef local);

    /** It does not come. */
    void onFailed(FetchOutcome outcome, String text);
}
