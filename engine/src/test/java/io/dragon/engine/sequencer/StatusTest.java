package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.NodePageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.StatusSummaryDecoder;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StatusTest {
    private final Rig rig = new Rig();

    @Test
    void shouldCountWhatHappened() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        for (int i = 0; i < 4; i++) {
            client.submit(Messages.task());
        }
        worker.complete(worker.take());
        client.send(Messages.cancel(Tasks.id(client.id, 4)));
        final StatusSummaryDecoder summary = rig.summary();
        assertEquals(4, summary.tasksSubmitted());
        assertEquals(1, summary.tasksCompleted());
        assertEquals(1, summary.tasksCancelled());
        assertEquals(2, summary.tasksAssigned());
        assertEquals(1, summary.workersAlive());
        assertEquals(1, summary.workersBusy());
        assertEquals(1_000_000, summary.meanExecutionNs());
    }

    /** A worker that failed yesterday is not why the system is degraded today. */
    @Test
    void shouldForgetHowTasksEndedAfterTenMinutesAndNotBeforeThroughASnapshot() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        for (int i = 0; i < 3; i++) {
            client.submit(Messages.task().attempts(1));
        }
        client.submit(Messages.task());
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        worker.complete(worker.take());
        rig.nowMs += 9 * 60_000;
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        client.send(Messages.cancel(Tasks.id(client.id, 4)));
        rig.restart();
        assertEquals(List.of(1L, 2L), recent());
        rig.nowMs += 60_000;
        assertEquals(List.of(0L, 1L), recent());
        rig.restart();
        assertEquals(List.of(0L, 1L), recent());
        rig.nowMs += 24 * 3_600_000;
        assertEquals(List.of(0L, 0L), recent());
        assertEquals(2, rig.summary().tasksFailed());
    }

    private List<Long> recent() {
        final StatusSummaryDecoder summary = rig.summary();
        return List.of(summary.recentCompleted(), summary.recentFailed());
    }

    @Test
    void shouldPutWhoeverDoesNotKnowItsNodeOnTheNodeOfItsHostWhicheverComesFirst() {
        rig.join(PartyKind.WORKER, "early@a", 2, 0);
        final Peer node = rig.node("n@a");
        rig.join(PartyKind.WORKER, "late@a", 2, 0);
        rig.join(PartyKind.WORKER, "elsewhere@b", 2, 0);

        rig.command(Messages.query(1, 0));
        final WorkerPageDecoder page = rig.lastReply().as(new WorkerPageDecoder());
        int onNode = 0;
        for (final WorkerPageDecoder.WorkersDecoder worker : page.workers()) {
            onNode += worker.nodeId() == node.id ? 1 : 0;
            worker.skipName();
            worker.skipDevice();
            worker.skipDeviceText();
        }
        assertEquals(2, onNode);
    }

    @Test
    void shouldNameTheTypesThatNoLiveWorkerRunsWhileTasksWaitForThem() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "run");
        assertEquals(Map.of(), unserved());
        client.send(Messages.type("misspelt"));
        for (int i = 0; i < 3; i++) {
            client.submit(Messages.task().type(2));
        }
        for (int i = 0; i < 3; i++) {
            client.submit(Messages.task()); // The worker has room for two.
        }
        assertEquals(Map.of("misspelt", 3L), unserved());
        rig.restart();
        worker.send(Messages.unregister());
        assertEquals(Map.of("misspelt", 3L, "run", 3L), unserved());
        rig.worker("other", "misspelt");
        assertEquals(Map.of("run", 3L), unserved());
    }

    @Test
    void shouldFitTheSummaryInOneMessageHoweverManyTypesNobodyRuns() {
        final Peer client = rig.client("c");
        for (int i = 1; i <= 12; i++) {
            client.send(Messages.type("n".repeat(46) + (10 + i)));
            client.submit(Messages.task().type(i));
        }
        assertEquals(8, unserved().size());
    }

    private Map<String, Long> unserved() {
        final Map<String, Long> tasks = new HashMap<>();
        for (final StatusSummaryDecoder.UnservedDecoder type : rig.summary().unserved()) {
            final long count = type.tasks();
            tasks.put(type.taskType(), count);
        }
        return tasks;
    }

    @Test
    void shouldTellWhoLeftInOrderFromWhoDiedUntilTheNameComesBack() {
        final Peer node = rig.node("n@host");
        final Peer leaver = rig.worker("leaver", "t");
        final Peer victim = rig.worker("victim", "t");
        leaver.send(Messages.unregister());
        node.send(Messages.dead(victim.id, victim.incarnation));
        node.send(Messages.dead(leaver.id, leaver.incarnation)); // Its lock is free too by now.
        assertEquals(List.of(WorkerState.LEFT, WorkerState.DEAD), workerStates());
        rig.restart();
        assertEquals(List.of(WorkerState.LEFT, WorkerState.DEAD), workerStates());
        final Peer back = rig.worker("leaver", "t");
        assertEquals(List.of(WorkerState.ALIVE, WorkerState.DEAD), workerStates());
        node.send(Messages.dead(back.id, back.incarnation));
        assertEquals(List.of(WorkerState.DEAD, WorkerState.DEAD), workerStates());
    }

    private List<WorkerState> workerStates() {
        rig.command(Messages.query(1, 0));
        final List<WorkerState> states = new ArrayList<>();
        for (final WorkerPageDecoder.WorkersDecoder worker :
                rig.lastReply().as(new WorkerPageDecoder()).workers()) {
            states.add(worker.state());
            worker.skipName();
            worker.skipDevice();
            worker.skipDeviceText();
        }
        return states;
    }

    @Test
    void shouldShowEveryWorkerOnceOverManyPagesThatFitAMessage() {
        final Peer node = rig.node("n");
        final Set<String> expected = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            final String name = "worker-" + i + "\u20ac".repeat(10);
            expected.add(name);
            rig.join(PartyKind.WORKER, name, 2, node.id);
        }
        final Set<String> seen = new HashSet<>();
        int after = 0;
        boolean hasMore = true;
        while (hasMore) {
            rig.command(Messages.query(1, after));
            final WorkerPageDecoder page = rig.lastReply().as(new WorkerPageDecoder());
            hasMore = page.hasMore() == 1;
            for (final WorkerPageDecoder.WorkersDecoder worker : page.workers()) {
                after = (int) worker.partyId();
                assertEquals(WorkerState.ALIVE, worker.state());
                assertTrue(seen.add(worker.name()));
                assertEquals("cpu", worker.device());
                worker.skipDeviceText();
            }
        }
        assertEquals(expected, seen);
        rig.command(Messages.query(2, 0));
        final NodePageDecoder nodes = rig.lastReply().as(new NodePageDecoder());
        assertEquals(50, nodes.nodes().next().workers());
    }
}
