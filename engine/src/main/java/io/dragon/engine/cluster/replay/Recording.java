package io.dragon.engine.cluster.replay;

import io.aeron.archive.CatalogView;
import io.aeron.archive.client.AeronArchive;
import io.dragon.engine.cluster.RecordingEntry;
import io.dragon.engine.config.DragonException;
import java.nio.file.Path;

/**
 * A recording of an archive, as its catalog describes it.
 *
 * @param archive       the archive's directory
 * @param recordingId   its number there
 * @param startPosition of the first byte kept
 * @param stopPosition  of the end; {@link AeronArchive#NULL_POSITION} while it is written, or when its writer was killed
 * @param termLength    bytes
 * @param segmentLength of each of its files, bytes
 */
record Recording(
        Path archive, long recordingId, long startPosition, long stopPosition, int termLength, int segmentLength) {
    /** Looks a recording up; one sentence when it is not there. */
    static Recording find(final Path archive, final long recordingId) {
        final Recording[] found = new Recording[1];
        CatalogView.listRecording(
                archive.toFile(),
                recordingId,
                RecordingEntry.to(each -> found[0] = new Recording(
                        archive,
                        each.recordingId(),
                        each.startPosition(),
                        each.stopPosition(),
                        each.termLength(),
                        each.segmentLength())));
        if (found[0] == null) {
            throw new DragonException("Recording " + recordingId
                    + " is named in the recording log, but the archive does not have it: the directory is damaged.");
        }
        return found[0];
    }

    long segmentPosition(final long position) {
        return AeronArchive.segmentFileBasePosition(startPosition, position, termLength, segmentLength);
    }

    Path segment(final long segmentPosition) {
        return archive.resolve(recordingId + "-" + segmentPosition + ".rec");
    }
}
