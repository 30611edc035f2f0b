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
                .maxUnacknowledged(config.get(Setting.MAX_UNACKNOWLEDGED))
                .maxOpenTasksPerClient(config.get(Setting.MAX_OPEN_TASKS_PER_CLIENT))
                .taskCapacity(config.get(Setting.TASK_CAPACITY))
                .maxParties(config.get(Setting.MAX_PARTIES))
                .maxOpenSteps(config.get(Setting.MAX_OPEN_STEPS))
                .defaultMaxAttempts(config.get(Setting.DEFAULT_MAX_ATTEMPTS))
                .maxWorkerLosses(config.get(Setting.MAX_WORKER_LOSSES))
                .defaultWindow(config.get(Setting.DEFAULT_WINDOW))
                .retryAfterMs(config.get(Setting.RETRY_AFTER_MS))
                .resumeBatch(config.get(Setting.RESUME_BATCH))
                .tickMs(config.get(Setting.TICK_MS))
                .eventLagMs(config.get(Setting.EVENT_LAG_MS))
                .maxStallMs(config.get(Setting.MAX_STALL_MS))
                .workerTimeoutMs(config.get(Setting.WORKER_TIMEOUT_MS))
                .nodeTimeoutMs(config.get(Setting.NODE_TIMEOUT_MS))
                .clientTimeoutMs(config.get(Setting.CLIENT_TIMEOUT_MS))
                .cameraTimeoutMs(config.get(Setting.CAMERA_TIMEOUT_MS))
                .taskTimeoutFloorMs(config.get(Setting.TASK_TIMEOUT_FLOOR_MS))
                .taskTimeoutInitialMs(config.get(Setting.TASK_TIMEOUT_INITIAL_MS))
                .memberId(config.get(Setting.MEMBER_ID))
                .leadershipTermId(config.get(Setting.LEADERSHIP_TERM_ID))
                .hangKillAfterMs(config.get(Setting.HANG_KILL_AFTER_MS))
                .scoredThreshold(config.get(Setting.SCORED_THRESHOLD))
                .recentErrorMs(config.get(Setting.RECENT_ERROR_MS))
                .spillPercent(config.get(Setting.SPILL_PERCENT))
                .drainAfterFailures(config.get(Setting.DRAIN_AFTER_FAILURES))
                .drainMs(config.get(Setting.DRAIN_MS))
                .restoreAfterSuccesses(config.get(Setting.RESTORE_AFTER_SUCCESSES))
                .maxSplit(config.get(Setting.MAX_SPLIT))
                .incidentCapacity(config.get(Setting.INCIDENT_CAPACITY));
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
                .set(Setting.MAX_UNACKNOWLEDGED, (int) decoder.maxUnacknowledged())
                .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, (int) decoder.maxOpenTasksPerClient())
                .set(Setting.TASK_CAPACITY, (int) decoder.taskCapacity())
                .set(Setting.MAX_PARTIES, (int) decoder.maxParties())
                .set(Setting.MAX_OPEN_STEPS, (int) decoder.maxOpenSteps())
                .set(Setting.DEFAULT_MAX_ATTEMPTS, (int) decoder.defaultMaxAttempts())
                .set(Setting.MAX_WORKER_LOSSES, (int) decoder.maxWorkerLosses())
                .set(Setting.DEFAULT_WINDOW, (int) decoder.defaultWindow())
                .set(Setting.RETRY_AFTER_MS, (int) decoder.retryAfterMs())
                .set(Setting.RESUME_BATCH, (int) decoder.resumeBatch())
                .set(Setting.TICK_MS, (int) decoder.tickMs())
                .set(Setting.EVENT_LAG_MS, (int) decoder.eventLagMs())
                .set(Setting.MAX_STALL_MS, (int) decoder.maxStallMs())
                .set(Setting.WORKER_TIMEOUT_MS, (int) decoder.workerTimeoutMs())
                .set(Setting.NODE_TIMEOUT_MS, (int) decoder.nodeTimeoutMs())
                .set(Setting.CLIENT_TIMEOUT_MS, (int) decoder.clientTimeoutMs())
                .set(Setting.CAMERA_TIMEOUT_MS, (int) decoder.cameraTimeoutMs())
                .set(Setting.TASK_TIMEOUT_FLOOR_MS, (int) decoder.taskTimeoutFloorMs())
                .set(Setting.TASK_TIMEOUT_INITIAL_MS, (int) decoder.taskTimeoutInitialMs())
                .set(Setting.MEMBER_ID, (int) decoder.memberId())
                .set(Setting.LEADERSHIP_TERM_ID, (int) decoder.leadershipTermId())
                .set(Setting.HANG_KILL_AFTER_MS, (int) decoder.hangKillAfterMs())
                .set(Setting.SCORED_THRESHOLD, (int) decoder.scoredThreshold())
                .set(Setting.RECENT_ERROR_MS, (int) decoder.recentErrorMs())
                .set(Setting.SPILL_PERCENT, (int) decoder.spillPercent())
                .set(Setting.DRAIN_AFTER_FAILURES, (int) decoder.drainAfterFailures())
                .set(Setting.DRAIN_MS, (int) decoder.drainMs())
                .set(Setting.RESTORE_AFTER_SUCCESSES, (int) decoder.restoreAfterSuccesses())
                .set(Setting.MAX_SPLIT, (int) decoder.maxSplit())
                .set(Setting.INCIDENT_CAPACITY, (int) decoder.incidentCapacity());
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
