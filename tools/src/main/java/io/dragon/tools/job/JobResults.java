package io.dragon.tools.job;

import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import java.util.BitSet;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Every frame and step that a job delivers, once: the client's agent hands results over, the caller's thread {@linkplain #drain books} them
 * and closes them. What comes a second time is counted and goes no further.
 */
public final class JobResults implements StepListener {
    /** Where results are entered; on the thread of {@link #drain}. */
    public interface Book {
        /**
         * The result of a frame that none was booked for yet.
         *
         * @param frame closed when this returns.
         */
        void book(TaskOutcome frame);

        /**
         * The result of a step that none was booked for yet.
         *
         * @param step closed when this returns.
         */
        void book(StepResult step);
    }

    private final ConcurrentLinkedQueue<TaskOutcome> frames = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<StepResult> steps = new ConcurrentLinkedQueue<>();
    private final Book book;
    private final BitSet[] framesSeen;
    private final BitSet stepsSeen = new BitSet();
    private long duplicated;

    /**
     * Nothing has come yet.
     *
     * @param cameras of the job.
     * @param book    where results are entered.
     */
    public JobResults(final int cameras, final Book book) {
        this.book = book;
        framesSeen = new BitSet[cameras];
        for (int i = 0; i < cameras; i++) {
            framesSeen[i] = new BitSet();
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
    public void drain() {
        for (TaskOutcome next = frames.poll(); next != null; next = frames.poll()) {
            try (TaskOutcome frame = next) {
                if (isFirst(framesSeen[frame.part()], frame.step())) {
                    book.book(frame);
                }
            }
        }
        for (StepResult next = steps.poll(); next != null; next = steps.poll()) {
            try (StepResult step = next) {
                if (isFirst(stepsSeen, step.step())) {
                    book.book(step);
                }
            }
        }
    }

    private boolean isFirst(final BitSet seen, final long step) {
        final int index = Math.toIntExact(step);
        if (seen.get(index)) {
            duplicated++;
            return false;
        }
        seen.set(index);
        return true;
    }

    /**
     * Results that came again.
     *
     * @return a count.
     */
    public long duplicated() {
        return duplicated;
    }

    /**
     * Cameras of the job.
     *
     * @return their number.
     */
    public int cameras() {
        return framesSeen.length;
    }

    /**
     * Steps of which a frame came out and nothing else.
     *
     * @return a count.
     */
    public long stepsMissing() {
        final BitSet missing = new BitSet();
        for (final BitSet steps : framesSeen) {
            missing.or(steps);
        }
        missing.andNot(stepsSeen);
        return missing.cardinality();
    }

    /**
     * Why a task did not complete.
     *
     * @param outcome of that task.
     * @return its reason, and what its handler said.
     */
    public static String failure(final TaskOutcome outcome) {
        return outcome.reason() + (outcome.errorText().isEmpty() ? "" : ": " + outcome.errorText());
    }
}
