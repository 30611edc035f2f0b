package io.dragon.engine.cluster;

import io.aeron.cluster.service.ClusteredService;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.SchedulingConfig;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.sequencer.SequencerConfig;
import io.dragon.engine.sequencer.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;

/** How a master runs. */
public final class MasterContext {
    private SequencerConfig sequencerConfig = new SequencerConfig();
    private long shortestTaskMs;
    private String hostName = "host";
    private boolean isNodeAgentExpected;
    private String host = HostName.own();
    private NetworkContext network;
    private DiscoveryContext discovery;
    private boolean isOnEveryAddress;
    private Path mediaDriverDirectory;
    private ClusteredService service;
    private Path directory;
    private Path dragonDirectory;
    private String aeronDirectoryName;
    private int memberId = 0;
    private List<String> members = List.of("localhost");
    private int basePort = 9900;
    private Timeouts timeouts = Timeouts.dev();
    private RunProfile runProfile = RunProfile.DEV;
    private int fileSyncLevel = 0;
    private int logTermLength = 8 * 1_024 * 1_024;
    private long snapshotLogBytes = 256L * 1_024 * 1_024;
    private boolean deleteOnStart = false;
    private ErrorHandler errorHandler = throwable -> {};
    private Runnable terminationHook = () -> {};
    private Consumer<String> narrator = sentence -> {};
    private BooleanSupplier stop = () -> false;

    /** A context with every default: one member on this host. */
    public MasterContext() {}

    /**
     * Where the log, its snapshots and the state of elections lie; survives restarts.
     *
     * @param directory a path.
     * @return this.
     */
    public MasterContext directory(final Path directory) {
        this.directory = directory;
        return this;
    }

    /** {@return where the log, its snapshots and the state of elections lie; survives restarts: a path} */
    public Path directory() {
        return directory;
    }

    /**
     * The host's shared directory with pools and liveness locks; null: this master runs no host agent.
     *
     * @param dragonDirectory a path.
     * @return this.
     */
    public MasterContext dragonDirectory(final Path dragonDirectory) {
        this.dragonDirectory = dragonDirectory;
        return this;
    }

    /** {@return a path} */
    public Path dragonDirectory() {
        return dragonDirectory;
    }

    /**
     * The directory of the host's media driver, when the master uses that one; null: it runs its own.
     *
     * @param aeronDirectoryName a path, or null.
     * @return this.
     */
    public MasterContext aeronDirectoryName(final String aeronDirectoryName) {
        this.aeronDirectoryName = aeronDirectoryName;
        return this;
    }

    /** {@return a path, or null} */
    public String aeronDirectoryName() {
        return aeronDirectoryName;
    }

    /**
     * Which of the members this is.
     *
     * @param memberId an index into the members.
     * @return this.
     */
    public MasterContext memberId(final int memberId) {
        this.memberId = memberId;
        return this;
    }

    /** {@return which of the members this is: an index into the members} */
    public int memberId() {
        return memberId;
    }

    /**
     * Host names or addresses of every member, in the order of their ids.
     *
     * @param members one, three or five.
     * @return this.
     */
    public MasterContext members(final List<String> members) {
        this.members = members;
        return this;
    }

    /** {@return host names or addresses of every member, in the order of their ids: one, three or five} */
    public List<String> members() {
        return members;
    }

    /**
     * The first port of member 0; member n has five ports from basePort + 10 n.
     *
     * @param basePort a UDP port.
     * @return this.
     */
    public MasterContext basePort(final int basePort) {
        this.basePort = basePort;
        return this;
    }

    /** {@return the first port of member 0; member n has five ports from basePort + 10 n: a UDP port} */
    public int basePort() {
        return basePort;
    }

    /**
     * Every timeout.
     *
     * @param timeouts a profile.
     * @return this.
     */
    public MasterContext timeouts(final Timeouts timeouts) {
        this.timeouts = timeouts;
        return this;
    }

    /** {@return every timeout: a profile} */
    public Timeouts timeouts() {
        return timeouts;
    }

    /**
     * How its threads idle.
     *
     * @param runProfile the profile.
     * @return this.
     */
    public MasterContext runProfile(final RunProfile runProfile) {
        this.runProfile = runProfile;
        return this;
    }

    /** {@return how its threads idle: the profile} */
    public RunProfile runProfile() {
        return runProfile;
    }

    /**
     * 0: the log survives the death of processes; 1: of machines; 2: also its metadata.
     *
     * @param fileSyncLevel 0, 1 or 2.
     * @return this.
     */
    public MasterContext fileSyncLevel(final int fileSyncLevel) {
        this.fileSyncLevel = fileSyncLevel;
        return this;
    }

