package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.RecordingLog;
import io.aeron.protocol.DataHeaderFlyweight;
import io.dragon.codecs.snapshot.MessageHeaderDecoder;
import io.dragon.codecs.snapshot.SnapshotEndDecoder;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A master whose disk is emptied, damaged or far behind takes its state from the others, under load. */
@Tag("long")
final class RejoinTest {
    private static final int AWAY = 2;
    private static final int LOG_TERM_LENGTH = 1 << 16;
    private static final int COMMANDS_PER_SECOND = 2_000;
    private static final int PAGE_LENGTH = 4_096;

    /** Two of three begin without the third when it has been silent for so long. */
    private static final Timeouts TIMEOUTS =
            Timeouts.ci().with(Timeouts.Key.STARTUP_CANVASS, TimeUnit.SECONDS.toNanos(2));

    private static final int SNAPSHOTS_KEPT = 2;

    private final Scratch scratch = new Scratch();
    private final int basePort = Scratch.freeBasePort();
    private final MasterNode[] masters = new MasterNode[3];
    private boolean hasPurged;
    private final List<ConcurrentLinkedQueue<String>> told =
            List.of(new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>(), new ConcurrentLinkedQueue<>());

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldTakeFromTheOthersWhatItLacks() throws IOException {
        startAll();
        try (CommandPulse pulse = pulse()) {
            purgeTheLog(pulse, masters);
            masters[AWAY].close();
            IoUtil.delete(directory(AWAY).toFile(), true);
            rejoin(pulse, "has nothing in", "took the snapshot at position");

            masters[AWAY].close();
            purgeTheLog(pulse, masters[0], masters[1]);
            rejoin(pulse, "was away for longer than the log of the others reaches", "took the snapshot at position");

            purgeTheLog(pulse, masters);
            masters[AWAY].close();
            final List<Path> snapshots = snapshotFiles(AWAY);
            flip(snapshots.get(0), 200);
            rejoin(pulse, "of the log is damaged: its file");

            purgeTheLog(pulse, masters);
            masters[AWAY].close();
            for (final Path file : snapshotFiles(AWAY)) {
                truncate(file, 300);
            }
            rejoin(pulse, "is too short", "is lost: no snapshot is left", "took the snapshot at position");

            purgeTheLog(pulse, masters);
            masters[AWAY].close();
            for (final Path file : files(AWAY, logRecordingId(AWAY))) {
                IoUtil.delete(file.toFile(), false);
            }
            rejoin(pulse, "is lost: the log is damaged: its file is missing", "took the snapshot at position");
            assertEquals(1, pulse.registrations(), "nobody else noticed");
            takeSnapshot(masters);
        }
        for (final MasterNode master : masters) {
            master.close();
        }
        assertEquals(
                snapshotHash(0), snapshotHash(AWAY), "the state at the last snapshot, which all took at one place");
        assertEquals(snapshotHash(1), snapshotHash(AWAY));
    }

    /** Nobody could tell it at its start what it lacks: the others were not there. */
    @Test
    void shouldNoticeThatItCannotCatchUpWhenItHadStartedBeforeTheOthers() throws IOException {
        startAll();
        try (CommandPulse pulse = pulse()) {
            masters[AWAY].close();
            purgeTheLog(pulse, masters[0], masters[1]);
        }
        masters[0].close();
        masters[1].close();
        startBeforeTheOthers(); // its log is shorter than the others reach back

        for (final MasterNode master : masters) {
            master.close();
        }
        IoUtil.delete(directory(AWAY).toFile(), true);
        startBeforeTheOthers(); // it has nothing
    }

    private void startBeforeTheOthers() {
        told.get(AWAY).clear();
        launch(AWAY);
        launch(0);
        launch(1);
        scratch.await("the two others", () -> masters[0].isReady() && masters[1].isReady());
        scratch.await("the third to notice", masters[AWAY]::isLeftBehind);
        scratch.await("its end", masters[AWAY]::hasEnded); // which comes right after
        assertTrue(told.get(AWAY).stream().anyMatch(text -> text.contains("cannot catch up")), told.toString());
        masters[AWAY].close();
        launch(AWAY);
        scratch.await("the third in its place", masters[AWAY]::isReady);
        assertTrue(told.get(AWAY).stream().anyMatch(text -> text.contains("took the snapshot at")), told.toString());
    }

