package io.dragon.engine.cluster;

import io.aeron.archive.status.RecordingPos;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.RecordingLog;
import io.dragon.engine.config.DragonException;
import java.io.DataInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.IoUtil;

/**
 * What a master has on its disk, read through before it starts: a snapshot that is damaged is never loaded and a log that is damaged
 * never replayed.
 */
final class StoredState {
    /** Whether a master can start from it. */
    enum Verdict {
        /** Nothing is there: a first start, or an emptied disk. */
        EMPTY,
        /** Snapshot and log are what was written, or an earlier snapshot is and the log behind it. */
        WHOLE,
        /** There is something, and no way to start from it. */
        LOST
    }

    private static final String CATALOG = "archive.catalog";
    private static final String LOST = "archive.lost";

    private final Path directory;
    private final Path archive;
    private final File cluster;
    private final int segmentLength;
    private final Consumer<String> narrator;
    private Verdict verdict = Verdict.WHOLE;
    private String loss = "";
    private long logStart;
    private long logEnd;

    private StoredState(final Path directory, final int segmentLength, final Consumer<String> narrator) {
        this.directory = directory;
        this.segmentLength = segmentLength;
        this.narrator = narrator;
        archive = directory.resolve(MasterPaths.ARCHIVE);
        cluster = directory.resolve(MasterPaths.CLUSTER).toFile();
    }

    /**
     * Reads it through. Damaged snapshots are marked as not to be used; nothing else is changed but what a kill tore.
     *
     * @param directory     of the master, on which nothing runs.
     * @param segmentLength of the archive's files.
     * @param narrator      told what is damaged, a sentence each.
     */
    static StoredState of(final Path directory, final int segmentLength, final Consumer<String> narrator) {
        final StoredState state = new StoredState(directory, segmentLength, narrator);
        try {
            state.read();
        } catch (final RuntimeException ex) {
            state.lose("it cannot be read (" + ex.getMessage() + ")");
        }
        return state;
    }

    Verdict verdict() {
        return verdict;
    }

    /** Why it is lost, in words. */
    String loss() {
        return loss;
    }

    /** Behind the last byte of the log; 0 without one. */
    long logEnd() {
        return logEnd;
    }

    /** Takes everything away but the memory of votes, so that another's state can take its place; until then it counts as lost. */
    static void wipe(final Path directory) {
        MasterPaths.make(directory.resolve(LOST));
        IoUtil.delete(directory.resolve(MasterPaths.ARCHIVE).toFile(), true);
        IoUtil.deleteIfExists(listOf(directory).toFile());
    }

    /** The list of the recordings: what each is, and which are valid. */
    private static Path listOf(final Path directory) {
        return directory.resolve(MasterPaths.CLUSTER).resolve(RecordingLog.RECORDING_LOG_FILE_NAME);
    }

    /** Puts what is lost aside, so that it cannot be taken for nothing, until another's state has taken its place. */
    static void setAside(final Path directory) {
        final File aside = directory.resolve(LOST).toFile();
        final File archive = directory.resolve(MasterPaths.ARCHIVE).toFile();
        if (archive.exists() && !aside.exists() && !archive.renameTo(aside)) {
            throw new DragonException("The folder " + archive + " cannot be renamed: look at who owns it.");
        }
        MasterPaths.make(aside.toPath());
        final File list = listOf(directory).toFile();
        final File listAside = new File(aside, list.getName());
        if (list.exists() && !listAside.exists() && !list.renameTo(listAside)) {
            throw new DragonException("The file " + list + " cannot be renamed: look at who owns it.");
        }
        wipe(directory);
    }

    /** There is no need any more of what was put aside. */
    static void forgetLost(final Path directory) {
        IoUtil.delete(directory.resolve(LOST).toFile(), true);
    }