    /** {@return 0: the log survives the death of processes; 1: of machines; 2: also its metadata: 0, 1 or 2} */
    public int fileSyncLevel() {
        return fileSyncLevel;
    }

    /** Length of a term of the log, bytes, a power of two; a log buffer has three. For tests, of which several run at a time. */
    MasterContext logTermLength(final int logTermLength) {
        this.logTermLength = logTermLength;
        return this;
    }

    int logTermLength() {
        return logTermLength;
    }

    /**
     * A snapshot is taken after so much log, or after the snapshot interval, whichever comes first.
     *
     * @param snapshotLogBytes bytes.
     * @return this.
     */
    public MasterContext snapshotLogBytes(final long snapshotLogBytes) {
        this.snapshotLogBytes = snapshotLogBytes;
        return this;
    }

    /** {@return a snapshot is taken after so much log, or after the snapshot interval, whichever comes first: bytes} */
    public long snapshotLogBytes() {
        return snapshotLogBytes;
    }

    /**
     * Whether what an earlier run left is deleted; for tests and throw-away runs.
     *
     * @param deleteOnStart true to start empty.
     * @return this.
     */
    public MasterContext deleteOnStart(final boolean deleteOnStart) {
        this.deleteOnStart = deleteOnStart;
        return this;
    }

    /** {@return whether what an earlier run left is deleted; for tests and throw-away runs: true to start empty} */
    public boolean deleteOnStart() {
        return deleteOnStart;
    }

    /**
     * Receives errors that the master survives; they are also counted in Aeron's distinct error logs.
     *
     * @param errorHandler called on the master's threads.
     * @return this.
     */
    public MasterContext errorHandler(final ErrorHandler errorHandler) {
        this.errorHandler = errorHandler;
        return this;
    }

    /** {@return called on the master's threads} */
    public ErrorHandler errorHandler() {
        return errorHandler;
    }

    /**
     * Called once when the master cannot go on, for its process to exit and be started again; not when it
     * {@linkplain MasterNode#isLeftBehind() is left behind}.
     *
     * @param terminationHook called on one of the master's threads; must not close the master there.
     * @return this.
     */
    public MasterContext terminationHook(final Runnable terminationHook) {
        this.terminationHook = terminationHook;
        return this;
    }

    /** {@return called on one of the master's threads; must not close the master there} */
    public Runnable terminationHook() {
        return terminationHook;
    }

    /**
     * The directory of its own media driver; {@code aeron} in the Dragon directory by default, {@code aeron-N} for one of
     * several members.
     *
     * @param mediaDriverDirectory a path on a tmpfs.
     * @return this.
     */
    public MasterContext mediaDriverDirectory(final Path mediaDriverDirectory) {
        this.mediaDriverDirectory = mediaDriverDirectory;
        return this;
    }

    /** {@return the directory of its own media driver: a path on a tmpfs} */
    public Path mediaDriverDirectory() {
        return mediaDriverDirectory;
    }

    /**
     * Told what it does while it starts: what of its state is damaged, what it takes from others, whom it waits for.
     *
     * @param narrator called with a sentence each, on the thread that launches it.
     * @return this.
     */
    public MasterContext narrator(final Consumer<String> narrator) {
        this.narrator = narrator;
        return this;
    }

    Consumer<String> narrator() {
        return narrator;
    }

    /**
     * Whether a start that waits for others is to be given up.
     *
     * @param stop asked again and again.
     * @return this.
     */
    public MasterContext stop(final BooleanSupplier stop) {
        this.stop = stop;
        return this;
    }

    BooleanSupplier stop() {
        return stop;
    }

    /** Replaces the sequencer; for tests of everything round it. */
    MasterContext service(final ClusteredService service) {
        this.service = service;
        return this;
    }

    ClusteredService service() {
        return service;
    }

    /**
     * The name under which the host agent of this master registers.
     *
     * @param hostName a node's name.
     * @return this.
     */
    public MasterContext hostName(final String hostName) {
        this.hostName = hostName;
        return this;
    }

    /** {@return the name under which the host agent of this master registers: a node's name} */
    public String hostName() {
        return hostName;
    }

    /**
     * Whether a node agent is started on this host next, so that it is left to be the host's node from the beginning.
     *
     * @param isExpected false (the default): one that has begun is waited for, and no other.
     * @return this.
     */
    public MasterContext nodeAgentExpected(final boolean isExpected) {
        isNodeAgentExpected = isExpected;
        return this;
    }

