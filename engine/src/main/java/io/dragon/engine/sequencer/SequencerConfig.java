package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Strategy;
import java.util.Map;
import java.util.TreeMap;

/**
 * Limits and timeouts of the sequencer. Those that hold are state: a master's own become so by a Settings message in the log.
 * Times are milliseconds of cluster time.
 */
public final class SequencerConfig {
    private int maxUnacknowledged = 256;
    private int maxOpenTasksPerClient = 4_096;
    private int taskCapacity = 131_072;
    private int maxParties = 65_536;
    private int maxOpenSteps = 64;
    private int defaultMaxAttempts = 3;
    private int maxWorkerLosses = 16;
    private int defaultWindow = 2;
    private int retryAfterMs = 20;
    private int resumeBatch = 64;
    private int tickMs = 50;
    private int eventLagMs = 200;
    private int maxStallMs = 1_000;
    private int workerTimeoutMs = 10_000;
    private int nodeTimeoutMs = 5_000;
    private int clientTimeoutMs = 60_000;
    private int cameraTimeoutMs = 60_000;
    private int taskTimeoutFloorMs = 5_000;
    private int taskTimeoutInitialMs = 60_000;
    private int memberId = 0;
    private int leadershipTermId = 0;
    private int hangKillAfterMs = 20_000;
    private int scoredThreshold = 0;
    private int recentErrorMs = 10_000;
    private int spillPercent = 80;
    private int drainAfterFailures = 5;
    private int drainMs = 5_000;
    private int restoreAfterSuccesses = 3;
    private int maxSplit = 64;
    private int incidentCapacity = 256;
    private String defaultStrategy = Strategy.WEIGHTED;
    private final Map<String, String> strategies = new TreeMap<>();

    /** Everything at its default. */
    public SequencerConfig() {}

    /**
     * The commands a party may have unacknowledged.
     *
     * @return the value
     */
    public int maxUnacknowledged() {
        return maxUnacknowledged;
    }

    /**
     * Sets the commands a party may have unacknowledged.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxUnacknowledged(final int value) {
        this.maxUnacknowledged = value;
        return this;
    }

    /**
     * The tasks a client may have in the table, at most; fewer when many clients share the table.
     *
     * @return the value
     */
    public int maxOpenTasksPerClient() {
        return maxOpenTasksPerClient;
    }

    /**
     * Sets the tasks a client may have in the table, at most; fewer when many clients share the table.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxOpenTasksPerClient(final int value) {
        this.maxOpenTasksPerClient = value;
        return this;
    }

    /**
     * The tasks the table holds before submits are refused as overloaded.
     *
     * @return the value
     */
    public int taskCapacity() {
        return taskCapacity;
    }

    /**
     * Sets the tasks the table holds before submits are refused as overloaded.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig taskCapacity(final int value) {
        this.taskCapacity = value;
        return this;
    }

    /**
     * The names the table of parties holds; the longest dead is forgotten first.
     *
     * @return the value
     */
    public int maxParties() {
        return maxParties;
    }

    /**
     * Sets the names the table of parties holds; the longest dead is forgotten first.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxParties(final int value) {
        this.maxParties = value;
        return this;
    }

    /**
     * The steps of a job that collect frames at a time; beyond, the oldest runs with the cameras it has.
     *
     * @return the value
     */
    public int maxOpenSteps() {
        return maxOpenSteps;
    }

    /**
     * Sets the steps of a job that collect frames at a time; beyond, the oldest runs with the cameras it has.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxOpenSteps(final int value) {
        this.maxOpenSteps = value;
        return this;
    }

    /**
     * The attempts of a task that names no number itself; the death of a worker does not count.
     *
     * @return the value
     */
    public int defaultMaxAttempts() {
        return defaultMaxAttempts;
    }

    /**
     * Sets the attempts of a task that names no number itself; the death of a worker does not count.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig defaultMaxAttempts(final int value) {
        this.defaultMaxAttempts = value;
        return this;
    }

    /**
     * The workers a task may lose before it fails, so that a task that kills its workers ends.
     *
     * @return the value
     */
    public int maxWorkerLosses() {
        return maxWorkerLosses;
    }

    /**
     * Sets the workers a task may lose before it fails, so that a task that kills its workers ends.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxWorkerLosses(final int value) {
        this.maxWorkerLosses = value;
        return this;
    }

    /**
     * The assignments a worker takes at a time when it names no number itself.
     *
     * @return the value
     */
    public int defaultWindow() {
        return defaultWindow;
    }

    /**
     * Sets the assignments a worker takes at a time when it names no number itself.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig defaultWindow(final int value) {
        this.defaultWindow = value;
        return this;
    }

    /**
     * The pause asked of a party that is refused as overloaded.
     *
     * @return the value
     */
    public int retryAfterMs() {
        return retryAfterMs;
    }

