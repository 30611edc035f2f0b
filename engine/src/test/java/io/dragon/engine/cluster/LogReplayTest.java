package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.cluster.replay.LogReplay;
import io.dragon.engine.cluster.replay.MasterCopy;
import io.dragon.engine.cluster.replay.Story;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real master wrote, replayed from a copy of its directory. */
final class LogReplayTest {
    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldHaveTheMastersStateAtEveryPositionOfItsLog() {
        final HashingService service = new HashingService(false);
        run(service, 400, false);
        final Map<Long, Long> before = files();
        final Story story = new Story(0, 1_000);
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, story, story)) {
            story.follow(replay);
            assertFalse(replay.isFromSnapshot());
            assertTrue(compare(replay, service) >= 500);
            assertEquals(400, replay.state().summary().get("tasksCompleted"));
            assertEquals("worker", replay.state().workers().get(0).get("name"));
        }
        assertEquals(400, story.ends().size());
        assertEquals(1, story.terms().size());
        assertEquals(before, files(), "nothing of the original is changed");
        assertEquals(0, copies(), "the copy is deleted");
    }

    @Test
    void shouldBeginWithTheOldestSnapshotAndPassOverOneThatIsDamaged() throws IOException {
        final HashingService service = new HashingService(false);
        run(service, 300, true);
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            assertTrue(replay.isFromSnapshot());
            assertTrue(replay.startPosition() > 0);
            assertEquals(List.of(), replay.remarks());
            assertTrue(compare(replay, service) >= 100);
        }
        for (final Path recording : snapshotRecordings()) {
            try (RandomAccessFile file = new RandomAccessFile(recording.toFile(), "rw")) {
                for (int at = 200; at < 3_000; at += 7) { // some of it is the sequencer's, whatever the sessions take
                    file.seek(at);
                    file.write(0x55);
                }
            }
        }
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            assertFalse(replay.isFromSnapshot(), "the log reaches back to its beginning");
            assertEquals(1, replay.remarks().size());
            assertTrue(replay.remarks().get(0).contains("cannot be read"), replay.remarks()::toString);
            assertTrue(compare(replay, service) >= 300);
        }
    }

    @Test
    void shouldTellTheWholeLifeOfATaskThatFailedOnce() {
        final MasterNode master = scratch.closing(MasterNode.launch(context(new HashingService(false))));
        final TaskParty worker = party(PartyKind.WORKER, "worker", master);
        worker.failsFirstAttempts = true;
        final TaskParty client = party(PartyKind.CLIENT, "client", master);
        client.submit(5);
        scratch.await("all results", () -> client.distinct == 5);

        // The master runs on.
        final Story ends = new Story(0, 10);
        replay(ends);
        final Story.End end = ends.ends().get(0);
        assertEquals(TaskState.COMPLETED, end.state());
        assertEquals(2, end.attempts());
        assertEquals("worker", end.worker());
        assertEquals("nothing", end.type());

        final Story story = new Story(end.taskId(), 0);
        replay(story);
        final String life =
                String.join("\n", story.lines().stream().map(Story.Line::text).toList());
        for (final String expected : List.of(
                "submitted by client: type 'nothing', priority ",
                "ready",
                "candidate worker: ",
                "given to worker, attempt 1",
                "worker failed attempt 1 after 0.001 ms: handler failed",
                "tried again: 1 of at most 3 failures (handler failed)",
                "given to worker, attempt 2",
                "worker completed attempt 2 in 0.001 ms",
                "completed",
                "result sent to client")) {
            assertTrue(life.contains(expected), () -> "'" + expected + "' is missing in:\n" + life);
        }
    }

    @Test
    void shouldStopAtAPositionAndAtATime() {
        final HashingService service = new HashingService(false);
        run(service, 200, false);
        final List<Long> positions = List.copyOf(new TreeMap<>(service.hashes).keySet());
        final long middle = positions.get(positions.size() / 2);
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            while (replay.step(middle, Long.MAX_VALUE)) {
                assertTrue(replay.position() <= middle);
            }
            assertEquals(middle, replay.position());
            assertEquals(service.hashes.get(middle), replay.stateHash());
            final long timeMs = replay.timeMs();
            assertFalse(replay.step(Long.MAX_VALUE, timeMs - 1));
            assertEquals(middle, replay.position());
            assertTrue(replay.step(), "what was looked at is not lost");
            assertTrue(replay.timeMs() >= timeMs);
        }
    }

    @Test
    void shouldSayInWordsWhatCannotBeReplayed() throws IOException {
        assertSays("is not a master's directory", scratch.directory());
        assertSays("is not a master's directory", scratch.directory().resolve("nowhere"));
        run(new HashingService(false), 50, false);
        final Path log = recordings().get(0);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(0);
            file.write(new byte[] {3, 0, 0, 0});
        }
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            final String text =
                    assertThrows(DragonException.class, replay::step).getMessage();
            assertTrue(text.contains("is damaged at position 0"), text);
        }
        Files.delete(log);
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            assertFalse(replay.step(), "an empty log has no messages");
        }
    }

    /** What is shown would otherwise be what the sequencer makes of bytes that nobody wrote. */
    @Test
    void shouldNotReplayAFrameThatIsNotWhatWasWritten() throws IOException {
        run(new HashingService(false), 50, false);
        try (RandomAccessFile file = new RandomAccessFile(recordings().get(0).toFile(), "rw")) {
            int at = 0;
            for (int i = 0; i < 40; i++) { // a frame with others behind it
                file.seek(at);
                at += (Integer.reverseBytes(file.readInt()) + 31) / 32 * 32;
            }
            file.seek(at + 40L);
            final int value = file.read();
            file.seek(at + 40L);
            file.write(value ^ 1);
        }
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, new LogReplay.Listener() {}, null)) {
            final String text = assertThrows(DragonException.class, () -> {
                        while (replay.step()) {
                            assertTrue(replay.messages() <= 40);
                        }
                    })
                    .getMessage();
            assertTrue(text.contains("a frame that is not what was written"), text);
        }
    }

    private void assertSays(final String expected, final Path directory) {
        final String text = assertThrows(DragonException.class, () -> MasterCopy.of(directory, scratch.directory()))
                .getMessage();
        assertTrue(text.contains(expected), text);
    }

    private void replay(final Story story) {
        try (MasterCopy copy = copy();
                LogReplay replay = LogReplay.open(copy, story, story)) {
            story.follow(replay);
            while (replay.step()) {
                // The story hears it.
            }
        }
    }

    private static int compare(final LogReplay replay, final HashingService service) {
        int compared = 0;
        while (replay.step()) {
            final Long hash = service.hashes.get(replay.position());
            if (hash != null) {
                assertEquals(hash, replay.stateHash(), "the state at position " + replay.position());
                compared++;
            }
        }
        return compared;
    }

    private void run(final HashingService service, final int tasks, final boolean withSnapshot) {
        try (MasterNode master = MasterNode.launch(context(service));
                TaskParty worker = party(PartyKind.WORKER, "worker", master);
                TaskParty client = party(PartyKind.CLIENT, "client", master)) {
            client.submit(tasks);
            if (withSnapshot) {
                scratch.await("some results", () -> client.distinct >= tasks / 3);
                scratch.await("a snapshot to be begun", master::requestSnapshot);
                scratch.await("a snapshot", () -> master.snapshotCount() == 1);
                client.submit(tasks);
            }
            scratch.await("all results", () -> client.distinct == client.wanted);
            assertEquals(0, worker.fencings);
        }
    }

    private MasterCopy copy() {
        return MasterCopy.of(scratch.directory().resolve("master"), scratch.directory());
    }

    private long copies() {
        try (Stream<Path> files = Files.list(scratch.directory())) {
            return files.filter(file -> file.getFileName().toString().startsWith("dragon-replay"))
                    .count();
        } catch (final IOException ex) {
            throw new AssertionError(ex);
        }
    }

    private List<Path> recordings() throws IOException {
        try (Stream<Path> files =
                Files.list(scratch.directory().resolve("master").resolve("archive"))) {
            return files.filter(file -> file.toString().endsWith(".rec"))
                    .sorted()
                    .toList();
        }
    }

    /** Those of the consensus module and of the service: every recording after the log's own, which is the first. */
    private List<Path> snapshotRecordings() throws IOException {
        return recordings().stream()
                .filter(file -> !file.getFileName().toString().startsWith("0-"))
                .toList();
    }

    private Map<Long, Long> files() {
        final Map<Long, Long> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(scratch.directory().resolve("master"))) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(
                            (long) file.hashCode(),
                            file.toFile().lastModified() * 31 + file.toFile().length()));
        } catch (final IOException ex) {
            throw new AssertionError(ex);
        }
        return files;
    }

    private TaskParty party(final PartyKind kind, final String name, final MasterNode master) {
        return scratch.closing(new TaskParty(kind, name, TestClient.context(scratch, master, Timeouts.ci())));
    }

    private MasterContext context(final HashingService service) {
        return new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(basePort)
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .service(service)
                .errorHandler(scratch::onError);
    }
}
