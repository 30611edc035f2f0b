package io.dragon.tools;

import static io.aeron.AeronCounters.*;

import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import io.aeron.status.ChannelEndpointStatus;
import io.dragon.tools.process.DriverFile;
import java.util.Locale;
import java.util.Set;
import org.agrona.SemanticVersion;

/** What the number of an Aeron counter counts: its unit, or what a number that stands for a state means. */
final class CounterUnit {
    static final String COUNT = "count";
    static final String BYTES = "bytes";
    static final String NANOS = "ns";
    static final String EPOCH_MILLIS = "ms since 1970";

    /** A number that is neither an amount nor a time. */
    private static final String STATE = "state";

    private static final Set<Integer> POSITIONS = Set.of(
            DRIVER_PUBLISHER_LIMIT_TYPE_ID,
            DRIVER_SENDER_POSITION_TYPE_ID,
            DRIVER_RECEIVER_HWM_TYPE_ID,
            DRIVER_SUBSCRIBER_POSITION_TYPE_ID,
            DRIVER_RECEIVER_POS_TYPE_ID,
            DRIVER_SENDER_LIMIT_TYPE_ID,
            DRIVER_PUBLISHER_POS_TYPE_ID,
            ARCHIVE_RECORDING_POSITION_TYPE_ID,
            CLUSTER_COMMIT_POSITION_TYPE_ID);

    private static final Set<Integer> STATES = Set.of(
            DRIVER_SEND_CHANNEL_STATUS_TYPE_ID,
            DRIVER_RECEIVE_CHANNEL_STATUS_TYPE_ID,
            DRIVER_LOCAL_SOCKET_ADDRESS_STATUS_TYPE_ID,
            CLUSTER_CONSENSUS_MODULE_STATE_TYPE_ID,
            CLUSTER_NODE_ROLE_TYPE_ID,
            CLUSTER_CONTROL_TOGGLE_TYPE_ID,
            CLUSTER_RECOVERY_STATE_TYPE_ID,
            CLUSTER_ELECTION_STATE_TYPE_ID,
            NODE_CONTROL_TOGGLE_TYPE_ID);

    private static final Set<Integer> NUMBERS =
            Set.of(CLUSTER_LEADERSHIP_TERM_ID_TYPE_ID, CLUSTER_SESSION_TYPE_ID, ARCHIVE_CONTROL_SESSION_TYPE_ID);

    private static final Set<String> VERSIONS = Set.of("Aeron software", "Control protocol version");

    private CounterUnit() {}

    /** One word or few, {@code bytes}; {@code number} where it is a name. */
    static String of(final DriverFile.Counter counter) {
        final int typeId = counter.typeId();
        if (typeId == DRIVER_HEARTBEAT_TYPE_ID) {
            return EPOCH_MILLIS;
        }
        if (POSITIONS.contains(typeId)) {
            return BYTES;
        }
        if (STATES.contains(typeId) || counter.label().contains("IdleStrategy")) {
            return STATE;
        }
        if (NUMBERS.contains(typeId)) {
            return "number";
        }
        if (isVersion(counter)) {
            return "version";
        }
        final String label = counter.label().toLowerCase(Locale.ROOT);
        if (label.contains(" in ns")) {
            return NANOS;
        }
        return label.contains("bytes") ? BYTES : COUNT;
    }

    /** Whether its growth says anything. */
    static boolean isAmount(final String unit) {
        return unit.equals(COUNT) || unit.equals(BYTES) || unit.equals(NANOS);
    }

    private static boolean isVersion(final DriverFile.Counter counter) {
        return counter.typeId() == DRIVER_SYSTEM_COUNTER_TYPE_ID
                && VERSIONS.stream().anyMatch(counter.label()::startsWith);
    }

    /** What a state or a version means, {@code leader}; empty for what is an amount, and for states of later versions. */
    static String meaning(final DriverFile.Counter counter) {
        final int value = (int) counter.value();
        try {
            return switch (counter.typeId()) {
                case DRIVER_SEND_CHANNEL_STATUS_TYPE_ID,
                        DRIVER_RECEIVE_CHANNEL_STATUS_TYPE_ID,
                        DRIVER_LOCAL_SOCKET_ADDRESS_STATUS_TYPE_ID -> word(ChannelEndpointStatus.status(value));
                case CLUSTER_CONSENSUS_MODULE_STATE_TYPE_ID -> word(ConsensusModule.State.get(value));
                case CLUSTER_NODE_ROLE_TYPE_ID -> word(Cluster.Role.get(value));
                case CLUSTER_ELECTION_STATE_TYPE_ID -> word(ElectionState.get(value));
                default -> isVersion(counter) ? SemanticVersion.toString(value) : "";
            };
        } catch (final RuntimeException ex) {
            return "";
        }
    }

    private static String word(final Object state) {
        return String.valueOf(state).toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
