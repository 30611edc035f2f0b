package io.dragon.engine.frame;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.JZ_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Leases of one reader, which share its bit, are begun by one thread and ended by any. */
public final class LeaseStress {
    private LeaseStress() {}

    /** The last lease of a slot ends while the next begins: who clears the bit must not clear that of the new lease. */
    @JCStressTest
    @State
    @Outcome(id = "7, true", expect = ACCEPTABLE, desc = "the new lease has the frame, and the bit is there")
    @Outcome(expect = FORBIDDEN, desc = "a lease without its bit: the producer may take the slot")
    public static class LastAgainstNext extends OneSlot {
        private final FrameLease last = new FrameLease();
        private final FrameLease next = new FrameLease();

        public LastAgainstNext() {
            begunWith(7, false);
            reader.acquire(ref(FIRST), last);
        }

        @Actor
        public void ending() {
            last.release();
        }

        @Actor
        public void beginning(final JZ_Result r) {
            r.r1 = lease(reader, FIRST, next);
        }

        @Arbiter
        public void after(final JZ_Result r) {
            r.r2 = next.isHeld() && !claim();
            end();
        }
    }

    /** Released by two threads, a lease ends once: the other lease of the slot keeps its bit. */
    @JCStressTest
    @State
    @Outcome(id = "true, true, 0", expect = ACCEPTABLE, desc = "the other is held, and with it ends the last")
    @Outcome(expect = FORBIDDEN, desc = "counted twice")
    public static class ReleasedTwice extends OneSlot {
        private final FrameLease one = new FrameLease();
        private final FrameLease other = new FrameLease();

        public ReleasedTwice() {
            begunWith(7, false);
            reader.acquire(ref(FIRST), one);
            reader.acquire(ref(FIRST), other);
        }

        @Actor
        public void first() {
            one.release();
        }

        @Actor
        public void second() {
            one.release();
        }

        @Arbiter
        public void after(final ZZI_Result r) {
            r.r1 = other.isHeld();
            r.r2 = reader.hasLeases();
            other.release();
            r.r3 = (int) (word() & SlotWord.READER_MASK) + (reader.hasLeases() ? 1 : 0);
            end();
        }
    }