    /** {@return whether a node agent is started on this host next: false by default} */
    public boolean isNodeAgentExpected() {
        return isNodeAgentExpected;
    }

    /**
     * The word that all processes of this host have in common.
     *
     * @param host at most 48 bytes; the name that the host gives itself by default.
     * @return this.
     */
    public MasterContext host(final String host) {
        this.host = host;
        return this;
    }

    /** {@return the word that all processes of this host have in common: at most 48 bytes} */
    public String host() {
        return host;
    }

    /**
     * How the host agent of this master has to do with other hosts.
     *
     * @param network how; null for the one host of its system.
     * @return this.
     */
    public MasterContext network(final NetworkContext network) {
        this.network = network;
        return this;
    }

    /** {@return how the host agent of this master has to do with other hosts: null for the one host of its system} */
    public NetworkContext network() {
        return network;
    }

    /**
     * Tells other hosts where the masters are, unless they listen on loopback only.
     *
     * @param discovery how; null: it tells nobody.
     * @return this.
     */
    public MasterContext discovery(final DiscoveryContext discovery) {
        this.discovery = discovery;
        return this;
    }

    /** {@return tells other hosts where the masters are: how, or null} */
    public DiscoveryContext discovery() {
        return discovery;
    }

    /**
     * Limits of the sequencer; its timeouts are set from {@link #timeouts()}. Those of the member that leads hold, from
     * the beginning of its term; a log is replayed with those that held when it was written.
     *
     * @param sequencerConfig best equal on every member.
     * @return this.
     */
    public MasterContext sequencerConfig(final SequencerConfig sequencerConfig) {
        this.sequencerConfig = sequencerConfig;
        return this;
    }

    /** {@return limits of the sequencer: best equal on every member} */
    public SequencerConfig sequencerConfig() {
        return sequencerConfig;
    }

    /**
     * How tasks are given to workers, and what becomes of those that fail. Changes {@link #sequencerConfig()}.
     *
     * @param scheduling how.
     * @return this.
     */
    public MasterContext scheduling(final SchedulingConfig scheduling) {
        SequencerSettings.scheduling(scheduling, sequencerConfig);
        shortestTaskMs = scheduling.shortestTimeoutMs();
        return this;
    }

    /**
     * How many records of detected faults are kept. Changes {@link #sequencerConfig()}.
     *
     * @param capacity 1 to 4,096.
     * @return this.
     */
    public MasterContext incidents(final int capacity) {
        sequencerConfig.set(Setting.INCIDENT_CAPACITY, capacity);
        return this;
    }

    /** Where others reach the masters: 0.0.0.0 stands for every address of this host. */
    String endpointsForOthers() {
        return isOnEveryAddress ? "0=" + onEveryAddress() : addresses().ingressEndpoints();
    }

    /** Only the ingress of a master on every address: what masters say to each other is not for others. */
    String ingressEndpoint() {
        return isOnEveryAddress ? "|endpoint=" + onEveryAddress() : "";
    }

    private String onEveryAddress() {
        return MasterAddresses.ANY + ":" + port(MasterAddresses.INGRESS);
    }

    MasterAddresses addresses() {
        return new MasterAddresses(members, basePort);
    }

    /** A file of the archive holds two terms of the log, so that purging by whole files is fine enough. */
    int segmentLength() {
        return 2 * logTermLength;
    }

    int port(final int offset) {
        return addresses().port(memberId, offset);
    }

    void conclude() {
        timeouts.conclude();
        if (directory == null) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "A master needs a directory for its log: none is configured.");
        }
        directory = directory.toAbsolutePath().normalize();
        isOnEveryAddress |= addresses().isOnEveryAddress();
        if (isOnEveryAddress) {
            members = List.of("localhost");
        }
        addresses().check(memberId);
        final int count = members.size();
        if (count > 1 && aeronDirectoryName != null) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "one of several masters runs its own media driver, not the one in " + aeronDirectoryName + ".");
        }
        if (mediaDriverDirectory == null && aeronDirectoryName == null) {
            final DragonDirectory dragon =
                    dragonDirectory == null ? DragonDirectory.byDefault() : DragonDirectory.of(dragonDirectory);
            dragon.create();
            mediaDriverDirectory = count == 1 ? dragon.aeron() : dragon.path().resolve("aeron-" + memberId);
        }
        SequencerSettings.conclude(timeouts, shortestTaskMs, sequencerConfig);
    }
}
