package io.dragon.engine.sequencer;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.SettingsDecoder;
import io.dragon.codecs.control.SettingsEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The settings as a message. Whatever decides anything is taken from the log or from a snapshot, never from a file of this
 * process: a log must mean the same whoever replays it, and whatever its configuration says by then.
 */
final class Settings {
    /** What the field of a snapshot's record holds. */
    static final int MAX_LENGTH = 1_024;

    /** At most, of a message without strategies of single types. */
    private static final int FIXED_LENGTH = 184;

    private static final String ALL_OTHERS = "";

    private Settings() {}

    /** They travel in one message; without strategies of single types it is far from full. */
    static void checkLength(final Map<String, String> strategies) {
        int length = FIXED_LENGTH;
        for (final Map.Entry<String, String> entry : strategies.entrySet()) {
            length += 4
                    + entry.getKey().getBytes(StandardCharsets.UTF_8).length
                    + entry.getValue().length();
        }
        if (length > MAX_LENGTH) {
            throw new IllegalStateException("the strategies of " + strategies.size() + " task types take " + length
                    + " bytes, expected at most " + MAX_LENGTH + ": name those that differ from the default only");
        }
    }

    /** Writes the message with its header to the beginning of a buffer of {@link #MAX_LENGTH} bytes or more. */
    static int encode(final SequencerConfig config, final MutableDirectBuffer buffer) {
        final SettingsEncoder encoder = new SettingsEncoder();
        encoder.wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder())
                .maxUnacknowledged(config.maxUnacknowledged())
                .maxOpenTasksPerClient(config.maxOpenTasksPerClient())
                .taskCapacity(config.taskCapacity())
                .maxParties(config.maxParties())
                .maxOpenSteps(config.maxOpenSteps())
                .defaultMaxAttempts(config.defaultMaxAttempts())
                .maxWorkerLosses(config.maxWorkerLosses())
                .defaultWindow(config.defaultWindow())
                .retryAfterMs(config.retryAfterMs())
                .resumeBatch(config.resumeBatch())
                .tickMs(config.tickMs())
                .eventLagMs(config.eventLagMs())
                .maxStallMs(config.maxStallMs())
                .workerTimeoutMs(config.workerTimeoutMs())
                .nodeTimeoutMs(config.nodeTimeoutMs())
                .clientTimeoutMs(config.clientTimeoutMs())
                .cameraTimeoutMs(config.cameraTimeoutMs())
                .taskTimeoutFloorMs(config.taskTimeoutFloorMs())
                .taskTimeoutInitialMs(config.taskTimeoutInitialMs())
                .memberId(config.memberId())
                .leadershipTermId(config.leadershipTermId())
                .hangKillAfterMs(config.hangKillAfterMs())
                .scoredThreshold(config.scoredThreshold())
                .recentErrorMs(config.recentErrorMs())
                .spillPercent(config.spillPercent())
                .drainAfterFailures(config.drainAfterFailures())
                .drainMs(config.drainMs())
                .restoreAfterSuccesses(config.restoreAfterSuccesses())
                .maxSplit(config.maxSplit())
                .incidentCapacity(config.incidentCapacity());
        final Map<String, String> strategies = config.strategies();
        final SettingsEncoder.StrategiesEncoder entries = encoder.strategiesCount(1 + strategies.size());
        entries.next().taskType(ALL_OTHERS).strategy(config.defaultStrategy());
        strategies.forEach(
                (taskType, strategy) -> entries.next().taskType(taskType).strategy(strategy));
        return encoder.limit();
    }

    /** The settings in a message, concluded; null when they are not whole or contradict each other. */
    static SequencerConfig decode(final DirectBuffer buffer, final int offset, final int length) {
        final MessageHeaderDecoder header = new MessageHeaderDecoder();
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + SettingsDecoder.BLOCK_LENGTH) {
            return null;
        }
        header.wrap(buffer, offset);
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID
                || header.templateId() != SettingsDecoder.TEMPLATE_ID
                || header.blockLength() < SettingsDecoder.BLOCK_LENGTH) {
            return null;
        }
        try {
            return read(new SettingsDecoder().wrapAndApplyHeader(buffer, offset, header))
                    .conclude();
        } catch (final IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException ex) {
            return null;
        }
    }

    private static SequencerConfig read(final SettingsDecoder decoder) {
        final SequencerConfig config = new SequencerConfig()
                .maxUnacknowledged((int) decoder.maxUnacknowledged())
                .maxOpenTasksPerClient((int) decoder.maxOpenTasksPerClient())
                .taskCapacity((int) decoder.taskCapacity())
                .maxParties((int) decoder.maxParties())
                .maxOpenSteps((int) decoder.maxOpenSteps())
                .defaultMaxAttempts((int) decoder.defaultMaxAttempts())
                .maxWorkerLosses((int) decoder.maxWorkerLosses())
                .defaultWindow((int) decoder.defaultWindow())
                .retryAfterMs((int) decoder.retryAfterMs())
                .resumeBatch((int) decoder.resumeBatch())
                .tickMs((int) decoder.tickMs())
                .eventLagMs((int) decoder.eventLagMs())
                .maxStallMs((int) decoder.maxStallMs())
                .workerTimeoutMs((int) decoder.workerTimeoutMs())
                .nodeTimeoutMs((int) decoder.nodeTimeoutMs())
                .clientTimeoutMs((int) decoder.clientTimeoutMs())
                .cameraTimeoutMs((int) decoder.cameraTimeoutMs())
                .taskTimeoutFloorMs((int) decoder.taskTimeoutFloorMs())
                .taskTimeoutInitialMs((int) decoder.taskTimeoutInitialMs())
                .memberId((int) decoder.memberId())
                .leadershipTermId((int) decoder.leadershipTermId())
                .hangKillAfterMs((int) decoder.hangKillAfterMs())
                .scoredThreshold((int) decoder.scoredThreshold())
                .recentErrorMs((int) decoder.recentErrorMs())
                .spillPercent((int) decoder.spillPercent())
                .drainAfterFailures((int) decoder.drainAfterFailures())
                .drainMs((int) decoder.drainMs())
                .restoreAfterSuccesses((int) decoder.restoreAfterSuccesses())
                .maxSplit((int) decoder.maxSplit())
                .incidentCapacity((int) decoder.incidentCapacity());
        for (final SettingsDecoder.StrategiesDecoder entry : decoder.strategies()) {
            final String taskType = entry.taskType();
            final String strategy = entry.strategy();
            if (taskType.equals(ALL_OTHERS)) {
                config.defaultStrategy(strategy);
            } else {
                config.strategy(taskType, strategy);
            }
        }
        return config;
    }

    /** The same settings, which nobody else can change. */
    static SequencerConfig copy(final SequencerConfig config) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[MAX_LENGTH]);
        return decode(buffer, 0, encode(config.conclude(), buffer));
    }
}
