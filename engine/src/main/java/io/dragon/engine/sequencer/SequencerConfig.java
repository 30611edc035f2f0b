package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Strategy;
import java.util.Map;
import java.util.TreeMap;

/** The settings of the sequencer. Those that hold are state: a master's own become so by a Settings message in the log. */
public final class SequencerConfig {
    private final int[] values = new int[Setting.values().length];
    private final Map<String, String> strategies = new TreeMap<>();
    private String defaultStrategy = Strategy.WEIGHTED;

    // What nearly every command is measured by, as of conclude(): a field is read faster than the table.
    int maxUnacknowledged;
    int taskCapacity;
    int maxOpenTasksPerClient;
    int defaultMaxAttempts;
    int resumeBatch;
    int tickMs;
    int eventLagMs;
    int maxStallMs;
    int taskTimeoutFloorMs;
    int taskTimeoutInitialMs;
    int scoredThreshold;
    int recentErrorMs;
    int spillPercent;
    int drainAfterFailures;
    int restoreAfterSuccesses;
    int maxSplit;

    /** Everything at its default. */
    public SequencerConfig() {
        for (final Setting setting : Setting.values()) {
            set(setting, setting.byDefault());
        }
    }

    /**
     * A limit or timeout.
     *
     * @param setting which
     * @return the value
     */
    public int get(final Setting setting) {
        return values[setting.ordinal()];
    }

    /**
     * Sets a limit or timeout.
     *
     * @param setting which
     * @param value   the value, which {@link #conclude()} checks
     * @return this
     */
    public SequencerConfig set(final Setting setting, final int value) {
        values[setting.ordinal()] = value;
        return this;
    }

    /**
     * The strategy of types that name none.
     *
     * @return one of the names in {@link Strategy}
     */
    public String defaultStrategy() {
        return defaultStrategy;
    }

    /**
     * Sets the strategy of types that name none.
     *
     * @param name one of the names in {@link Strategy}
     * @return this
     */
    public SequencerConfig defaultStrategy(final String name) {
        this.defaultStrategy = name;
        return this;
    }

    /**
     * The strategy of a task type.
     *
     * @param taskType name of the type
     * @return its own strategy's name, or the default
     */
    public String strategy(final String taskType) {
        final String own = strategies.get(taskType);
        return own == null ? defaultStrategy : own;
    }

    /**
     * Sets the strategy of one task type.
     *
     * @param taskType name of the type
     * @param name     one of the names in {@link Strategy}
     * @return this
     */
    public SequencerConfig strategy(final String taskType, final String name) {
        Strategy.of(name);
        strategies.put(taskType, name);
        return this;
    }

    /** The strategies of single task types, in the order of their names. */
    Map<String, String> strategies() {
        return strategies;
    }

    /**
     * Checks every value and the values against each other.
     *
     * @return this
     * @throws IllegalStateException naming the values that contradict each other
     */
    public SequencerConfig conclude() {
        for (final Setting setting : Setting.values()) {
            final int value = get(setting);
            if (value < least(setting) || value > most(setting)) {
                throw new IllegalStateException(
                        setting + " is " + value + ", expected " + least(setting) + " to " + most(setting));
            }
        }
        Strategy.of(defaultStrategy);
        Settings.checkLength(strategies);
        remember();
        return this;
    }

    private void remember() {
        maxUnacknowledged = get(Setting.MAX_UNACKNOWLEDGED);
        taskCapacity = get(Setting.TASK_CAPACITY);
        maxOpenTasksPerClient = get(Setting.MAX_OPEN_TASKS_PER_CLIENT);
        defaultMaxAttempts = get(Setting.DEFAULT_MAX_ATTEMPTS);
        resumeBatch = get(Setting.RESUME_BATCH);
        tickMs = get(Setting.TICK_MS);
        eventLagMs = get(Setting.EVENT_LAG_MS);
        maxStallMs = get(Setting.MAX_STALL_MS);
        taskTimeoutFloorMs = get(Setting.TASK_TIMEOUT_FLOOR_MS);
        taskTimeoutInitialMs = get(Setting.TASK_TIMEOUT_INITIAL_MS);
        scoredThreshold = get(Setting.SCORED_THRESHOLD);
        recentErrorMs = get(Setting.RECENT_ERROR_MS);
        spillPercent = get(Setting.SPILL_PERCENT);
        drainAfterFailures = get(Setting.DRAIN_AFTER_FAILURES);
        restoreAfterSuccesses = get(Setting.RESTORE_AFTER_SUCCESSES);
        maxSplit = get(Setting.MAX_SPLIT);
    }

    /** The least that a setting can be beside those before it. */
    private int least(final Setting setting) {
        return switch (setting) {
            case EVENT_LAG_MS, MAX_STALL_MS, TASK_TIMEOUT_FLOOR_MS, HANG_KILL_AFTER_MS, DRAIN_MS -> get(
                    Setting.TICK_MS);
            case NODE_TIMEOUT_MS, WORKER_TIMEOUT_MS, CLIENT_TIMEOUT_MS, CAMERA_TIMEOUT_MS -> 2 * get(Setting.TICK_MS);
            case TASK_TIMEOUT_INITIAL_MS -> get(Setting.TASK_TIMEOUT_FLOOR_MS);
            default -> setting.least();
        };
    }

    private int most(final Setting setting) {
        return setting == Setting.MAX_OPEN_TASKS_PER_CLIENT ? get(Setting.TASK_CAPACITY) : setting.most();
    }
}
