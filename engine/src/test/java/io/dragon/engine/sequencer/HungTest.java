package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.FencedDecoder;
import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that run for too long, are stopped, wake, or never wake. */
class HungTest {
    private final Rig rig = new Rig();
    private final Peer client = rig.client("c");
    private final Peer node = rig.node("n");
    private final Peer worker = worker("w");

    private Peer worker(final String name) {
        final Peer peer = rig.join(PartyKind.WORKER, name, 2, node.id);
        peer.send(Messages.type("t"));
        return peer;
    }

    @AfterEach
    void shouldBeConsistent() {
        Invariants.check(rig.sequencer.core());
        rig.restart();
        Invariants.check(rig.sequencer.core());
    }

    /** So that the next task times out after the floor of 5 s. */
    private void train() {
        client.submit(Messages.task());
        worker.complete(worker.take());
    }

    private Peer busy(final Peer hanging, final Event event) {
        return rig.new Peer(hanging.kind, hanging.name) {
            @Override
            void heartbeat() {
                hanging.sendAs(Messages.heartbeat(1, event.taskId), 0);
            }
        };
    }

    private List<Event> kills() {
        return node.all(KillWorkerDecoder.TEMPLATE_ID);
    }

    private long requests() {
        return kills().stream()
                .map(kill -> kill.as(new KillWorkerDecoder()).hungMs())
                .distinct()
                .count();
    }

    private WorkerPageDecoder.WorkersDecoder row(final Peer of) {
        rig.command(Messages.query(1, of.id - 1));
        return rig.lastReply().as(new WorkerPageDecoder()).workers().next();
    }

    /** Its compute thread hangs while its heartbeats go on; hung for so long since its task timed out. */
    private Event hang(final long ms) {
        train();
        worker.sendAs(Messages.heartbeat(1, 0), 0);
        client.submit(Messages.task());
        final Event hanging = worker.take();
        final Peer busy = busy(worker, hanging);
        while (!rig.sequencer.core().parties.get(worker.id).suspect) {
            rig.pass(50, client, node, busy);
        }
        rig.pass(ms, client, node, busy);
        return hanging;
    }

    @Test
    void shouldRunTheTasksOfAWorkerFrozenForLessThanTwentySecondsElsewhereAndRefuseItsLateResult() {
        for (final int frozenMs : new int[] {6_000, 9_000, 12_000, 18_000}) {
            final HungTest test = new HungTest();
            test.frozen(frozenMs);
            test.shouldBeConsistent();
        }
    }

    private void frozen(final int frozenMs) {
        train();
        final long running = client.submit(Messages.task());
        final long behind = client.submit(Messages.task());
        final Event late = worker.take();
        final Peer other = worker("v");
        final int incarnation = worker.incarnation;
        for (int passed = 0; passed < frozenMs; passed += 50) {
            rig.pass(50, client, node, other); // The worker says nothing at all.
            while (!other.assigned.isEmpty()) {
                other.complete(other.take());
            }
        }
        assertEquals(TaskState.COMPLETED, client.result(running).state);
        assertEquals(TaskState.COMPLETED, client.result(behind).state);
        final int replies = rig.replies.size();
        worker.complete(late); // It wakes.
        final long refused = rig.replies.stream()
                .skip(replies)
                .filter(reply -> reply.is(FencedDecoder.TEMPLATE_ID))
                .count();
        assertEquals(frozenMs > 10_000 ? 1 : 0, refused);
        assertEquals(frozenMs > 10_000 ? 0 : 1, rig.summary().completionsIgnored());
        assertEquals(
                1, client.results().stream().filter(e -> e.taskId == running).count());
        assertEquals(other.id, (int) client.result(running)
                .as(new io.dragon.codecs.control.TaskResultDecoder())
                .workerId());
        assertTrue(kills().isEmpty());
        final Peer again = worker("w");
        assertEquals(incarnation + 1, again.incarnation);
        assertEquals(WorkerState.ALIVE, row(again).state());
    }

    @Test
    void shouldAskTheNodeToEndAWorkerThatHangsForTooLong() {
        hang(19_000);
        assertEquals(WorkerState.SUSPECT, row(worker).state());
        assertEquals(19_000, row(worker).stateForMs(), 50);
        assertTrue(kills().isEmpty());
        rig.pass(1_050, client, node);
        assertEquals(1, kills().size());
        final KillWorkerDecoder kill = kills().get(0).as(new KillWorkerDecoder());
        assertEquals(worker.id, kill.workerId());
        assertEquals(worker.incarnation, kill.workerIncarnation());
        assertEquals(77, kill.processId());
        assertEquals(20_000, kill.hungMs(), 50);
    }