    /**
     * Sets the pause asked of a party that is refused as overloaded.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig retryAfterMs(final int value) {
        this.retryAfterMs = value;
        return this;
    }

    /**
     * The events emitted again to one party in one step.
     *
     * @return the value
     */
    public int resumeBatch() {
        return resumeBatch;
    }

    /**
     * Sets the events emitted again to one party in one step.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig resumeBatch(final int value) {
        this.resumeBatch = value;
        return this;
    }

    /**
     * The period of the tick.
     *
     * @return the value
     */
    public int tickMs() {
        return tickMs;
    }

    /**
     * Sets the period of the tick.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig tickMs(final int value) {
        this.tickMs = value;
        return this;
    }

    /**
     * An event unacknowledged for longer is taken for lost, and what is open is emitted again.
     *
     * @return the value
     */
    public int eventLagMs() {
        return eventLagMs;
    }

    /**
     * Sets after what an unacknowledged event is taken for lost, and what is open is emitted again.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig eventLagMs(final int value) {
        this.eventLagMs = value;
        return this;
    }

    /**
     * The most time that one step may add to silence and execution times, so that an outage of the masters kills no party.
     *
     * @return the value
     */
    public int maxStallMs() {
        return maxStallMs;
    }

    /**
     * Sets the most time that one step may add to silence and execution times, so that an outage of the masters kills no party.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxStallMs(final int value) {
        this.maxStallMs = value;
        return this;
    }

    /**
     * The silence after which a worker is dead.
     *
     * @return the value
     */
    public int workerTimeoutMs() {
        return workerTimeoutMs;
    }

    /**
     * Sets the silence after which a worker is dead.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig workerTimeoutMs(final int value) {
        this.workerTimeoutMs = value;
        return this;
    }

    /**
     * The silence after which a node is dead, and a worker of a dead node too.
     *
     * @return the value
     */
    public int nodeTimeoutMs() {
        return nodeTimeoutMs;
    }

    /**
     * Sets the silence after which a node is dead, and a worker of a dead node too.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig nodeTimeoutMs(final int value) {
        this.nodeTimeoutMs = value;
        return this;
    }

    /**
     * The silence after which a client is dead: its tasks are cancelled.
     *
     * @return the value
     */
    public int clientTimeoutMs() {
        return clientTimeoutMs;
    }

    /**
     * Sets the silence after which a client is dead: its tasks are cancelled.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig clientTimeoutMs(final int value) {
        this.clientTimeoutMs = value;
        return this;
    }

    /**
     * The silence after which a camera is dead.
     *
     * @return the value
     */
    public int cameraTimeoutMs() {
        return cameraTimeoutMs;
    }

    /**
     * Sets the silence after which a camera is dead.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig cameraTimeoutMs(final int value) {
        this.cameraTimeoutMs = value;
        return this;
    }

    /**
     * The least execution timeout of a task.
     *
     * @return the value
     */
    public int taskTimeoutFloorMs() {
        return taskTimeoutFloorMs;
    }

    /**
     * Sets the least execution timeout of a task.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig taskTimeoutFloorMs(final int value) {
        this.taskTimeoutFloorMs = value;
        return this;
    }

    /**
     * The execution timeout of a task of a type never seen before.
     *
     * @return the value
     */
    public int taskTimeoutInitialMs() {
        return taskTimeoutInitialMs;
    }

    /**
     * Sets the execution timeout of a task of a type never seen before.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig taskTimeoutInitialMs(final int value) {
        this.taskTimeoutInitialMs = value;
        return this;
    }

    /**
     * The member of the masters whose settings these are: the one that leads.
     *
     * @return the value
     */
    public int memberId() {
        return memberId;
    }

    /**
     * Sets the member of the masters whose settings these are: the one that leads.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig memberId(final int value) {
        this.memberId = value;
        return this;
    }

    /**
     * The leadership term that these settings began.
     *
     * @return the value
     */
    public int leadershipTermId() {
        return leadershipTermId;
    }

    /**
     * Sets the leadership term that these settings began.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig leadershipTermId(final int value) {
        this.leadershipTermId = value;
        return this;
    }

    /**
     * The time after which a hung worker is to be killed by its supervisor.
     *
     * @return the value
     */
    public int hangKillAfterMs() {
        return hangKillAfterMs;
    }

    /**
     * Sets the time after which a hung worker is to be killed by its supervisor.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig hangKillAfterMs(final int value) {
        this.hangKillAfterMs = value;
        return this;
    }

    /**
     * The score in thousandths below which strategy scored gives a worker nothing.
     *
     * @return the value
     */
    public int scoredThreshold() {
        return scoredThreshold;
    }

    /**
     * Sets the score in thousandths below which strategy scored gives a worker nothing.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig scoredThreshold(final int value) {
        this.scoredThreshold = value;
        return this;
    }

    /**
     * The time for which an error halves the score of strategy scored.
     *
     * @return the value
     */
    public int recentErrorMs() {
        return recentErrorMs;
    }