    private void read() {
        if (Files.exists(directory.resolve(LOST))) {
            lose("it was lost before, and nothing has taken its place");
            return;
        }
        if (!Files.exists(listOf(directory))) {
            readWithoutList();
            return;
        }
        try (RecordingLog recordingLog = new RecordingLog(cluster, false)) {
            if (recordingLog.entries().isEmpty()) {
                readWithoutList();
            } else if (!Files.exists(archive.resolve(CATALOG))) {
                lose("the catalogue of its recordings is missing");
            } else {
                readLog(recordingLog);
                if (verdict == Verdict.WHOLE) {
                    readSnapshots(recordingLog);
                }
            }
        }
    }

    /** A first start that was killed has recorded nothing yet. */
    private void readWithoutList() {
        if (hasRecorded()) {
            lose("the list of its recordings, " + RecordingLog.RECORDING_LOG_FILE_NAME + ", is missing or empty");
        } else {
            verdict = Verdict.EMPTY;
        }
    }

    private boolean hasRecorded() {
        final File[] files = archive.toFile().listFiles((folder, name) -> name.endsWith(".rec"));
        for (final File file : files == null ? new File[0] : files) {
            try (DataInputStream frames = new DataInputStream(new FileInputStream(file))) {
                if (file.length() >= Long.BYTES && frames.readLong() != 0) {
                    return true;
                }
            } catch (final IOException ex) {
                return true;
            }
        }
        return false;
    }

    private void readLog(final RecordingLog recordingLog) {
        final long recordingId = recordingLog.findLastTermRecordingId();
        if (recordingId == RecordingPos.NULL_RECORDING_ID) {
            return;
        }
        final RecordedFrames.Extent log =
                new RecordedFrames(archive, segmentLength).read(recordingId, true, (buffer, offset, length) -> {});
        if (log.fault() != null) {
            lose("the log is damaged: " + log.fault());
        }
        logStart = log.start();
        logEnd = log.end();
    }

    private void readSnapshots(final RecordingLog recordingLog) {
        final boolean hasLog = recordingLog.findLastTermRecordingId() != RecordingPos.NULL_RECORDING_ID;
        RecordingLog.Entry snapshot = recordingLog.getLatestSnapshot(ConsensusModule.Configuration.SERVICE_ID);
        while (snapshot != null) {
            final String fault = fault(snapshot, recordingLog.getLatestSnapshot(0), hasLog);
            if (fault == null) {
                return;
            }
            narrator.accept("The snapshot at position " + snapshot.logPosition + " of the log is damaged: " + fault
                    + ". It is not used.");
            if (!recordingLog.invalidateLatestSnapshot()) {
                break;
            }
            snapshot = recordingLog.getLatestSnapshot(ConsensusModule.Configuration.SERVICE_ID);
        }
        if (logStart > 0 && !hasHadSnapshots(recordingLog)) {
            // as another gives it to a master that had nothing; or its list has lost what preceded it
            lose("its log begins at " + logStart + ", and it has no snapshot of before");
        } else if (logStart > 0) {
            lose("no snapshot is left from which the log could be continued");
        } else if (!hasLog) {
            lose("there is no log");
        }
    }

    private static boolean hasHadSnapshots(final RecordingLog recordingLog) {
        return recordingLog.entries().stream().anyMatch(entry -> entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT);
    }

    private String fault(final RecordingLog.Entry ofModule, final RecordingLog.Entry ofService, final boolean hasLog) {
        final List<String> faults = new ArrayList<>();
        if (ofService == null || ofService.logPosition != ofModule.logPosition) {
            faults.add("a part is missing");
        } else {
            for (final RecordingLog.Entry entry : List.of(ofModule, ofService)) {
                final String fault = SnapshotFacts.of(archive, segmentLength, entry.recordingId)
                        .fault();
                if (fault != null) {
                    faults.add(fault);
                }
            }
        }
        if (hasLog && (ofModule.logPosition < logStart || ofModule.logPosition > logEnd)) {
            faults.add("the log has " + logStart + " to " + logEnd);
        }
        return faults.isEmpty() ? null : faults.get(0);
    }

    private void lose(final String why) {
        verdict = Verdict.LOST;
        loss = why;
    }
}
