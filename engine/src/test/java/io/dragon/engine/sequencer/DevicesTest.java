package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.WorkerPageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Rig.Peer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DevicesTest {
    private static final String HOT = "93 degrees, more than 90";

    private final Rig rig = new Rig(new SequencerConfig().set(Setting.MAX_WORKER_LOSSES, 1));
    private final Peer client = rig.client("c");

    @AfterEach
    void shouldBeConsistent() {
        Invariants.check(rig.sequencer.core());
        rig.restart();
        Invariants.check(rig.sequencer.core());
    }

    private static byte[] hot() {
        return Messages.deviceReport(3, 412, 93, HOT);
    }

    private static byte[] well() {
        return Messages.deviceReport(1, 0, 60, "");
    }

    private WorkerPageDecoder.WorkersDecoder row(final Peer peer) {
        rig.command(Messages.query(1, peer.id - 1));
        return rig.lastReply().as(new WorkerPageDecoder()).workers().next();
    }

    private long counter(final int counter) {
        return rig.sequencer.core().counters[counter];
    }

    @Test
    void shouldGiveAllTasksOfAHotDeviceToOthersInTheSameStep() {
        final Peer hot = rig.worker(3, "hot", "t");
        for (int i = 0; i < 3; i++) {
            client.submit(Messages.task());
        }
        assertEquals(3, state(hot).assigned.size);
        final Peer other = rig.worker(3, "other", "t");
        hot.tell(hot());
        assertEquals(0, state(hot).assigned.size, "revoked");
        assertEquals(3, other.assigned.size());
        assertEquals(3, counter(Counters.REASSIGNED));
        assertEquals(0, counter(Counters.RETRIED));
        while (!other.assigned.isEmpty()) {
            other.complete(other.take());
        }
        assertEquals(3, client.results().size());
        client.results().forEach(result -> assertEquals(TaskState.COMPLETED, result.state));
        assertEquals(0, state(hot).failuresInARow, "not the worker's fault");
    }

    @Test
    void shouldSayWhyAndSinceWhen() {
        final Peer hot = rig.worker(2, "hot", "t");
        hot.tell(hot());
        rig.pass(1_000, client, hot);
        final WorkerPageDecoder.WorkersDecoder row = row(hot);
        assertEquals(WorkerState.UNFIT, row.state());
        assertEquals(1_000, row.stateForMs());
        assertEquals(DeviceState.FAILED, row.deviceState());
        assertEquals(93, row.temperatureCelsius());
        assertEquals(93, row.eccUncorrected());
        assertEquals("hot", row.name());
        assertEquals("cpu", row.device());
        assertEquals(HOT, row.deviceText());
        final Incident incident = rig.sequencer.core().incidents.get(1);
        assertEquals(IncidentKind.DEVICE_UNFIT.value(), incident.kind);
        assertEquals(IncidentRule.DEVICE_HEALTH.value(), incident.rule);
        assertEquals(412, incident.detectedMs);
        assertEquals(HOT, incident.text);
    }

    @Test
    void shouldLetTasksWaitWhenNobodyElseIsThereAndGoOnWhenTheDeviceIsWell() {
        final Peer worker = rig.worker(2, "only", "t");
        worker.tell(hot());
        for (int i = 0; i < 5; i++) {
            client.submit(Messages.task());
        }
        rig.pass(60_000, client, worker);
        assertEquals(0, state(worker).assigned.size, "no probe either");
        worker.tell(well());
        assertEquals(2, state(worker).assigned.size);
        assertEquals(WorkerState.ALIVE, row(worker).state());
        for (int i = 0; i < 5; i++) {
            worker.complete(worker.take());
        }
        assertEquals(5, client.results().size());
        final Incident last = rig.sequencer
                .core()
                .incidents
                .get(rig.sequencer.core().incidents.newest());
        assertEquals(IncidentKind.WORKER_RESTORED.value(), last.kind);
        assertEquals("its device is well after 60.0 s: it gets tasks again", last.text);
    }

    @Test
    void shouldNeverFailATaskForDevicesThatFlap() {
        final Peer worker = rig.worker(1, "w", "t");
        client.submit(Messages.task());
        for (int i = 0; i < 20; i++) {
            assertEquals(1, state(worker).assigned.size);
            worker.tell(hot());
            assertEquals(0, state(worker).assigned.size);
            worker.tell(well());
        }
        Event last = worker.take();
        while (!worker.assigned.isEmpty()) {
            last = worker.take();
        }
        worker.complete(last);
        assertEquals(TaskState.COMPLETED, client.results().get(0).state);
    }

    @Test
    void shouldIgnoreWhatAHotWorkerStillCompletes() {
        final Peer hot = rig.worker(1, "hot", "t");
        client.submit(Messages.task());
        final Event late = hot.take();
        hot.tell(hot());
        hot.complete(late);
        assertEquals(0, client.results().size());
        final Peer other = rig.worker(1, "other", "t");
        other.complete(other.take());
        assertEquals(1, client.results().size());
        assertEquals(1, counter(Counters.IGNORED));
    }

    @Test
    void shouldKeepADegradedDeviceAtWork() {
        final Peer worker = rig.worker(1, "w", "t");
        client.submit(Messages.task());
        worker.tell(Messages.deviceReport(2, 0, 85, "it slows itself down"));
        assertEquals(1, state(worker).assigned.size);
        assertEquals(WorkerState.ALIVE, row(worker).state());
        assertEquals(DeviceState.DEGRADED, row(worker).deviceState());
        final WorkerPageDecoder.WorkersDecoder row = row(worker);
        row.skipName();
        row.skipDevice();
        assertEquals("it slows itself down", row.deviceText());
    }

    @Test
    void shouldBeginAnewWithANewIncarnation() {
        final Peer hot = rig.worker(1, "hot", "t");
        hot.tell(hot());
        final Peer again = rig.worker(1, "hot", "t");
        assertEquals(WorkerState.ALIVE, row(again).state());
        client.submit(Messages.task());
        assertEquals(1, state(again).assigned.size);
        hot.tell(hot());
        assertEquals(1, state(again).assigned.size, "the old one is fenced");
    }

    @Test
    void shouldGetAlongWithAHangThatEndsWhileItIsHot() {
        final Peer worker = rig.worker(1, "w", "t");
        client.submit(Messages.task());
        final long timeoutMs = rig.config.get(Setting.TASK_TIMEOUT_INITIAL_MS);
        for (long ms = 0; ms <= timeoutMs + 200; ms += 200) {
            rig.pass(200);
            worker.tell(Messages.heartbeat(0, 77));
            client.heartbeat();
        }
        assertTrue(state(worker).suspect);
        worker.tell(hot());
        worker.heartbeat();
        assertFalse(state(worker).suspect);
        assertEquals(0, state(worker).assigned.size);
        worker.tell(well());
        rig.pass(20_000, worker, client);
        assertEquals(1, state(worker).assigned.size);
    }

    @Test
    void shouldCountReportsThatMakeNoSense() {
        final Peer worker = rig.worker(1, "w", "t");
        worker.tell(Messages.deviceReport(4, 0, 1, ""));
        worker.tell(Messages.deviceReport(1, 0, -2, ""));
        worker.tell(Messages.deviceReport(3, 0, 1, "x".repeat(129)));
        client.tell(hot());
        assertEquals(4, counter(Counters.MALFORMED));
        assertEquals(DeviceState.UNKNOWN, row(worker).deviceState());
        assertEquals(-1, row(worker).temperatureCelsius());
    }

    private Party state(final Peer peer) {
        return rig.sequencer.core().parties.get(peer.id);
    }
}