    @Test
    void shouldAskAgainUntilThatIncarnationIsGone() {
        final Event hanging = hang(20_000);
        rig.restart();
        rig.pass(4_000, client, node, busy(worker, hanging));
        // An unacknowledged one is emitted again, and is still the same request.
        assertEquals(3, requests());
        node.send(Messages.dead(worker.id, worker.incarnation));
        rig.pass(10_000, client, node);
        assertEquals(3, requests());
        assertEquals(-1, rig.sequencer.core().parties.get(worker.id).hungMs);
    }

    @Test
    void shouldKeepOneOrderForANodeThatTakesNoEvents() {
        hang(19_950);
        node.deaf = true;
        for (int i = 0; i < 40; i++) {
            rig.pass(1_000, client, node);
            final Party host = rig.sequencer.core().parties.get(node.id);
            assertTrue(host.pending.size + host.open.size + host.stale.size <= 1);
        }
        node.deaf = false;
        rig.pass(20_000, client, node);
        assertFalse(kills().isEmpty());
        assertTrue(requests() > 1, "asked again once the node has taken the first");
    }

    @Test
    void shouldNotAskForTheEndOfAWorkerThatWokeNotEvenWithAnEventThatWasLost() {
        final Event hanging = hang(19_950);
        node.deaf = true;
        rig.pass(150, client, busy(worker, hanging));
        worker.complete(hanging); // It wakes before the node has heard.
        node.deaf = false;
        node.send(Messages.resume(1));
        node.seq--;
        rig.pass(5_000, client, node, worker);
        assertTrue(kills().isEmpty());
        assertEquals(WorkerState.ALIVE, row(worker).state());
    }

    @Test
    void shouldEmitTheRequestAgainWhenItWasLost() {
        final Event hanging = hang(19_950);
        node.deaf = true;
        rig.pass(500, client, busy(worker, hanging));
        node.deaf = false;
        rig.pass(1_000, client, node, busy(worker, hanging));
        assertFalse(kills().isEmpty());
    }

    @Test
    void shouldAskForTheEndOfAWorkerThatIsOnlySilentUntilItsDeathIsProven() {
        train();
        rig.pass(19_900, client, node);
        assertEquals(WorkerState.DEAD, row(worker).state());
        assertTrue(kills().isEmpty());
        rig.pass(200, client, node);
        assertEquals(1, kills().size());
        node.send(Messages.dead(worker.id, worker.incarnation));
        rig.pass(10_000, client, node);
        assertEquals(1, kills().size());
    }

    @Test
    void shouldGiveTheWorkersOfANodeThatWasAwayTimeToComeBack() {
        train();
        rig.pass(30_000, client); // Node and worker: their host was cut off.
        rig.join(PartyKind.NODE, "n", 0, 0);
        rig.pass(15_000, client, rig.peers.get(rig.peers.size() - 1));
        worker("w");
        rig.pass(15_000, client, rig.peers.get(rig.peers.size() - 2), rig.peers.get(rig.peers.size() - 1));
        assertTrue(rig.events.stream().noneMatch(event -> event.is(KillWorkerDecoder.TEMPLATE_ID)));
    }

    @Test
    void shouldBoundWhatAWorkerSaysItTookByWhatWasSeen() {
        client.submit(Messages.task());
        final Event first = worker.take();
        rig.pass(1_000, client, node, worker);
        worker.send(Messages.complete(first.taskId, first.attempt, Reason.NONE, "", Long.MAX_VALUE / 2));
        client.submit(Messages.task());
        // 1 s and a tick: the mean, and half of it the deviation; three times as much is below the floor.
        assertEquals(5_000, worker.take().timeoutMs);
        assertEquals(1_050_000_000L, row(worker).meanExecutionNs());
    }

    @Test
    void shouldStartTheTimeoutOfATaskWhenTheOneBeforeItEnds() {
        train();
        worker.sendAs(Messages.heartbeat(1, 0), 0);
        client.submit(Messages.task());
        client.submit(Messages.task());
        final Event first = worker.take();
        final Event second = worker.take();
        rig.pass(4_000, client, node, busy(worker, first));
        worker.complete(first);
        rig.pass(4_900, client, node, busy(worker, second));
        assertEquals(WorkerState.ALIVE, row(worker).state());
        rig.pass(1_000, client, node, busy(worker, second));
        assertEquals(WorkerState.SUSPECT, row(worker).state());
    }
}
