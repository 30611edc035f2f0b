package io.dragon.worker;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameReader;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.GpuException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ControlledMessageHandler;

/**
 * The duty cycle that runs handlers, from leasing the inputs of an assignment to reporting how it ended: one at a time, or as many as a
 * device takes when it works by itself. Assignments never pass each other. While there is nothing to run it runs the control agent's cycle in passing.
 */
final class ComputeAgent implements Agent, ControlledMessageHandler, TaskPipeline.Ending {
    /** A task of a handler whose last one took so long is worth waking the control thread for. */
    private static final long LONG_NS = 200_000;

    private final String workerName;
    private final DragonDirectory directory;
    private final Device device;
    private final List<TaskHandler> handlers;
    private final WorkerLink link;
    private final ErrorHandler errorHandler;
    private final FrameReader reader;
    private final OutputFrames outputs;
    private final TaskReports reports;
    private final TaskRun single;
    private final TaskPipeline pipeline;
    private final List<TaskHandler> opened = new ArrayList<>();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AssignTaskDecoder assign = new AssignTaskDecoder();
    private TaskHandler lastHandler;
    private long lastNs;
    private volatile boolean hasEnded;

    ComputeAgent(
            final WorkerContext ctx, final List<TaskHandler> handlers, final Device device, final WorkerLink link) {
        this.workerName = ctx.name();
        this.directory = ctx.directory();
        this.device = device;
        this.handlers = handlers;
        this.link = link;
        this.errorHandler = ctx.errorHandler();
        this.reader = new FrameReader(directory, workerName);
        this.outputs = new OutputFrames(ctx, link);
        this.reports = new TaskReports(link, outputs);
        this.single = new TaskRun(newTask());
        this.pipeline = new TaskPipeline(link, this, this::newTask);
    }

    private RunningTask newTask() {
        return new RunningTask(link, reader, outputs, device);
    }

    @Override
    public void onStart() {
        link.onComputeStarted();
        final HandlerContext context = new WorkerHandlerContext(workerName, device, directory);
        try {
            for (final TaskHandler handler : handlers) {
                handler.open(context);
                opened.add(handler);
            }
            link.started = true;
        } catch (final Throwable ex) {
            // launch tells the caller; an agent that throws here would only end
            if (ex instanceof GpuException gpu && gpu.isSticky() && device instanceof CudaDevice cuda) {
                cuda.failed(gpu);
            }
            link.startFailure = ex;
        }
    }

    @Override
    public int doWork() {
        if (link.fatal != null) {
            return 0;
        }
        final int present = link.incarnation;
        if (present != 0) {
            outputs.retire(present);
        }
        int work = pipeline.isEmpty() ? 0 : pipeline.poll();
        work += serve();
        if (pipeline.hasRoom() && link.fatal == null) {
            work += link.assignments.controlledRead(this, 1);
        }
        if (work == 0) {
            reader.sweepIdlePools();
            tidy();
            if (!pipeline.isEmpty()) {
                pipeline.pause();
                work = 1; // the runner's own pauses grow too long for a device that works
            }
        }
        return work;
    }

    /** Talks to the masters while nothing is in hand, and tells what has been done before anything else is begun. */
    private int serve() {
        final IntSupplier session = link.session;
        if (session == null) {
            return 0;
        }
        link.serve(pipeline.isEmpty());
        return pipeline.isEmpty() || link.completions.size() > 0 ? session.getAsInt() : 0;
    }

    /** The control thread talks to the masters from here on: at once when this may take long, otherwise when it looks the next time. */
    private void leaveSession(final boolean isLong) {
        link.serve(false);
        if (isLong) {
            link.wakeControl();
        }
    }

    private void tidy() {
        try {
            device.tidy();
        } catch (final GpuException ex) {
            broken(ex);
        }
    }

