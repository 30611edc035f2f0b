package io.dragon.worker.device;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Mappings that are to end, from whoever used them last to the thread that asks the driver; and the GPU may be lost meanwhile.
 */
public final class EndingsStress {
    private EndingsStress() {}

    /** The one who takes them leaves: a mapping that nobody ends would stay for as long as the process. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each ended once, by whoever came last")
    @Outcome(expect = FORBIDDEN, desc = "left mapped, or ended twice")
    public static class AddedWhileAbandoned {
        private final AtomicInteger ended = new AtomicInteger();
        private final Endings<Integer> endings = new Endings<>(ended::addAndGet);

        @Actor
        public void lastUser() {
            endings.add(1);
            endings.add(1);
        }

        @Actor
        public void compute() {
            final Integer taken = endings.poll();
            if (taken != null) {
                ended.addAndGet(taken);
            }
            endings.abandon();
        }

        @Arbiter
        public void after(final I_Result r) {
            r.r1 = ended.get();
        }
    }

    /** The GPU is lost, as another thread finds, while the compute thread takes what is to end; it may come again. */
    @JCStressTest
    @State
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each ended once")
    @Outcome(expect = FORBIDDEN, desc = "left mapped, or ended twice")
    public static class LostWhileTaken {
        private final AtomicInteger ended = new AtomicInteger();
        private final Endings<Integer> endings = new Endings<>(ended::addAndGet);

        public LostWhileTaken() {
            endings.add(1);
        }

        @Actor
        public void compute() {
            final Integer taken = endings.poll();
            if (taken != null) {
                ended.addAndGet(taken);
            }
            endings.add(1);
        }

        @Actor
        public void health() {
            endings.abandon();
        }

        @Arbiter
        public void after(final I_Result r) {
            r.r1 = ended.get();
        }
    }
}
