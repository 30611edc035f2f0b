package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.JobClosedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterRefusedDecoder;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every table filled, and what is beyond it refused with a reason. */
class BoundsTest {
    private final Rig rig = new Rig(new SequencerConfig()
            .set(Setting.TASK_CAPACITY, 64)
            .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 20)
            .set(Setting.MAX_PARTIES, 40)
            .set(Setting.MAX_OPEN_STEPS, 1_000));
    private final Peer client = rig.client("c");
    private final Peer[] cameras = {rig.camera("cam0"), rig.camera("cam1"), rig.camera("cam2")};

    BoundsTest() {
        client.send(Messages.type("mask"));
        client.send(Messages.type("carve"));
        for (int i = 0; i < cameras.length; i++) {
            cameras[i].send(Messages.pool(0xC0 + i));
        }
    }

    @AfterEach
    void shouldBeConsistent() {
        Invariants.check(rig.sequencer.core());
        rig.restart();
        Invariants.check(rig.sequencer.core());
    }

    private long open(final int count) {
        final int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = cameras[i].id;
        }
        final byte[] spec = Messages.job()
                .cameras(ids)
                .with(job -> {
                    job.depth = 1;
                    job.deadlineMs = 0;
                })
                .encode();
        return Tasks.id(client.id, client.send(spec));
    }

    /** NONE when it was taken, otherwise why it was released. */
    private Reason publish(final int camera, final long step) {
        final Peer peer = cameras[camera];
        final int before = peer.all(ReleaseFramesDecoder.TEMPLATE_ID).size();
        final int number = (int) peer.seq;
        peer.send(Messages.published(step, 0, new Frame(0xC0 + camera, number, number % 16, 10)));
        final List<Event> released = peer.all(ReleaseFramesDecoder.TEMPLATE_ID);
        return released.size() == before
                ? Reason.NONE
                : released.get(released.size() - 1).reasons.get(0);
    }

    private int jobTasks() {
        final Party party = rig.sequencer.core().parties.get(client.id);
        return party.tasks - party.openTasks + party.reserved;
    }

    private Reason refusal(final Peer peer) {
        final List<Event> refused = peer.all(CommandRefusedDecoder.TEMPLATE_ID);
        return refused.isEmpty() ? null : refused.get(refused.size() - 1).reason;
    }

    @Test
    void shouldNotLetOneJobFillTheTableAndReleaseWhatIsBeyondItsShare() {
        open(2);
        for (int step = 0; step < 5; step++) {
            assertEquals(Reason.NONE, publish(0, step));
        }
        assertEquals(20, jobTasks());
        assertEquals(Reason.OVERLOADED, publish(0, 5));
        assertEquals(Reason.OVERLOADED, publish(0, 6));
        rig.restart();
        assertEquals(20, jobTasks());
        for (int step = 0; step < 5; step++) {
            assertEquals(Reason.NONE, publish(1, step)); // Steps begun are finished.
        }
        assertEquals(20, jobTasks());
        final Peer other = rig.client("other");
        final long task = other.submit(Messages.task());
        final Peer worker = rig.worker(100, "w", "mask", "carve");
        worker.assigned.forEach(event -> assertTrue(event.taskId == task || event.step < 5));
        while (!worker.assigned.isEmpty()) {
            worker.complete(worker.take());
        }
        client.heartbeat();
        assertEquals(TaskState.COMPLETED, other.result(task).state);
        assertEquals(0, jobTasks());
        assertEquals(Reason.OVERLOADED, publish(1, 6)); // The other half of a step that was refused.
        assertEquals(Reason.NONE, publish(1, 7));
        assertEquals(Reason.NONE, publish(0, 7));
        assertEquals(3, rig.summary().framesRefused());
    }

    @Test
    void shouldKeepRoomForTheTasksOfStepsBegun() {
        open(2);
        for (int i = 0; i < 3; i++) {
            final Peer peer = rig.client("other" + i);
            for (int k = 0; k < 16; k++) {
                peer.submit(Messages.task());
            }
        }
        // 48 of 64 are taken, each client has a share of 16.
        for (int step = 0; step < 4; step++) {
            assertEquals(Reason.NONE, publish(0, step));
        }
        assertEquals(Reason.OVERLOADED, publish(0, 4));
        client.submit(Messages.task());
        assertEquals(Reason.OVERLOADED, refusal(client));
    }

    @Test
    void shouldRunAStepThatCostsMoreThanItsShareWhenNothingElseOfItsClientIsOpen() {
        for (int i = 0; i < 9; i++) {
            rig.client("other" + i); // Six tasks each.
        }
        open(3);
        assertEquals(Reason.NONE, publish(0, 0));
        assertEquals(Reason.NONE, publish(1, 0));
        assertEquals(Reason.OVERLOADED, publish(0, 1));
        assertEquals(Reason.NONE, publish(2, 0));
    }

    @Test
    void shouldRefuseAJobWhoseStepsNeverFit() {
        final long job = Tasks.id(
                client.id,
                client.send(Messages.job()
                        .cameras(cameras[0].id)
                        .with(spec -> spec.slabs = 64)
                        .encode()));
        assertEquals(Reason.TABLE_FULL, closed(job).reason);
    }

    private Event closed(final long job) {
        return client.all(JobClosedDecoder.TEMPLATE_ID).stream()
                .filter(event -> event.jobId == job)
                .findFirst()
                .orElseThrow();
    }

    // ---- absurd step numbers

    @Test
    void shouldRefuseOneAbsurdStepNumberAndGoOn() {
        open(3);
        for (int camera = 0; camera < 3; camera++) {
            assertEquals(Reason.NONE, publish(camera, 10));
        }
        assertEquals(Reason.MALFORMED, publish(0, Long.MAX_VALUE));
        assertEquals(Reason.MALFORMED, publish(0, 11 + Jobs.FAR));
        assertEquals(Reason.NONE, publish(0, 10 + Jobs.FAR));
        assertEquals(Reason.NONE, publish(1, 11));
        assertEquals(Reason.NONE, publish(2, 11));
        assertEquals(Reason.LATE_FRAME, publish(0, 11));
        assertEquals(Reason.LATE_FRAME, publish(0, -1));
    }

    @Test
    void shouldNotLetTheFirstCameraOfAJobMisleadTheOthers() {
        open(3);
        assertEquals(Reason.NONE, publish(0, 1L << 50));
        assertEquals(Reason.MALFORMED, publish(1, 5)); // One against one.
        assertEquals(Reason.NONE, publish(2, 5));
        assertEquals(Reason.NONE, publish(1, 6));
        assertEquals(Reason.NONE, publish(0, 6));
        rig.restart();
        assertEquals(Reason.NONE, publish(2, 6));
        assertEquals(6, rig.sequencer.core().jobs.all.get(0).newestStep);
    }

    @Test
    void shouldFollowWhenMostCamerasJump() {
        open(3);
        for (int camera = 0; camera < 3; camera++) {
            publish(camera, 10);
        }
        final long far = 1L << 40;
        assertEquals(Reason.MALFORMED, publish(0, far));
        assertEquals(Reason.NONE, publish(1, far));
        assertEquals(Reason.NONE, publish(0, far + 1));
        assertEquals(Reason.NONE, publish(2, far));
        // And back, as when all of them start again.
        assertEquals(Reason.MALFORMED, publish(0, 0));
        assertEquals(Reason.NONE, publish(1, 0));
        assertEquals(Reason.NONE, publish(2, 0));
        assertEquals(Reason.NONE, publish(0, 0));
    }

    @Test
    void shouldTakeWhatTheOnlyCameraSays() {
        open(1);
        assertEquals(Reason.NONE, publish(0, 1L << 50));
        assertEquals(Reason.NONE, publish(0, 0));
        assertEquals(Reason.NONE, publish(0, 1));
    }

    // ---- what makes room does not wait behind what finds none

    @Test
    void shouldCancelThoughASubmitBeforeItIsRefusedForWantOfRoom() {
        final List<Long> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(client.submit(Messages.task()));
        }
        final long beyond = client.submit(Messages.task());
        assertEquals(Reason.OVERLOADED, refusal(client));
        client.send(Messages.cancel(tasks.get(0)));
        assertEquals(Reason.CANCELLED, client.result(tasks.get(0)).reason);
        client.seq -= 2; // Go back: the submit, then the cancel once more.
        client.heartbeat();
        assertEquals(beyond, client.submit(Messages.task()));
        client.send(Messages.cancel(tasks.get(0)));
        rig.worker(100, "w", "mask");
        assertEquals(1, client.results().size());
        assertEquals(20, rig.sequencer.core().parties.get(client.id).openTasks);
    }

    @Test
    void shouldTakeACancelWithoutANumberAsOftenAsItComes() {
        final long task = client.submit(Messages.task());
        client.sendAs(Messages.cancel(task), 0);
        client.sendAs(Messages.cancel(task), 0);
        assertEquals(Reason.CANCELLED, client.result(task).reason);
        client.heartbeat();
        final long next = client.submit(Messages.task());
        assertEquals(1, rig.sequencer.core().tasks.table.size());
        assertEquals(Tasks.id(client.id, client.seq), next);
    }

    @Test
    void shouldCloseAJobThoughASubmitBeforeItIsRefused() {
        final long job = open(2);
        for (int i = 0; i < 21; i++) {
            client.submit(Messages.task());
        }
        assertEquals(Reason.OVERLOADED, refusal(client));
        client.send(Messages.closeJob(job));
        assertEquals(Reason.NONE, closed(job).reason);
    }

    @Test
    void shouldLetAClientLeaveThoughItsSubmitsAreRefused() {
        for (int i = 0; i < 22; i++) {
            client.submit(Messages.task());
        }
        client.send(Messages.unregister());
        assertFalse(rig.sequencer.core().parties.get(client.id).isAlive);
        assertEquals(0, rig.sequencer.core().tasks.table.size());
        final Peer again = rig.client("c");
        assertEquals(client.seq, again.seq); // No number is used twice.
    }

    @Test
    void shouldNotBelieveANumberThatNoClientCanHaveReached() {
        client.sendAs(Messages.unregister(), Long.MAX_VALUE);
        assertTrue(rig.sequencer.core().parties.get(client.id).isAlive);
        assertEquals(client.seq, rig.sequencer.core().parties.get(client.id).lastSeq);
    }

    @Test
    void shouldNotTakeAnUnregisterOfACameraAheadOfItsFrames() {
        open(2);
        cameras[0].seq++;
        cameras[0].send(Messages.unregister());
        assertTrue(rig.sequencer.core().parties.get(cameras[0].id).isAlive);
    }

    // ---- tables

    @Test
    void shouldRefuseMoreJobsOfOneClientThanItMayHave() {
        final Rig large = new Rig();
        final Peer owner = large.client("c");
        owner.send(Messages.type("mask"));
        owner.send(Messages.type("carve"));
        long last = 0;
        for (int i = 0; i <= Jobs.MAX_JOBS_OF_CLIENT; i++) {
            final Peer camera = large.camera("cam" + i);
            last = Tasks.id(
                    owner.id, owner.send(Messages.job().cameras(camera.id).encode()));
        }
        final List<Event> closed = owner.all(JobClosedDecoder.TEMPLATE_ID);
        assertEquals(1, closed.size());
        assertEquals(last, closed.get(0).jobId);
        assertEquals(Reason.TABLE_FULL, closed.get(0).reason);
    }

    @Test
    void shouldRefuseMorePoolsOfOnePartyAndGiveTheirFramesBack() {
        open(2);
        for (int i = 1; i < Frames.MAX_POOLS_OF_PARTY + 10; i++) {
            cameras[0].send(Messages.pool(0x1000 + i));
        }
        assertEquals(Frames.MAX_POOLS_OF_PARTY, rig.sequencer.core().parties.get(cameras[0].id).pools);
        final Frame frame = new Frame(0x1000 + Frames.MAX_POOLS_OF_PARTY + 5, 1, 1, 10);
        cameras[0].send(Messages.published(0, 0, frame));
        assertEquals(List.of(frame), cameras[0].released());
        assertEquals(
                List.of(Reason.TABLE_FULL),
                cameras[0].all(ReleaseFramesDecoder.TEMPLATE_ID).get(0).reasons);
        final Incidents incidents = rig.sequencer.core().incidents;
        final Incident told = incidents.get(incidents.newest());
        assertEquals("it has 1024 frame pools, which is the most: frames of one more are given back unused", told.text);
        assertEquals(cameras[0].id, told.subjectId);
        assertEquals(9, told.repeated);
    }

    @Test
    void shouldRefuseMoreFramesOfAPoolThanCanBeMeant() {
        final Rig large = new Rig();
        final Peer owner = large.client("c");
        owner.send(Messages.type("t"));
        owner.send(Messages.pool(0xA0));
        for (int i = 0; i < 1_024 / 32; i++) {
            final Frame[] frames = new Frame[32];
            for (int k = 0; k < frames.length; k++) {
                frames[k] = new Frame(0xA0, 1 + i * 32L + k, k, 10);
            }
            owner.submit(Messages.task().inputs(frames));
        }
        assertEquals(0, owner.results().size());
        final long beyond = owner.submit(Messages.task().inputs(new Frame(0xA0, 9_999, 1, 10)));
        assertEquals(Reason.INPUT_LOST, owner.result(beyond).reason);
        owner.submit(Messages.task().inputs(new Frame(0xA0, 1, 0, 10))); // One that is named already.
        assertEquals(1, owner.results().size());
    }

    @Test
    void shouldAnswerWithoutAnIdWhenThereAreTooManyTaskTypes() {
        for (int i = 0; i < 1_024; i++) {
            client.send(Messages.type("type-" + i));
        }
        final List<Event> answers = client.all(TaskTypeRegisteredDecoder.TEMPLATE_ID);
        assertEquals(1_024, answers.get(1_023).typeId);
        assertEquals(0, answers.get(answers.size() - 1).typeId);
        assertEquals(1_024, rig.sequencer.core().types.all.size());
    }

    @Test
    void shouldRefuseMoreNamesThanThereIsRoomForUntilOneIsDead() {
        while (rig.sequencer.core().parties.all.size() < 40) {
            rig.client("n" + rig.sequencer.core().parties.all.size());
        }
        rig.command(Messages.register(7, PartyKind.CLIENT, "one more", 0, 0));
        assertEquals(
                Reason.TABLE_FULL,
                rig.lastReply().as(new RegisterRefusedDecoder()).reason());
        rig.peers.get(rig.peers.size() - 1).send(Messages.unregister());
        assertTrue(rig.client("one more").id > 40);
    }
}
