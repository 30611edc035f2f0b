package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.SchedulingConfig;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;

/** What a master's configuration says becomes settings of the sequencer. */
final class SequencerSettings {
    private SequencerSettings() {}

    /** How tasks are given to workers, and what becomes of those that fail. */
    static void scheduling(final SchedulingConfig from, final SequencerConfig to) {
        from.strategies().forEach((type, strategy) -> {
            if (type.equals("default")) {
                to.defaultStrategy(strategy);
            } else {
                to.strategy(type, strategy);
            }
        });
        to.set(Setting.DEFAULT_MAX_ATTEMPTS, from.maximumRetries() + 1)
                .set(Setting.SCORED_THRESHOLD, from.scoredThreshold())
                .set(Setting.RECENT_ERROR_MS, (int) from.recentErrorMs())
                .set(Setting.SPILL_PERCENT, from.spillPercent())
                .set(Setting.DRAIN_AFTER_FAILURES, from.drainFailures())
                .set(Setting.DRAIN_MS, (int) from.drainWaitMs())
                .set(Setting.RESTORE_AFTER_SUCCESSES, from.drainSuccesses())
                .set(Setting.MAX_SPLIT, from.maximumSplit());
    }

    /**
     * Those of the timeouts that the sequencer goes by; then all is checked.
     *
     * @param shortestTaskMs what no attempt of a task has less than, even where the timeouts say less.
     */
    static void conclude(final Timeouts from, final long shortestTaskMs, final SequencerConfig to) {
        final int floorMs =
                (int) Math.min(Integer.MAX_VALUE, Math.max(shortestTaskMs, from.ms(Timeouts.Key.TASK_FLOOR)));
        to.set(Setting.TICK_MS, (int) from.ms(Timeouts.Key.TICK))
                .set(Setting.EVENT_LAG_MS, (int) from.ms(Timeouts.Key.EVENT_LAG))
                .set(Setting.WORKER_TIMEOUT_MS, (int) from.ms(Timeouts.Key.WORKER))
                .set(Setting.NODE_TIMEOUT_MS, (int) from.ms(Timeouts.Key.NODE))
                .set(Setting.CLIENT_TIMEOUT_MS, (int) from.ms(Timeouts.Key.CLIENT))
                .set(Setting.CAMERA_TIMEOUT_MS, (int) from.ms(Timeouts.Key.CLIENT))
                .set(Setting.TASK_TIMEOUT_FLOOR_MS, floorMs)
                .set(Setting.TASK_TIMEOUT_INITIAL_MS, Math.max(floorMs, to.get(Setting.TASK_TIMEOUT_INITIAL_MS)))
                .set(Setting.HANG_KILL_AFTER_MS, (int) from.ms(Timeouts.Key.HANG_KILL_AFTER));
        try {
            to.conclude();
        } catch (final IllegalStateException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "A setting of the scheduling cannot be used: " + ex.getMessage());
        }
    }
}
