package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Lets every party be overtaken at every step of everything it does: by one other party, and by one that is itself
 * overtaken by a third.
 */
class InterleavingTest {
    private static final int LENGTH = 16;
    private static final int PRODUCER = 0;
    private static final int READER = 1;
    private static final int ANOTHER_READER = 2;

    private final DragonDirectory directory = Tests.sharedDirectory();

    /** Lets someone else go on at the n-th step. */
    private final List<String> trace = new ArrayList<>();

    private final class Overtaken extends Steps {
        private final int party;
        private int left = -1;
        private Runnable other;

        Overtaken(final int party) {
            this.party = party;
        }

        void at(final int n, final Runnable action) {
            left = n;
            other = action;
        }

        @Override
        void reached(final String step) {
            trace.add(party + " " + step);
            if (left >= 0 && left-- == 0) {
                other.run();
            }
        }

        boolean isOver() {
            return left >= 0;
        }
    }

    private final Overtaken[] steps = {new Overtaken(PRODUCER), new Overtaken(READER), new Overtaken(ANOTHER_READER)};
    private FramePool pool;
    private FrameReader[] readers;
    private final FrameClaim claim = new FrameClaim();
    private final List<FrameLease> leases = new ArrayList<>();
    private final FrameRef current = new FrameRef();
    private int value;
    private int schedules;

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    private interface Operation {
        void run(int party);
    }

    private final List<Operation> producing = List.of(
            party -> {
                if (claim() >= 0) {
                    claim.publish(current, false);
                }
            },
            party -> {
                if (claim() >= 0) {
                    claim.publish(current, true);
                }
            },
            party -> {
                if (claim() >= 0) {
                    claim.abort();
                }
            },
            party -> pool.release(new FrameRef().set(current)),
            party -> pool.sweepDeadReaders());

    private final List<Operation> reading = List.of(
            party -> acquire(party).forEach(FrameLease::release),
            party -> leases.addAll(acquire(party)),
            party -> {
                final List<FrameLease> ending = List.copyOf(leases);
                leases.clear();
                ending.forEach(FrameLease::release);
            },
            party -> {
                readers[party].close();
                readers[party] = new FrameReader(directory, "again", steps[party]);
            });

    private int claim() {
        final int slot = pool.tryClaim(claim, LENGTH);
        if (slot >= 0) {
            value = value + 1 & 0x7f;
            claim.step(value).buffer().setMemory(0, LENGTH, (byte) value);
        }
        return slot;
    }

    private List<FrameLease> acquire(final int party) {
        final FrameLease lease = new FrameLease();
        if (readers[party].acquire(new FrameRef().set(current), lease) == 0) {
            Tests.assertFrame(lease, LENGTH, (int) lease.step());
            return List.of(lease);
        }
        return List.of();
    }

    @Test
    void shouldHoldWhoeverOvertakesWhom() {
        for (final FullPolicy policy : List.of(FullPolicy.BACK_PRESSURED, FullPolicy.OVERWRITE_OLDEST)) {
            for (final int first : new int[] {PRODUCER, READER}) {
                final int second = first == PRODUCER ? READER : PRODUCER;
                for (final Operation one : operations(first)) {
                    for (final Operation two : operations(second)) {
                        for (final Operation three : reading) {
                            overtake(policy, first, one, second, two, three);
                        }
                    }
                }
            }
        }
        assertTrue(schedules > 1_000, () -> "only " + schedules + " schedules");
    }

    private List<Operation> operations(final int party) {
        return party == PRODUCER ? producing : reading;
    }

    private void overtake(
            final FullPolicy policy,
            final int first,
            final Operation one,
            final int second,
            final Operation two,
            final Operation three) {
        boolean outerOver = false;
        for (int i = 0; !outerOver; i++) {
            boolean innerOver = false;
            for (int j = 0; !innerOver; j++) {
                begin(policy);
                trace.clear();
                steps[second].at(j, () -> three.run(ANOTHER_READER));
                steps[first].at(i, () -> two.run(second));
                one.run(first);
                outerOver = steps[first].isOver();
                innerOver = outerOver || steps[second].isOver();
                end();
                schedules++;
            }
        }
    }

    private void begin(final FullPolicy policy) {
        for (final Overtaken each : steps) {
            each.at(-1, null);
        }
        if (pool == null || new PoolJanitor(directory).status(pool.poolId()).policy() != policy) {
            if (pool != null) {
                pool.deleteNow();
            }
            pool = FramePool.create(
                    Tests.context(directory, 2, LENGTH).fullPolicy(policy).steps(steps[PRODUCER]));
        }
        readers = new FrameReader[] {
            null,
            new FrameReader(directory, "reader", steps[READER]),
            new FrameReader(directory, "another", steps[ANOTHER_READER])
        };
        assertTrue(claim() >= 0);
        claim.publish(current, true);
        leases.addAll(acquire(READER));
        acquire(ANOTHER_READER).forEach(FrameLease::release);
    }

    private void end() {
        for (final Overtaken each : steps) {
            each.at(-1, null);
        }
        leases.forEach(lease -> {
            assertTrue(lease.isHeld());
            Tests.assertFrame(lease, LENGTH, (int) lease.step());
            lease.release();
        });
        leases.clear();
        readers[READER].close();
        readers[ANOTHER_READER].close();
        for (int slot = 0; slot < 2; slot++) {
            final long word = pool.file().word(slot);
            assertEquals(0, word & SlotWord.READER_MASK, () -> SlotWord.describe(word) + trace);
            pool.release(new FrameRef().set(pool.poolId(), SlotWord.sequence(word), slot, LENGTH));
            assertTrue(SlotWord.isClaimable(pool.file().word(slot)), () -> SlotWord.describe(word) + trace);
        }
        assertEquals(
                0, new PoolJanitor(directory).status(pool.poolId()).readers().size());
    }
}
