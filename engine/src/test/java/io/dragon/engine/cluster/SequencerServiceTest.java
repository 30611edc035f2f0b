package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.client.AeronCluster;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;
import io.dragon.engine.sequencer.balance.Strategy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real sequencer in a real master. */
final class SequencerServiceTest {
    private static final long RESTART_NS = TimeUnit.SECONDS.toNanos(40);

    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldCompleteEveryTaskOnceAndStampIt() {
        final MasterNode master = scratch.closing(MasterNode.launch(context()));
        final TaskParty worker = party(PartyKind.WORKER, "worker", master);
        final TaskParty client = party(PartyKind.CLIENT, "client", master);
        client.submit(3_000);
        scratch.await("all results", () -> client.distinct == 3_000);
        assertEquals(0, client.failed);
        assertEquals(3_000, worker.completed);
        assertTrue(client.isStamped, "every result says when it was sequenced and assigned");
    }

    @Test
    void shouldRestoreTheSameStateByteForByteFromSnapshotAndLog() {
        final HashingService before = new HashingService(false);
        final MasterNode first = MasterNode.launch(context().service(before));
        final TaskParty worker = party(PartyKind.WORKER, "worker", first);
        final TaskParty client = party(PartyKind.CLIENT, "client", first);
        client.submit(500);
        scratch.await("the first results", () -> client.distinct >= 100);
        scratch.await("a snapshot to be begun", first::requestSnapshot);
        scratch.await("a snapshot in the midst of work", () -> first.snapshotCount() == 1);
        client.submit(300);
        scratch.await("all results", () -> client.distinct == 800);
        client.close();
        worker.close();
        first.close();

        final HashingService after = new HashingService(false);
        final MasterNode second = scratch.closing(MasterNode.launch(context().service(after)));
        scratch.await("the second master", second::isReady);
        assertTrue(after.loadedAt > 0, "it began with the snapshot");
        assertSameStates(before.hashes, after.hashes, 300);
    }

