package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is on a master's disk is never taken for less than it was. */
final class StoredStateTest {
    private static final int LOG_TERM_LENGTH = 1 << 16;
    private static final int SEGMENT_LENGTH = 2 * LOG_TERM_LENGTH;

    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldNotTakeADamagedLengthAmidTheLogForWhatAKillTore() throws IOException {
        runAlone();
        final Path log = log();
        final byte[] before;
        try (RandomAccessFile access = new RandomAccessFile(log.toFile(), "rw")) {
            final int second = (Integer.reverseBytes(access.readInt()) + 31) / 32 * 32;
            access.seek(second + 3);
            access.write(0x40); // a length that no file has room for
            before = Files.readAllBytes(log);
        }
        final StoredState stored = StoredState.of(directory(0), SEGMENT_LENGTH, sentence -> {});
        assertEquals(StoredState.Verdict.LOST, stored.verdict());
        assertTrue(stored.loss().contains("is not what was written"), stored.loss());
        assertTrue(Arrays.equals(before, Files.readAllBytes(log)), "nothing was taken away");
    }

    @Test
    void shouldNotTakeRecordingsWithoutTheirListForAFirstStart() throws IOException {
        runAlone();
        final Path list = directory(0).resolve(MasterPaths.CLUSTER).resolve(RecordingLog.RECORDING_LOG_FILE_NAME);
        Files.write(list, new byte[0]);
        assertEquals(
                StoredState.Verdict.LOST,
                StoredState.of(directory(0), SEGMENT_LENGTH, sentence -> {}).verdict());
        Files.delete(list);
        assertEquals(
                StoredState.Verdict.LOST,
                StoredState.of(directory(0), SEGMENT_LENGTH, sentence -> {}).verdict());
        assertTrue(Files.exists(log(0)), "nothing was taken away");
    }

    @Test
    void shouldNotTakeALogThatNothingPrecedesForAFirstStart() throws IOException {
        runAlone();
        // as if its first file had been purged after a snapshot, of which the list knows nothing
        final String name = log().getFileName().toString();
        final Path second = log().resolveSibling(name.replace("-0.rec", "-" + SEGMENT_LENGTH + ".rec"));
        Files.move(log(), second);
        final StoredState stored = StoredState.of(directory(0), SEGMENT_LENGTH, sentence -> {});
        assertEquals(StoredState.Verdict.LOST, stored.verdict());
        assertTrue(stored.loss().contains("no snapshot of before"), stored.loss());
        assertTrue(Files.exists(second), "nothing was taken away");
    }

    @Test
    void shouldPutAsideAllThatIsNeededToPutItBack() throws IOException {
        runAlone();
        StoredState.setAside(directory(0));
        assertEquals(
                StoredState.Verdict.LOST,
                StoredState.of(directory(0), SEGMENT_LENGTH, sentence -> {}).verdict());
        try (Stream<Path> aside = Files.list(directory(0).resolve("archive.lost"))) {
            final List<String> names =
                    aside.map(file -> file.getFileName().toString()).toList();
            assertTrue(names.contains(RecordingLog.RECORDING_LOG_FILE_NAME), names.toString());
            assertTrue(names.contains("archive.catalog"), names.toString());
        }
        StoredState.setAside(directory(0)); // again, with nothing of its own meanwhile
        assertTrue(Files.exists(directory(0).resolve("archive.lost").resolve(RecordingLog.RECORDING_LOG_FILE_NAME)));
    }

    @Test
    void shouldNotHelpToElectOneThatMayLackWhatAnEmptiedOneHadAcknowledged() throws Exception {
        final MasterNode[] masters = new MasterNode[3];
        for (int member = 0; member < 3; member++) {
            masters[member] = scratch.closing(MasterNode.launch(context(member, 3, sentence -> {})));
        }
        scratch.await("all three", () -> Arrays.stream(masters).allMatch(MasterNode::isReady));
        for (final MasterNode master : masters) {
            master.close();
        }
        IoUtil.delete(directory(2).toFile(), false);
        masters[0] = scratch.closing(MasterNode.launch(context(0, 3, sentence -> {})));

        final Queue<String> told = new ConcurrentLinkedQueue<>();
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            final Future<MasterNode> emptied = thread.submit(() -> MasterNode.launch(context(2, 3, told::add)));
            scratch.await("the sentence that says for whom it waits", () -> told.stream()
                    .anyMatch(text -> text.contains("waits for other masters")));
            assertFalse(emptied.isDone());
            assertFalse(masters[0].isReady(), "one of two could lack what the others had acknowledged");

            masters[1] = scratch.closing(MasterNode.launch(context(1, 3, sentence -> {})));
            masters[2] = scratch.closing(emptied.get(30, TimeUnit.SECONDS));
            scratch.await("all three again", () -> Arrays.stream(masters).allMatch(MasterNode::isReady));
        } finally {
            thread.shutdown();
        }
    }

    private void runAlone() {
        try (MasterNode master = MasterNode.launch(context(0, 1, sentence -> {}))) {
            scratch.await("a single master", master::isReady);
        }
    }

    private Path log() {
        try (RecordingLog list =
                new RecordingLog(directory(0).resolve(MasterPaths.CLUSTER).toFile(), false)) {
            return log(list.findLastTermRecordingId());
        }
    }

    private Path log(final long recordingId) {
        return directory(0).resolve(MasterPaths.ARCHIVE).resolve(recordingId + "-0.rec");
    }

    private Path directory(final int member) {
        return scratch.directory().resolve("master-" + member);
    }

    private MasterContext context(final int member, final int members, final Consumer<String> narrator) {
        return new MasterContext()
                .directory(directory(member))
                .mediaDriverDirectory(scratch.directory().resolve("aeron-" + member))
                .members(Collections.nCopies(members, "localhost"))
                .memberId(member)
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(LOG_TERM_LENGTH)
                .narrator(narrator)
                .errorHandler(scratch::onError);
    }
}