    @Test
    void shouldNotStartEmptyWhenNobodyHasWhatIsLost() throws Exception {
        startAll();
        try (CommandPulse pulse = pulse()) {
            final long before = pulse.sequenced();
            scratch.await("commands", () -> pulse.sequenced() > before + 100);
        }
        for (final MasterNode master : masters) {
            master.close();
        }
        for (int member = 0; member < 3; member++) {
            flip(files(member, logRecordingId(member)).get(0), 500);
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            final ExecutorService threads = Executors.newFixedThreadPool(3);
            final List<Future<?>> starts = new ArrayList<>();
            for (int member = 0; member < 3; member++) {
                final int started = member;
                starts.add(threads.submit(() -> launch(started)));
            }
            threads.shutdown();
            for (final Future<?> start : starts) {
                final Throwable refusal = assertThrows(Exception.class, () -> start.get(60, TimeUnit.SECONDS))
                        .getCause();
                assertTrue(refusal instanceof DragonException, refusal.toString());
                assertTrue(refusal.getMessage().contains("No other master has anything either"), refusal.getMessage());
            }
        }
    }

    @Test
    void shouldRefuseADamagedLogOfASingleMasterAndTakeAwayWhatAKillTore() throws IOException {
        final MasterContext context = context(0).members(List.of("localhost"));
        try (MasterNode master = MasterNode.launch(context)) {
            scratch.await("a single master", master::isReady);
        }
        final Path log = files(0, logRecordingId(0)).get(0);
        for (final Torn torn : Torn.values()) {
            tear(log, torn);
            try (MasterNode master = MasterNode.launch(context(0).members(List.of("localhost")))) {
                scratch.await("a single master with a log torn: " + torn, master::isReady);
            }
        }
        flip(log, 100);
        final DragonException ex = assertThrows(
                DragonException.class, () -> MasterNode.launch(context(0).members(List.of("localhost"))));
        assertTrue(ex.getMessage().contains("is lost: the log is damaged"), ex.getMessage());
    }

    private void startAll() {
        for (int member = 0; member < 3; member++) {
            launch(member);
        }
        scratch.await("all three", () -> List.of(masters).stream().allMatch(MasterNode::isReady));
    }

    /** As many snapshots as are kept, with more log than a file of the archive between them: what lay before them is gone. */
    private void purgeTheLog(final CommandPulse pulse, final MasterNode... living) {
        final int snapshots = hasPurged ? SNAPSHOTS_KEPT : SNAPSHOTS_KEPT + 1;
        hasPurged = true;
        for (int i = 0; i < snapshots; i++) {
            final long before = living[0].commitPosition();
            scratch.await("more than a file of log", () -> living[0].commitPosition() > before + 2 * LOG_TERM_LENGTH);
            takeSnapshot(living);
        }
        assertTrue(pulse.sequenced() > 0);
    }

    private void takeSnapshot(final MasterNode... living) {
        final long[] counts = new long[living.length];
        final long[] purges = new long[living.length];
        for (int j = 0; j < living.length; j++) {
            counts[j] = living[j].snapshotCount();
            purges[j] = living[j].snapshotKeeper().purges();
        }
        scratch.await("a snapshot to be begun", () -> {
            boolean isBegun = false;
            for (final MasterNode master : living) {
                isBegun |= master.requestSnapshot();
            }
            return isBegun;
        });
        for (int j = 0; j < living.length; j++) {
            final int each = j;
            scratch.await(
                    "its snapshot",
                    () -> living[each].snapshotCount() > counts[each]
                            && living[each].snapshotKeeper().purges() > purges[each]);
        }
    }

    private void rejoin(final CommandPulse pulse, final String... sentences) {
        told.get(AWAY).clear();
        launch(AWAY);
        scratch.await("the third in its place", masters[AWAY]::isReady);
        final long position = masters[0].commitPosition();
        scratch.await("the third caught up", () -> masters[AWAY].commitPosition() >= position);
        for (final String sentence : sentences) {
            assertTrue(
                    told.get(AWAY).stream().anyMatch(text -> text.contains(sentence)),
                    sentence + " expected, told: " + told.get(AWAY));
        }
        final long before = pulse.sequenced();
        scratch.await("commands", () -> pulse.sequenced() > before);
    }