    @Test
    void shouldReplayALogWithTheSettingsThatHeldWhenItWasWritten() {
        final HashingService before = new HashingService(false, hasty());
        final MasterNode first = MasterNode.launch(context().service(before));
        final TaskParty worker = party(PartyKind.WORKER, "worker", first);
        final TaskParty client = party(PartyKind.CLIENT, "client", first);
        client.submit(500);
        scratch.await("all results", () -> client.distinct == 500);
        client.close();
        worker.close();
        first.close();
        assertEquals(1, before.settings.size());

        final HashingService after = new HashingService(false, new SequencerConfig());
        final MasterNode second = MasterNode.launch(context().service(after));
        scratch.await("the second master's own settings", () -> after.settings.size() == 2);
        assertEquals(before.settings.get(0), after.settings.get(0), "first the old ones, where they were");
        assertSameStates(before.hashes, after.hashes, 300);
        scratch.await("a snapshot to be begun", second::requestSnapshot);
        scratch.await("a snapshot", () -> second.snapshotCount() == 1);
        second.close();

        // A snapshot with the count of offers in it, and the log of a term behind it: each start brings its own
        // settings.
        for (int start = 0; start < 2; start++) {
            final HashingService again = new HashingService(false, hasty());
            final int expected = 1 + start;
            final MasterNode third = MasterNode.launch(context().service(again));
            scratch.await("the third master's own settings", () -> again.settings.size() == expected);
            assertTrue(again.loadedAt > 0, "it began with the snapshot");
            third.close();
        }
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    private static SequencerConfig hasty() {
        return new SequencerConfig()
                .defaultStrategy(Strategy.ROUND_ROBIN)
                .set(Setting.EVENT_LAG_MS, 60)
                .set(Setting.RESUME_BATCH, 1)
                .set(Setting.MAX_UNACKNOWLEDGED, 16)
                .set(Setting.DEFAULT_MAX_ATTEMPTS, 1);
    }

    @Test
    void shouldRestoreASnapshotWhoseRecordsAreLongerThanAPacket() {
        final MasterNode first = scratch.closing(MasterNode.launch(context()));
        final TaskParty client = party(PartyKind.CLIENT, "client", first);
        client.parametersLength = 1_024;
        client.dependencies = 24;
        client.submit(30);
        scratch.await("the tasks to be sequenced", () -> client.party.acknowledgedSeq() >= 31);
        scratch.await("a snapshot to be begun", first::requestSnapshot);
        scratch.await("a snapshot of tasks that wait", () -> first.snapshotCount() == 1);
        first.close();

        final MasterNode second = scratch.closing(MasterNode.launch(context()));
        scratch.await("the second master", second::isReady);
        party(PartyKind.WORKER, "worker", second);
        scratch.await("the results", () -> client.distinct == 30);
        assertEquals(0, client.failed);
        assertEquals(1, client.registrations);
    }

    @Test
    void shouldGoOnAsTheSameAfterItWasKilled() {
        final String[] args = {"directory=" + path("master"), "driver=" + path("aeron"), "port=" + basePort, "hashes=1"
        };
        final MasterProcess first = scratch.closing(MasterProcess.start(args));
        scratch.await("the first master", () -> first.hasSaid("READY"));
        final TaskParty worker = scratch.closing(new TaskParty(PartyKind.WORKER, "worker", session()));
        final TaskParty client = scratch.closing(new TaskParty(PartyKind.CLIENT, "client", session()));
        client.submit(600);
        scratch.await("the first results", () -> client.distinct >= 50);
        first.kill();

        final MasterProcess second = scratch.closing(MasterProcess.start(args));
        scratch.await("the second master", RESTART_NS, () -> second.hasSaid("READY"));
        client.submit(400);
        scratch.await("all results", RESTART_NS, () -> client.distinct == 1_000);
        assertEquals(0, client.failed);
        assertEquals(1, client.registrations, "the client is the same to it");
        assertEquals(1, worker.registrations, "and so is the worker");
        assertSameStates(hashes(first), hashes(second), 50);
        second.stop();
    }

    @Test
    void shouldIgnoreAndCountRandomBytes() {
        final MasterNode master = scratch.closing(MasterNode.launch(context()));
        final TaskParty worker = party(PartyKind.WORKER, "worker", master);
        final TaskParty client = party(PartyKind.CLIENT, "client", master);
        client.submit(100);
        scratch.await("results before", () -> client.distinct == 100);
        final Random random = new Random(11);
        try (AeronCluster intruder = AeronCluster.connect(new AeronCluster.Context()
                .aeronDirectoryName(master.aeronDirectoryName())
                .ingressChannel("aeron:ipc")
                .egressChannel("aeron:ipc")
                .egressStreamId(4_711)
                .errorHandler(scratch::onError)
                .egressListener((session, timestamp, buffer, offset, length, header) -> {}))) {
            final byte[] bytes = new byte[1_344];
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            for (int i = 0; i < 3_000; i++) {
                random.nextBytes(bytes);
                if (i % 3 == 0) { // with a header that is ours: the body is random
                    buffer.putShort(0, (short) random.nextInt(200));
                    buffer.putShort(2, (short) random.nextInt(130));
                    buffer.putShort(4, (short) 1);
                    buffer.putShort(6, (short) 0);
                }
                final int length = 1 + random.nextInt(bytes.length);
                scratch.await("ingress to take it", () -> {
                    intruder.pollEgress();
                    return intruder.offer(buffer, 0, length) > 0;
                });
            }
        }
        client.submit(200);
        scratch.await("results after", () -> client.distinct == 300);
        assertEquals(1, client.registrations);
        assertEquals(1, worker.registrations);
        assertTrue(counter(worker, "malformed messages ignored") >= 1_000, "what is not a message is counted");
        assertTrue(scratch.errors().isEmpty(), () -> scratch.errors().toString());
    }

    private long counter(final TaskParty party, final String text) {
        final AtomicLong value = new AtomicLong(-1);
        final AtomicLong isDone = new AtomicLong();
        party.session.execute(() -> {
            final CountersReader counters = party.session.counters();
            counters.forEach((id, typeId, key, label) -> {
                if (label.contains(text)) {
                    value.set(counters.getCounterValue(id));
                }
            });
            isDone.set(1);
        });
        scratch.await("the counters", () -> isDone.get() == 1);
        return value.get();
    }

    private static void assertSameStates(final Map<Long, Long> before, final Map<Long, Long> after, final int least) {
        int compared = 0;
        for (final Map.Entry<Long, Long> entry : before.entrySet()) {
            final Long hash = after.get(entry.getKey());
            if (hash != null) {
                assertEquals(entry.getValue(), hash, "the state at position " + entry.getKey());
                compared++;
            }
        }
        System.out.println("states compared: " + compared);
        assertTrue(compared >= least, "states compared: " + compared);
    }

    private static Map<Long, Long> hashes(final MasterProcess process) {
        final Map<Long, Long> hashes = new HashMap<>();
        for (final String line : process.lines()) {
            final String[] words = line.split(" ");
            if (words.length == 3 && words[0].equals("HASH")) {
                hashes.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
            }
        }
        return hashes;
    }

    private TaskParty party(final PartyKind kind, final String name, final MasterNode master) {
        return scratch.closing(new TaskParty(kind, name, TestClient.context(scratch, master, Timeouts.ci())));
    }

    private ClusterSession.Context session() {
        return new ClusterSession.Context()
                .aeronDirectoryName(path("aeron").toString())
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError);
    }

    private MasterContext context() {
        return new MasterContext()
                .directory(path("master"))
                .mediaDriverDirectory(path("aeron"))
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .errorHandler(scratch::onError);
    }

    private Path path(final String name) {
        return scratch.directory().resolve(name);
    }
}
