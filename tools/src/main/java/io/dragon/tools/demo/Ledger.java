package io.dragon.tools.demo;

import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.tools.job.JobResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps account of every frame and step that comes out. One thread, the demo's. */
final class Ledger implements JobResults.Book {
    private final JobResults results;
    private final DemoScene.Judge judge;
    private final LatencyTable latencies = new LatencyTable();
    private final Map<String, Long> failures = new TreeMap<>();
    private final List<long[]> restarts = new ArrayList<>();
    private long framesCompleted;
    private long framesFailed;
    private long stepsCompleted;
    private long stepsFailed;
    private long stepsIncomplete;
    private long firstDeliveredNs;
    private long lastDeliveredNs;

    /**
     * @param cameras number of cameras.
     * @param judge   holds what came out against the truth.
     */
    Ledger(final int cameras, final DemoScene.Judge judge) {
        this.judge = judge;
        results = new JobResults(cameras, this);
    }

    /** What a job tells its results to. */
    StepListener listener() {
        return results;
    }

    /** Books what has come since the last call. */
    void drain() {
        results.drain();
    }

    @Override
    public void book(final TaskOutcome frame) {
        noteRestart(frame);
        if (!frame.isCompleted()) {
            framesFailed++;
            failures.merge(JobResults.failure(frame), 1L, Long::sum);
            return;
        }
        framesCompleted++;
        latencies.record(frame.passport());
        if (firstDeliveredNs == 0) {
            firstDeliveredNs = frame.passport().deliveredNs();
        }
        lastDeliveredNs = frame.passport().deliveredNs();
    }

    @Override
    public void book(final StepResult result) {
        result.slabs().forEach(this::noteRestart);
        if (!result.isCompleted()) {
            stepsFailed++;
            for (final TaskOutcome slab : result.slabs()) {
                if (!slab.isCompleted()) {
                    failures.merge(JobResults.failure(slab), 1L, Long::sum);
                }
            }
            return;
        }
        stepsCompleted++;
        if (Integer.bitCount(result.cameraBits()) < results.cameras()) {
            stepsIncomplete++;
        }
        judge.judge(Math.toIntExact(result.step()), result);
    }

    private void noteRestart(final TaskOutcome outcome) {
        if (outcome.attempts() > 1) {
            restarts.add(new long[] {
                outcome.passport().assignedNs(), outcome.passport().startedNs()
            });
        }
    }

    /** Latest start, after a moment, of a task that had been given to another worker before; 0 when there was none. */
    long lastRestartAfter(final long ns) {
        long last = 0;
        for (final long[] restart : restarts) {
            if (restart[1] - ns > 0 && (last == 0 || restart[1] - last > 0)) {
                last = restart[1];
            }
        }
        return last;
    }

    LatencyTable latencies() {
        return latencies;
    }

    long framesCompleted() {
        return framesCompleted;
    }

    long framesFailed() {
        return framesFailed;
    }

    long duplicated() {
        return results.duplicated();
    }

    long steps() {
        return stepsCompleted + stepsFailed;
    }

    /** Steps of which a frame came out and nothing else. */
    long stepsMissing() {
        return results.stepsMissing();
    }

    long stepsFailed() {
        return stepsFailed;
    }

    long stepsIncomplete() {
        return stepsIncomplete;
    }

    Map<String, Long> failures() {
        return failures;
    }

    /** Frames delivered a second, from the first to the last. */
    double framesPerSecond() {
        final double seconds = (lastDeliveredNs - firstDeliveredNs) / 1e9;
        return seconds > 0 ? (framesCompleted - 1) / seconds : 0;
    }
}
