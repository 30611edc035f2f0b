package io.dragon.engine.cluster.replay;

import io.aeron.archive.status.RecordingPos;
import io.aeron.cluster.RecordingLog;
import java.util.Comparator;
import java.util.List;

/** A snapshot as the recording log names it. */
record RecordingLogEntry(long recordingId, long logPosition) {
    static final long NONE = RecordingPos.NULL_RECORDING_ID;

    /** The valid snapshots of a service, the oldest first. */
    static List<RecordingLogEntry> snapshots(final RecordingLog recordingLog, final int serviceId) {
        return recordingLog.entries().stream()
                .filter(entry ->
                        entry.isValid && entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && entry.serviceId == serviceId)
                .map(entry -> new RecordingLogEntry(entry.recordingId, entry.logPosition))
                .sorted(Comparator.comparingLong(RecordingLogEntry::logPosition))
                .toList();
    }
}
