package io.dragon.tools.chaos;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.Passport;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * How long frames of this host take to a worker of another one, which shares this one's clock: frames are published here and named by tasks, and
 * the worker says when it had the assignment and when it had the frame. One thread.
 */
final class FrameTimes implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SLOTS = 4;
    private static final int WARM_UP = 3;

    /** Not longer, however many frames are left to warm up with. */
    private static final long WARM_UP_NS = Duration.ofSeconds(10).toNanos();

    private final DragonClient client;
    private final FramePublisher publisher;
    private final int length;
    private final int checksum;
    private final byte[] content;

    /**
     * @param client  of this host.
     * @param name    of the camera that it plays.
     * @param content what every frame holds; empty for none.
     */
    FrameTimes(final DragonClient client, final String name, final byte[] content) {
        this.client = client;
        this.content = content;
        length = content.length;
        checksum = Content.checksum(content, length);
        publisher = length == 0
                ? null
                : client.addPublisher(
                        name,
                        new FramePublisher.Config()
                                .slotCount(SLOTS)
                                .slotLength(length)
                                .fullPolicy(FullPolicy.WAIT)
                                .claimTimeoutNs(PATIENCE.toNanos()));
    }

    /** From the masters' sending of an assignment to the worker's having it, from the shortest to the longest, in nanoseconds; those of the warm-up do not count. */
    long[] assignments(final int times, final int warmUp) {
        warmUp(warmUp);
        final long[] took = new long[times];
        for (int i = 0; i < times; i++) {
            final Passport passport = await(submit());
            took[i] = passport.receivedNs() - passport.assignedNs();
        }
        Arrays.sort(took);
        return took;
    }

    /** From the worker's having the assignment to its having the frame, one frame at a time, from the shortest to the longest; those of the warm-up do not count. */
    long[] frames(final int times, final int warmUp) {
        warmUp(warmUp);
        final long[] took = new long[times];
        for (int i = 0; i < times; i++) {
            final Passport passport = await(submit());
            took[i] = passport.startedNs() - passport.receivedNs();
        }
        Arrays.sort(took);
        return took;
    }

    private void warmUp(final int times) {
        final long beganNs = System.nanoTime();
        for (int i = 0; i < times && System.nanoTime() - beganNs < WARM_UP_NS; i++) {
            await(submit());
        }
    }

    /**
     * Bytes a second of frames that follow each other without a pause, from the coming of one to that of the last. Those before it fill the
     * pipe, and have receive pools made.
     */
    double rate(final int times) {
        final ArrayDeque<TaskHandle> open = new ArrayDeque<>();
        long firstNs = 0;
        long lastNs = 0;
        int came = 0;
        for (int i = 0; i < WARM_UP + times || !open.isEmpty(); i++) {
            if (i < WARM_UP + times) {
                open.add(submit());
            }
            if (i >= WARM_UP + times || open.size() == SLOTS - 1) {
                lastNs = await(open.remove()).startedNs();
                firstNs = ++came == WARM_UP ? lastNs : firstNs;
            }
        }
        return (double) length * times / ((lastNs - firstNs) / 1e9);
    }

    private TaskHandle submit() {
        final TaskRequest request = TaskRequest.of(ProbeHandler.TYPE).parameters(ProbeHandler.parameters(0, 0));
        if (publisher != null) {
            final int claimed = publisher.claim(length);
            if (claimed < 0) {
                throw new DragonException("No slot for a frame became free within " + PATIENCE.toSeconds() + " s.");
            }
            publisher.frame().format(FrameFormat.RAW).buffer().putBytes(0, content);
            final FrameRef ref = new FrameRef();
            publisher.publishForTask(ref, 0, 0);
            request.input(ref);
        }
        return client.submit(request, PATIENCE);
    }

    private Passport await(final TaskHandle task) {
        try (TaskOutcome outcome = client.await(task.taskId(), PATIENCE)) {
            if (outcome == null) {
                throw new DragonException("A frame did not come to its worker within " + PATIENCE.toSeconds() + " s.");
            }
            outcome.orThrow();
            final byte[] result = outcome.inlineResult();
            if (length > 0 && new UnsafeBuffer(result).getInt(Integer.BYTES) != checksum) {
                throw new DragonException("A frame came to its worker with other bytes than it was published with.");
            }
            return outcome.passport();
        }
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
        }
    }
}
