package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitsTest {
    private final Rig rig = new Rig(new SequencerConfig().set(Setting.MAX_SPLIT, 8));
    private final Peer client = rig.client("c");

    /** A worker with room for so many pieces at least; the pieces of the task's last attempt. */
    private int run(final Peer worker, final int needed) {
        final long task = client.submit(Messages.task());
        return finish(worker, task, needed);
    }

    private int finish(final Peer worker, final long task, final int needed) {
        while (true) {
            final Event assigned = worker.take();
            assertEquals(task, assigned.taskId);
            if (assigned.split >= needed) {
                worker.complete(assigned);
                return assigned.split;
            }
            worker.fail(assigned, Reason.OUT_OF_MEMORY);
        }
    }

    @Test
    void shouldTryATaskThatRanOutOfMemoryAgainInSmallerPiecesWithoutCountingAnAttempt() {
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task().attempts(1));
        final List<Integer> splits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            final Event assigned = worker.take();
            splits.add(assigned.split);
            rig.restart(); // In how many pieces it is tried is part of the state.
            worker.fail(assigned, Reason.OUT_OF_MEMORY);
        }
        final Event last = worker.take();
        splits.add(last.split);
        assertEquals(4, last.attempt);
        worker.complete(last);
        assertEquals(List.of(1, 2, 4, 8), splits);
        final Event result = client.result(task);
        assertEquals(TaskState.COMPLETED, result.state);
        assertEquals(8, result.split);
        assertEquals("done", result.text);
        assertEquals(3, rig.summary().tasksSplit());
        assertEquals(0, rig.summary().tasksRetried());
    }

    @Test
    void shouldFailWithOutOfMemoryWhenThereAreNoSmallerPieces() {
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task().attempts(2));
        final List<Integer> splits = new ArrayList<>();
        while (!worker.assigned.isEmpty()) {
            final Event assigned = worker.take();
            splits.add(assigned.split);
            worker.fail(assigned, Reason.OUT_OF_MEMORY);
        }
        assertEquals(List.of(1, 2, 4, 8, 8), splits);
        final Event result = client.result(task);
        assertEquals(Reason.OUT_OF_MEMORY, result.reason);
        assertEquals("why", result.text);
        assertEquals(3, rig.summary().tasksSplit());
    }

    @Test
    void shouldBeginWhereItWorkedLastOnThatWorkerAndType() {
        final Peer worker = rig.worker("w", "t", "u");
        assertEquals(4, run(worker, 4));
        rig.restart();
        client.submit(Messages.task());
        assertEquals(4, worker.assigned.get(0).split);
        worker.complete(worker.take());
        client.submit(Messages.task().type(2));
        assertEquals(1, worker.take().split);
        final Peer other = rig.worker("v", "t");
        client.submit(Messages.task());
        assertEquals(1, other.take().split);
    }

    @Test
    void shouldNotRememberWhatTheShortageOfAnotherWorkerAskedFor() {
        final Peer small = rig.worker(1, "small", "t");
        final long task = client.submit(Messages.task());
        small.fail(small.take(), Reason.OUT_OF_MEMORY);
        small.fail(small.take(), Reason.OUT_OF_MEMORY);
        final Peer large = rig.worker(1, "large", "t");
        small.send(Messages.unregister());
        rig.restart();
        assertEquals(4, finish(large, task, 1));
        assertEquals(1, run(large, 1));
    }

    @Test
    void shouldTryLargerPiecesAgainAfterAWhileAndBeMorePatientEachTimeThatFails() {
        final Peer worker = rig.worker("w", "t");
        run(worker, 4);
        final List<Integer> failedAt = new ArrayList<>();
        for (int i = 1; i <= 400; i++) {
            client.submit(Messages.task());
            Event assigned = worker.take();
            if (assigned.split < 4) {
                failedAt.add(i);
                worker.fail(assigned, Reason.OUT_OF_MEMORY);
                assigned = worker.take();
            }
            worker.complete(assigned);
        }
        // 64 successes: the first failure, in one piece, doubled the patience; then 128, then more than are left.
        assertEquals(List.of(65, 194), failedAt);
    }

    @Test
    void shouldComeBackToOnePieceWhenThereIsMemoryAgain() {
        final Peer worker = rig.worker("w", "t");
        run(worker, 8);
        int most = 0;
        for (int i = 0; i < 3 * 64; i++) {
            most = Math.max(most, run(worker, 1));
        }
        assertEquals(8, most);
        assertEquals(1, run(worker, 1));
    }

    @Test
    void shouldGiveATaskInPiecesMoreTime() {
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task());
        final Event first = worker.take();
        worker.fail(first, Reason.OUT_OF_MEMORY);
        final Event second = worker.take();
        assertEquals(2 * first.timeoutMs, second.timeoutMs);
        worker.fail(second, Reason.OUT_OF_MEMORY);
        assertEquals(4 * first.timeoutMs, worker.assigned.get(0).timeoutMs);
        finish(worker, task, 4);
    }

    @Test
    void shouldBeginInSoManyPiecesThatTheDeviceCanHoldOne() {
        final Peer worker = rig.worker("w", "t");
        rig.sequencer.core().parties.get(worker.id).memoryBytes = 1_000;
        final long task = client.submit(Messages.task().memoryBytes(3_999));
        final Event assigned = worker.take();
        assertEquals(task, assigned.taskId);
        assertEquals(4, assigned.split);
        assertEquals(1_000, rig.sequencer.core().tasks.table.get(task).memoryNeeded(4));
        assertTrue(assigned.timeoutMs >= 60_000);
    }
}
