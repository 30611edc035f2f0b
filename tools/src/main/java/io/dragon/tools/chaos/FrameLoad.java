package io.dragon.tools.chaos;

import io.dragon.engine.client.StepListener;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.tools.job.JobResults;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keeps account of what the job makes of the cameras' frames: a result for each frame that was taken and one for each step, each once, and
 * each with the checksums of what the cameras wrote. One thread.
 */
final class FrameLoad implements JobResults.Book {
    /** Bytes of a camera's frame, where all is on one host. */
    static final int FRAME_LENGTH = 16_384;

    /** Bytes of what the task of a frame hands to the task of its step. */
    static final int DIGEST_LENGTH = 64;

    private final JobResults results;
    private final byte[] scratch;
    private final Consumer<Ended> listener;
    private final Map<String, Long> failures;
    private long framesCompleted;
    private long framesFailed;
    private long stepsCompleted;
    private long stepsFailed;
    private long slabs;

    /**
     * @param cameras  number of cameras.
     * @param length   bytes of a frame.
     * @param listener told of every frame and step that ended.
     * @param failures counts of what went wrong, by words.
     */
    FrameLoad(final int cameras, final int length, final Consumer<Ended> listener, final Map<String, Long> failures) {
        scratch = new byte[length];
        this.listener = listener;
        this.failures = failures;
        results = new JobResults(cameras, this);
    }

    /** What the job tells its results to. */
    StepListener listener() {
        return results;
    }

    /** Books what has come. */
    void drain() {
        results.drain();
    }

    /** Since the run began; nothing counts as lost here. */
    Counts counts() {
        final long completed = framesCompleted + stepsCompleted;
        final long failed = framesFailed + stepsFailed;
        return new Counts(completed + failed, completed, failed, 0, results.duplicated());
    }

    /** Results of frames that came. */
    long frames() {
        return framesCompleted + framesFailed;
    }

    /** Tasks of frames and steps that ended. */
    long tasks() {
        return frames() + slabs;
    }

    @Override
    public void book(final TaskOutcome frame) {
        if (!frame.isCompleted()) {
            framesFailed++;
            fail("frame", frame);
        } else if (hasFrames(frame)) {
            framesCompleted++;
        } else {
            framesFailed++;
            failures.merge("a frame with a wrong checksum", 1L, Long::sum);
        }
        listener.accept(Ended.of(Ended.Kind.FRAME, -1, frame));
    }

    @Override
    public void book(final StepResult result) {
        slabs += result.slabs().size();
        boolean good = true;
        for (final TaskOutcome slab : result.slabs()) {
            if (!slab.isCompleted()) {
                good = false;
                fail("step", slab);
            } else if (!hasDigests(slab)) {
                good = false;
                failures.merge("a step with a wrong checksum", 1L, Long::sum);
            }
        }
        stepsCompleted += good ? 1 : 0;
        stepsFailed += good ? 0 : 1;
        listener.accept(Ended.of(Ended.Kind.STEP, -1, result.slabs().get(0)));
    }

    private void fail(final String what, final TaskOutcome outcome) {
        failures.merge(what + ' ' + outcome.state() + ' ' + JobResults.failure(outcome), 1L, Long::sum);
    }

    /** The newest frame first, then the one before it where it is still there. */
    private boolean hasFrames(final TaskOutcome frame) {
        final UnsafeBuffer result = new UnsafeBuffer(frame.inlineResult());
        final int entries = result.capacity() / ProbeHandler.ENTRY_LENGTH;
        return entries >= 1 && result.getInt(Integer.BYTES) == checksumOf(frame.part(), frame.step());
    }

    private boolean hasDigests(final TaskOutcome slab) {
        final UnsafeBuffer result = new UnsafeBuffer(slab.inlineResult());
        final int entries = result.capacity() / ProbeHandler.ENTRY_LENGTH;
        for (int i = 0; i < entries; i++) {
            final int camera = result.getInt(i * ProbeHandler.ENTRY_LENGTH);
            final byte[] digest = Content.of(checksumOf(camera, slab.step()), DIGEST_LENGTH);
            if (result.getInt(i * ProbeHandler.ENTRY_LENGTH + Integer.BYTES)
                    != Content.checksum(digest, DIGEST_LENGTH)) {
                return false;
            }
        }
        return entries == Integer.bitCount(slab.cameraBits());
    }

    private int checksumOf(final int camera, final long step) {
        Content.fill(scratch, Content.seed(camera, step));
        return Content.checksum(scratch, scratch.length);
    }
}
