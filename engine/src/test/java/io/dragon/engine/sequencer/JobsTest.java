package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CameraPageDecoder;
import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.JobClosedDecoder;
import io.dragon.codecs.control.JobStartedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Messages.JobSpec;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobsTest {
    private final Rig rig = new Rig();
    private final Peer client = rig.client("c");
    private final Peer[] cameras = {rig.camera("cam0"), rig.camera("cam1")};
    private final Peer worker = rig.join(PartyKind.WORKER, "w", 100, 0);
    private int outputs;

    @BeforeEach
    void before() {
        worker.send(Messages.type("mask"));
        worker.send(Messages.type("carve"));
        worker.send(Messages.pool(0xB0));
        cameras[0].send(Messages.pool(0xC0));
        cameras[1].send(Messages.pool(0xC1));
    }

    private JobSpec spec() {
        return Messages.job().cameras(cameras[0].id, cameras[1].id);
    }

    private long open(final JobSpec spec) {
        return Tasks.id(client.id, client.send(spec.encode()));
    }

    private static Frame frame(final int camera, final long step) {
        return new Frame(0xC0 + camera, step + 1, (int) (step % 16), 1_000);
    }

    private void publish(final int camera, final long step) {
        publish(camera, step, step * 1_000);
    }

    private void publish(final int camera, final long step, final long epochNs) {
        cameras[camera].send(Messages.published(step, epochNs, frame(camera, step)));
    }

    private Frame output() {
        return new Frame(0xB0, ++outputs, outputs % 1_000, 10);
    }

    private List<Frame> completeAll() {
        final List<Frame> made = new ArrayList<>();
        while (!worker.assigned.isEmpty()) {
            final Frame frame = output();
            made.add(frame);
            worker.complete(worker.take(), frame);
        }
        return made;
    }

    @Test
    void shouldMakeATaskOfEveryFrameAsItComesAndTheSlabsWhenAllMasksAreDone() {
        final long job = open(spec());
        publish(0, 0);
        final Event mask = worker.take();
        assertEquals(job, mask.jobId);
        assertEquals(1, mask.typeId);
        assertEquals("fp", mask.text);
        assertEquals(List.of(0, 2), List.of(mask.part, mask.parts));
        assertEquals(List.of(frame(0, 0), Frame.NULL), mask.frames);
        assertEquals(List.of(false, true), mask.absent);
        worker.complete(mask, new Frame(0xB0, 1, 1, 1));
        assertTrue(worker.assigned.isEmpty());
        publish(1, 0);
        worker.complete(worker.take(), new Frame(0xB0, 2, 2, 1));
        final Event slab = worker.take();
        assertEquals(2, slab.typeId);
        assertEquals("sp", slab.text);
        assertEquals(List.of(0, 2), List.of(slab.part, slab.parts));
        assertEquals(3, slab.cameraBits);
        assertEquals(List.of(new Frame(0xB0, 1, 1, 1), new Frame(0xB0, 2, 2, 1)), slab.frames);
        assertEquals(List.of(0, 1), slab.sources);
        worker.complete(slab);
        worker.complete(worker.take());
        assertEquals(2, client.results().size());
        assertEquals(3, client.results().get(0).cameraBits);
    }

    @Test
    void shouldHoldAFrameUntilTheMaskOfTheNextOneIsTerminal() {
        open(spec());
        publish(0, 0);
        completeAll();
        assertEquals(List.of(), cameras[0].released());
        publish(0, 1);
        final Event mask = worker.take();
        assertEquals(List.of(frame(0, 1), frame(0, 0)), mask.frames);
        assertEquals(List.of(), cameras[0].released());
        worker.complete(mask);
        assertEquals(List.of(frame(0, 0)), cameras[0].released());
    }

    @Test
    void shouldReleaseAFrameThatNoLaterOneWillBeComparedWith() {
        open(spec());
        publish(0, 0);
        completeAll();
        publish(0, 5);
        assertEquals(List.of(frame(0, 0)), cameras[0].released());
        assertEquals(List.of(false, true), worker.take().absent);
    }

    @Test
    void shouldRunAStepWithTheCamerasItHasWhenItsDeadlinePasses() {
        open(spec());
        publish(1, 0);
        final List<Frame> masks = completeAll();
        rig.pass(450, client, worker);
        assertTrue(worker.assigned.isEmpty());
        rig.pass(100, client, worker);
        final Event slab = worker.take();
        assertEquals(2, slab.cameraBits);
        assertEquals(List.of(Frame.NULL, masks.get(0)), slab.frames);
        assertEquals(List.of(true, false), slab.absent);
        publish(0, 0);
        assertEquals(List.of(frame(0, 0)), cameras[0].released());
        assertEquals(
                Reason.LATE_FRAME,
                cameras[0].all(ReleaseFramesDecoder.TEMPLATE_ID).get(0).reasons.get(0));
    }

    @Test
    void shouldRunAStepWithoutAPairThatViolatesTheSkew() {
        open(spec().pairs(4, 4).with(j -> j.skewNs = 100));
        publish(0, 0, 1_000);
        publish(1, 0, 1_101);
        completeAll();
        publish(0, 1, 2_000);
        publish(1, 1, 2_100);
        completeAll();
        final List<Event> results = client.results();
        assertEquals(4, results.size());
        assertEquals(0, results.get(0).cameraBits);
        assertEquals(3, results.get(3).cameraBits);
        assertEquals(1, rig.sequencer.core().counters[Counters.PAIRS_SKEWED]);
    }

    @Test
    void shouldCarryOnWithoutAMaskThatFailed() {
        open(spec());
        publish(0, 0);
        publish(1, 0);
        worker.fail(worker.take(), Reason.BAD_INPUT);
        completeAll();
        assertEquals(2, client.results().get(0).cameraBits);
        assertEquals(TaskState.COMPLETED, client.results().get(0).state);
    }

    @Test
    void shouldSayWithWhichCamerasASlabRanThatLostAMaskWhileItWaited() {
        final Peer node = rig.node("n");
        final Peer far = rig.join(PartyKind.WORKER, "far", 1, node.id);
        worker.send(Messages.unregister());
        far.send(Messages.type("mask"));
        far.send(Messages.pool(0xF0));
        open(spec());
        publish(0, 0);
        far.complete(far.take(), new Frame(0xF0, 1, 1, 10));
        final Peer side = rig.worker("side", "mask");
        side.send(Messages.pool(0xB1));
        far.send(Messages.unregister());
        publish(1, 0);
        side.complete(side.take(), new Frame(0xB1, 1, 1, 10));
        rig.pass(6_000, client, side);
        final Peer near = rig.worker("near", "carve");
        final Event slab = near.take();
        assertEquals(List.of(true, false), slab.absent);
        assertEquals(2, slab.cameraBits);
        near.complete(slab);
        assertEquals(2, client.results().get(0).cameraBits);
    }

    @Test
    void shouldRefuseADuplicateAndAFrameWithoutAJobAndReleaseThem() {
        publish(0, 0);
        assertEquals(
                Reason.NO_JOB,
                cameras[0].all(ReleaseFramesDecoder.TEMPLATE_ID).get(0).reasons.get(0));
        open(spec());
        publish(0, 1);
        cameras[0].send(Messages.published(1, 0, new Frame(0xC0, 99, 9, 1)));
        final Event refused = cameras[0].all(ReleaseFramesDecoder.TEMPLATE_ID).get(1);
        assertEquals(Reason.DUPLICATE_FRAME, refused.reasons.get(0));
        assertEquals(99, refused.frames.get(0).sequence());
        assertEquals(2, rig.summary().framesRefused());
    }

    @Test
    void shouldNotReleaseAFrameThatIsPublishedTwiceWhileItsTaskNeedsIt() {
        open(spec());
        publish(0, 1);
        publish(0, 1);
        assertEquals(List.of(), cameras[0].released());
    }

    @Test
    void shouldDeliverPerFrameResultsOnlyWhenAsked() {
        open(spec().with(j -> j.deliver = true));
        publish(0, 0);
        completeAll();
        assertEquals(1, client.results().size());
    }

    @Test
    void shouldRefuseAJobWithAReason() {
        final Frame input = new Frame(0xC9, 1, 1, 1);
        client.send(Messages.pool(0xC9));
        open(spec().cameras(client.id).with(j -> j.inputs = new Frame[] {input}));
        open(spec().cameras(cameras[0].id, cameras[0].id));
        open(spec().with(j -> j.stepType = 9));
        open(spec().with(j -> j.depth = 0));
        final long good = open(spec());
        open(spec());
        assertEquals(
                List.of(
                        Reason.UNKNOWN_CAMERA,
                        Reason.CAMERA_IN_USE,
                        Reason.UNKNOWN_TASK_TYPE,
                        Reason.MALFORMED,
                        Reason.CAMERA_IN_USE),
                client.all(JobClosedDecoder.TEMPLATE_ID).stream()
                        .map(e -> e.reason)
                        .toList());
        assertEquals(List.of(input), client.released());
        assertEquals(1, rig.sequencer.core().jobs.all.size());
        assertEquals(good, rig.sequencer.core().jobs.all.get(0).id);
    }

    /** Its command's number says only that it was read: a refusal that is lost comes again after that. */
    @Test
    void shouldSayOfATakenJobThatItIsAndSayItAgainUntilThatIsAcknowledged() {
        client.deaf = true;
        final long good = open(spec());
        open(spec());
        client.deaf = false;
        client.tell(Messages.resume(1));
        assertEquals(List.of(good), started());
        client.heartbeat();
        client.tell(Messages.resume(2));
        assertEquals(List.of(good), started());
    }

    private List<Long> started() {
        return client.all(JobStartedDecoder.TEMPLATE_ID).stream()
                .map(e -> e.jobId)
                .toList();
    }

    @Test
    void shouldRunStepsBegunWhenAJobIsClosedThenSayThatItIs() {
        final Frame grid = new Frame(0xC9, 1, 1, 1);
        client.send(Messages.pool(0xC9));
        final long job = open(spec().with(j -> j.inputs = new Frame[] {grid}));
        publish(0, 0);
        client.send(Messages.closeJob(job));
        publish(0, 1);
        assertEquals(
                Reason.NO_JOB,
                cameras[0].all(ReleaseFramesDecoder.TEMPLATE_ID).get(0).reasons.get(0));
        worker.complete(worker.take(), output());
        assertEquals(List.of(), client.all(JobClosedDecoder.TEMPLATE_ID));
        final Event slab = worker.take();
        assertEquals(grid, slab.frames.get(0));
        assertEquals(65_534, slab.sources.get(0));
        worker.complete(slab);
        worker.complete(worker.take());
        final JobClosedDecoder closed =
                client.all(JobClosedDecoder.TEMPLATE_ID).get(0).as(new JobClosedDecoder());
        assertEquals(Reason.NONE, closed.reason());
        assertEquals(1, closed.steps());
        assertEquals(1, closed.stepsIncomplete());
        assertEquals(1, closed.framesAccepted());
        assertEquals(List.of(grid), client.released());
        client.heartbeat();
        Invariants.check(rig.sequencer.core());
    }

    /** Once the end of a job overtook results that a resume had put off, and whoever waited for that end missed them. */
    @Test
    void shouldTellTheEndOfAJobBehindItsResultsThatAreEmittedAgain() {
        final int steps = 80;
        final long job = open(spec());
        loseResults(steps);
        client.sendAs(Messages.resume(1), 0); // the first 64 of them
        assertEquals(64, client.results().size());
        client.send(Messages.closeJob(job));
        assertEquals(List.of(), client.all(JobClosedDecoder.TEMPLATE_ID));
        rig.tick();
        assertEquals(2 * steps, client.results().size());
        assertEquals(1, client.all(JobClosedDecoder.TEMPLATE_ID).size());
        client.heartbeat();
        Invariants.check(rig.sequencer.core());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
    }

    @Test
    void shouldTellTheEndOfAJobBehindItsResultsThoughTheyAreLostOnceMore() {
        final int steps = 80;
        final long job = open(spec());
        loseResults(steps);
        final long known = client.lastEvent;
        client.deaf = true;
        client.sendAs(Messages.resume(1), 0);
        client.send(Messages.closeJob(job));
        client.deaf = false;
        client.lastEvent = known;
        client.sendAs(
                Messages.resume(2), 0); // what was put off twice, with the end of the job, comes before what was lost
        for (int i = 0; client.all(JobClosedDecoder.TEMPLATE_ID).isEmpty(); i++) {
            assertTrue(i < 20, "the end of the job never comes");
            rig.tick();
        }
        assertEquals(2 * steps, client.results().size());
        client.heartbeat();
        Invariants.check(rig.sequencer.core());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
    }

    private void loseResults(final int steps) {
        client.deaf = true;
        for (int step = 0; step < steps; step++) {
            publish(0, step);
            publish(1, step);
            completeAll();
            completeAll();
        }
        client.deaf = false;
    }

    @Test
    void shouldEndTheJobOfADeadClientAndReleaseEveryFrame() {
        final Peer node = rig.node("n@host");
        open(spec());
        for (int step = 0; step < 5; step++) {
            publish(0, step);
            publish(1, step);
        }
        node.send(Messages.dead(client.id, client.incarnation));
        assertEquals(0, rig.sequencer.core().jobs.all.size());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
        assertEquals(5, cameras[0].released().size());
        assertEquals(5, cameras[1].released().size());
    }

    @Test
    void shouldSurviveAThousandStepsWithoutLeavingAnythingBehind() {
        final long job = open(spec());
        for (int step = 0; step < 1_000; step++) {
            publish(step % 2, step);
            publish((step + 1) % 2, step);
            completeAll();
            client.heartbeat();
            cameras[0].heartbeat();
            cameras[1].heartbeat();
            if (step % 100 == 50) {
                rig.restart();
            }
        }
        client.send(Messages.closeJob(job));
        client.heartbeat();
        assertEquals(2_000, client.results().size());
        assertEquals(1_000, cameras[0].released().size());
        assertEquals(outputs, worker.released().size());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
        Invariants.check(rig.sequencer.core());
    }

    @Test
    void shouldSpreadCamerasOverNodesByCapacityWithPairsTogether() {
        final Peer big = rig.node("big");
        final Peer small = rig.node("small");
        rig.join(PartyKind.WORKER, "w1", 4, big.id);
        rig.join(PartyKind.WORKER, "w2", 2, small.id);
        final int[] ids = new int[6];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = rig.camera("x" + i).id;
        }
        client.send(Messages.allocate(ids, new int[] {1, 2, 3, 1, 2, 3}));
        final List<Integer> nodes = new ArrayList<>();
        for (final CamerasAllocatedDecoder.CamerasDecoder camera :
                rig.lastReply().as(new CamerasAllocatedDecoder()).cameras()) {
            nodes.add((int) camera.nodeId());
        }
        assertEquals(List.of(big.id, big.id, small.id, big.id, big.id, small.id), nodes);
        rig.pass(5_500, small);
        rig.command(Messages.query(3, 0));
        for (final CameraPageDecoder.CamerasDecoder camera :
                rig.lastReply().as(new CameraPageDecoder()).cameras()) {
            if (camera.partyId() >= ids[0]) {
                assertEquals(small.id, camera.allocatedNodeId());
            }
            camera.name();
        }
    }

    @Test
    void shouldNeitherTakeNorReleaseAFrameOfAnotherCamerasPool() {
        open(spec());
        cameras[0].send(Messages.published(0, 0, frame(1, 0)));
        assertTrue(worker.assigned.isEmpty());
        assertEquals(List.of(), cameras[1].released());
        assertEquals(1, rig.summary().framesRefused());
    }

    @Test
    void shouldLetOnlyItsClientCloseAJob() {
        final long job = open(spec());
        rig.client("other").send(Messages.closeJob(job));
        assertEquals(1, rig.sequencer.core().jobs.all.size());
        client.send(Messages.closeJob(job));
        assertEquals(0, rig.sequencer.core().jobs.all.size());
    }

    @Test
    void shouldForgetTheHistoryOfADeadCameraSoThatItsPoolCanGo() {
        final Peer node = rig.node("n@host");
        open(spec());
        publish(0, 0);
        completeAll();
        node.send(Messages.dead(cameras[0].id, cameras[0].incarnation));
        node.send(Messages.orphaned(0xC0));
        assertEquals(1, node.all(PoolReleasedDecoder.TEMPLATE_ID).size());
    }
}
