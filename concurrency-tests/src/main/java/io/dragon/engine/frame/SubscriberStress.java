package io.dragon.engine.frame;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IJ_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The ring of descriptors that a subscriber has in the pool, from its beginning to its end. */
public final class SubscriberStress {
    private SubscriberStress() {}

    /** A subscriber in the first row, which has just attached. */
    abstract static class Subscribed extends OneSlot {
        private static final int ROW = 0;
        private static final long INCARNATION = 1L << 8;
        private final FrameSubscriber subscriber = new FrameSubscriber(reader, "subscriber");
        private final FrameSubscriber later = new FrameSubscriber(reader, "subscriber, looked at afterwards");

        Subscribed() {
            file.header.putLongVolatile(
                    PoolLayout.row(ROW) + PoolLayout.ROW_STATE_OFFSET, INCARNATION | ReaderRows.SUBSCRIBING);
            file.header.getAndAddLong(PoolLayout.SUBSCRIBER_CHANGES_OFFSET, 1);
        }

        /** The number of the frame that came; 0 when none did. */
        final long poll() {
            return poll(subscriber);
        }

        /** The same from another thread: a subscriber belongs to one. */
        final long pollAfterwards() {
            return poll(later);
        }

        private static long poll(final FrameSubscriber from) {
            final long[] number = {0};
            from.poll(frame -> number[0] = read(frame), 1);
            return number[0];
        }

        final void detach() {
            ReaderRows.detach(file, ROW);
        }

        final int kind() {
            return ReaderRows.kind(ReaderRows.state(file, ROW));
        }
    }

    /** The producer clears the ring, says that it is ready and writes into it, while the subscriber waits for just that. */
    @JCStressTest
    @State
    @Outcome(id = "7, 0", expect = ACCEPTABLE, desc = "it came")
    @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "it was not there yet, and came then")
    @Outcome(expect = FORBIDDEN, desc = "a descriptor before its frame, of a ring not yet cleared, twice, or lost")
    public static class FirstFrame extends Subscribed {
        @Actor
        public void producer() {
            publish(7, false);
        }

        @Actor
        public void subscriber(final JJ_Result r) {
            r.r1 = poll();
        }

        @Arbiter
        public void after(final JJ_Result r) {
            r.r2 = pollAfterwards();
            end();
        }
    }

    /** A frame that a subscriber has not read keeps its slot; one that is being read, too. */
    @JCStressTest
    @State
    @Outcome(id = "0, 7", expect = ACCEPTABLE, desc = "read, and the slot was still wanted")
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "read, then claimed")
    @Outcome(expect = FORBIDDEN, desc = "claimed before it was read, or while it was")
    public static class ReadAgainstClaim extends Subscribed {
        public ReadAgainstClaim() {
            publish(7, false);
        }

        @Actor
        public void producer(final IJ_Result r) {
            r.r1 = publish(8, false);
        }

        @Actor
        public void subscriber(final IJ_Result r) {
            r.r2 = poll();
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** A subscriber leaves while the producer takes it on: its row is free in the end, and the producer lets its ring go. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "free, and nobody is waited for")
    @Outcome(expect = FORBIDDEN, desc = "a subscriber that has gone holds back the producer")
    public static class LeaveAgainstTakingOn extends Subscribed {
        @Actor
        public void producer() {
            publish(7, false);
        }

        @Actor
        public void subscriber() {
            detach();
        }

        @Arbiter
        public void after(final II_Result r) {
            r.r1 = kind();
            r.r2 = publish(8, false);
            end();
        }
    }

    /** The ring alone, at both its ends. */
    abstract static class OneRing extends OneSlot {
        private final DescriptorRing ring = new DescriptorRing(file, 0);
        private final FrameRef written = new FrameRef();
        private final FrameRef read = new FrameRef();

        OneRing() {
            ring.clear();
        }

        final int capacity() {
            return ring.capacity();
        }

        /** 1, or 0 when the ring is full. */
        final int put(final long position) {
            if (ring.readTo() < position + 1 - capacity()) {
                return 0;
            }
            final int number = (int) position + 1;
            written.set(1, number, number, number);
            ring.put(position, written, true);
            return 1;
        }

        /** The number of the entry that is there; 0 when none is; -1 when it is not whole. */
        final int get(final long position) {
            if (!ring.isThere(position)) {
                return 0;
            }
            final boolean kept = ring.get(position, 1, read);
            final boolean whole = kept && read.slot() == read.length() && read.slot() == read.sequence();
            ring.readTo(position + 1);
            return whole ? read.slot() : -1;
        }
    }

    /** An entry says last that it is there. */
    @JCStressTest
    @State
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "there, with all that it says")
    @Outcome(expect = FORBIDDEN, desc = "there before it was written")
    public static class EntryWritten extends OneRing {
        @Actor
        public void producer() {
            put(0);
        }

        @Actor
        public void consumer(final I_Result r) {
            r.r1 = get(0);
        }

        @Arbiter
        public void after() {
            end();
        }
    }

    /** The oldest entry of a full ring is read while the producer has the next one to write, which goes to the same place. */
    @JCStressTest
    @State
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "still full when the producer looked")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "read, then written anew")
    @Outcome(expect = FORBIDDEN, desc = "written while it was read, or read for another")
    public static class FullRing extends OneRing {
        public FullRing() {
            for (int position = 0; position < capacity(); position++) {
                put(position);
            }
        }

        @Actor
        public void producer(final II_Result r) {
            r.r1 = put(capacity());
        }

        @Actor
        public void consumer(final II_Result r) {
            r.r2 = get(0);
        }

        @Arbiter
        public void after() {
            end();
        }
    }
}
