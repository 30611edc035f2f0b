package io.dragon.engine.client;

import io.dragon.engine.cluster.MasterAddresses;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HealthConfig;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.MastersConfig;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.node.HostSecret;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.ErrorHandler;

/** How a client connects. */
public final class ClientContext {
    private static final AtomicInteger NEXT_NAME = new AtomicInteger(1);

    private DragonDirectory directory;
    private String aeronDirectoryName;
    private String ingressEndpoints;
    private DiscoveryContext discovery;
    private String host = HostName.own();
    private String egressChannel;
    private String name;
    private Timeouts timeouts = Timeouts.dev();
    private RunProfile runProfile = RunProfile.DEV;
    private Health.Thresholds thresholds = Health.Thresholds.DEFAULT;
    private Duration connectTimeout = Duration.ofSeconds(15);
    private Duration submitTimeout = Duration.ofSeconds(30);
    private int commandBufferLength = 1 << 20;
    private long inputPoolBytes = 64L << 20;
    private ErrorHandler errorHandler;

    /** The defaults: the default directory and its media driver, one master on this host, 15 s to connect. */
    public ClientContext() {}

    /**
     * What a configuration says, so that a program finds the masters as every command does: by {@code masters.members}, on this host, or
     * by beacons. Name and timeouts of calls are the program's own.
     *
     * @param config as {@link DragonConfig#loader()} reads it.
     * @return a context, to be changed before it is used.
     * @throws DragonException when the file with the secret cannot be read.
     */
    public static ClientContext of(final DragonConfig config) {
        final DragonDirectory shared = DragonDirectory.of(config.dragonDir());
        final MastersConfig masters = config.masters();
        final boolean isAlone = masters.members().size() == 1
                && HostAddress.isOfThisHost(masters.members().get(0));
        final boolean mayLook = !config.areMastersNamed() && config.discovery().isEnabled();
        return new ClientContext()
                .directory(shared)
                .aeronDirectoryName(config.mediaDriver()
                        .directory()
                        .orElseGet(shared::aeron)
                        .toString())
                .ingressEndpoints(
                        isAlone ? null : new MasterAddresses(masters.members(), masters.basePort()).ingressEndpoints())
                .discovery(
                        mayLook
                                ? new DiscoveryContext()
                                        .config(config.discovery())
                                        .secret(config.secretFile()
                                                .map(HostSecret::read)
                                                .orElse(null))
                                        .log(line -> {})
                                : null)
                .host(config.hostName())
                .timeouts(config.timeouts())
                .runProfile(config.mediaDriver().profile())
                .thresholds(thresholds(config.health()));
    }

    /**
     * The host's shared directory.
     *
     * @param value {@link DragonDirectory#byDefault()} when it is not set.
     * @return this.
     */
    public ClientContext directory(final DragonDirectory value) {
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
    public ClientContext aeronDirectoryName(final String value) {
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
    public ClientContext ingressEndpoints(final String value) {
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
    public ClientContext discovery(final DiscoveryContext value) {
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
    public ClientContext host(final String value) {
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
    public ClientContext egressChannel(final String value) {
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
     * Name of the client, under which the sequencer remembers it.
     *
     * @param value 1 to 48 bytes; a name of this process when it is not set.
     * @return this.
     */
    public ClientContext name(final String value) {
        name = value;
        return this;
    }

    /**
     * Name of the client, under which the sequencer remembers it.
     *
     * @return 1 to 48 bytes; a name of this process when it is not set.
     */
    public String name() {
        return name;
    }

    /**
     * Every timeout of the session.
     *
     * @param value a profile.
     * @return this.
     */
    public ClientContext timeouts(final Timeouts value) {
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
    public ClientContext runProfile(final RunProfile value) {
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
     * Where the four states of health begin.
     *
     * @param value thresholds.
     * @return this.
     */
    public ClientContext thresholds(final Health.Thresholds value) {
        thresholds = value;
        return this;
    }

    /**
     * Where the four states of health begin.
     *
     * @return thresholds.
     */
    public Health.Thresholds thresholds() {
        return thresholds;
    }

    /**
     * How long connecting, or adding a publisher, may take.
     *
     * @param value a duration.
     * @return this.
     */
    public ClientContext connectTimeout(final Duration value) {
        connectTimeout = value;
        return this;
    }

    /**
     * How long connecting, or adding a publisher, may take.
     *
     * @return a duration.
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * How long a call waits for room in the window, or for an answer.
     *
     * @param value a duration.
     * @return this.
     */
    public ClientContext submitTimeout(final Duration value) {
        submitTimeout = value;
        return this;
    }

    /**
     * How long a call waits for room in the window, or for an answer.
     *
     * @return a duration.
     */
    public Duration submitTimeout() {
        return submitTimeout;
    }

    /**
     * Length of the ring between users and agent.
     *
     * @param value bytes, a power of two.
     * @return this.
     */
    public ClientContext commandBufferLength(final int value) {
        commandBufferLength = value;
        return this;
    }

    /**
     * Length of the ring between users and agent.
     *
     * @return bytes, a power of two.
     */
    public int commandBufferLength() {
        return commandBufferLength;
    }

    /**
     * Memory of a pool for inputs by value; large inputs make it larger.
     *
     * @param value bytes.
     * @return this.
     */
    public ClientContext inputPoolBytes(final long value) {
        inputPoolBytes = value;
        return this;
    }

    /**
     * Memory of a pool for inputs by value; large inputs make it larger.
     *
     * @return bytes.
     */
    public long inputPoolBytes() {
        return inputPoolBytes;
    }

    /**
     * Receives what goes wrong and is mended by itself.
     *
     * @param value called on the agent's thread; errors are dropped when it is not set.
     * @return this.
     */
    public ClientContext errorHandler(final ErrorHandler value) {
        errorHandler = value;
        return this;
    }

    /**
     * Receives what goes wrong and is mended by itself.
     *
     * @return called on the agent's thread; errors are dropped when it is not set.
     */
    public ErrorHandler errorHandler() {
        return errorHandler;
    }

    void conclude() {
        directory = directory == null ? DragonDirectory.byDefault() : directory;
        aeronDirectoryName = aeronDirectoryName == null ? directory.aeron().toString() : aeronDirectoryName;
        name = name == null ? "client-" + ProcessHandle.current().pid() + '-' + NEXT_NAME.getAndIncrement() : name;
        final ErrorHandler given = errorHandler == null ? throwable -> {} : errorHandler;
        errorHandler = throwable -> {
            try {
                given.onError(throwable);
            } catch (final Throwable another) {
                // it would end the thread that it was called on
                throwable.addSuppressed(another);
            }
        };
        if (Integer.bitCount(commandBufferLength) != 1 || commandBufferLength < 16 * 1024) {
            throw new DragonException(
                    "commandBufferLength is a power of two of at least 16384, not " + commandBufferLength);
        }
        timeouts.conclude();
    }

    private static Health.Thresholds thresholds(final HealthConfig health) {
        return new Health.Thresholds(
                health.degradedSuccessPercent() / 100.0,
                health.criticalSuccessPercent() / 100.0,
                health.degradedLatencyNs() / 1e6,
                health.overloadedTasksPerWorker(),
                health.degradedRefusedPercent() / 100.0,
                health.degradedRoundTripNs() / 1e6);
    }
}
