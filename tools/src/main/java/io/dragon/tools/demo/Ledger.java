package io.dragon.tools.demo;

import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps account of every frame and step that comes out. The client's agent hands results over; the demo's thread
 * {@linkplain #drain books} them.
 */
final class Ledger implements StepListener {
    private final ConcurrentLinkedQueue<TaskOutcome> frames = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<StepResult> steps = new ConcurrentLinkedQueue<>();

    private final DemoScene.Judge judge;
    private final LatencyTable latencies = new LatencyTable();
    private final BitSet[] completedByCamera;
    private final BitSet stepsSeen = new BitSet();
    private final Map<String, Long> failures = new TreeMap<>();
    private final List<long[]> restarts = new ArrayList<>();
    private long framesCompleted;
    private long framesFailed;
    private long duplicated;
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
        completedByCamera = new BitSet[cameras];
        for (int i = 0; i < cameras; i++) {
            completedByCamera[i] = new BitSet();
        }
    }

    @Override
    public void onFrame(final TaskOutcome outcome) {
        frames.add(outcome);
    }

    @Override
    public void onStep(final StepResult result) {
        steps.add(result);
    }

    /** Books what has come since the last call. */
    void drain() {
        for (TaskOutcome next = frames.poll(); next != null; next = frames.poll()) {
            try (TaskOutcome frame = next) {
                book(frame);
            }
        }
        for (StepResult next = steps.poll(); next != null; next = steps.poll()) {
            try (StepResult step = next) {
                book(step);
            }
        }
    }

    private void book(final TaskOutcome frame) {
        final BitSet seen = completedByCamera[frame.part()];
        final int step = Math.toIntExact(frame.step());
        if (seen.get(step)) {
            duplicated++;
            return;
        }
        seen.set(step);
        noteRestart(frame);
        if (!frame.isCompleted()) {
            framesFailed++;
            failures.merge(
                    frame.reason() + (frame.errorText().isEmpty() ? "" : ": " + frame.errorText()), 1L, Long::sum);
            return;
        }
        framesCompleted++;
        latencies.record(frame.passport());
        if (firstDeliveredNs == 0) {
            firstDeliveredNs = frame.passport().deliveredNs();
        }
        lastDeliveredNs = frame.passport().deliveredNs();
    }

    private void book(final StepResult result) {
        final int step = Math.toIntExact(result.step());
        if (stepsSeen.get(step)) {
            duplicated++;
            return;
        }
        stepsSeen.set(step);
        result.slabs().forEach(this::noteRestart);
        if (!result.isCompleted()) {
            stepsFailed++;
            for (final TaskOutcome slab : result.slabs()) {
                if (!slab.isCompleted()) {
                    failures.merge(
                            slab.reason() + (slab.errorText().isEmpty() ? "" : ": " + slab.errorText()), 1L, Long::sum);
                }
            }
            return;
        }
        stepsCompleted++;
        if (Integer.bitCount(result.cameraBits()) < completedByCamera.length) {
            stepsIncomplete++;
        }
        judge.judge(step, result);
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
        return duplicated;
    }

    long steps() {
        return stepsCompleted + stepsFailed;
    }

    /** Steps of which a frame came out and nothing else. */
    long stepsMissing() {
        final BitSet missing = new BitSet();
        for (final BitSet steps : completedByCamera) {
            missing.or(steps);
        }
        missing.andNot(stepsSeen);
        return missing.cardinality();
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
