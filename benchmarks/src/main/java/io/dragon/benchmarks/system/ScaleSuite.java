package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.RunProfile;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether twice the workers do twice the work: one to four worker processes whose tasks take 20 ms without computing, always enough of
 * them waiting; then, in the simulator, one to ten nodes. The baseline is one worker in the same round.
 */
public final class ScaleSuite implements Suite {
    private static final String NAME = "scale";
    private static final String WORK = "tasks a second and worker";
    private static final String ONE = "one worker";
    private static final int[] WORKERS = {1, 2, 3, 4};
    private static final long HOLD_NS = 20_000_000;
    private static final int WAITING_A_WORKER = 8;
    private static final double SECONDS = 3;
    private static final int ROUNDS = 5;
    private static final String HEAP = "256m";
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String SOURCE = "linear to 10 nodes and more; 1.8 times for twice the GPUs";

    private double seconds;

    /** The suite. */
    public ScaleSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "work per worker: 1 to 4 processes, and 1 to 10 simulated nodes of 4 workers";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        seconds = run.seconds(SECONDS);
        final Contest contest = new Contest(NAME);
        for (final int workers : WORKERS) {
            contest.side(side(workers), round -> Map.of(WORK, Sample.of(measure(workers))));
        }
        contest.run(0, run.rounds(ROUNDS), run::say);
        for (final int workers : WORKERS) {
            run.add(contest.row(
                            side(workers), side(workers), WORK, side(1), WORK, ONE, "tasks/s a worker", Better.HIGHER)
                    .withSource(SOURCE));
        }
        new SimulatedScale(run).measure();
    }

    private static String side(final int workers) {
        return workers == 1 ? "1 worker process" : workers + " worker processes";
    }

    /** Tasks a second and worker, of a system of its own. */
    private double measure(final int workers) throws Exception {
        try (Processes processes = new Processes()) {
            processes.start(HEAP, "driver");
            processes.start(HEAP, "master");
            for (int i = 1; i <= workers; i++) {
                processes.start(HEAP, "worker", "worker-" + i, Long.toString(HOLD_NS));
            }
            try (DragonClient client = DragonClient.connect(new ClientContext()
                    .directory(DragonDirectory.of(processes.folder()))
                    .aeronDirectoryName(SystemProcess.aeron(processes.folder()).toString())
                    .host(SystemProcess.HOST)
                    .name(NAME)
                    .timeouts(SystemProcess.timeouts())
                    .runProfile(RunProfile.DEV))) {
                client.submit(TaskRequest.of(SystemProcess.HOLD)).get(TIMEOUT).close();
                final double rate = rate(client, workers * WAITING_A_WORKER);
                processes.check();
                return rate / workers;
            }
        }
    }

    /** Keeps so many tasks open and counts results, after one second. */
    private double rate(final DragonClient client, final int open) {
        final AtomicLong done = new AtomicLong();
        final AtomicLong failed = new AtomicLong();
        long submitted = 0;
        final long beginNs = System.nanoTime();
        final long warmNs = TimeUnit.SECONDS.toNanos(1);
        final long endNs = beginNs + warmNs + (long) (seconds * 1e9);
        long first = -1;
        long firstNs = 0;
        long nowNs = beginNs;
        while (nowNs - endNs < 0) {
            while (submitted - done.get() < open) {
                client.submit(TaskRequest.of(SystemProcess.HOLD).onDone(outcome -> {
                    if (!outcome.isCompleted()) {
                        failed.incrementAndGet();
                    }
                    done.incrementAndGet();
                    outcome.close();
                }));
                submitted++;
            }
            LockSupport.parkNanos(500_000);
            nowNs = System.nanoTime();
            if (first < 0 && nowNs - beginNs >= warmNs) {
                first = done.get();
                firstNs = nowNs;
            }
        }
        final long counted = done.get() - first;
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        while (done.get() < submitted && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        if (failed.get() > 0 || done.get() < submitted) {
            throw new IllegalStateException(
                    failed.get() + " tasks failed and " + (submitted - done.get()) + " were not answered");
        }
        return counted / ((nowNs - firstNs) / 1e9);
    }
}
