package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RevokeTaskDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulingTest {
    private final Rig rig = new Rig();
    private final Peer a = rig.client("a");

    private List<Long> drain(final Peer worker) {
        final List<Long> order = new ArrayList<>();
        while (!worker.assigned.isEmpty()) {
            final Event event = worker.take();
            order.add(event.taskId);
            worker.complete(event);
        }
        return order;
    }

    @Test
    void shouldCompleteATaskAndDeliverItsResultOnce() {
        final Peer worker = rig.worker("w", "t");
        final long task = a.submit(Messages.task().parameters("abc".getBytes()));
        final Event assigned = worker.take();
        assertEquals(task, assigned.taskId);
        assertEquals("abc", assigned.text);
        assertEquals(1, assigned.attempt);
        worker.complete(assigned);
        final Event result = a.result(task);
        assertEquals(TaskState.COMPLETED, result.state);
        assertEquals("done", result.text);
        a.heartbeat();
        rig.pass(5_000, a, worker);
        assertEquals(1, a.results().size());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
    }

    @Test
    void shouldAssignTheMostUrgentPriorityFirst() {
        a.send(Messages.type("t"));
        final long low = a.submit(Messages.task().priority(0));
        final long middle = a.submit(Messages.task().priority(3));
        final long high = a.submit(Messages.task().priority(7));
        assertEquals(List.of(high, middle, low), drain(rig.worker("w", "t")));
    }

    @Test
    void shouldServeClientsInTurnWithinAPriority() {
        final Peer b = rig.client("b");
        a.send(Messages.type("t"));
        final long a1 = a.submit(Messages.task());
        final long a2 = a.submit(Messages.task());
        final long a3 = a.submit(Messages.task());
        final long b1 = b.submit(Messages.task());
        final long b2 = b.submit(Messages.task());
        assertEquals(List.of(a1, b1, a2, b2, a3), drain(rig.worker("w", "t")));
    }

    @Test
    void shouldServeClientsInTurnAcrossTaskTypes() {
        final Peer b = rig.client("b");
        a.send(Messages.type("t"));
        a.send(Messages.type("u"));
        final long a1 = a.submit(Messages.task().type(1));
        final long a2 = a.submit(Messages.task().type(2));
        final long a3 = a.submit(Messages.task().type(1));
        final long b1 = b.submit(Messages.task().type(2));
        final long b2 = b.submit(Messages.task().type(2));
        final Peer worker = rig.join(io.dragon.codecs.control.PartyKind.WORKER, "w", 1, 0);
        a.submit(Messages.task().type(1).priority(7));
        worker.send(Messages.type("t"));
        worker.send(Messages.type("u"));
        final List<Long> order = drain(worker);
        order.remove(0);
        assertEquals(List.of(a1, b1, a2, b2, a3), order);
    }

    @Test
    void shouldServeTheEarliestDeadlineOfAClientThenTheOldest() {
        a.send(Messages.type("t"));
        final long none = a.submit(Messages.task());
        final long late = a.submit(Messages.task().deadlineMs(9_000));
        final long soon = a.submit(Messages.task().deadlineMs(5_000));
        final long last = a.submit(Messages.task());
        assertEquals(List.of(soon, late, none, last), drain(rig.worker("w", "t")));
    }

    @Test
    void shouldFillWindowsAndGoToTheLeastLoadedWorker() {
        final Peer w1 = rig.worker("w1", "t");
        final Peer w2 = rig.worker("w2", "t");
        for (int i = 0; i < 6; i++) {
            a.submit(Messages.task());
        }
        assertEquals(2, w1.assigned.size());
        assertEquals(2, w2.assigned.size());
        w2.complete(w2.take());
        assertEquals(2, w2.assigned.size());
        assertEquals(5, Set.copyOf(ids(w1, w2)).size() + 1);
    }

    private static List<Long> ids(final Peer... workers) {
        final List<Long> ids = new ArrayList<>();
        for (final Peer worker : workers) {
            worker.assigned.forEach(e -> ids.add(e.taskId));
        }
        return ids;
    }

    @Test
    void shouldGoRoundRobinWhereTheTypeIsConfiguredSo() {
        final Rig round = new Rig(new SequencerConfig().strategy("t", "round-robin"));
        final Peer client = round.client("c");
        final Peer[] workers = {round.worker("w1", "t"), round.worker("w2", "t"), round.worker("w3", "t")};
        final List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            client.submit(Messages.task());
            for (int w = 0; w < 3; w++) {
                if (!workers[w].assigned.isEmpty()) {
                    workers[w].complete(workers[w].take());
                    order.add(w);
                }
            }
        }
        assertEquals(List.of(0, 1, 2, 0, 1, 2), order);
    }

    @Test
    void shouldRetryOnAnotherWorkerAndFailAfterThreeAttempts() {
        final Peer w1 = rig.worker("w1", "t");
        final Peer w2 = rig.worker("w2", "t");
        final long task = a.submit(Messages.task());
        final List<Peer> tried = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            final Peer at = w1.assigned.isEmpty() ? w2 : w1;
            final Event assigned = at.take();
            assertEquals(i, assigned.attempt);
            tried.add(at);
            at.fail(assigned, Reason.HANDLER_FAILED);
        }
        assertTrue(tried.get(0) != tried.get(1) && tried.get(1) != tried.get(2));
        final Event result = a.result(task);
        assertEquals(TaskState.FAILED, result.state);
        assertEquals(Reason.HANDLER_FAILED, result.reason);
        assertEquals("why", result.text);
    }

    @Test
    void shouldWaitForAnotherWorkerRatherThanRetryWhereItFailed() {
        final Peer w1 = rig.worker("w1", "t");
        final long task = a.submit(Messages.task());
        final Peer w2 = rig.worker("w2", "t");
        final long other1 = a.submit(Messages.task());
        final long other2 = a.submit(Messages.task());
        final Event first = w1.take();
        w1.fail(first, Reason.HANDLER_FAILED);
        final Set<Long> seen = new HashSet<>(ids(w1, w2));
        assertTrue(seen.containsAll(Set.of(other1, other2)));
        final Event retried =
                w2.assigned.stream().filter(e -> e.taskId == task).findAny().orElse(null);
        assertEquals(2, retried.attempt);
    }

    @Test
    void shouldRetryOnTheOnlyWorkerThereIs() {
        final Peer worker = rig.worker("w", "t");
        final long task = a.submit(Messages.task().attempts(2));
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        worker.complete(worker.take());
        assertEquals(TaskState.COMPLETED, a.result(task).state);
    }

    @Test
    void shouldNotRetryWhatCannotSucceed() {
        final Peer worker = rig.worker("w", "t");
        final long task = a.submit(Messages.task());
        worker.fail(worker.take(), Reason.BAD_INPUT);
        assertEquals(Reason.BAD_INPUT, a.result(task).reason);
    }

    @Test
    void shouldReassignTheTasksOfADeadWorkerWithoutCountingAnAttempt() {
        final Peer node = rig.node("n@host");
        final Peer w1 = rig.worker("w1", "t");
        final long task = a.submit(Messages.task().attempts(1));
        w1.take();
        final Peer w2 = rig.worker("w2", "t");
        node.send(Messages.dead(w1.id, w1.incarnation));
        final Event again = w2.take();
        assertEquals(task, again.taskId);
        assertEquals(2, again.attempt);
        w2.complete(again);
        assertEquals(TaskState.COMPLETED, a.result(task).state);
    }

    @Test
    void shouldEndATaskThatKillsItsWorkers() {
        final Rig small = new Rig(new SequencerConfig().set(Setting.MAX_WORKER_LOSSES, 2));
        final Peer client = small.client("c");
        final Peer node = small.node("n@host");
        client.send(Messages.type("t"));
        final long task = client.submit(Messages.task());
        for (int i = 0; i < 3; i++) {
            small.restart(); // What it has cost so far is part of the state.
            final Peer worker = small.worker("w", "t");
            worker.take();
            node.send(Messages.dead(worker.id, worker.incarnation));
        }
        assertEquals(Reason.WORKER_LOST, client.result(task).reason);
    }

    @Test
    void shouldIgnoreALateCompletionAndReleaseItsOutputs() {
        final Peer w1 = rig.worker("w1", "t");
        w1.send(Messages.pool(0xA1));
        final long task = a.submit(Messages.task());
        final Event late = w1.take();
        final Peer w2 = rig.worker("w2", "t");
        // w1 hangs for longer than the first timeout.
        rig.pass(61_000, a, w2, busy(w1, late));
        final Event again = w2.take();
        final Messages.Frame output = new Messages.Frame(0xA1, 1, 0, 10);
        w1.complete(late, output);
        assertEquals(1, rig.summary().completionsIgnored());
        assertEquals(List.of(output), w1.released());
        w2.complete(again);
        assertEquals(TaskState.COMPLETED, a.result(task).state);
    }

    /** Beats like a worker whose compute thread hangs. */
    private Peer busy(final Peer worker, final Event event) {
        final Peer beating = rig.new Peer(worker.kind, worker.name) {
            @Override
            void heartbeat() {
                worker.sendAs(Messages.heartbeat(0, event.taskId), 0);
            }
        };
        return beating;
    }

    @Test
    void shouldGiveNothingToAWorkerThatHangsUntilItMoves() {
        final Peer worker = rig.worker("w", "t");
        final long first = a.submit(Messages.task());
        final long second = a.submit(Messages.task());
        final Event hanging = worker.take();
        assertEquals(second, worker.take().taskId);
        rig.pass(61_000, a, busy(worker, hanging));
        assertEquals(2, worker.all(RevokeTaskDecoder.TEMPLATE_ID).size());
        assertEquals(0, worker.assigned.size());
        worker.heartbeat();
        assertEquals(2, worker.assigned.size());
        for (final long id : List.of(first, second)) {
            worker.complete(worker.assigned.stream()
                    .filter(e -> e.taskId == id)
                    .findFirst()
                    .orElseThrow());
        }
        // Only the one that ran has used up an attempt.
        assertEquals(1, rig.summary().tasksRetried());
        assertEquals(1, rig.summary().tasksReassigned());
    }

    @Test
    void shouldDeriveTheTimeoutFromWhatTheTypeTook() {
        final Peer worker = rig.worker("w", "t");
        a.submit(Messages.task());
        final Event first = worker.take();
        assertEquals(60_000, first.timeoutMs);
        rig.pass(10_000, a, busy(worker, first));
        worker.send(Messages.complete(first.taskId, 1, Reason.NONE, "", 10_000_000_000L));
        a.submit(Messages.task());
        // Mean 10 s and deviation 5 s: 10 + 4 x 5.
        assertEquals(30_000, worker.take().timeoutMs);
    }

    @Test
    void shouldExpireATaskWhereverItIs() {
        final Peer worker = rig.worker("w", "t");
        final long running = a.submit(Messages.task().deadlineMs(100));
        worker.take();
        a.submit(Messages.task());
        final long ready = a.submit(Messages.task().deadlineMs(100).priority(0));
        final long waiting = a.submit(Messages.task().deadlineMs(100).after(running));
        rig.pass(150);
        assertEquals(TaskState.EXPIRED, a.result(running).state);
        assertEquals(TaskState.EXPIRED, a.result(ready).state);
        // Its dependency ended first.
        assertTrue(a.result(waiting).state == TaskState.EXPIRED || a.result(waiting).state == TaskState.FAILED);
        assertEquals(1, worker.all(RevokeTaskDecoder.TEMPLATE_ID).size());
    }

    @Test
    void shouldCancelATaskWhereverItIsAndOnlyOnce() {
        final Peer worker = rig.worker("w", "t");
        final long running = a.submit(Messages.task());
        final Event assigned = worker.take();
        final long waiting = a.submit(Messages.task().after(running).optional());
        a.send(Messages.cancel(waiting));
        a.send(Messages.cancel(running));
        a.send(Messages.cancel(running));
        assertEquals(TaskState.CANCELLED, a.result(waiting).state);
        assertEquals(TaskState.CANCELLED, a.result(running).state);
        worker.complete(assigned);
        assertEquals(2, a.results().size());
    }

    @Test
    void shouldRefuseToCancelAnotherClientsTask() {
        final Peer b = rig.client("b");
        final Peer worker = rig.worker("w", "t");
        final long task = a.submit(Messages.task());
        b.send(Messages.cancel(task));
        worker.complete(worker.take());
        assertEquals(TaskState.COMPLETED, a.result(task).state);
    }

    @Test
    void shouldNotBlameATaskThatOnlyWaitedInTheWindowForTheDeathOfItsWorker() {
        final Rig small = new Rig(new SequencerConfig().set(Setting.MAX_WORKER_LOSSES, 2));
        final Peer client = small.client("c");
        final Peer node = small.node("n@host");
        client.send(Messages.type("t"));
        final long poison = client.submit(Messages.task());
        final long innocent = client.submit(Messages.task());
        for (int i = 0; i < 3; i++) {
            final Peer worker = small.worker("w", "t");
            assertEquals(poison, worker.take().taskId);
            assertEquals(innocent, worker.take().taskId);
            node.send(Messages.dead(worker.id, worker.incarnation));
        }
        assertEquals(Reason.WORKER_LOST, client.result(poison).reason);
        final Peer last = small.worker("w", "t");
        last.complete(last.take());
        assertEquals(TaskState.COMPLETED, client.result(innocent).state);
    }

    @Test
    void shouldNotBlameATaskThatOnlyWaitedInTheWindowForAHang() {
        final Rig small = new Rig(new SequencerConfig().set(Setting.MAX_WORKER_LOSSES, 1));
        final Peer client = small.client("c");
        client.send(Messages.type("t"));
        client.submit(Messages.task().attempts(9));
        final long innocent = client.submit(Messages.task());
        final Peer worker = small.worker("w", "t");
        for (int i = 0; i < 3; i++) {
            worker.assigned.clear();
            small.pass(61_000 << i, client, beating(small, worker));
            worker.heartbeat();
        }
        assertEquals(List.of(), client.results());
        worker.complete(worker.assigned.stream()
                .filter(event -> event.taskId == innocent)
                .reduce((first, second) -> second)
                .orElseThrow());
        assertEquals(TaskState.COMPLETED, client.result(innocent).state);
    }

    private static Peer beating(final Rig rig, final Peer worker) {
        return rig.new Peer(worker.kind, worker.name) {
            @Override
            void heartbeat() {
                worker.sendAs(Messages.heartbeat(0, 1), 0);
            }
        };
    }

    @Test
    void shouldIgnoreTheCompletionOfAnEarlierAttemptOnTheSameWorker() {
        final Peer worker = rig.worker("w", "t");
        final long task = a.submit(Messages.task());
        final Event first = worker.take();
        worker.fail(first, Reason.HANDLER_FAILED);
        final Event second = worker.take();
        assertEquals(2, second.attempt);
        worker.complete(first);
        assertEquals(List.of(), a.results());
        worker.complete(second);
        assertEquals(2, a.result(task).as(new TaskResultDecoder()).attempts());
    }

    @Test
    void shouldIgnoreACompletionOfAnotherWorkersTaskAndReleaseNoFramesOfOthers() {
        final Peer worker = rig.worker("w", "t");
        worker.send(Messages.pool(0xB0));
        final long task = a.submit(Messages.task());
        final Event assigned = worker.take();
        final Peer thief = rig.worker("thief", "t");
        thief.complete(assigned, new Messages.Frame(0xB0, 1, 1, 1));
        assertEquals(List.of(), a.results());
        assertEquals(List.of(), worker.released());
        worker.complete(assigned);
        assertEquals(TaskState.COMPLETED, a.result(task).state);
    }

    @Test
    void shouldDoubleTheTimeoutWithEveryFailedAttempt() {
        final Peer worker = rig.worker("w", "t");
        a.submit(Messages.task());
        final Event first = worker.take();
        worker.fail(first, Reason.HANDLER_FAILED);
        assertEquals(2 * first.timeoutMs, worker.take().timeoutMs);
    }
}
