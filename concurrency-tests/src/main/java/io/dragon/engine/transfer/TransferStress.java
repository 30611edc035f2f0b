package io.dragon.engine.transfer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.dragon.engine.transfer.TransferCounters.Kind;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** What others read of a transfer agent while it works. */
public final class TransferStress {
    private TransferStress() {}

    /** Counted in this order, without an atomic addition: who sees the later count sees the one before it. */
    @JCStressTest
    @State
    @Outcome(
            id = {"0, 0", "0, 1", "1, 1"},
            expect = ACCEPTABLE,
            desc = "bytes first, then the frame")
    @Outcome(expect = FORBIDDEN, desc = "a frame without its bytes")
    public static class BytesBeforeFrames {
        private final TransferCounters counters = new TransferCounters();

        @Actor
        public void agent() {
            counters.add(Kind.BYTES_FETCHED, 1);
            counters.increment(Kind.FRAMES_FETCHED);
        }

        @Actor
        public void observer(final JJ_Result r) {
            r.r1 = counters.framesFetched();
            r.r2 = counters.bytesFetched();
        }
    }
}
