package io.dragon.engine.cluster;

import io.aeron.archive.client.AeronArchive;
import io.aeron.archive.client.RecordingDescriptorConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A recording as an archive, or its catalogue, lists it.
 *
 * @param recordingId   its number.
 * @param streamId      of what was recorded.
 * @param startPosition of the first byte kept.
 * @param stopPosition  behind the last byte; {@link AeronArchive#NULL_POSITION} while it is written, or when its writer was killed.
 * @param termLength    bytes.
 * @param segmentLength of each of its files, bytes.
 */
public record RecordingEntry(
        long recordingId, int streamId, long startPosition, long stopPosition, int termLength, int segmentLength) {

    /**
     * What Aeron lists recordings to.
     *
     * @param each takes every recording.
     * @return for any listing of Aeron's.
     */
    public static RecordingDescriptorConsumer to(final Consumer<RecordingEntry> each) {
        return (controlSessionId,
                correlationId,
                recordingId,
                startTimestamp,
                stopTimestamp,
                startPosition,
                stopPosition,
                initialTermId,
                segmentFileLength,
                termBufferLength,
                mtuLength,
                sessionId,
                streamId,
                strippedChannel,
                originalChannel,
                sourceIdentity) -> each.accept(new RecordingEntry(
                recordingId, streamId, startPosition, stopPosition, termBufferLength, segmentFileLength));
    }

    /** All that an archive has. */
    static List<RecordingEntry> all(final AeronArchive archive) {
        final List<RecordingEntry> all = new ArrayList<>();
        archive.listRecordings(0, Integer.MAX_VALUE, to(all::add));
        return all;
    }

    /** One of them; null when the archive does not have it. */
    static RecordingEntry of(final AeronArchive archive, final long recordingId) {
        final List<RecordingEntry> found = new ArrayList<>(1);
        archive.listRecording(recordingId, to(found::add));
        return found.isEmpty() ? null : found.get(0);
    }
}
