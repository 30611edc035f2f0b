package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Messages.Told;
import io.dragon.engine.sequencer.Rig.Peer;
import io.dragon.engine.sequencer.balance.Strategy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker where the inputs lie first; each case with its times worked out by hand, where the answer flips. */
class LocalityTest {
    private static final long MS = 1_000_000;
    private static final int MB = 1_000_000;

    private Rig rig;
    private Peer here;
    private Peer there;
    private Peer client;
    private Peer camera;
    private Peer near;
    private Peer far;
    private long frames;

    /** Between the hosts 10 ms and 100 MB/s: 2 MB take 10 + 20 = 30 ms. */
    private void begin(final String strategy) {
        rig = new Rig(new SequencerConfig().defaultStrategy(strategy));
        here = rig.node("here");
        there = rig.node("there");
        there.tell(Messages.linkReport(Told.up(here.id, 20 * MS, 100 * MB)));
        here.tell(Messages.linkReport(Told.up(there.id, 20 * MS, 50 * MB)));
        client = rig.client("client");
        camera = rig.join(PartyKind.CAMERA, "camera", 0, here.id);
        camera.send(Messages.pool(0xA0));
        far = worker("far", there);
        near = worker("near", here);
    }

    private Peer worker(final String name, final Peer node) {
        final Peer worker = rig.join(PartyKind.WORKER, name, 1, node.id);
        worker.send(Messages.type("t"));
        worker.send(Messages.pool(0xB000 + worker.id));
        return worker;
    }

    private Frame frame(final int bytes) {
        return new Frame(0xA0, ++frames, (int) (frames % 16), bytes);
    }

    private long submit(final int bytes) {
        return client.submit(Messages.task().inputs(frame(bytes)));
    }

    /** Time without a tick. */
    private void wait(final int ms) {
        rig.nowMs += ms;
        client.heartbeat();
    }

    private void done(final Peer worker, final int executionMs) {
        final Event task = worker.take();
        worker.send(Messages.complete(task.taskId, task.attempt, Reason.NONE, "done", executionMs * MS));
    }

