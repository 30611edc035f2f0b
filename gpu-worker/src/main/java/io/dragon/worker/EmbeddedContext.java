package io.dragon.worker;

import io.dragon.engine.cluster.NetworkContext;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;

/** What an embedded system consists of. */
public final class EmbeddedContext {
    private static final AtomicInteger NEXT_DIRECTORY = new AtomicInteger(1);

    private Path directory;
    private Path beside;
    private String host = HostName.own();
    private NetworkContext network;
    private int workers = 2;
    private int window = 2;
    private boolean loadHandlers = true;
    private int outputSlotCount = 16;
    private long outputSlotLength = 1L << 20;
    private long maxOutputLength = 256L << 20;
    private long outputMemoryLimit = 1L << 30;
    private Duration outputTimeout = Duration.ofSeconds(5);
    private Duration startTimeout = Duration.ofSeconds(20);
    private Timeouts timeouts = Timeouts.dev();
    private RunProfile runProfile = RunProfile.DEV;
    private ErrorHandler errorHandler;
    private final List<Supplier<TaskHandler>> handlers = new ArrayList<>();
    private boolean ownsDirectory;

    /** The defaults: two workers with every handler on the class path. */
    public EmbeddedContext() {}

    /**
     * Registers a lambda by name in every worker.
     *
     * @param taskType name of the task type.
     * @param body     what runs a task; thread-safe, as all workers share it.
     * @return this.
     */
    public EmbeddedContext handler(final String taskType, final TaskHandler.Body body) {
        return handler(() -> TaskHandler.of(taskType, body));
    }

    /**
     * Registers a handler in every worker.
     *
     * @param value makes one for each worker.
     * @return this.
     */
    public EmbeddedContext handler(final Supplier<TaskHandler> value) {
        handlers.add(value);
        return this;
    }

    /**
     * The shared directory; one of its own that is deleted in the end, when it is not set.
     *
     * @param value a directory of shared memory.
     * @return this.
     */
    public EmbeddedContext directory(final Path value) {
        directory = value;
        return this;
    }

    /**
     * Where its own directory is made, when none is named.
     *
     * @param value a directory of shared memory, whose name that of its own begins with; {@link DragonDirectory#byDefault()} when it is
     *     not set.
     * @return this.
     */
    public EmbeddedContext beside(final Path value) {
        beside = value;
        return this;
    }

    /**
     * The shared directory; one of its own that is deleted in the end, when it is not set.
     *
     * @return a directory of shared memory.
     */
    public Path directory() {
        return directory;
    }