    /**
     * Sets the time for which an error halves the score of strategy scored.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig recentErrorMs(final int value) {
        this.recentErrorMs = value;
        return this;
    }

    /**
     * The use of the local workers, in percent, from which strategy prefer-local takes remote ones too.
     *
     * @return the value
     */
    public int spillPercent() {
        return spillPercent;
    }

    /**
     * Sets the use of the local workers, in percent, from which strategy prefer-local takes remote ones too.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig spillPercent(final int value) {
        this.spillPercent = value;
        return this;
    }

    /**
     * The failures in a row after which a worker is drained.
     *
     * @return the value
     */
    public int drainAfterFailures() {
        return drainAfterFailures;
    }

    /**
     * Sets the failures in a row after which a worker is drained.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig drainAfterFailures(final int value) {
        this.drainAfterFailures = value;
        return this;
    }

    /**
     * The time after which a drained worker gets a task as a probe; doubles while probes fail.
     *
     * @return the value
     */
    public int drainMs() {
        return drainMs;
    }

    /**
     * Sets the time after which a drained worker gets a task as a probe; doubles while probes fail.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig drainMs(final int value) {
        this.drainMs = value;
        return this;
    }

    /**
     * The successes in a row after which a drained worker is as good as any.
     *
     * @return the value
     */
    public int restoreAfterSuccesses() {
        return restoreAfterSuccesses;
    }

    /**
     * Sets the successes in a row after which a drained worker is as good as any.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig restoreAfterSuccesses(final int value) {
        this.restoreAfterSuccesses = value;
        return this;
    }

    /**
     * The pieces a task is split into, at most, for want of device memory.
     *
     * @return the value
     */
    public int maxSplit() {
        return maxSplit;
    }

    /**
     * Sets the pieces a task is split into, at most, for want of device memory.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig maxSplit(final int value) {
        this.maxSplit = value;
        return this;
    }

    /**
     * The incident records kept.
     *
     * @return the value
     */
    public int incidentCapacity() {
        return incidentCapacity;
    }

    /**
     * Sets the incident records kept.
     *
     * @param value the value
     * @return this
     */
    public SequencerConfig incidentCapacity(final int value) {
        this.incidentCapacity = value;
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
        range("maxUnacknowledged", maxUnacknowledged, 1, 65_535);
        range("taskCapacity", taskCapacity, 1, 1 << 24);
        range("maxOpenTasksPerClient", maxOpenTasksPerClient, 1, taskCapacity);
        range("maxParties", maxParties, 1, 1 << 20);
        range("maxOpenSteps", maxOpenSteps, 1, 1 << 16);
        range("defaultMaxAttempts", defaultMaxAttempts, 1, 255);
        range("maxWorkerLosses", maxWorkerLosses, 1, 10_000);
        range("defaultWindow", defaultWindow, 1, 1_024);
        range("retryAfterMs", retryAfterMs, 1, 60_000);
        range("resumeBatch", resumeBatch, 1, 65_536);
        range("tickMs", tickMs, 1, 10_000);
        range("eventLagMs", eventLagMs, tickMs, 60_000);
        range("maxStallMs", maxStallMs, tickMs, 60_000);
        range("nodeTimeoutMs", nodeTimeoutMs, 2 * tickMs, Integer.MAX_VALUE);
        range("workerTimeoutMs", workerTimeoutMs, 2 * tickMs, Integer.MAX_VALUE);
        range("clientTimeoutMs", clientTimeoutMs, 2 * tickMs, Integer.MAX_VALUE);
        range("cameraTimeoutMs", cameraTimeoutMs, 2 * tickMs, Integer.MAX_VALUE);
        range("taskTimeoutFloorMs", taskTimeoutFloorMs, tickMs, Integer.MAX_VALUE);
        range("taskTimeoutInitialMs", taskTimeoutInitialMs, taskTimeoutFloorMs, Integer.MAX_VALUE);
        range("memberId", memberId, 0, 65_535);
        range("leadershipTermId", leadershipTermId, 0, Integer.MAX_VALUE);
        range("hangKillAfterMs", hangKillAfterMs, tickMs, Integer.MAX_VALUE);
        range("scoredThreshold", scoredThreshold, 0, 1_000_000);
        range("recentErrorMs", recentErrorMs, 0, Integer.MAX_VALUE);
        range("spillPercent", spillPercent, 1, 100);
        range("drainAfterFailures", drainAfterFailures, 1, 10_000);
        range("drainMs", drainMs, tickMs, Integer.MAX_VALUE);
        range("restoreAfterSuccesses", restoreAfterSuccesses, 1, 10_000);
        range("maxSplit", maxSplit, 1, 65_535);
        range("incidentCapacity", incidentCapacity, 1, 4_096);
        Strategy.of(defaultStrategy);
        Settings.checkLength(strategies);
        return this;
    }

    private static void range(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalStateException(name + " is " + value + ", expected " + least + " to " + most);
        }
    }
}
