package io.dragon.worker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.dragon.engine.frame.FrameLease;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JZ_Result;
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** What the control agent and the compute agent of a worker share. */
public final class LinkStress {
    private static final long TASK = 7;
    private static final int RECORD = 64;

    private LinkStress() {}

    /** A link, with what either side writes. Links are used again by one sample after the other: their rings lie outside the heap. */
    abstract static class Linked {
        private static final ConcurrentLinkedQueue<WorkerLink> SPARE = new ConcurrentLinkedQueue<>();
        final WorkerLink link = taken();
        private final UnsafeBuffer record = new UnsafeBuffer(new byte[RECORD]);
        private long taskId;

        private static WorkerLink taken() {
            final WorkerLink spare = SPARE.poll();
            return spare == null ? new WorkerLink(1) : spare;
        }

        /** After the sample. */
        final void end() {
            empty(link.assignments);
            empty(link.completions);
            link.revoked.clear();
            link.incarnation = 0;
            link.remoteLeases[0] = null;
            SPARE.add(link);
        }

        /** A read at the ring's end may take the padding alone and leave the record to the next sample. */
        private void empty(final OneToOneRingBuffer ring) {
            while (ring.size() > 0) {
                read(ring);
            }
        }

        final UnsafeBuffer record() {
            record.putLong(WorkerLink.FIRST_OFFSET, TASK);
            record.putLong(RECORD - Long.BYTES, TASK);
            return record;
        }

        /** The number in the next record; 0 when there is none, -1 when its ends differ. */
        final long read(final OneToOneRingBuffer ring) {
            taskId = 0;
            ring.read(
                    (type, buffer, index, length) -> {
                        taskId = buffer.getLong(index + WorkerLink.FIRST_OFFSET);
                        taskId = buffer.getLong(index + RECORD - Long.BYTES) == taskId ? taskId : -1;
                    },
                    1);
            return taskId;
        }
    }

    /** The leases of fetched inputs lie beside the ring: they are there when the assignment that names them is. */
    @JCStressTest
    @State
    @Outcome(id = "7, true", expect = ACCEPTABLE, desc = "handed over with its leases")
    @Outcome(id = "0, false", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(expect = FORBIDDEN, desc = "an assignment without its leases, or half of one")
    public static class Assignment extends Linked {
        private final FrameLease[] leases = {};

        @Actor
        public void control() {
            link.remoteLeases[0] = leases;
            link.assign(record(), RECORD);
        }

        @Actor
        public void compute(final JZ_Result r) {
            r.r1 = read(link.assignments);
            r.r2 = r.r1 != 0 && link.remoteLeases[0] == leases;
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** A completion comes whole. */
    @JCStressTest
    @State
    @Outcome(
            id = {"7", "0"},
            expect = ACCEPTABLE,
            desc = "there, or not yet")
    @Outcome(expect = FORBIDDEN, desc = "half of one")
    public static class Completion extends Linked {
        @Actor
        public void compute() {
            link.write(WorkerLink.COMPLETION, record(), RECORD);
        }

        @Actor
        public void control(final J_Result r) {
            r.r1 = read(link.completions);
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /**
     * The worker is fenced and registers anew: what was revoked is forgotten, since no task of the old incarnation counts any more. A task
     * of it that looks just then may be told once that it goes on; its completion carries the old incarnation and is refused.
     */
    @JCStressTest
    @State
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "revoked")
    @Outcome(
            id = "false, true",
            expect = ACCEPTABLE_INTERESTING,
            desc = "looked between the fencing and the registration: told at its next look")
    @Outcome(expect = FORBIDDEN, desc = "a task of an incarnation that is over goes on")
    public static class RevokedAgainstFenced extends Linked {
        public RevokedAgainstFenced() {
            link.incarnation = 1;
            link.revoked.put(TASK, 1);
        }

        @Actor
        public void control() {
            link.incarnation = 0;
            link.revoked.clear();
            link.incarnation = 2;
        }

        @Actor
        public void compute(final ZZ_Result r) {
            r.r1 = link.isRevoked(TASK, 1, 1);
        }

        @Arbiter
        public void after(final ZZ_Result r) {
            r.r2 = link.isRevoked(TASK, 1, 1);
            end();
        }
    }

    /** The task in hand is named by one and asked for by the other; a revocation of an attempt is one of those before it, too. */
    @JCStressTest
    @State
    @Outcome(
            id = {"false, true", "true, true"},
            expect = ACCEPTABLE,
            desc = "revoked before or after it was looked at")
    @Outcome(expect = FORBIDDEN, desc = "a revocation that is lost")
    public static class Revoked extends Linked {
        public Revoked() {
            link.incarnation = 1;
        }

        @Actor
        public void control() {
            link.revoked.merge(TASK, 2, Math::max);
            link.revoked.merge(TASK, 1, Math::max);
        }

        @Actor
        public void compute(final ZZ_Result r) {
            r.r1 = link.isRevoked(TASK, 2, 1);
        }

        @Arbiter
        public void after(final ZZ_Result r) {
            r.r2 = link.isRevoked(TASK, 2, 1) && link.isRevoked(TASK, 1, 1) && !link.isRevoked(TASK, 3, 1);
            end();
        }
    }
}
