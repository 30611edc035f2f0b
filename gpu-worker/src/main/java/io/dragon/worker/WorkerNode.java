package io.dragon.worker;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.GpuException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentRunner;

/**
 * A worker: one device, and two threads. The control thread talks to the sequencer, the compute thread runs handlers; a handler may take
 * as long as it likes without the worker being taken for dead. Methods may be called from any thread.
 */
public final class WorkerNode implements AutoCloseable {
    private static final long WAIT_STEP_NS = 200_000;
    private static final int CLOSE_TIMEOUT_MS = 5_000;
    private static final int MAX_NAME_BYTES = 48;

    private final Context ctx;
    private final WorkerLink link;
    private final LivenessLock lock;
    private final Device device;
    private final Map<String, Class<?>> handlers;
    private final ComputeAgent compute;
    private final WorkerControlAgent control;
    private final AgentRunner computeRunner;
    private final AgentRunner controlRunner;
    private boolean closed;

    private WorkerNode(final Context ctx, final List<TaskHandler> handlers, final LivenessLock lock) {
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
     * @param ctx how.
     * @return the running worker, to be closed.
     * @throws DragonException in words, when another worker of this name runs on the host, or a handler cannot be opened.
     */
    public static WorkerNode launch(final Context ctx) {
        ctx.conclude();
        final List<TaskHandler> handlers = ctx.findHandlers().stream()
                .map(handler -> handler.on(ctx.device()))
                .toList();
        ctx.directory().create();
        final LivenessLock lock = LivenessLock.acquire(ctx.directory().workerLock(ctx.name()));
        final WorkerNode worker;
        try {
            worker = new WorkerNode(ctx, handlers, lock);
        } catch (final RuntimeException | Error ex) {
            CloseHelper.closeAll(ctx.errorHandler(), ctx.device(), lock);
            throw ex;
        }
        // A handler that never returns must not keep the process: what keeps a worker's process alive is its control
        // thread.
        AgentRunner.startOnThread(worker.computeRunner, WorkerNode::daemon);
        awaitTrue(() -> worker.link.started || worker.link.startFailure != null, ctx.startTimeout());
        final Throwable failure = worker.link.startFailure;
        if (!worker.link.started) {
            worker.close();
            throw new DragonException(
                    DragonException.FAILED,
                    "worker '" + ctx.name() + "' could not open its handlers: "
                            + (failure == null
                                    ? "they take longer than "
                                            + ctx.startTimeout().toMillis() + " ms"
                                    : failure.getMessage()),
                    failure);
        }
        AgentRunner.startOnThread(worker.controlRunner);
        return worker;
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
        awaitTrue(() -> link.ready || link.refusedText != null, timeout);
        if (link.refusedText != null) {
            throw new DragonException("worker '" + ctx.name() + "' was refused: " + link.refusedText);
        }
        return link.ready;
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

    private static void awaitTrue(final BooleanSupplier condition, final Duration timeout) {
        final long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()
                && System.nanoTime() - deadlineNs < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(WAIT_STEP_NS);
        }
    }

    /** How a worker is made. */
    public static final class Context {
        private DragonDirectory directory;
        private String aeronDirectoryName;
        private String ingressEndpoints;
        private DiscoveryContext discovery;
        private String host = HostName.own();
        private String egressChannel;
        private String name;
        private int nodeId;
        private Device device;
        private int window = 2;
        private boolean loadHandlers = true;
        private ClassLoader classLoader;
        private int outputSlotCount = 16;
        private long outputSlotLength = 1L << 20;
        private long maxOutputLength = 256L << 20;
        private long outputMemoryLimit = 1L << 30;
        private Duration outputTimeout = Duration.ofSeconds(5);
        private Duration startTimeout = Duration.ofSeconds(30);
        private Timeouts timeouts = Timeouts.dev();
        private RunProfile runProfile = RunProfile.DEV;
        private ErrorHandler errorHandler;
        private final List<TaskHandler> handlers = new ArrayList<>();

        /** The defaults: the default directory and its media driver, all cores, two assignments at a time. */
        public Context() {}

        /**
         * Adds a handler; it takes the place of one found by {@link ServiceLoader} for the same type.
         *
         * @param value of its own, not shared with another worker.
         * @return this.
         */
        public Context handler(final TaskHandler value) {
            handlers.add(value);
            return this;
        }

        /**
         * The host's shared directory.
         *
         * @param value {@link DragonDirectory#byDefault()} when it is not set.
         * @return this.
         */
        public Context directory(final DragonDirectory value) {
            directory = value;
            return this;
        }

        /**
         * The host's shared directory.
         *
         * @return {@link DragonDirectory#byDefault()} when it is not set.
         */
        public DragonDirectory directory() {
            return directory;
        }

        /**
         * The media driver's directory.
         *
         * @param value that of the shared directory when it is not set.
         * @return this.
         */
        public Context aeronDirectoryName(final String value) {
            aeronDirectoryName = value;
            return this;
        }

        /**
         * The media driver's directory.
         *
         * @return that of the shared directory when it is not set.
         */
        public String aeronDirectoryName() {
            return aeronDirectoryName;
        }

        /**
         * Masters to reach over UDP.
         *
         * @param value {@code 0=host:port,1=host:port}; null for IPC to the one on the same media driver.
         * @return this.
         */
        public Context ingressEndpoints(final String value) {
            ingressEndpoints = value;
            return this;
        }

        /**
         * Masters to reach over UDP.
         *
         * @return {@code 0=host:port,1=host:port}; null for IPC to the one on the same media driver.
         */
        public String ingressEndpoints() {
            return ingressEndpoints;
        }

        /**
         * Looks for masters on other hosts while there are no endpoints of them, and none is on our media driver.
         *
         * @param value how; null (the default): it waits for one on our media driver.
         * @return this.
         */
        public Context discovery(final DiscoveryContext value) {
            discovery = value;
            return this;
        }

        /**
         * Looks for masters on other hosts.
         *
         * @return how; null: it does not.
         */
        public DiscoveryContext discovery() {
            return discovery;
        }

        /**
         * The word that all processes of this host have in common: who registers with the same one shares its memory.
         *
         * @param value at most 48 bytes; the name that the host gives itself by default.
         * @return this.
         */
        public Context host(final String value) {
            host = value;
            return this;
        }

        /**
         * The word that all processes of this host have in common.
         *
         * @return at most 48 bytes.
         */
        public String host() {
            return host;
        }

        /**
         * Where masters send events to over UDP.
         *
         * @param value an Aeron channel; null for the session's default.
         * @return this.
         */
        public Context egressChannel(final String value) {
            egressChannel = value;
            return this;
        }

        /**
         * Where masters send events to over UDP.
         *
         * @return an Aeron channel; null for the session's default.
         */
        public String egressChannel() {
            return egressChannel;
        }

        /**
         * Name of the worker, unique in the cluster.
         *
         * @param value 1 to 48 bytes; has to be set.
         * @return this.
         */
        public Context name(final String value) {
            name = value;
            return this;
        }

        /**
         * Name of the worker, unique in the cluster.
         *
         * @return 1 to 48 bytes; has to be set.
         */
        public String name() {
            return name;
        }

        /**
         * Node agent of the host.
         *
         * @param value its party id; 0 when there is none.
         * @return this.
         */
        public Context nodeId(final int value) {
            nodeId = value;
            return this;
        }

        /**
         * Node agent of the host.
         *
         * @return its party id; 0 when there is none.
         */
        public int nodeId() {
            return nodeId;
        }

        /**
         * The device that runs the tasks; the worker closes it.
         *
         * @param value a device; all cores of the host when it is not set.
         * @return this.
         */
        public Context device(final Device value) {
            device = value;
            return this;
        }

        /**
         * The device that runs the tasks; the worker closes it.
         *
         * @return a device; all cores of the host when it is not set.
         */
        public Device device() {
            return device;
        }

        /**
         * Assignments it takes at a time, the running one included.
         *
         * @param value 1 to 64.
         * @return this.
         */
        public Context window(final int value) {
            window = value;
            return this;
        }

        /**
         * Assignments it takes at a time, the running one included.
         *
         * @return 1 to 64.
         */
        public int window() {
            return window;
        }

        /**
         * Whether handlers are looked for by {@link ServiceLoader}.
         *
         * @param value true when it is not set.
         * @return this.
         */
        public Context loadHandlers(final boolean value) {
            loadHandlers = value;
            return this;
        }

        /**
         * Whether handlers are looked for by {@link ServiceLoader}.
         *
         * @return true when it is not set.
         */
        public boolean loadHandlers() {
            return loadHandlers;
        }

        /**
         * Where handlers are looked for.
         *
         * @param value the class loader of this class when it is not set.
         * @return this.
         */
        public Context classLoader(final ClassLoader value) {
            classLoader = value;
            return this;
        }

        /**
         * Where handlers are looked for.
         *
         * @return the class loader of this class when it is not set.
         */
        public ClassLoader classLoader() {
            return classLoader;
        }

        /**
         * Slots of the output pool.
         *
         * @param value at least 2.
         * @return this.
         */
        public Context outputSlotCount(final int value) {
            outputSlotCount = value;
            return this;
        }

        /**
         * Slots of the output pool.
         *
         * @return at least 2.
         */
        public int outputSlotCount() {
            return outputSlotCount;
        }

        /**
         * Slot length of the output pool; larger outputs get a pool of their own beside it.
         *
         * @param value bytes.
         * @return this.
         */
        public Context outputSlotLength(final long value) {
            outputSlotLength = value;
            return this;
        }

        /**
         * Slot length of the output pool; larger outputs get a pool of their own beside it.
         *
         * @return bytes.
         */
        public long outputSlotLength() {
            return outputSlotLength;
        }

        /**
         * Longest output frame.
         *
         * @param value bytes.
         * @return this.
         */
        public Context maxOutputLength(final long value) {
            maxOutputLength = value;
            return this;
        }

        /**
         * Longest output frame.
         *
         * @return bytes.
         */
        public long maxOutputLength() {
            return maxOutputLength;
        }

        /**
         * Shared memory that the output pools may take together; they grow to it while results are held.
         *
         * @param value bytes.
         * @return this.
         */
        public Context outputMemoryLimit(final long value) {
            outputMemoryLimit = value;
            return this;
        }

        /**
         * Shared memory that the output pools may take together; they grow to it while results are held.
         *
         * @return bytes.
         */
        public long outputMemoryLimit() {
            return outputMemoryLimit;
        }

        /**
         * How long a task waits for an output slot before it fails with NO_OUTPUT_SLOT.
         *
         * @param value a duration.
         * @return this.
         */
        public Context outputTimeout(final Duration value) {
            outputTimeout = value;
            return this;
        }

        /**
         * How long a task waits for an output slot before it fails with NO_OUTPUT_SLOT.
         *
         * @return a duration.
         */
        public Duration outputTimeout() {
            return outputTimeout;
        }

        /**
         * How long opening the handlers may take.
         *
         * @param value a duration.
         * @return this.
         */
        public Context startTimeout(final Duration value) {
            startTimeout = value;
            return this;
        }

        /**
         * How long opening the handlers may take.
         *
         * @return a duration.
         */
        public Duration startTimeout() {
            return startTimeout;
        }

        /**
         * Every timeout of the session.
         *
         * @param value a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts value) {
            timeouts = value;
            return this;
        }

        /**
         * Every timeout of the session.
         *
         * @return a profile.
         */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How its threads wait.
         *
         * @param value a profile.
         * @return this.
         */
        public Context runProfile(final RunProfile value) {
            runProfile = value;
            return this;
        }

        /**
         * How its threads wait.
         *
         * @return a profile.
         */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * Receives what handlers throw, and what goes wrong and is mended by itself.
         *
         * @param value called on the worker's threads; errors are dropped when it is not set.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler value) {
            errorHandler = value;
            return this;
        }

        /**
         * Receives what handlers throw, and what goes wrong and is mended by itself.
         *
         * @return called on the worker's threads; errors are dropped when it is not set.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        void conclude() {
            if (name == null || name.isBlank()) {
                throw new DragonException("a worker needs a name, unique in the cluster");
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new DragonException(
                        "the name of a worker has at most " + MAX_NAME_BYTES + " bytes, and '" + name + "' has more");
            }
            if (window < 1 || window > 64) {
                throw new DragonException("worker '" + name + "' takes 1 to 64 assignments at a time, not " + window);
            }
            if (outputSlotCount < 2 || outputSlotLength < 1 || maxOutputLength < outputSlotLength) {
                throw new DragonException(
                        "the output pool of worker '" + name + "' needs at least 2 slots (outputSlotCount is "
                                + outputSlotCount + ") of at least 1 byte (outputSlotLength is " + outputSlotLength
                                + ") and at most maxOutputLength, which is " + maxOutputLength);
            }
            directory = directory == null ? DragonDirectory.byDefault() : directory;
            aeronDirectoryName = aeronDirectoryName == null ? directory.aeron().toString() : aeronDirectoryName;
            device = device == null ? new CpuDevice() : device;
            classLoader = classLoader == null ? WorkerNode.class.getClassLoader() : classLoader;
            final ErrorHandler given = errorHandler == null ? throwable -> {} : errorHandler;
            errorHandler = throwable -> {
                try {
                    given.onError(throwable);
                } catch (final Throwable another) {
                    // it would end the thread that it was called on
                    throwable.addSuppressed(another);
                }
            };
            timeouts.conclude();
        }

        List<TaskHandler> findHandlers() {
            final Map<String, TaskHandler> byType = new LinkedHashMap<>();
            for (final TaskHandler handler : handlers) {
                add(byType, handler);
            }
            if (loadHandlers) {
                final Map<String, TaskHandler> found = new LinkedHashMap<>();
                try {
                    ServiceLoader.load(TaskHandler.class, classLoader).forEach(handler -> add(found, handler));
                } catch (final ServiceConfigurationError ex) {
                    throw new DragonException(
                            DragonException.WRONG_USAGE, "a task handler could not be loaded: " + ex.getMessage(), ex);
                }
                found.forEach(byType::putIfAbsent);
            }
            if (byType.isEmpty()) {
                throw new DragonException("worker '" + name + "' has no task handler");
            }
            return List.copyOf(byType.values());
        }

        private static void add(final Map<String, TaskHandler> byType, final TaskHandler handler) {
            final TaskHandler other = byType.putIfAbsent(handler.taskType(), handler);
            if (other != null) {
                throw new DragonException("two handlers are there for task type '" + handler.taskType() + "': "
                        + other.getClass().getName() + " and "
                        + handler.getClass().getName());
            }
        }
    }
}
