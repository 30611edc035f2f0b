package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterEncoder;
import io.dragon.codecs.snapshot.SnapshotBeginEncoder;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private final Rig rig = new Rig();

    private List<byte[]> some() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t", "u");
        client.send(Messages.pool(0xC0));
        worker.send(Messages.pool(0xB0));
        final long a = client.submit(
                Messages.task().inputs(new Messages.Frame(0xC0, 1, 1, 5)).deadlineMs(900));
        client.submit(Messages.task().after(a).parameters(new byte[1_024]));
        for (int i = 0; i < 10; i++) {
            client.submit(Messages.task().type(1 + i % 2).priority(i % 8));
        }
        worker.complete(worker.take(), new Messages.Frame(0xB0, 1, 1, 5));
        return Snapshots.take(rig.sequencer);
    }

    private void register(final PartyKind kind, final String host) {
        final byte[] message = new byte[256];
        final RegisterEncoder register =
                new RegisterEncoder().wrapAndApplyHeader(new UnsafeBuffer(message), 0, new MessageHeaderEncoder());
        register.kind(kind).name("x").host(host).device("");
        rig.command(java.util.Arrays.copyOf(message, register.limit()));
    }

    private static IllegalStateException refused(final List<byte[]> records) {
        return assertThrows(
                IllegalStateException.class,
                () -> Snapshots.load(records, new Sequencer(new SequencerConfig(), new Rig())));
    }

    @Test
    void shouldComeBackByteForByte() {
        final List<byte[]> records = some();
        final Sequencer loaded = new Sequencer(new SequencerConfig(), rig);
        Snapshots.load(records, loaded);
        assertArrayEquals(Snapshots.bytes(rig.sequencer), Snapshots.bytes(loaded));
        assertEquals(rig.sequencer.stateHash(), loaded.stateHash());
        Invariants.check(loaded.core());
    }

    @Test
    void shouldRefuseASnapshotOfAnotherVersionInWords() {
        final List<byte[]> records = some();
        new UnsafeBuffer(records.get(0)).putInt(8 + SnapshotBeginEncoder.appVersionEncodingOffset(), 99);
        final String message = refused(records).getMessage();
        assertTrue(message.contains("version 99") && message.contains("one version"), message);
    }

    @Test
    void shouldRefuseASnapshotThatLacksARecordOrHasOneChanged() {
        final List<byte[]> records = some();
        for (int i = 1; i < records.size() - 1; i++) {
            final List<byte[]> fewer = new ArrayList<>(records);
            fewer.remove(i);
            refused(fewer);
            final List<byte[]> changed = new ArrayList<>(records);
            changed.set(i, records.get(i).clone());
            changed.get(i)[12] ^= 1;
            refused(changed);
        }
    }

    @Test
    void shouldRefuseToLoadIntoAUsedSequencer() {
        final List<byte[]> records = some();
        assertThrows(IllegalStateException.class, () -> Snapshots.load(records, rig.sequencer));
    }

    @Test
    void shouldAssignInTheSameOrderAfterLoadingWhenTasksCameBackFromALostWorker() {
        final Peer client = rig.client("c");
        final Peer camera = rig.camera("x");
        final Peer lost = rig.worker("lost", "t");
        camera.send(Messages.pool(0xA0));
        final long job = Tasks.id(
                client.id,
                client.send(Messages.job()
                        .cameras(camera.id)
                        .with(j -> {
                            j.stepType = 1;
                            j.slabs = 1;
                        })
                        .encode()));
        camera.send(Messages.published(0, 0, new Messages.Frame(0xA0, 1, 1, 5)));
        final long older = client.submit(Messages.task().priority(4));
        lost.complete(lost.take());
        final long newer = client.submit(Messages.task().priority(4));
        lost.send(Messages.unregister()); // It had the older task and the slab of the step.
        rig.restart();
        final Peer worker = rig.join(PartyKind.WORKER, "w", 3, 0);
        worker.send(Messages.type("t"));
        assertEquals(job, worker.take().jobId);
        assertEquals(older, worker.take().taskId);
        assertEquals(newer, worker.take().taskId);
    }

    @Test
    void shouldLoadAnEmptyState() {
        Snapshots.copy(new Sequencer(new SequencerConfig(), rig), new Sequencer(new SequencerConfig(), rig));
    }

    @Test
    void shouldKnowAHostByTheSameNameAfterLoadingEvenIfItWasCut() {
        final String host = "h".repeat(95) + "\uD83D\uDC09";
        register(PartyKind.NODE, host);
        rig.restart();
        register(PartyKind.WORKER, host);
        final Parties parties = rig.sequencer.core().parties;
        assertEquals(parties.all.get(0).id, parties.all.get(1).nodeId);
    }
}
