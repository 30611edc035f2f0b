package io.dragon.engine.config;

import static io.dragon.engine.config.ConfigKey.Scope.BOTH;
import static io.dragon.engine.config.KeyType.CHOICE;
import static io.dragon.engine.config.KeyType.INTEGER;
import static io.dragon.engine.config.KeyType.TIME;

import java.util.List;

/** The keys of who gets a task, and of what becomes of one that fails: those of {@link SchedulingConfig}. */
final class TaskKeys {
    private static final long HOUR_NS = 3_600_000_000_000L;
    private static final long DAY_NS = 24 * HOUR_NS;

    private TaskKeys() {}

    static void scheduling(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "strategies.*",
                        CHOICE,
                        BOTH,
                        "weighted",
                        "The strategy of one task type; `default` is for all others.")
                .words("weighted", "round-robin", "weighted-round-robin", "least-loaded", "scored", "prefer-local"));
        balance(keys);
        keys.add(ConfigKey.of(
                        "retries.maximum",
                        INTEGER,
                        BOTH,
                        "3",
                        "How often a failed task is tried again; the death of a worker does not count.")
                .range(0, 15)
                .under("reliability", "5"));
        keys.add(ConfigKey.of(
                        "retries.max_split",
                        INTEGER,
                        BOTH,
                        "64",
                        "Into how many pieces a task is cut at most, 1, 2, 4, ..., when its device has too little memory for it.")
                .range(1, 65_535));
        keys.add(ConfigKey.of(
                        "retries.shortest_timeout",
                        TIME,
                        BOTH,
                        "5s",
                        "The least time that an attempt has before it counts as failed. Beyond it follows from how long tasks of its type take on that worker, twice as much with every retry. Where `timeouts.task_floor` is longer, that holds.")
                .range(50_000_000L, DAY_NS));
        drain(keys);
    }

    private static void balance(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "balance.scored_threshold",
                        INTEGER,
                        BOTH,
                        "0",
                        "Strategy `scored`: a worker whose score is below so many thousandths gets nothing; a task that no worker has enough for waits. A task expected to take 1 ms scores 1,000,000 thousandths, one of 1 s 1,000. 0: none waits.")
                .range(0, 1_000_000));
        keys.add(ConfigKey.of(
                        "balance.recent_error",
                        TIME,
                        BOTH,
                        "10s",
                        "Strategy `scored`: for how long after a failed task a worker has half its score.")
                .range(0, DAY_NS));
        keys.add(ConfigKey.of(
                        "balance.spill_percent",
                        INTEGER,
                        BOTH,
                        "80",
                        "Strategy `prefer-local`: from how much use of the local workers on, remote ones take part.")
                .range(1, 100));
    }

    private static void drain(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "drain.failures",
                        INTEGER,
                        BOTH,
                        "5",
                        "After so many failures in a row a worker gets nothing but a task as a probe now and then, unless it is the last one of its kind.")
                .range(1, 10_000));
        keys.add(ConfigKey.of(
                        "drain.wait",
                        TIME,
                        BOTH,
                        "5s",
                        "How long until its first probe; twice as long after each probe that failed.")
                .range(50_000_000L, HOUR_NS));
        keys.add(ConfigKey.of(
                        "drain.successes",
                        INTEGER,
                        BOTH,
                        "3",
                        "After so many successes in a row it is as good as any again.")
                .range(1, 10_000));
    }
}
