package io.dragon.engine.sequencer;

import java.util.Locale;

/** One limit or timeout of the sequencer: its default, and the range that it lies in. Times are milliseconds of cluster time. */
public enum Setting {
    /** The commands a party may have unacknowledged. */
    MAX_UNACKNOWLEDGED(256, 1, 65_535),
    /** The tasks the table holds before submits are refused as overloaded. */
    TASK_CAPACITY(131_072, 1, 1 << 24),
    /** The tasks a client may have in the table, at most; fewer when many clients share the table. */
    MAX_OPEN_TASKS_PER_CLIENT(4_096, 1, Integer.MAX_VALUE),
    /** The names the table of parties holds; the longest dead is forgotten first. */
    MAX_PARTIES(65_536, 1, 1 << 20),
    /** The steps of a job that collect frames at a time; beyond, the oldest runs with the cameras it has. */
    MAX_OPEN_STEPS(64, 1, 1 << 16),
    /** The attempts of a task that names no number itself; the death of a worker does not count. */
    DEFAULT_MAX_ATTEMPTS(3, 1, 255),
    /** The workers a task may lose before it fails, so that a task that kills its workers ends. */
    MAX_WORKER_LOSSES(16, 1, 10_000),
    /** The assignments a worker takes at a time when it names no number itself. */
    DEFAULT_WINDOW(2, 1, 1_024),
    /** The pause asked of a party that is refused as overloaded. */
    RETRY_AFTER_MS(20, 1, 60_000),
    /** The events emitted again to one party in one step. */
    RESUME_BATCH(64, 1, 65_536),
    /** The period of the tick. */
    TICK_MS(50, 1, 10_000),
    /** An event unacknowledged for longer is taken for lost, and what is open is emitted again. */
    EVENT_LAG_MS(200, 1, 60_000),
    /** The most time that one step may add to silence and execution times, so that an outage of the masters kills no party. */
    MAX_STALL_MS(1_000, 1, 60_000),
    /** The silence after which a node is dead, and a worker of a dead node too. */
    NODE_TIMEOUT_MS(5_000, 2, Integer.MAX_VALUE),
    /** The silence after which a worker is dead. */
    WORKER_TIMEOUT_MS(10_000, 2, Integer.MAX_VALUE),
    /** The silence after which a client is dead: its tasks are cancelled. */
    CLIENT_TIMEOUT_MS(60_000, 2, Integer.MAX_VALUE),
    /** The silence after which a camera is dead. */
    CAMERA_TIMEOUT_MS(60_000, 2, Integer.MAX_VALUE),
    /** The least execution timeout of a task. */
    TASK_TIMEOUT_FLOOR_MS(5_000, 1, Integer.MAX_VALUE),
    /** The execution timeout of a task of a type never seen before. */
    TASK_TIMEOUT_INITIAL_MS(60_000, 1, Integer.MAX_VALUE),
    /** The member of the masters whose settings these are: the one that leads. */
    MEMBER_ID(0, 0, 65_535),
    /** The leadership term that these settings began. */
    LEADERSHIP_TERM_ID(0, 0, Integer.MAX_VALUE),
    /** The time after which a hung worker is to be killed by its supervisor. */
    HANG_KILL_AFTER_MS(20_000, 1, Integer.MAX_VALUE),
    /** The score in thousandths below which strategy scored gives a worker nothing. */
    SCORED_THRESHOLD(0, 0, 1_000_000),
    /** The time for which an error halves the score of strategy scored. */
    RECENT_ERROR_MS(10_000, 0, Integer.MAX_VALUE),
    /** The use of the local workers, in percent, from which strategy prefer-local takes remote ones too. */
    SPILL_PERCENT(80, 1, 100),
    /** The failures in a row after which a worker is drained. */
    DRAIN_AFTER_FAILURES(5, 1, 10_000),
    /** The time after which a drained worker gets a task as a probe; doubles while probes fail. */
    DRAIN_MS(5_000, 1, Integer.MAX_VALUE),
    /** The successes in a row after which a drained worker is as good as any. */
    RESTORE_AFTER_SUCCESSES(3, 1, 10_000),
    /** The pieces a task is split into, at most, for want of device memory. */
    MAX_SPLIT(64, 1, 65_535),
    /** The incident records kept. */
    INCIDENT_CAPACITY(256, 1, 4_096);

    private final int byDefault;
    private final int least;
    private final int most;

    Setting(final int byDefault, final int least, final int most) {
        this.byDefault = byDefault;
        this.least = least;
        this.most = most;
    }

    int byDefault() {
        return byDefault;
    }

    /** The least it can be whatever the others are. */
    int least() {
        return least;
    }

    /** The most it can be whatever the others are. */
    int most() {
        return most;
    }

    /** As sentences name it: {@code maxSplit}. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (final String word : name().split("_")) {
            final String rest = word.substring(1).toLowerCase(Locale.ROOT);
            text.append(text.isEmpty() ? Character.toLowerCase(word.charAt(0)) : word.charAt(0))
                    .append(rest);
        }
        return text.toString();
    }
}
