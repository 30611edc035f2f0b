package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is on record of tasks that fail, and of workers that fail them. */
class TaskFaultsTest extends FaultRecords {
    @Test
    void shouldTellThatATaskFailedForGoodAndWhyAndFoldAFlood() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task().attempts(2));
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        assertEquals(List.of(), seen());
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        final String text = "'t' failed: its handler failed, attempts: 2; task " + task + ": why";
        expect(of(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, client, -1, 0, 0, 0, text));
        for (int i = 0; i < 10_000; i++) {
            client.submit(Messages.task().attempts(1));
            worker.fail(worker.take(), Reason.HANDLER_FAILED);
            rig.events.clear();
            client.heard.clear();
            worker.heard.clear();
        }
        final Seen flood = of(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, client, -1, 0, 0, 10_000, text);
        expect(flood);
        final long bad = client.submit(Messages.task());
        worker.fail(worker.take(), Reason.BAD_INPUT);
        expect(
                flood,
                of(
                        IncidentKind.TASK_FAILED,
                        IncidentRule.HANDLER_REPORT,
                        client,
                        -1,
                        0,
                        0,
                        0,
                        "'t' failed: its handler cannot use the input, attempts: 1; task " + bad + ": why"));
    }

    @Test
    void shouldTellThatAWorkerIsDrainedAndRestored() {
        final Peer client = rig.client("c");
        final Peer bad = rig.worker("bad", "t");
        rig.settings(
                new SequencerConfig().set(Setting.DRAIN_AFTER_FAILURES, 2).set(Setting.RESTORE_AFTER_SUCCESSES, 1));
        rig.worker("other", "t").heartbeat();
        for (int i = 0; i < 8; i++) {
            client.submit(Messages.task().attempts(200));
        }
        bad.fail(bad.take(), Reason.HANDLER_FAILED);
        bad.fail(bad.take(), Reason.HANDLER_FAILED);
        final Seen drained = of(
                IncidentKind.WORKER_DRAINED,
                IncidentRule.FAILURES_IN_A_ROW,
                bad,
                -1,
                0,
                0,
                0,
                "2 failures in a row: one task in 5.0 s as a probe, no others");
        expect(drained);
        bad.complete(bad.take());
        expect(
                drained,
                of(
                        IncidentKind.WORKER_RESTORED,
                        IncidentRule.PROBE_SUCCEEDED,
                        bad,
                        -1,
                        0,
                        0,
                        0,
                        "1 success: it gets tasks again"));
    }

    @Test
    void shouldFoldTasksThatDoNotFitTheMemoryOfAWorker() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task());
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        expect(of(
                IncidentKind.OUT_OF_MEMORY,
                IncidentRule.HANDLER_REPORT,
                worker,
                -1,
                0,
                0,
                1,
                "'t' does not fit its device memory: tried again in smaller pieces; task " + task));
    }

    @Test
    void shouldNotRecordWhatNobodyCouldHaveRun() {
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        client.submit(Messages.task().type(99));
        client.submit(Messages.task().after(4711));
        client.submit(Messages.task().deadlineMs(50));
        client.send(Messages.cancel(client.submit(Messages.task())));
        rig.pass(200);
        expect();
    }

    @Test
    void shouldTellThatAnInputIsLost() {
        final Peer client = rig.client("c");
        rig.worker("w", "t");
        final long task = client.submit(Messages.task().inputs(new Messages.Frame(0xABC, 1, 1, 10)));
        expect(of(
                IncidentKind.INPUT_LOST,
                IncidentRule.FRAME_GONE,
                client,
                -1,
                0,
                0,
                0,
                "'t' failed: an input is lost; task " + task));
    }

    @Test
    void shouldTellTheFirstRefusalOfASpellInWhichTheTableIsFull() {
        final Rig small = rig;
        rig.settings(new SequencerConfig().set(Setting.TASK_CAPACITY, 4).set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 4));
        final Peer one = small.client("one");
        final Peer two = small.client("two");
        one.send(Messages.type("t"));
        for (int i = 0; i < 2; i++) {
            one.submit(Messages.task());
            two.submit(Messages.task());
        }
        final String text = "the table of 4 tasks is full: clients wait";
        for (int i = 0; i < 100; i++) {
            one.submit(Messages.task());
            one.seq--;
            rig.pass(50, one, two);
        }
        expect(of(IncidentKind.OVERLOADED, IncidentRule.TABLE_FULL, null, -1, 0, 0, 0, text));
        rig.pass(11_000, one, two);
        one.submit(Messages.task());
        expect(of(IncidentKind.OVERLOADED, IncidentRule.TABLE_FULL, null, -1, 0, 0, 1, text));
    }

    @Test
    void shouldNotSayThatTheTableIsFullWhenAJobHasItsShareOfIt() {
        rig.settings(new SequencerConfig().set(Setting.TASK_CAPACITY, 1_000).set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 5));
        final Peer client = rig.client("c");
        client.send(Messages.type("mask"));
        client.send(Messages.type("carve"));
        final Peer camera = rig.camera("x");
        camera.send(Messages.pool(0xA0));
        client.send(Messages.job().cameras(camera.id).encode());
        for (int i = 0; i < 20; i++) {
            camera.send(Messages.published(i, 0, new Messages.Frame(0xA0, 1 + i, i, 10)));
        }
        expect(of(
                IncidentKind.OVERLOADED,
                IncidentRule.TABLE_FULL,
                client,
                -1,
                0,
                0,
                18,
                "its jobs have as many open tasks as it may have: frames are refused"));
    }

    @Test
    void shouldNotRecordATaskThatNoDeviceCouldHold() {
        final Peer client = rig.client("c");
        rig.command(Messages.register(1, PartyKind.WORKER, "w", 2, 0, 1_000));
        rig.registered(PartyKind.WORKER, "w", "t");
        client.submit(Messages.task().memoryBytes(1L << 40));
        assertEquals(Reason.OUT_OF_MEMORY, client.results().get(0).reason);
        expect();
    }
}
