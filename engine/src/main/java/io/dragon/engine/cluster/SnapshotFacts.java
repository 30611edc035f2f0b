package io.dragon.engine.cluster;

import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.codecs.MessageHeaderDecoder;
import io.aeron.cluster.codecs.SnapshotMark;
import io.aeron.cluster.codecs.SnapshotMarkerDecoder;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.dragon.codecs.snapshot.SnapshotPlaceDecoder;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/** What the recording of a snapshot, of the consensus module or of the sequencer, tells about itself. */
final class SnapshotFacts implements RecordedFrames.Listener {
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final SnapshotMarkerDecoder marker = new SnapshotMarkerDecoder();
    private final io.dragon.codecs.snapshot.MessageHeaderDecoder ownHeader =
            new io.dragon.codecs.snapshot.MessageHeaderDecoder();
    private final SnapshotPlaceDecoder place = new SnapshotPlaceDecoder();
    private long typeId = -1;
    private long logPosition = -1;
    private long leadershipTermId = -1;
    private long termBaseLogPosition = -1;
    private boolean hasBegun;
    private boolean hasEnded;
    private String fault;

    private SnapshotFacts() {}

    /** Reads the recording and looks whether all of it is there. */
    static SnapshotFacts of(final Path archive, final int segmentLength, final long recordingId) {
        final SnapshotFacts facts = new SnapshotFacts();
        facts.fault = new RecordedFrames(archive, segmentLength)
                .read(recordingId, false, facts)
                .fault();
        return facts;
    }

    /** Why it cannot be used, in words; null when it can. */
    String fault() {
        if (fault == null && !(hasBegun && hasEnded)) {
            return "its end is missing";
        }
        return fault;
    }

    boolean isOfConsensusModule() {
        return typeId == ConsensusModule.Configuration.SNAPSHOT_TYPE_ID;
    }

    boolean isOfService() {
        return typeId == ClusteredServiceContainer.Configuration.SNAPSHOT_TYPE_ID;
    }

    long logPosition() {
        return logPosition;
    }

    long leadershipTermId() {
        return leadershipTermId;
    }

    /** Where the term began; -1 when it does not say. */
    long termBaseLogPosition() {
        return termBaseLogPosition;
    }

    @Override
    public void onFragment(final DirectBuffer buffer, final int offset, final int length) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH) {
            return;
        }
        header.wrap(buffer, offset);
        if (header.schemaId() == MessageHeaderDecoder.SCHEMA_ID
                && header.templateId() == SnapshotMarkerDecoder.TEMPLATE_ID) {
            onMarker(buffer, offset);
        } else if (header.schemaId() == SnapshotPlaceDecoder.SCHEMA_ID
                && header.templateId() == SnapshotPlaceDecoder.TEMPLATE_ID) {
            place.wrapAndApplyHeader(buffer, offset, ownHeader);
            termBaseLogPosition = place.termBaseLogPosition();
        }
    }

    private void onMarker(final DirectBuffer buffer, final int offset) {
        marker.wrapAndApplyHeader(buffer, offset, header);
        if (marker.mark() == SnapshotMark.BEGIN) {
            hasBegun = true;
            typeId = marker.typeId();
            logPosition = marker.logPosition();
            leadershipTermId = marker.leadershipTermId();
        } else if (marker.mark() == SnapshotMark.END) {
            hasEnded = true;
        }
    }
}
