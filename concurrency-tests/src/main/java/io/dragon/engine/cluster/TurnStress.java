package io.dragon.engine.cluster;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Whose turn it is with a session. */
public final class TurnStress {
    private TurnStress() {}

    /** What is done in turns is done as by one thread. */
    @JCStressTest
    @State
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "each saw what those before it had done")
    @Outcome(expect = FORBIDDEN, desc = "two had the turn at once, or one did not see the other")
    public static class InTurns {
        private final SessionTurn turn = new SessionTurn();
        private int plain;

        private void add() {
            turn.take();
            plain++;
            turn.give();
        }

        @Actor
        public void one() {
            add();
            add();
        }

        @Actor
        public void another() {
            add();
            add();
        }

        @Arbiter
        public void sum(final I_Result r) {
            r.r1 = plain;
        }
    }

    /** What did not get the turn leaves its work to the one that has it, which looks once more after it has given it back. */
    @JCStressTest
    @State
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "by who left it, or who was at work")
    @Outcome(expect = FORBIDDEN, desc = "left behind by both")
    public static class NothingLeftBehind {
        private final SessionTurn turn = new SessionTurn();
        private volatile int waiting;
        private int done;

        private boolean serve() {
            if (!turn.tryTake()) {
                return false;
            }
            if (waiting > 0) {
                waiting = 0;
                done++;
            }
            turn.give();
            return true;
        }

        @Actor
        public void control() {
            do {
                serve();
            } while (waiting > 0);
        }

        @Actor
        public void compute() {
            waiting = 1;
            serve();
        }

        @Arbiter
        public void result(final II_Result r) {
            r.r1 = done;
            r.r2 = waiting;
        }
    }
}
