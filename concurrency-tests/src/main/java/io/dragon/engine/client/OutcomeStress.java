package io.dragon.engine.client;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The result of a task on its way from the client's agent to whoever asks for it. */
public final class OutcomeStress {
    private OutcomeStress() {}

    /** Its fields are not final: who sees that there is one must see all of it. */
    @JCStressTest
    @State
    @Outcome(
            id = {"0, 0", "0, 7"},
            expect = ACCEPTABLE,
            desc = "not done when it was looked at first")
    @Outcome(id = "7, 7", expect = ACCEPTABLE, desc = "done")
    @Outcome(expect = FORBIDDEN, desc = "a result that is only half there, or gone again")
    public static class SeenWhole {
        private final TaskHandle task = new TaskHandle(null, 1, null);

        @Actor
        public void agent() {
            task.complete(
                    new TaskOutcome(1, TaskState.COMPLETED, Reason.NONE, "", null).results(new byte[] {7}, List.of()));
        }

        @Actor
        public void user(final II_Result r) {
            r.r1 = seen();
            r.r2 = seen();
        }

        private int seen() {
            final TaskOutcome outcome = task.outcome();
            return outcome == null ? 0 : outcome.inlineResult().length == 0 ? -1 : outcome.inlineResult()[0];
        }
    }
}
