package io.dragon.worker;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.worker.device.CpuDevice;
import io.dragon.worker.device.Device;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.agrona.ErrorHandler;

/** How a worker is made. */
public final class WorkerContext {
    private static final int MAX_NAME_BYTES = 48;

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
    public WorkerContext() {}

    /**
     * Adds a handler; it takes the place of one found by {@link ServiceLoader} for the same type.
     *
     * @param value of its own, not shared with another worker.
     * @return this.
     */
    public WorkerContext handler(final TaskHandler value) {
        handlers.add(value);
        return this;
    }

    /**
     * The host's shared directory.
     *
     * @param value {@link DragonDirectory#byDefault()} when it is not set.
     * @return this.
     */
    public WorkerContext directory(final DragonDirectory value) {
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
    public WorkerContext aeronDirectoryName(final String value) {
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
    public WorkerContext ingressEndpoints(final String value) {
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
    public WorkerContext discovery(final DiscoveryContext value) {
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
    public WorkerContext host(final String value) {
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
    public WorkerContext egressChannel(final String value) {
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
    public WorkerContext name(final String value) {
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
    public WorkerContext nodeId(final int value) {
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
    public WorkerContext device(final Device value) {
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
    public WorkerContext window(final int value) {
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
    public WorkerContext loadHandlers(final boolean value) {
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
    public WorkerContext classLoader(final ClassLoader value) {
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
    public WorkerContext outputSlotCount(final int value) {
        outputSlotCount = value;
        return this;
    }

    int outputSlotCount() {
        return outputSlotCount;
    }

    /**
     * Slot length of the output pool; larger outputs get a pool of their own beside it.
     *
     * @param value bytes.
     * @return this.
     */
    public WorkerContext outputSlotLength(final long value) {
        outputSlotLength = value;
        return this;
    }

    long outputSlotLength() {
        return outputSlotLength;
    }

    /**
     * Longest output frame.
     *
     * @param value bytes.
     * @return this.
     */
    public WorkerContext maxOutputLength(final long value) {
        maxOutputLength = value;
        return this;
    }

    long maxOutputLength() {
        return maxOutputLength;
    }

    /**
     * Shared memory that the output pools may take together; they grow to it while results are held.
     *
     * @param value bytes.
     * @return this.
     */
    public WorkerContext outputMemoryLimit(final long value) {
        outputMemoryLimit = value;
        return this;
    }

    long outputMemoryLimit() {
        return outputMemoryLimit;
    }

    /**
     * How long a task waits for an output slot before it fails with NO_OUTPUT_SLOT.
     *
     * @param value a duration.
     * @return this.
     */
    public WorkerContext outputTimeout(final Duration value) {
        outputTimeout = value;
        return this;
    }

    Duration outputTimeout() {
        return outputTimeout;
    }

    /**
     * How long opening the handlers may take.
     *
     * @param value a duration.
     * @return this.
     */
    public WorkerContext startTimeout(final Duration value) {
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
    public WorkerContext timeouts(final Timeouts value) {
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
    public WorkerContext runProfile(final RunProfile value) {
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
    public WorkerContext errorHandler(final ErrorHandler value) {
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
        return FoundHandlers.of(name, handlers, loadHandlers ? classLoader : null);
    }
}