    @Override
    public Action onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        assign.wrapAndApplyHeader(buffer, index + WorkerLink.BODY_OFFSET, header);
        final TaskHandler handler = link.handlers.get((int) assign.typeId());
        if (handler instanceof PipelinedHandler pipelined) {
            if (pipeline.isEmpty()) {
                leaveSession(true);
            }
            pipeline.add(pipelined, buffer, index, length);
            return Action.COMMIT;
        }
        if (!pipeline.isEmpty()) {
            return Action.ABORT; // it waits for those before it
        }
        run(handler, buffer, index);
        return Action.COMMIT;
    }

    private void run(final TaskHandler handler, final MutableDirectBuffer buffer, final int index) {
        final RunningTask task = single.task;
        single.begin(
                buffer.getLong(index + WorkerLink.FIRST_OFFSET), buffer.getLong(index + WorkerLink.TRANSFERRED_OFFSET));
        final int remote = buffer.getInt(index + WorkerLink.SECOND_OFFSET);
        task.wrap(
                buffer,
                index + WorkerLink.BODY_OFFSET,
                buffer.getInt(index + WorkerLink.INCARNATION_OFFSET),
                remote == 0 ? null : link.remoteLeases[remote - 1]);
        if (task.isRevoked()) {
            reports.dropped(task);
            return;
        }
        link.computingTaskId = task.taskId();
        leaveSession(handler != lastHandler || lastNs >= LONG_NS);
        try {
            task.acquire();
            single.startedNs = System.nanoTime();
            if (handler == null) {
                throw new TaskFailedException(
                        Reason.UNKNOWN_TASK_TYPE,
                        "worker '" + workerName + "' has no handler for type " + task.typeId());
            }
            handler.execute(task);
        } catch (final Throwable ex) {
            failed(single, ex);
        }
        lastHandler = handler;
        lastNs = System.nanoTime() - single.startedNs;
        if (link.fatal == null) {
            end(single);
        }
    }

    /** An error after which the device does nothing more for this process ends the worker: it is not the task's own failure. */
    @Override
    public void failed(final TaskRun run, final Throwable ex) {
        if (ex instanceof GpuException gpu && gpu.isSticky()) {
            broken(gpu);
        } else if (run.fail(ex) && !link.closing) {
            errorHandler.onError(ex);
        }
    }

    private void broken(final GpuException ex) {
        if (!ex.isSticky()) {
            errorHandler.onError(ex);
        } else if (link.fatal == null) {
            if (device instanceof CudaDevice cuda) {
                cuda.failed(ex);
            }
            link.fatal = ex;
            errorHandler.onError(ex);
        }
    }

    /** Publishes and reports, or drops what nobody waits for. */
    @Override
    public void end(final TaskRun run) {
        final RunningTask task = run.task;
        int published = 0;
        try {
            if (!run.hasFailed()) {
                if (!task.holdsInputs()) {
                    throw new TaskFailedException(
                            Reason.INPUT_LOST,
                            "an input was taken away while the task ran: its worker counted as dead");
                }
                published = outputs.publish();
            }
        } catch (final Throwable ex) {
            failed(run, ex);
        }
        // An interrupt that a handler left behind would end this thread, and with it a worker that goes on saying that
        // it lives.
        run.isInterrupted |= Thread.interrupted();
        if (run.hasFailed()) {
            outputs.abort();
        }
        task.release();
        // What was interrupted because the worker leaves has not failed: it goes elsewhere, and this does not count as
        // an attempt.
        final boolean isCutShort = run.hasFailed() && run.isInterrupted && link.closing;
        if (isCutShort || task.isRevoked()) {
            outputs.release(published);
            reports.dropped(task);
        } else {
            if (run.hasFailed()) {
                link.errors++;
            }
            reports.ended(run, published);
        }
        link.computingTaskId = 0;
        link.progress++;
    }

    @Override
    public String roleName() {
        return "dragon-compute-" + workerName;
    }

    @Override
    public void onClose() {
        leaveSession(true);
        pipeline.drain();
        if (!pipeline.isEmpty()) {
            // The device still uses what they have, which goes with the device.
            opened.removeIf(PipelinedHandler.class::isInstance);
        }
        CloseHelper.closeAll(errorHandler, opened);
        CloseHelper.closeAll(errorHandler, reader);
        hasEnded = true;
    }

    /** Whether its thread makes no use of the device any more. */
    boolean hasEnded() {
        return hasEnded;
    }

    /** After both agents have ended, and the device is closed: gives back inputs of what was never finished, unless it may read them still. */
    void closeOutputs() {
        if (hasEnded && !device.mayStillRead()) {
            pipeline.forget();
            single.task.release();
            link.computingTaskId = 0;
        }
        outputs.close();
    }

    private record WorkerHandlerContext(String workerName, Device device, DragonDirectory directory)
            implements HandlerContext {}
}
