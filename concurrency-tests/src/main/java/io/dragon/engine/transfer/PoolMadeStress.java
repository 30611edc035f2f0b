package io.dragon.engine.transfer;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A pool that one thread makes for another which may end meanwhile: it is taken, or removed, and never both or neither. */
public final class PoolMadeStress {
    private PoolMadeStress() {}

    /** A pool that nobody removes would stay for as long as the process. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "removed, by whoever came last")
    @Outcome(expect = FORBIDDEN, desc = "leaked, or removed twice")
    public static class MadeWhileClosed {
        private final AtomicInteger removed = new AtomicInteger();
        private final Making<Integer> making = new Making<>(Integer.class, pool -> removed.incrementAndGet());

        @Actor
        public void maker() {
            making.made(1);
        }

        @Actor
        public void agent() {
            making.close();
        }

        @Arbiter
        public void after(final II_Result r) {
            r.r1 = making.take() == null ? 0 : 1;
            r.r2 = removed.get();
        }
    }

    /** The agent looks once more, then ends. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "taken")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "removed")
    @Outcome(expect = FORBIDDEN, desc = "leaked, or removed while it is used")
    public static class TakenOrRemoved {
        private final AtomicInteger removed = new AtomicInteger();
        private final Making<Integer> making = new Making<>(Integer.class, pool -> removed.incrementAndGet());

        @Actor
        public void maker() {
            making.made(1);
        }

        @Actor
        public void agent(final II_Result r) {
            r.r1 = making.take() == null ? 0 : 1;
            making.close();
        }

        @Arbiter
        public void after(final II_Result r) {
            r.r2 = removed.get();
        }
    }
}