    /**
     * The word that all processes of this host have in common: who registers with the same one shares its memory.
     *
     * @param value at most 48 bytes; the name that the host gives itself by default.
     * @return this.
     */
    public EmbeddedContext host(final String value) {
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
     * How it has to do with other hosts, whose processes join over UDP.
     *
     * @param value how; null (the default) for the one host of its system.
     * @return this.
     */
    public EmbeddedContext network(final NetworkContext value) {
        network = value;
        return this;
    }

    /**
     * How it has to do with other hosts.
     *
     * @return how; null for the one host of its system.
     */
    public NetworkContext network() {
        return network;
    }

    /**
     * Number of workers.
     *
     * @param value 0 or more; 2 when it is not set.
     * @return this.
     */
    public EmbeddedContext workers(final int value) {
        workers = value;
        return this;
    }

    /**
     * Number of workers.
     *
     * @return 0 or more; 2 when it is not set.
     */
    public int workers() {
        return workers;
    }

    /**
     * Assignments a worker takes at a time.
     *
     * @param value 1 to 64.
     * @return this.
     */
    public EmbeddedContext window(final int value) {
        window = value;
        return this;
    }

    /**
     * Assignments a worker takes at a time.
     *
     * @return 1 to 64.
     */
    public int window() {
        return window;
    }

    /**
     * Whether handlers are also looked for by {@link java.util.ServiceLoader}.
     *
     * @param value true when it is not set.
     * @return this.
     */
    public EmbeddedContext loadHandlers(final boolean value) {
        loadHandlers = value;
        return this;
    }

    /**
     * Whether handlers are also looked for by {@link java.util.ServiceLoader}.
     *
     * @return true when it is not set.
     */
    public boolean loadHandlers() {
        return loadHandlers;
    }

    /**
     * Slots of a worker's output pool.
     *
     * @param value at least 2.
     * @return this.
     */
    public EmbeddedContext outputSlotCount(final int value) {
        outputSlotCount = value;
        return this;
    }

    /**
     * Slots of a worker's output pool.
     *
     * @return at least 2.
     */
    public int outputSlotCount() {
        return outputSlotCount;
    }

    /**
     * Slot length of a worker's output pool.
     *
     * @param value bytes.
     * @return this.
     */
    public EmbeddedContext outputSlotLength(final long value) {
        outputSlotLength = value;
        return this;
    }

    /**
     * Slot length of a worker's output pool.
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
    public EmbeddedContext maxOutputLength(final long value) {
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
     * Shared memory that the output pools of one worker may take together; they grow to it while results are held.
     *
     * @param value bytes.
     * @return this.
     */
    public EmbeddedContext outputMemoryLimit(final long value) {
        outputMemoryLimit = value;
        return this;
    }

    /**
     * Shared memory that the output pools of one worker may take together; they grow to it while results are held.
     *
     * @return bytes.
     */
    public long outputMemoryLimit() {
        return outputMemoryLimit;
    }

    /**
     * How long a task waits for an output slot.
     *
     * @param value a duration.
     * @return this.
     */
    public EmbeddedContext outputTimeout(final Duration value) {
        outputTimeout = value;
        return this;
    }

    /**
     * How long a task waits for an output slot.
     *
     * @return a duration.
     */
    public Duration outputTimeout() {
        return outputTimeout;
    }

    /**
     * How long a worker may take to register.
     *
     * @param value a duration.
     * @return this.
     */
    public EmbeddedContext startTimeout(final Duration value) {
        startTimeout = value;
        return this;
    }

    /**
     * How long a worker may take to register.
     *
     * @return a duration.
     */
    public Duration startTimeout() {
        return startTimeout;
    }

    /**
     * Every timeout.
     *
     * @param value a profile.
     * @return this.
     */
    public EmbeddedContext timeouts(final Timeouts value) {
        timeouts = value;
        return this;
    }

    /**
     * Every timeout.
     *
     * @return a profile.
     */
    public Timeouts timeouts() {
        return timeouts;
    }

    /**
     * How threads wait.
     *
     * @param value a profile.
     * @return this.
     */
    public EmbeddedContext runProfile(final RunProfile value) {
        runProfile = value;
        return this;
    }

    /**
     * How threads wait.
     *
     * @return a profile.
     */
    public RunProfile runProfile() {
        return runProfile;
    }

    /**
     * Receives what goes wrong and is mended by itself.
     *
     * @param value called on any thread; errors are dropped when it is not set.
     * @return this.
     */
    public EmbeddedContext errorHandler(final ErrorHandler value) {
        errorHandler = value;
        return this;
    }

    /**
     * Receives what goes wrong and is mended by itself.
     *
     * @return called on any thread; errors are dropped when it is not set.
     */
    public ErrorHandler errorHandler() {
        return errorHandler;
    }

    void conclude() {
        if (directory == null) {
            ownsDirectory = true;
            final Path model = beside == null ? DragonDirectory.byDefault().path() : beside.toAbsolutePath();
            directory = model.resolveSibling(model.getFileName() + "-embedded-"
                    + ProcessHandle.current().pid() + '-' + NEXT_DIRECTORY.getAndIncrement());
        }
        errorHandler = errorHandler == null ? throwable -> {} : errorHandler;
    }

    List<Supplier<TaskHandler>> handlers() {
        return handlers;
    }

    /** Whether nobody named a directory, so that its own is deleted in the end. */
    boolean ownsDirectory() {
        return ownsDirectory;
    }
}