    private CommandPulse pulse() {
        final MediaDriverNode driver = scratch.closing(MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(scratch.directory().resolve("aeron-client"))
                .timeouts(Timeouts.ci())
                .errorHandler(scratch::onError)));
        return new CommandPulse(
                new ClusterSession.Context()
                        .aeronDirectoryName(driver.aeronDirectoryName())
                        .ingressEndpoints(masters[0].ingressEndpoints())
                        .timeouts(Timeouts.ci())
                        .errorHandler(scratch::onError),
                "pulse",
                COMMANDS_PER_SECOND);
    }

    private MasterNode launch(final int member) {
        masters[member] = scratch.closing(MasterNode.launch(context(member)));
        return masters[member];
    }

    private MasterContext context(final int member) {
        return new MasterContext()
                .directory(directory(member))
                .mediaDriverDirectory(scratch.directory().resolve("aeron-" + member))
                .members(List.of("localhost", "localhost", "localhost"))
                .memberId(member)
                .basePort(basePort)
                .timeouts(TIMEOUTS)
                .logTermLength(LOG_TERM_LENGTH)
                .narrator(told.get(member)::add)
                .errorHandler(scratch::onError);
    }

    private Path directory(final int member) {
        return scratch.directory().resolve("master-" + member);
    }

    private List<Path> files(final int member, final long recordingId) {
        final List<Path> files = new ArrayList<>();
        final String prefix = recordingId + "-";
        for (final String name :
                directory(member).resolve(MasterPaths.ARCHIVE).toFile().list()) {
            if (name.startsWith(prefix)) {
                files.add(directory(member).resolve(MasterPaths.ARCHIVE).resolve(name));
            }
        }
        return files;
    }

    private long logRecordingId(final int member) {
        try (RecordingLog log =
                new RecordingLog(directory(member).resolve(MasterPaths.CLUSTER).toFile(), false)) {
            return log.findLastTermRecordingId();
        }
    }

    /** Of the sequencer's part of the snapshots kept, newest first. */
    private List<Path> snapshotFiles(final int member) {
        final List<Path> found = new ArrayList<>();
        try (RecordingLog log =
                new RecordingLog(directory(member).resolve(MasterPaths.CLUSTER).toFile(), false)) {
            for (final RecordingLog.Entry entry : log.entries()) {
                if (entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT
                        && entry.serviceId != ConsensusModule.Configuration.SERVICE_ID) {
                    found.addAll(0, files(member, entry.recordingId));
                }
            }
        }
        return found;
    }

    private long snapshotHash(final int member) {
        final long[] hash = {0};
        final long recordingId;
        try (RecordingLog log =
                new RecordingLog(directory(member).resolve(MasterPaths.CLUSTER).toFile(), false)) {
            recordingId = log.getLatestSnapshot(0).recordingId;
        }
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        new RecordedFrames(directory(member).resolve(MasterPaths.ARCHIVE), 2 * LOG_TERM_LENGTH)
                .read(recordingId, false, (buffer, offset, length) -> {
                    if (header.wrap(buffer, offset).schemaId() == SnapshotEndDecoder.SCHEMA_ID
                            && header.templateId() == SnapshotEndDecoder.TEMPLATE_ID) {
                        hash[0] = new SnapshotEndDecoder()
                                .wrapAndApplyHeader(buffer, offset, header)
                                .stateHash();
                    }
                });
        assertNotEquals(0, hash[0]);
        return hash[0];
    }

    private static void flip(final Path file, final long at) {
        edit(file, access -> {
            access.seek(at);
            final int value = access.read();
            access.seek(at);
            access.write(value ^ 0x40);
        });
    }

    private static void truncate(final Path file, final long length) {
        edit(file, access -> access.setLength(length));
    }

    /** How much was written of the last frame; the archive's own check refuses to start on one that ends at the end of a page. */
    private enum Torn {
        BEHIND_ITS_LENGTH,
        AT_THE_END_OF_A_PAGE,
        BEHIND_THE_END_OF_A_PAGE
    }

    /** The header and the first bytes of a frame that reaches into the next page, and whose writer was killed. */
    private static void tear(final Path log, final Torn torn) {
        edit(log, access -> {
            long at = 0;
            int lastLength = 0;
            access.seek(at);
            for (int length = Integer.reverseBytes(access.readInt());
                    length > 0;
                    length = Integer.reverseBytes(access.readInt())) {
                lastLength = (length + 31) / 32 * 32;
                at += lastLength;
                access.seek(at);
            }
            final int toEndOfPage = (int) (PAGE_LENGTH - at % PAGE_LENGTH);
            final byte[] header = new byte[32];
            access.seek(at - lastLength);
            access.readFully(header);
            final ByteBuffer frame = ByteBuffer.allocate(toEndOfPage + 2 * 256).order(ByteOrder.LITTLE_ENDIAN);
            Arrays.fill(frame.array(), (byte) 0x5A);
            frame.put(0, header).putInt(0, frame.capacity());
            frame.putInt(DataHeaderFlyweight.TERM_OFFSET_FIELD_OFFSET, (int) (at % LOG_TERM_LENGTH));
            frame.put(DataHeaderFlyweight.FLAGS_FIELD_OFFSET, (byte) DataHeaderFlyweight.BEGIN_AND_END_FLAGS);
            final int written =
                    switch (torn) {
                        case BEHIND_ITS_LENGTH -> 8;
                        case AT_THE_END_OF_A_PAGE -> toEndOfPage;
                        case BEHIND_THE_END_OF_A_PAGE -> toEndOfPage + 256;
                    };
            access.seek(at);
            access.write(frame.array(), 0, written);
        });
    }

    private interface Edit {
        void apply(RandomAccessFile access) throws IOException;
    }

    private static void edit(final Path file, final Edit edit) {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            edit.apply(access);
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }
}
