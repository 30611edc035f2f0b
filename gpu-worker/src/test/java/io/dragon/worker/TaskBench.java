package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Runs handlers on frames of a real pool without a cluster, so that what two of them make of the same task can be compared. */
public final class TaskBench implements AutoCloseable {
    private static final int OUTPUTS = 8;
    private static final int MOST_SPLIT = 64;

    private final FramePool inputs;
    private final FramePool outputs;
    private final FrameReader reader;
    private final DragonDirectory directory;

    /** What a task came to; all that its submitter sees. */
    public record Result(Reason reason, String text, ByteBuffer inline, List<Output> outputs) {
        public Result orThrow() {
            assertEquals(Reason.NONE, reason, text);
            return this;
        }
    }

    /** An output frame. */
    public record Output(FrameFormat format, int width, int height, int camera, long step, ByteBuffer bytes) {}

    /**
     * Pools for the frames of a test.
     *
     * @param mostBytes of a frame.
     */
    public TaskBench(final Path folder, final int slots, final int mostBytes) {
        directory = DragonDirectory.of(folder.resolve("dragon")).create();
        inputs = pool("inputs", slots, mostBytes);
        outputs = pool("outputs", OUTPUTS, mostBytes);
        reader = new FrameReader(directory, "bench");
    }

    private FramePool pool(final String name, final int slots, final int bytes) {
        return FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName(name)
                .slotCount(slots)
                .slotLength(bytes)
                .sparse(true)
                .fullPolicy(FullPolicy.BACK_PRESSURED));
    }

    @Override
    public void close() {
        reader.close();
        inputs.deleteNow();
        outputs.deleteNow();
    }

    /** Puts a frame into the pool of inputs; it stays until {@link #release}. */
    public FrameRef publish(
            final FrameFormat format, final int width, final int height, final DirectBuffer bytes, final int length) {
        final FrameClaim claim = new FrameClaim();
        assertTrue(inputs.tryClaim(claim, length) >= 0, "no slot for " + length + " bytes");
        claim.format(format).width(width).height(height).camera(3).step(17);
        claim.buffer().putBytes(0, bytes, 0, length);
        final FrameRef ref = new FrameRef();
        claim.publish(ref, true);
        return ref;
    }

    public void release(final FrameRef ref) {
        assertTrue(inputs.release(ref));
    }

    /** Opens a handler as a worker does. */
    public <T extends TaskHandler> T open(final T handler, final Device device) {
        handler.open(new HandlerContext() {
            @Override
            public String workerName() {
                return "bench";
            }

            @Override
            public Device device() {
                return device;
            }

            @Override
            public DragonDirectory directory() {
                return directory;
            }
        });
        return handler;
    }

    public Task task(final byte[] parameters, final FrameRef... refs) {
        return new Task(parameters, refs, new FrameLease[refs.length]);
    }

    /** Runs a task at once. */
    public Result run(final TaskHandler handler, final Task task) {
        task.begin();
        try {
            handler.execute(task);
            return task.end(null);
        } catch (final Exception ex) {
            return task.end(ex);
        }
    }

    /** Runs tasks as the pipeline of a worker does; those that find too little memory again, in more pieces. */
    public List<Result> run(
            final PipelinedHandler handler, final List<Task> tasks, final CudaDevice device, final Random random) {
        final Deque<Task> inFlight = new ArrayDeque<>();
        final Result[] results = new Result[tasks.size()];
        int next = 0;
        for (long turns = 0; next < tasks.size() || !inFlight.isEmpty(); turns++) {
            assertTrue(turns < 10_000_000, "the device does not end");
            if (next < tasks.size() && inFlight.size() < PipelinedHandler.MOST_IN_FLIGHT && random.nextBoolean()) {
                final Task task = tasks.get(next++);
                task.begin();
                task.failure = null;
                try {
                    assertTrue(handler.start(task), "no room");
                } catch (final Exception ex) {
                    task.failure = ex;
                }
                inFlight.add(task);
            }
            final Task oldest = inFlight.peek();
            if (oldest != null && handler.isDone(oldest)) {
                inFlight.remove();
                results[tasks.indexOf(oldest)] = finish(handler, oldest);
            }
        }
        final List<Result> all = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            Result result = results[i];
            final Task task = tasks.get(i);
            while (result.reason() == Reason.OUT_OF_MEMORY && task.split() < MOST_SPLIT) {
                task.split(2 * task.split());
                result = run(handler, task);
            }
            all.add(result);
        }
        assertEquals(0, device.ring().claimed());
        return all;
    }

    /** What a handler allocates on this thread for one task. */
    public long allocatedBy(final PipelinedHandler handler, final Task task, final ThreadMXBean threads)
            throws Exception {
        task.begin();
        final long thread = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(thread);
        assertTrue(handler.start(task));
        while (!handler.isDone(task)) {
            Thread.onSpinWait();
        }
        handler.finish(task);
        final long allocated = threads.getThreadAllocatedBytes(thread) - before;
        task.end(null).orThrow();
        return allocated;
    }

    private static Result finish(final PipelinedHandler handler, final Task task) {
        Exception failure = task.failure;
        if (failure != null || task.isRevoked()) {
            handler.abandon(task);
        } else {
            try {
                handler.finish(task);
            } catch (final Exception ex) {
                failure = ex;
            }
        }
        return task.end(failure);
    }

    /** A task; begun and ended as often as it runs. */
    public final class Task extends LoneTask {
        private final FrameRef[] refs;
        private final FrameLease[] leases;
        private Exception failure;

        private Task(final byte[] parameters, final FrameRef[] refs, final FrameLease[] leases) {
            super(null, outputs, Arrays.asList(leases), new UnsafeBuffer(parameters));
            this.refs = refs;
            this.leases = leases;
        }

        @Override
        public Task split(final int pieces) {
            super.split(pieces);
            return this;
        }

        @Override
        public Task part(final int index, final int of) {
            super.part(index, of);
            return this;
        }

        private void begin() {
            forget();
            for (int i = 0; i < refs.length; i++) {
                leases[i] = refs[i] == null ? null : new FrameLease();
                assertTrue(refs[i] == null || reader.acquire(refs[i], leases[i]) == 0, "input " + i);
            }
        }

        private Result end(final Exception ex) {
            final byte[] inline = inlineAnswer();
            final List<Output> frames = new ArrayList<>();
            if (ex == null) {
                outputs().forEach(claim -> frames.add(published(claim)));
                forget();
            } else {
                reset();
            }
            for (final FrameLease lease : leases) {
                if (lease != null) {
                    lease.release();
                }
            }
            return new Result(
                    ex == null ? Reason.NONE : reason(ex),
                    ex == null ? "" : ex.getMessage(),
                    ByteBuffer.wrap(ex == null ? inline : new byte[0]),
                    frames);
        }

        private Output published(final FrameClaim claim) {
            final FrameRef ref = new FrameRef();
            final FrameLease lease = new FrameLease();
            claim.publish(ref, true);
            assertEquals(0, reader.acquire(ref, lease));
            final byte[] bytes = new byte[ref.length()];
            lease.buffer().getBytes(0, bytes);
            final Output output = new Output(
                    lease.format(),
                    lease.width(),
                    lease.height(),
                    lease.camera(),
                    lease.step(),
                    ByteBuffer.wrap(bytes));
            lease.release();
            assertTrue(outputs.release(ref));
            return output;
        }

        private Reason reason(final Exception ex) {
            final TaskRun run = new TaskRun(null);
            run.fail(ex);
            return run.reason;
        }
    }
}
