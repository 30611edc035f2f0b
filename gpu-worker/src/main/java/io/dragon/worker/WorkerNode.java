package io.dragon.worker;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.GpuException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentRunner;

/**
 * A worker: one device, and two threads. The compute thread runs handlers, and talks to the sequencer between two tasks; the control thread
 * talks to it while one runs, so that a handler may take as long as it likes without the worker being taken for dead. Methods may be called from
 * any thread.
 */
public final class WorkerNode implements AutoCloseable {
    private static final long WAIT_STEP_NS = 200_000;
    private static final int CLOSE_TIMEOUT_MS = 5_000;

    private final WorkerContext ctx;
    private final WorkerLink link;
    private final LivenessLock lock;
    private final Device device;
    private final Map<String, Class<?>> handlers;
    private final ComputeAgent compute;
    private final WorkerControlAgent control;
    private final AgentRunner computeRunner;
    private final AgentRunner controlRunner;
    private boolean closed;

    private WorkerNode(final WorkerContext ctx, final List<TaskHandler> handlers, final LivenessLock lock) {
        this.ctx = ctx;
        this.lock = lock;
        this.device = ctx.device();
        this.link = new WorkerLink(ctx.window());
        final Map<String, Class<?>> classes = new LinkedHashMap<>();
        handlers.forEach(handler -> classes.put(handler.taskType(), handler.getClass()));
        this.handlers = Collections.unmodifiableMap(classes);
        this.compute = new ComputeAgent(ctx, handlers, device, link);
        this.control = new WorkerControlAgent(ctx, handlers, device, link);
        this.computeRunner = new AgentRunner(ctx.runProfile().idleStrategy(), ctx.errorHandler(), null, compute);
        this.controlRunner = new AgentRunner(ctx.runProfile().idleStrategy(), this::onControlError, null, control);
    }

    /** A handler that finds no memory has failed; with an error of its own the control thread ends, and the worker cannot be trusted. */
    private void onControlError(final Throwable error) {
        if (error instanceof Error) {
            link.fatal = error;
        }
        ctx.errorHandler().onError(error);
    }

    /**
     * Starts a worker: takes the lock that says it is alive, opens its handlers, and registers in the background.
     *
     * @param ctx how; its device is the worker's from here on, and is closed when it cannot be started.
     * @return the running worker, to be closed.
     * @throws DragonException in words, when another worker of this name runs on the host, or a handler cannot be opened: then the cause is what it
     *                         threw, a {@link GpuException} when it is the device that cannot be used.
     */
    public static WorkerNode launch(final WorkerContext ctx) {
        ctx.conclude();
        final WorkerNode worker = make(ctx);
        // A handler that never returns must not keep the process: what keeps a worker's process alive is its control
        // thread.
        AgentRunner.startOnThread(worker.computeRunner, WorkerNode::daemon);
        awaitTrue(() -> worker.link.started || worker.link.startFailure != null, ctx.startTimeout());
        if (!worker.link.started) {
            final Throwable failure = worker.startFailure();
            worker.close();
            throw new DragonException(
                    DragonException.FAILED,
                    "worker '" + ctx.name() + "' could not open its handlers: " + failure.getMessage(),
                    failure);
        }
        AgentRunner.startOnThread(worker.controlRunner);
        return worker;
    }

    /** What a handler threw; those of a GPU that take too long are kept by its driver, which is not to be called again. */
    private Throwable startFailure() {
        final Throwable failure = link.startFailure;
        if (failure != null) {
            return failure;
        }
        final String late = "they take longer than " + ctx.startTimeout().toMillis() + " ms";
        if (device instanceof CudaDevice cuda) {
            final GpuException hung = new GpuException(GpuException.NO_ANSWER, "NO_ANSWER", late);
            cuda.failed(hung);
            return hung;
        }
        return new TimeoutException(late);
    }

    private static WorkerNode make(final WorkerContext ctx) {
        LivenessLock lock = null;
        try {
            final List<TaskHandler> handlers = ctx.findHandlers().stream()
                    .map(handler -> handler.on(ctx.device()))
                    .toList();
            ctx.directory().create();
            lock = LivenessLock.acquire(ctx.directory().workerLock(ctx.name()));
            return new WorkerNode(ctx, handlers, lock);
        } catch (final RuntimeException | Error ex) {
            CloseHelper.closeAll(ctx.errorHandler(), ctx.device(), lock);
            throw ex;
        }
    }