    /** Its only task so far took so long. */
    private void needs(final Peer worker, final int ms) {
        submit(1);
        wait(ms);
        done(worker, ms);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                Strategy.ROUND_ROBIN,
                Strategy.WEIGHTED_ROUND_ROBIN,
                Strategy.LEAST_LOADED,
                Strategy.WEIGHTED,
                Strategy.SCORED,
                Strategy.PREFER_LOCAL
            })
    void shouldGoToALocalWorkerFirstAndToARemoteOneWhenThatIsSooner(final String strategy) {
        begin(strategy);
        needs(near, 40);
        submit(2 * MB);
        assertEquals(1, near.assigned.size(), "free: at once");
        submit(3 * MB); // 10 + 30 = 40 ms: not less than the 40 ms that the one before takes
        assertEquals(0, far.assigned.size());
        assertEquals(1, rig.sequencer.core().locality.awaiting(here.id));
        submit(29 * MB / 10); // 39 ms; and 40 for the one that waits
        assertEquals(1, far.assigned.size());
        wait(40);
        done(near, 40);
        assertEquals(1, near.assigned.size(), "the one that waited");
        assertEquals(0, rig.sequencer.core().locality.awaiting(here.id));
        Invariants.check(rig.sequencer.core());
    }

    @ParameterizedTest
    @ValueSource(strings = {Strategy.ROUND_ROBIN, Strategy.WEIGHTED, Strategy.SCORED})
    void shouldNotWaitLongerThanATransferTakes(final String strategy) {
        begin(strategy);
        needs(near, 40);
        submit(2 * MB);
        submit(4 * MB); // 50 ms: longer than the 40 ms
        rig.tick(); // 50 ms: waited for so long, and the worker is 10 ms over
        assertEquals(1, far.assigned.size());
    }

    @Test
    void shouldGoAnywhereWithoutALocalWorkerAndWithoutALocalInput() {
        begin(Strategy.ROUND_ROBIN);
        near.send(Messages.unregister());
        submit(100 * MB);
        assertEquals(1, far.assigned.size());
        done(far, 1);
        near = worker("near", here);
        client.submit(Messages.task());
        assertEquals(1, far.assigned.size(), "its turn");
    }

    @Test
    void shouldWaitForALocalWorkerThroughARestart() {
        begin(Strategy.LEAST_LOADED);
        needs(near, 40);
        submit(2 * MB);
        final long waits = submit(4 * MB);
        rig.restart();
        wait(30);
        assertEquals(0, far.assigned.size());
        done(near, 30);
        assertEquals(waits, near.take().taskId);
    }

    @Test
    void shouldGoToTheNodeThatHoldsMost() {
        begin(Strategy.ROUND_ROBIN);
        final Frame theirs = new Frame(0xB000 + far.id, 1, 1, 5 * MB);
        client.submit(Messages.task().inputs(frame(2 * MB), theirs, frame(2 * MB)));
        assertEquals(1, far.assigned.size());
        done(far, 1);
        client.submit(Messages.task().inputs(theirs, frame(3 * MB), frame(3 * MB)));
        assertEquals(1, near.assigned.size());
    }

    @Test
    void shouldWaitNoLongerForAWorkerThatHangsOrIsGone() {
        begin(Strategy.ROUND_ROBIN);
        needs(near, 40);
        submit(2 * MB);
        submit(100 * MB);
        assertEquals(0, far.assigned.size());
        here.send(Messages.dead(near.id, near.incarnation));
        rig.tick();
        assertEquals(1, far.assigned.size());
    }

    @Test
    void shouldNotGoWhereThereIsNoWayUnlessThereIsNobodyElse() {
        begin(Strategy.ROUND_ROBIN);
        final Peer third = rig.node("third");
        final Peer other = worker("other", third);
        near.send(Messages.unregister());
        there.tell(Messages.linkReport(Told.down(here.id), Told.down(third.id)));
        rig.pass(100, here, there, third, client, camera, far, other);
        submit(MB);
        assertEquals(1, other.assigned.size());
        submit(MB);
        assertEquals(0, far.assigned.size(), "rather later");
        done(other, 1);
        assertEquals(1, other.assigned.size());
        other.send(Messages.unregister());
        rig.tick();
        assertEquals(1, far.assigned.size(), "nobody else");
    }

    @Test
    void shouldSayWhyItWaits() {
        begin(Strategy.LEAST_LOADED);
        needs(near, 40);
        submit(2 * MB);
        final TraceNotes notes = new TraceNotes();
        rig.sequencer.trace(notes);
        submit(4 * MB);
        assertTrue(
                notes.lines.contains("excluded " + far.id
                        + ": it is remote: the inputs take 50 ms to it, a local worker is expected in 40 ms"),
                notes.lines::toString);
        assertTrue(
                notes.lines.stream().anyMatch(line -> line.startsWith("parked: a worker where its inputs lie")),
                notes.lines::toString);
    }

    @Test
    void shouldAllowForTheTransferInTheTimeout() {
        begin(Strategy.ROUND_ROBIN);
        submit(2 * MB);
        final long local = near.assigned.get(0).timeoutMs;
        near.send(Messages.unregister());
        // 10 ms, and twice 20 ms.
        assertEquals(local + 50, far.assigned.get(0).timeoutMs);
        rig.restart();
        far.deaf = true;
        rig.pass(local - 1_000, client, far, camera, here, there);
        assertTrue(!rig.sequencer.core().parties.get(far.id).suspect);
    }

    // ---- inputs that do not come

    @Test
    void shouldTryAgainAtHomeWhatCouldNotBeReached() {
        begin(Strategy.ROUND_ROBIN);
        needs(near, 40);
        submit(2 * MB);
        final long task = submit(2 * MB);
        final Event first = far.take();
        assertEquals(task, first.taskId);
        final Peer free = worker("free", there);
        far.fail(first, Reason.INPUT_UNREACHABLE);
        assertEquals(0, free.assigned.size(), "which is as far");
        rig.pass(1_000, client, far, free, camera, here, there);
        assertEquals(0, free.assigned.size());
        done(near, 40);
        final Event again = near.take();
        assertEquals(task, again.taskId);
        near.complete(again);
        assertEquals(TaskState.COMPLETED, client.result(task).state);
    }

    @Test
    void shouldFailAfterSoManyAttemptsToReachAnInput() {
        begin(Strategy.ROUND_ROBIN);
        near.send(Messages.unregister());
        final long task = client.submit(Messages.task().attempts(2).inputs(frame(MB)));
        final Peer other = worker("other", there);
        far.fail(far.take(), Reason.INPUT_UNREACHABLE);
        other.fail(other.take(), Reason.INPUT_UNREACHABLE);
        assertEquals(Reason.INPUT_UNREACHABLE, client.result(task).reason);
        assertEquals(2, client.result(task).attempt);
        assertEquals(0, rig.sequencer.core().parties.get(far.id).failuresInARow, "no fault of the workers");
    }

    @Test
    void shouldFailAtOnceWithAnInputThatIsCorrupt() {
        begin(Strategy.ROUND_ROBIN);
        final long task = submit(MB);
        near.fail(near.take(), Reason.INPUT_CORRUPT);
        assertEquals(Reason.INPUT_CORRUPT, client.result(task).reason);
        final Incident incident = rig.sequencer
                .core()
                .incidents
                .newestOf(rig.sequencer.core().parties.get(client.id));
        assertEquals(IncidentRule.CHECKSUM.value(), incident.rule);
    }

    @Test
    void shouldCountFloodsOfNodesInOneRecord() {
        begin(Strategy.ROUND_ROBIN);
        for (int i = 0; i < 100; i++) {
            here.send(Messages.incident(
                    IncidentKind.FRAME_CORRUPT, IncidentRule.CHECKSUM, there.id, -1, 0, "chunk " + i));
            here.send(Messages.incident(IncidentKind.INTRUDER, IncidentRule.NOT_AUTHENTIC, 0, -1, 0, "packet " + i));
        }
        final Incidents incidents = rig.sequencer.core().incidents;
        assertEquals(2, incidents.newest());
        assertEquals(99, incidents.get(1).repeated);
        assertEquals("chunk 0", incidents.get(1).text);
    }

    @Test
    void shouldGoOnWithoutAnOptionalInputThatWasLostAfterTheAssignment() {
        begin(Strategy.ROUND_ROBIN);
        final long made = client.submit(Messages.task());
        final long task = client.submit(Messages.task().optional().after(made).inputs(frame(2 * MB)));
        far.complete(far.take(), new Frame(0xB000 + far.id, 1, 1, MB));
        final Event first = near.take();
        assertEquals(List.of(false, false), first.absent);
        there.send(Messages.dead(far.id, far.incarnation));
        here.send(Messages.dead(far.id, far.incarnation));
        there.send(Messages.unregister());
        near.fail(first, Reason.INPUT_LOST);
        final Event second = near.take();
        assertEquals(task, second.taskId);
        assertEquals(List.of(false, true), second.absent);
        near.complete(second);
        assertEquals(TaskState.COMPLETED, client.result(task).state);
        Invariants.check(rig.sequencer.core());
    }

    // ---- nodes that nobody reaches

    @Test
    void shouldGiveUpANodeThatIsSilentAndThatNoOtherReachesBeforeItsTime() {
        begin(Strategy.ROUND_ROBIN);
        final Peer third = rig.node("third");
        final Peer other = worker("other", third);
        final long task = submit(2 * MB);
        assertEquals(1, near.assigned.size());
        there.tell(Messages.linkReport(Told.down(here.id)));
        third.tell(Messages.linkReport(Told.down(here.id)));
        rig.pass(1_000, client, there, third, far, other);
        assertTrue(rig.sequencer.core().parties.get(here.id).isAlive);
        rig.pass(1_500, client, there, third, far, other);
        assertTrue(!rig.sequencer.core().parties.get(here.id).isAlive);
        assertTrue(!rig.sequencer.core().parties.get(near.id).isAlive);
        assertTrue(!rig.sequencer.core().parties.get(camera.id).isAlive);
        final Incident incident = rig.sequencer
                .core()
                .incidents
                .newestOf(rig.sequencer.core().parties.get(here.id));
        assertEquals(IncidentKind.NODE_LOST.value(), incident.kind);
        assertEquals(IncidentRule.LINK_PROBE.value(), incident.rule);
        assertEquals(Reason.INPUT_LOST, client.result(task).reason, "it lay there");
        Invariants.check(rig.sequencer.core());
    }

    @Test
    void shouldNotGiveUpANodeThatOneOtherReachesOrThatIsHeard() {
        begin(Strategy.ROUND_ROBIN);
        final Peer third = rig.node("third");
        there.tell(Messages.linkReport(Told.down(here.id)));
        third.tell(Messages.linkReport(Told.up(here.id, MS)));
        rig.pass(4_000, client, there, third, far);
        assertTrue(rig.sequencer.core().parties.get(here.id).isAlive, "the third reaches it");
        third.tell(Messages.linkReport(Told.down(here.id)));
        here.heartbeat();
        rig.pass(10_000, client, there, third, far, here);
        assertTrue(rig.sequencer.core().parties.get(here.id).isAlive, "it is heard");
    }

    @Test
    void shouldNotBelieveThoseWhoAreSilentThemselves() {
        begin(Strategy.ROUND_ROBIN);
        there.tell(Messages.linkReport(Told.down(here.id)));
        rig.pass(4_000, client);
        assertTrue(rig.sequencer.core().parties.get(here.id).isAlive);
        assertTrue(rig.sequencer.core().parties.get(there.id).isAlive);
    }

    @Test
    void shouldLeaveThoseAloneWhoAreHeardOfAHostWhoseNodeIsLost() {
        begin(Strategy.ROUND_ROBIN);
        there.tell(Messages.linkReport(Told.down(here.id)));
        rig.pass(4_000, client, there, near, far);
        assertTrue(!rig.sequencer.core().parties.get(here.id).isAlive);
        assertTrue(rig.sequencer.core().parties.get(near.id).isAlive);
        assertTrue(!rig.sequencer.core().parties.get(camera.id).isAlive);
    }
}
