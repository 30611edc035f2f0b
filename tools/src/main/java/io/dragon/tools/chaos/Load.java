package io.dragon.tools.chaos;

import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.Statistics;
import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Everything that keeps the cluster busy, and the account of it: tasks of the client, and a job on the cameras. One thread. */
final class Load implements AutoCloseable {
    private static final long FRAME_HOLD_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long DRAIN_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int MOST_ENDED = 200_000;

    private final Loaded cluster;
    private final ChaosSettings settings;
    private final Availability availability;
    private final List<Ended> ended = new ArrayList<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private final TaskLoad tasks;
    private final FrameLoad frames;
    private final JobHandle job;
    private long startMs;
    private long lost;
    private long doubled;
    private long buried;

    /**
     * @param cluster      that works.
     * @param settings     how much.
     * @param frameLength  bytes of a camera's frame.
     * @param availability told of every result.
     */
    Load(final Loaded cluster, final ChaosSettings settings, final int frameLength, final Availability availability) {
        this.availability = availability;
        this.cluster = cluster;
        this.settings = settings;
        final int[] cameras = cluster.startCameras();
        frames = new FrameLoad(cameras.length, frameLength, this::note, failures);
        job = cameras.length == 0 ? null : cluster.client().startJob(job(cameras), frames.listener());
        tasks = new TaskLoad(
                cluster.client(),
                settings.rate(),
                TimeUnit.MILLISECONDS.toNanos(settings.holdMillis()),
                this::note,
                failures);
    }

    private static JobSpec job(final int[] cameras) {
        final JobSpec spec = new JobSpec()
                .perFrame(ProbeHandler.TYPE, 2)
                .frameParameters(ProbeHandler.parameters(FRAME_HOLD_NS, FrameLoad.DIGEST_LENGTH))
                .perStep(ProbeHandler.TYPE, 1)
                .stepParameters(ProbeHandler.parameters(FRAME_HOLD_NS, 0))
                .pairSkew(Duration.ofSeconds(1))
                .stepDeadline(Duration.ofSeconds(1))
                .deliverFrameResults(true);
        for (int i = 0; i < cameras.length; i++) {
            spec.camera(cameras[i], i / 2);
        }
        return spec;
    }

    private void note(final Ended each) {
        availability.note(each);
        if (ended.size() < MOST_ENDED) {
            ended.add(each);
        }
    }

    /** Everything that ended since {@link #forget}. */
    List<Ended> ended() {
        return ended;
    }

    void forget() {
        ended.clear();
    }

    /** What went wrong, in words, with how often. */
    Map<String, Long> failures() {
        return failures;
    }

    void resume() {
        if (startMs == 0) {
            startMs = System.currentTimeMillis();
        }
        cluster.runCameras(startMs);
        tasks.resume();
    }

    /** The cameras of a process that was started again go on with the steps of the others. */
    void runAgain(final Part publisher) {
        publisher.process().tell("run " + startMs);
    }

    /** Books what has come. */
    void drain() {
        tasks.drain();
        frames.drain();
    }

    /** The step of a moment in milliseconds since 1970. */
    long stepAt(final long epochMs) {
        return (epochMs - startMs) * settings.fps() / 1000;
    }

    /** Tasks that the client has taken. */
    long acceptedTasks() {
        return tasks.accepted();
    }

    /** Whether the first so many tasks of the client have ended. */
    boolean hasEnded(final long number) {
        return tasks.hasEnded(number);
    }

    /**
     * Stops the flow and waits until everything accepted has ended, or a minute. What the sequencer has taken and ended is then held against
     * what has come.
     */
    void settle() {
        tasks.pause();
        cluster.pauseCameras();
        final long deadlineNs = System.nanoTime() + DRAIN_NS;
        boolean even = false;
        while (!even && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(STEP_NS);
            cluster.mend();
            drain();
            even = tasks.open() <= lost && missing() == lost;
        }
        if (!even) {
            final long missing = missing();
            lost = Math.max(lost, Math.max(tasks.open(), missing));
        }
    }

    /** What the sequencer has taken and nobody has heard of; negative when it does not answer, or something came meanwhile. */
    private long missing() {
        drain();
        final long before = delivered();
        try {
            final Statistics statistics = cluster.client().statistics();
            drain();
            final Balance balance = new Balance(before, statistics.tasksSubmitted(), endedOf(statistics), delivered());
            doubled = Math.max(doubled, balance.doubled());
            return balance.missing();
        } catch (final DragonException noAnswer) {
            failures.merge("no master answered when all should be quiet", 1L, Long::sum);
            return -1;
        }
    }

    private static long endedOf(final Statistics statistics) {
        return statistics.tasksCompleted()
                + statistics.tasksFailed()
                + statistics.tasksCancelled()
                + statistics.tasksExpired();
    }

    private long delivered() {
        final Counts counts = tasks.counts();
        return counts.completed() + counts.failed() + frames.tasks();
    }

    /**
     * Failures of work whose frames were in the memory of a host that died are what was promised, and are no failures of the system; answers how
     * many there were since it was last asked.
     */
    long bury() {
        final long before = buried;
        buried += failures.entrySet().stream()
                .filter(each -> each.getKey().contains("INPUT_UNREACHABLE")
                        || each.getKey().contains("INPUT_LOST"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        failures.keySet().removeIf(each -> each.contains("INPUT_UNREACHABLE") || each.contains("INPUT_LOST"));
        return buried - before;
    }

    /** What was promised to fail counts as neither failed nor completed. */
    Counts countsOfPromised() {
        return counts().without(buried);
    }

    /** Since the run began. */
    Counts counts() {
        return tasks.counts().plus(frames.counts()).plus(new Counts(0, 0, 0, lost, Math.max(0, doubled)));
    }

    @Override
    public void close() {
        tasks.close();
    }
}