    /** A lease is used again as soon as another thread has ended it: what that one still does must not meet the new frame. */
    @JCStressTest
    @State
    @Outcome(id = "7, 7", expect = ACCEPTABLE, desc = "used again")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "still held when its thread looked")
    @Outcome(expect = FORBIDDEN, desc = "the end of the old lease took the buffer of the new one")
    public static class ReleaseAgainstReuse extends OneSlot {
        private final FrameLease lease = new FrameLease();

        public ReleaseAgainstReuse() {
            begunWith(7, false);
            reader.acquire(ref(FIRST), lease);
        }

        @Actor
        public void ending() {
            lease.release();
        }

        @Actor
        public void using(final JJ_Result r) {
            try {
                lease.checkEnded();
                r.r1 = lease(reader, FIRST, lease);
            } catch (final IllegalStateException e) {
                r.r1 = 0;
            }
        }

        @Arbiter
        public void after(final JJ_Result r) {
            r.r2 = lease.isHeld() ? read(lease) : 0;
            end();
        }
    }

    /** The reader detaches while its last lease ends on another thread: one of the two unmaps, once, and after both. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "unmapped once")
    @Outcome(expect = FORBIDDEN, desc = "unmapped under somebody's hands, twice, or never")
    public static class DetachAgainstRelease extends OneSlot {
        private final AtomicInteger ended = new AtomicInteger();
        private final FrameLease lease = new FrameLease();

        public DetachAgainstRelease() {
            super(mapped());
            file.onUnmapped(ended::incrementAndGet);
            begunWith(7, false);
            reader.acquire(ref(FIRST), lease);
        }

        @Actor
        public void ending(final ZI_Result r) {
            r.r1 = read(lease) == 7;
            lease.release();
        }

        @Actor
        public void detaching() {
            reader.close();
        }

        @Arbiter
        public void after(final ZI_Result r) {
            r.r2 = ended.get();
        }
    }

    /** The owner closes its pool while the producer claims: a claim is refused, or the mapping stays until it has ended. */
    @JCStressTest
    @State
    @Outcome(
            id = {"true, 1", "false, 1"},
            expect = ACCEPTABLE,
            desc = "unmapped once, after the claim if there was one")
    @Outcome(expect = FORBIDDEN, desc = "unmapped twice, or never")
    public static class CloseAgainstClaim extends OneSlot {
        private final AtomicInteger ended = new AtomicInteger();

        public CloseAgainstClaim() {
            super(mapped());
            file.onUnmapped(ended::incrementAndGet);
        }

        @Actor
        public void producing(final ZI_Result r) {
            if (producer.enter()) {
                r.r1 = word() == 0;
                producer.leave();
            }
        }

        @Actor
        public void closing() {
            producer.close();
            producer.end();
        }

        @Arbiter
        public void after(final ZI_Result r) {
            r.r2 = ended.get();
        }
    }

    /** Whoever has begun to use a mapping may touch it; who comes when it ends is refused. A touch too late ends this process. */
    @JCStressTest
    @State
    @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "used, then unmapped")
    @Outcome(id = "false, 1", expect = ACCEPTABLE, desc = "unmapped, and refused")
    @Outcome(expect = FORBIDDEN, desc = "unmapped twice, or never")
    public static class UseAgainstEnd extends OneSlot {
        private final AtomicInteger ended = new AtomicInteger();

        public UseAgainstEnd() {
            super(mapped());
            file.onUnmapped(ended::incrementAndGet);
        }

        @Actor
        public void using(final ZI_Result r) {
            if (file.retain()) {
                r.r1 = word() == 0;
                file.release();
            }
        }

        @Actor
        public void ending() {
            file.release();
        }

        @Arbiter
        public void after(final ZI_Result r) {
            r.r2 = ended.get();
        }
    }

    /** What has to be done before the mapping ends is done by another thread, while the last user still asks the others. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "unmapped once, after both")
    @Outcome(expect = FORBIDDEN, desc = "unmapped before that was done, twice, or never")
    public static class EndedElsewhere extends OneSlot {
        private final AtomicInteger ended = new AtomicInteger();
        private volatile Runnable first;
        private Runnable second;

        public EndedElsewhere() {
            super(mapped());
            file.onUnmapped(ended::incrementAndGet);
            file.beforeUnmapped(unmap -> first = unmap);
            file.beforeUnmapped(unmap -> second = unmap);
        }

        @Actor
        public void lastUser() {
            file.release();
        }

        @Actor
        public void other() {
            if (first != null) {
                first.run();
            }
        }

        @Arbiter
        public void after(final II_Result r) {
            first.run(); // a second time tells nothing new
            r.r1 = ended.get();
            second.run();
            r.r2 = ended.get();
        }
    }

    /** Both of those that are waited for have done their part: whoever is last unmaps. */
    @JCStressTest
    @State
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "unmapped once")
    @Outcome(expect = FORBIDDEN, desc = "unmapped twice, or never")
    public static class EndedByTwo extends OneSlot {
        private final AtomicInteger ended = new AtomicInteger();
        private Runnable first;
        private Runnable second;

        public EndedByTwo() {
            super(mapped());
            file.onUnmapped(ended::incrementAndGet);
            file.beforeUnmapped(unmap -> first = unmap);
            file.beforeUnmapped(unmap -> second = unmap);
            file.release();
        }

        @Actor
        public void one() {
            first.run();
        }

        @Actor
        public void another() {
            first.run();
            second.run();
        }

        @Arbiter
        public void after(final I_Result r) {
            r.r1 = ended.get();
        }
    }
}