    /**
     * Name of the worker.
     *
     * @return as configured.
     */
    public String name() {
        return ctx.name();
    }

    /**
     * The task types it runs, and the classes that do so.
     *
     * @return in the order of registration.
     */
    public Map<String, Class<?>> handlers() {
        return handlers;
    }

    /**
     * Whether it is registered with all its task types, so that it is given tasks.
     *
     * @return false before that, and while it registers anew.
     */
    public boolean isReady() {
        return link.ready;
    }

    /**
     * Waits until it is registered with all its task types.
     *
     * @param timeout how long, at most.
     * @return false when the time is over.
     * @throws DragonException in words, when the sequencer refuses it.
     */
    public boolean awaitReady(final Duration timeout) {
        // seen once: it may be registering anew by now, and was in time all the same
        final boolean isAnswered = awaitTrue(() -> link.ready || link.refusedText != null, timeout);
        if (link.refusedText != null) {
            throw new DragonException("worker '" + ctx.name() + "' was refused: " + link.refusedText);
        }
        return isAnswered;
    }

    /**
     * Whether the process is to end: the thread that talks to the masters has (it ran out of memory, or a mapping is gone), or the device does
     * nothing more for this process. Its tasks go elsewhere, and its supervisor starts it again. An error of a handler is no reason: that
     * task alone has failed.
     *
     * @return false as long as it can be trusted.
     */
    public boolean mustEnd() {
        return link.fatal != null;
    }

    /**
     * Why the process is to end.
     *
     * @return one sentence; empty as long as {@link #mustEnd} is false.
     */
    public String endReason() {
        final Throwable fatal = link.fatal;
        return fatal == null
                ? ""
                : fatal instanceof GpuException
                        ? fatal.getMessage()
                        : "the thread that talks to the masters has failed: " + fatal;
    }

    /**
     * Tasks that are done, whatever came of them.
     *
     * @return since it was launched.
     */
    public long tasksDone() {
        return link.progress;
    }

    /**
     * Tasks that failed.
     *
     * @return since it was launched.
     */
    public long tasksFailed() {
        return link.errors;
    }

    /**
     * What it is doing, in words.
     *
     * @return one line.
     */
    public String state() {
        return control.state();
    }

    /**
     * Finishes the task in hand (for up to 5 s, then it is interrupted and goes elsewhere), leaves in order, gives up its lock; its other
     * tasks go elsewhere. A handler that takes no notice of the interrupt for another 5 s is left behind on its thread.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        link.closing = true;
        closeRunner(computeRunner, "compute");
        closeRunner(controlRunner, "control");
        if (device instanceof CudaDevice cuda && link.wasStarted() && !compute.hasEnded()) {
            // Its driver may never answer, and would keep whoever calls it now, too.
            cuda.failed(
                    new GpuException(GpuException.NO_ANSWER, "NO_ANSWER", "the thread that uses the GPU does not end"));
        }
        CloseHelper.closeAll(ctx.errorHandler(), device);
        compute.closeOutputs();
        if (!device.mayStillRead()) {
            control.giveBackInputs();
        }
        CloseHelper.closeAll(ctx.errorHandler(), lock);
    }

    @Override
    public String toString() {
        return "WorkerNode{" + ctx.name() + ", " + device.description() + ", " + state() + '}';
    }

    /** The first timeout interrupts it; one that does not end by the second is left behind. */
    private void closeRunner(final AgentRunner runner, final String what) {
        final int[] timeouts = {0};
        try {
            runner.close(CLOSE_TIMEOUT_MS, thread -> {
                final DragonException error =
                        new DragonException("the " + what + " thread of worker '" + ctx.name() + "' does not end");
                if (++timeouts[0] > 1) {
                    throw error;
                }
                ctx.errorHandler().onError(error);
            });
        } catch (final DragonException ex) {
            ctx.errorHandler().onError(ex);
        }
    }

    private static Thread daemon(final Runnable runnable) {
        final Thread thread = new Thread(runnable);
        thread.setDaemon(true);
        return thread;
    }

    private static boolean awaitTrue(final BooleanSupplier condition, final Duration timeout) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs >= 0 || Thread.currentThread().isInterrupted()) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(WAIT_STEP_NS);
        }
        return true;
    }
}
