package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FitnessTest {
    private final Rig rig = new Rig(new SequencerConfig()
            .set(Setting.DRAIN_AFTER_FAILURES, 3)
            .set(Setting.DRAIN_MS, 1_000)
            .set(Setting.RESTORE_AFTER_SUCCESSES, 2));
    private final Peer client = rig.client("c");

    @AfterEach
    void shouldBeConsistent() {
        Invariants.check(rig.sequencer.core());
        rig.restart();
        Invariants.check(rig.sequencer.core());
    }

    private Party state(final Peer peer) {
        return rig.sequencer.core().parties.get(peer.id);
    }

    private WorkerState shown(final Peer peer) {
        rig.command(Messages.query(1, peer.id - 1));
        return rig.lastReply().as(new WorkerPageDecoder()).workers().next().state();
    }

    /** The bad one fails whatever it gets, the good one completes it. */
    private void work(final Peer bad, final Peer good) {
        boolean any = true;
        while (any) {
            any = false;
            if (!bad.assigned.isEmpty()) {
                bad.fail(bad.take(), Reason.HANDLER_FAILED);
                any = true;
            }
            if (!good.assigned.isEmpty()) {
                good.complete(good.take());
                any = true;
            }
        }
    }

    private void drain(final Peer bad, final Peer good) {
        for (int i = 0; i < 20 && !state(bad).drained; i++) {
            client.submit(Messages.task());
            client.submit(Messages.task());
            work(bad, good);
        }
        assertTrue(state(bad).drained);
        assertEquals(3, state(bad).failuresInARow);
    }

    @Test
    void shouldDrainAWorkerThatFailsTooOftenInARowAndGiveItNothing() {
        final Peer bad = rig.worker(1, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        drain(bad, good);
        assertEquals(WorkerState.DRAINED, shown(bad));
        assertEquals(1, rig.summary().workersDrained());
        for (int i = 0; i < 10; i++) {
            client.submit(Messages.task());
            work(bad, good);
        }
        rig.pass(900, client, bad, good);
        rig.command(Messages.query(1, bad.id - 1));
        final WorkerPageDecoder.WorkersDecoder row =
                rig.lastReply().as(new WorkerPageDecoder()).workers().next();
        assertEquals(3, row.failuresInARow());
        assertEquals(900, row.stateForMs());
        assertEquals(3, row.failed());
        client.results().forEach(result -> assertEquals(TaskState.COMPLETED, result.state));
    }

    @Test
    void shouldCountOnlyFailuresInARow() {
        final Peer worker = rig.worker(1, "w", "t");
        final Peer other = rig.worker(1, "v", "t");
        for (int i = 0; i < 10; i++) {
            for (int k = 0; k < 2; k++) {
                client.submit(Messages.task());
                client.submit(Messages.task());
                worker.fail(worker.take(), Reason.HANDLER_FAILED);
                completeAll(other);
            }
            client.submit(Messages.task().priority(7));
            client.submit(Messages.task().priority(7));
            while (!worker.assigned.isEmpty() || !other.assigned.isEmpty()) {
                for (final Peer peer : List.of(worker, other)) {
                    if (!peer.assigned.isEmpty()) {
                        peer.complete(peer.take());
                    }
                }
            }
            assertFalse(state(worker).drained);
        }
    }

    private static void completeAll(final Peer peer) {
        while (!peer.assigned.isEmpty()) {
            peer.complete(peer.take());
        }
    }

    @Test
    void shouldProbeADrainedWorkerAfterAWhileAndTwiceAsLateAfterEachFailure() {
        final Peer bad = rig.worker(2, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        drain(bad, good);
        work(bad, good);
        final long drainedMs = rig.nowMs;
        final List<Long> probes = new ArrayList<>();
        while (rig.nowMs < drainedMs + 40_000) {
            client.submit(Messages.task());
            client.submit(Messages.task());
            client.submit(Messages.task());
            assertTrue(bad.assigned.size() <= 1, "one probe at a time");
            if (!bad.assigned.isEmpty()) {
                probes.add(rig.nowMs - drainedMs);
                rig.restart();
                bad.fail(bad.take(), Reason.HANDLER_FAILED);
            }
            work(bad, good);
            rig.pass(50);
            bad.heartbeat();
        }
        assertEquals(List.of(1_000L, 3_000L, 7_000L, 15_000L, 31_000L), probes);
        assertTrue(state(bad).drained);
    }

    @Test
    void shouldComeBackAfterSoManySuccessesInARowAndForgetItsFailures() {
        final Peer bad = rig.worker(1, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        drain(bad, good);
        rig.pass(1_000, client, bad, good);
        for (int i = 0; i < 2; i++) {
            assertTrue(state(bad).drained);
            client.submit(Messages.task());
            client.submit(Messages.task());
            bad.complete(bad.take());
            good.complete(good.take());
        }
        assertFalse(state(bad).drained);
        assertEquals(WorkerState.ALIVE, shown(bad));
        assertEquals(0, state(bad).failuresInARow);
        assertEquals(0, rig.summary().workersDrained());
    }

    @Test
    void shouldHoldATaskThatFailsEverywhereAgainstNobody() {
        final Peer w1 = rig.worker(1, "w1", "t");
        final Peer w2 = rig.worker(1, "w2", "t");
        for (int i = 0; i < 50; i++) {
            final long poison = client.submit(Messages.task());
            while (!w1.assigned.isEmpty() || !w2.assigned.isEmpty()) {
                final Peer at = w1.assigned.isEmpty() ? w2 : w1;
                at.fail(at.take(), Reason.HANDLER_FAILED);
            }
            assertEquals(TaskState.FAILED, client.result(poison).state);
        }
        assertEquals(0, state(w1).failuresInARow);
        assertEquals(0, state(w2).failuresInARow);
    }

    @Test
    void shouldTakeADrainBackWhenTheTasksTurnOutToBeToBlame() {
        final Peer w1 = rig.worker(4, "w1", "t");
        final List<Event> poison = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            client.submit(Messages.task());
        }
        final Peer w2 = rig.worker(4, "w2", "t");
        for (int i = 0; i < 3; i++) {
            w1.fail(w1.take(), Reason.HANDLER_FAILED);
        }
        assertTrue(state(w1).drained);
        poison.addAll(w2.assigned);
        w2.fail(w2.take(), Reason.HANDLER_FAILED);
        assertFalse(state(w1).drained);
        while (!w1.assigned.isEmpty() || !w2.assigned.isEmpty()) {
            final Peer at = w1.assigned.isEmpty() ? w2 : w1;
            at.fail(at.take(), Reason.HANDLER_FAILED);
        }
        assertEquals(3, poison.size());
        assertEquals(0, state(w1).failuresInARow);
        assertEquals(0, state(w2).failuresInARow);
    }

    @Test
    void shouldNotCountWhatIsTheTasksOrTheCallersFault() {
        final Peer w1 = rig.worker(1, "w1", "t");
        rig.worker(1, "w2", "t").deaf = true;
        for (final Reason reason :
                List.of(Reason.BAD_INPUT, Reason.INPUT_LOST, Reason.NO_OUTPUT_SLOT, Reason.UNKNOWN_TASK_TYPE)) {
            client.submit(Messages.task().attempts(1).priority(7));
            if (w1.assigned.isEmpty()) {
                client.submit(Messages.task().attempts(1).priority(7));
            }
            w1.fail(w1.take(), reason);
        }
        assertEquals(0, state(w1).failuresInARow);
        assertEquals(4, state(w1).failed);
    }

    /** Whoever says so would have its tasks tried again for ever, or their submitter told what nobody decided. */
    @Test
    void shouldCountAnAnswerThatAWorkerCannotGiveAsAFailureOfItsHandler() {
        final Peer w1 = rig.worker(1, "w1", "t");
        rig.worker(1, "w2", "t").deaf = true;
        for (final Reason reason :
                List.of(Reason.WORKER_LOST, Reason.CANCELLED, Reason.ABANDONED, Reason.DEPENDENCY_FAILED)) {
            final long task = client.submit(Messages.task().attempts(1).priority(7));
            if (w1.assigned.isEmpty()) {
                client.submit(Messages.task().attempts(1).priority(7));
            }
            final Event assigned = w1.take();
            w1.fail(assigned, reason);
            assertEquals(Reason.HANDLER_FAILED, client.result(assigned.taskId).reason, () -> reason + " " + task);
        }
        assertEquals(4, state(w1).failed);
        assertEquals(0, rig.summary().tasksReassigned());
    }

    @Test
    void shouldNeverDrainTheLastUsableWorkerOfAType() {
        final Peer only = rig.worker(1, "only", "t", "u");
        final Peer other = rig.worker(1, "other", "t");
        client.submit(Messages.task().type(2).attempts(200));
        for (int i = 0; i < 10; i++) {
            only.fail(only.take(), Reason.HANDLER_FAILED);
        }
        assertFalse(state(only).drained);
        assertEquals(10, state(only).failuresInARow);
        other.send(Messages.type("u"));
        only.fail(only.take(), Reason.HANDLER_FAILED);
        assertTrue(state(only).drained);
    }

    @Test
    void shouldProbeDrainedWorkersAtOnceWhenNobodyElseIsLeft() {
        final Peer bad = rig.worker(1, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        drain(bad, good);
        good.send(Messages.unregister());
        final long task = client.submit(Messages.task());
        rig.pass(50);
        bad.fail(bad.take(), Reason.HANDLER_FAILED);
        rig.pass(50);
        bad.complete(bad.take());
        assertEquals(TaskState.COMPLETED, client.result(task).state);
    }

    @Test
    void shouldDrainAWorkerThatHangsTooOftenAndForgetThatWithItsNextIncarnation() {
        final Peer bad = rig.worker(1, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        for (int i = 0; i < 3; i++) {
            final long[] tasks = {client.submit(Messages.task()), client.submit(Messages.task())};
            assertEquals(1, bad.assigned.size());
            bad.assigned.clear();
            good.complete(good.take());
            while (good.assigned.isEmpty()) {
                rig.pass(1_000, client, good, beating(bad, tasks));
            }
            good.complete(good.take());
            bad.heartbeat();
        }
        assertTrue(state(bad).drained);
        final Peer again = rig.worker(1, "bad", "t");
        assertFalse(state(again).drained);
        assertEquals(0, state(again).failuresInARow);
    }

    private Peer beating(final Peer worker, final long[] tasks) {
        return rig.new Peer(worker.kind, worker.name) {
            @Override
            void heartbeat() {
                worker.sendAs(Messages.heartbeat(0, tasks[0]), 0);
            }
        };
    }

    @Test
    void shouldNotLetTheBadTasksOfOneClientDrainEveryWorkerButOne() {
        final List<Peer> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(rig.worker(2, "w" + i, "t"));
        }
        for (int i = 0; i < 200; i++) {
            client.submit(Messages.task().attempts(1)); // Nobody can tell by a second attempt whose fault it is.
            for (final Peer worker : workers) {
                if (!worker.assigned.isEmpty()) {
                    worker.fail(worker.take(), Reason.HANDLER_FAILED);
                }
            }
        }
        assertEquals(0, rig.summary().workersDrained());
    }

    @Test
    void shouldDrainTheOneThatFailsAmongThoseThatDoNotThoughNothingIsTriedTwice() {
        final Peer bad = rig.worker(1, "bad", "t");
        final Peer good = rig.worker(1, "good", "t");
        for (int i = 0; i < 10; i++) {
            client.submit(Messages.task().attempts(1));
            client.submit(Messages.task().attempts(1));
            work(bad, good);
        }
        assertTrue(state(bad).drained);
        assertFalse(state(good).drained);
    }

    @Test
    void shouldNotTakeBackAFailureOfAnEarlierIncarnation() {
        final Peer first = rig.worker(1, "w", "t");
        final long poison = client.submit(Messages.task().attempts(9));
        final Peer other = rig.worker(1, "v", "t");
        first.fail(first.take(), Reason.HANDLER_FAILED);
        final Event elsewhere = other.take();
        assertEquals(poison, elsewhere.taskId);
        final Peer second = rig.worker(1, "w", "t");
        for (int i = 0; i < 2; i++) {
            client.submit(Messages.task().attempts(9));
            second.fail(second.take(), Reason.HANDLER_FAILED);
        }
        other.fail(elsewhere, Reason.HANDLER_FAILED);
        assertEquals(2, state(second).failuresInARow);
    }
}
