package io.dragon.engine.frame;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;
import org.openjdk.jcstress.infra.results.ZJJ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The word of a slot: who publishes, leases, holds and releases at the same time. */
public final class SlotStress {
    private SlotStress() {}

    /** The word is stored after the payload, and read before it. */
    @JCStressTest
    @State
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "the whole frame")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "it is not published yet")
    @Outcome(expect = FORBIDDEN, desc = "a frame before its payload is there")
    public static class PublishThenLease extends OneSlot {
        @Actor
        public void producer() {
            publish(7, false);
        }

        @Actor
        public void reader(final J_Result r) {
            r.r1 = lease(reader, FIRST, new FrameLease());
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** Either the bit of the reader is there first, and the producer gets nothing, or the claim, and the reader is refused. */
    @JCStressTest
    @State
    @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "leased, and so not claimed")
    @Outcome(id = "1, -1", expect = ACCEPTABLE, desc = "claimed, and so not leased")
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "leased and released, then claimed")
    @Outcome(id = "0, -1", expect = FORBIDDEN, desc = "refused to both: nobody has the slot")
    @Outcome(expect = FORBIDDEN, desc = "somebody else's frame")
    public static class LeaseAgainstClaim extends OneSlot {
        public LeaseAgainstClaim() {
            begunWith(7, false);
        }

        @Actor
        public void producer(final JJ_Result r) {
            r.r1 = publish(8, false);
        }

        @Actor
        public void reader(final JJ_Result r) {
            final FrameLease lease = new FrameLease();
            r.r2 = lease(reader, FIRST, lease);
            if (r.r2 > 0) {
                r.r2 = read(lease);
                lease.release();
            }
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** Three parts of one word, each changed by somebody else: none undoes what another has done. */
    @JCStressTest
    @State
    @Outcome(id = "true, 7, 2", expect = ACCEPTABLE, desc = "no HOLD, no first reader, and the bit of the second")
    @Outcome(expect = FORBIDDEN, desc = "a lost update")
    public static class HoldAndTwoReaders extends OneSlot {
        private static final int SECOND_ROW = 1;
        private final FramePool pool = pool();
        private final AttachedPool second = new AttachedPool(file, SECOND_ROW, Steps.NONE);
        private final FrameLease kept = new FrameLease();

        public HoldAndTwoReaders() {
            begunWith(7, true);
        }

        @Actor
        public void owner(final ZJJ_Result r) {
            r.r1 = pool.release(ref(FIRST));
            second.acquire(ref(FIRST), kept);
        }

        @Actor
        public void first(final ZJJ_Result r) {
            final FrameLease lease = new FrameLease();
            r.r2 = lease(reader, FIRST, lease);
            lease.release();
        }

        @Arbiter
        public void after(final ZJJ_Result r) {
            r.r3 = word() & (SlotWord.HOLD | SlotWord.READER_MASK);
            kept.release();
            end();
        }
    }

    /** Told twice that nothing needs a frame, by the sequencer and by a refusal: it counts once. */
    @JCStressTest
    @State
    @Outcome(
            id = {"true, false", "false, true"},
            expect = ACCEPTABLE,
            desc = "one has released it")
    @Outcome(expect = FORBIDDEN, desc = "released twice, or never")
    public static class HoldReleasedTwice extends OneSlot {
        private final FramePool pool = pool();

        public HoldReleasedTwice() {
            begunWith(7, true);
        }

        @Actor
        public void first(final ZZ_Result r) {
            r.r1 = pool.release(ref(FIRST));
        }

        @Actor
        public void second(final ZZ_Result r) {
            r.r2 = pool.release(ref(FIRST));
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** A release that comes twice must not free the next frame in the slot, which is held as well. */
    @JCStressTest
    @State
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "claimed after the release: the new frame is held")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "still held when the producer looked")
    @Outcome(expect = FORBIDDEN, desc = "a held frame is gone, or the release has met the next one")
    public static class HoldAgainstClaim extends OneSlot {
        private final FramePool pool = pool();

        public HoldAgainstClaim() {
            begunWith(7, true);
        }

        @Actor
        public void producer(final JJJ_Result r) {
            r.r1 = publish(8, true);
        }

        @Actor
        public void owner(final JJJ_Result r) {
            r.r2 = (pool.release(ref(FIRST)) ? 1 : 0) + (pool.release(ref(FIRST)) ? 1 : 0);
        }

        @Arbiter
        public void after(final JJJ_Result r) {
            r.r3 = SlotWord.isHeld(word()) && SlotWord.isReadable(word(), FIRST + 1) ? 1 : 0;
            end();
        }
    }

    /** A pool that closes while its producer publishes: the frame is readable, or its slot is free; never between. */
    @JCStressTest
    @State
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "published and READABLE")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "refused and FREE")
    @Outcome(expect = FORBIDDEN, desc = "the slot does not show what the producer was told")
    public static class CloseAgainstPublish extends OneSlot {
        @Actor
        public void producer(final JJ_Result r) {
            try {
                r.r1 = publish(7, false);
            } catch (final IllegalStateException e) {
                r.r1 = 0;
            }
        }

        @Actor
        public void closer() {
            producer.close();
        }

        @Arbiter
        public void after(final JJ_Result r) {
            r.r2 = SlotWord.state(word());
            end();
        }
    }

    /** One thread adds without an atomic addition; who reads sees the count grow, never shrink. */
    @JCStressTest
    @State
    @Outcome(
            id = {"0, 0", "0, 1", "0, 2", "1, 1", "1, 2", "2, 2"},
            expect = ACCEPTABLE,
            desc = "it grows")
    @Outcome(expect = FORBIDDEN, desc = "it shrinks, or counts what was not there")
    public static class CountOfOneWriter extends OneSlot {
        @Actor
        public void producer() {
            PoolCounter.PUBLISHED.increment(file);
            PoolCounter.PUBLISHED.increment(file);
        }

        @Actor
        public void observer(final JJ_Result r) {
            r.r1 = PoolCounter.PUBLISHED.read(file);
            r.r2 = PoolCounter.PUBLISHED.read(file);
        }

        @Arbiter
        public void after() {
            end();
        }
    }
}
