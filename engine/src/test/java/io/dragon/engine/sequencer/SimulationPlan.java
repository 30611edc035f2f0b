package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Strategy;
import java.util.SplittableRandom;

/** What a seed decides before the first step: how large, how unreliable, by which settings. */
final class SimulationPlan {
    /** A task of 5 ms: 1000 / 5 = 200, and half of it, 100, after an error. */
    private static final int THRESHOLD_BETWEEN_AN_ERROR_AND_NONE = 150_000;

    private static final int[] MEMBERS = {1, 1, 3, 3, 3, 5};

    final int members;
    final int hosts;
    final int clients;
    final int workers;
    final int cameras;

    /** Whether the first worker tells how much memory its device has, as the others do. */
    final boolean isMemoryKnown;

    /** The faults begin to end when the log is so long. */
    final int entries;

    final int eventsLostPerMille;
    final int commandsLostPerMille;
    final int mostExpected;
    final long beatUs;

    /** Mean time between two faults. */
    final int faultUs;

    private final SequencerConfig config = new SequencerConfig()
            .set(Setting.TASK_TIMEOUT_INITIAL_MS, 800)
            .set(Setting.NODE_TIMEOUT_MS, 1_500)
            .set(Setting.CLIENT_TIMEOUT_MS, 3_000)
            .set(Setting.CAMERA_TIMEOUT_MS, 3_000)
            .set(Setting.DRAIN_MS, 200)
            .set(Setting.HANG_KILL_AFTER_MS, 900)
            .set(Setting.MAX_SPLIT, 8);

    SimulationPlan(final SplittableRandom random) {
        members = MEMBERS[random.nextInt(MEMBERS.length)];
        hosts = 1 + random.nextInt(5);
        clients = 2 + random.nextInt(2);
        workers = 2 + random.nextInt(3);
        cameras = random.nextInt(4) == 0 ? 0 : 2 + random.nextInt(3);
        entries = 250 + random.nextInt(500);
        eventsLostPerMille = random.nextInt(3) == 0 ? 0 : random.nextInt(60);
        commandsLostPerMille = random.nextInt(3) == 0 ? 0 : random.nextInt(10);
        mostExpected = 4 + random.nextInt(30);
        beatUs = 150_000 + random.nextInt(150_000);
        faultUs = 60_000 + random.nextInt(600_000);
        isMemoryKnown = random.nextBoolean();
        config.set(Setting.MAX_PARTIES, peers() + random.nextInt(4));
        change(random);
    }

    private int peers() {
        return members + hosts + clients + workers + cameras;
    }

    SequencerConfig config() {
        return config;
    }

    /** The operators write something else into the file of the member that leads next. */
    void change(final SplittableRandom random) {
        config.set(Setting.TASK_CAPACITY, 48 + random.nextInt(96))
                .set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 6 + random.nextInt(28))
                .set(Setting.TASK_TIMEOUT_FLOOR_MS, 200 + random.nextInt(400))
                .set(Setting.DRAIN_AFTER_FAILURES, random.nextInt(3) == 0 ? 4 : 2)
                .set(Setting.MAX_OPEN_STEPS, 1 + random.nextInt(6))
                .set(Setting.RESUME_BATCH, 1 + random.nextInt(12))
                .set(Setting.EVENT_LAG_MS, 100 + random.nextInt(200))
                .set(Setting.RETRY_AFTER_MS, 1 + random.nextInt(50))
                .set(Setting.MAX_WORKER_LOSSES, 4 + random.nextInt(20))
                .set(Setting.WORKER_TIMEOUT_MS, 1_000 + random.nextInt(2_000))
                .set(Setting.DEFAULT_MAX_ATTEMPTS, 1 + random.nextInt(4))
                .set(Setting.SCORED_THRESHOLD, random.nextInt(3) == 0 ? THRESHOLD_BETWEEN_AN_ERROR_AND_NONE : 0)
                .set(Setting.RECENT_ERROR_MS, random.nextInt(600))
                .set(Setting.INCIDENT_CAPACITY, random.nextInt(4) == 0 ? 1 + random.nextInt(8) : 8 + random.nextInt(40))
                .set(Setting.SPILL_PERCENT, 1 + random.nextInt(100))
                .defaultStrategy(any(random));
        for (final String type : Simulation.TYPES) {
            config.strategy(type, any(random));
        }
    }

    /** Below a threshold a task may wait for ever: not once everything is to come to rest. */
    void quiet() {
        config.set(Setting.SCORED_THRESHOLD, 0);
    }

    private static String any(final SplittableRandom random) {
        return Strategy.NAMES.get(random.nextInt(Strategy.NAMES.size()));
    }

    @Override
    public String toString() {
        return members + " members, " + hosts + " hosts, " + clients + " clients, " + workers + " workers, " + cameras
                + " cameras";
    }
}
