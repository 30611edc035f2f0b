package io.dragon.engine.cluster;

import io.aeron.cluster.service.ClusteredService;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.sequencer.SequencerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;

/** How a master runs. */
public final class MasterContext {
    private static final String ANY = "0.0.0.0";

    private SequencerConfig sequencerConfig;
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
    private int maxSessions = 1_024;
    private int logTermLength = 8 * 1_024 * 1_024;
    private long snapshotLogBytes = 256L * 1_024 * 1_024;
    private boolean deleteOnStart = false;
    private ErrorHandler errorHandler;
    private Runnable terminationHook;
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

    /**
     * How many processes may talk to the cluster at a time.
     *
     * @param maxSessions 1 or more.
     * @return this.
     */
    public MasterContext maxSessions(final int maxSessions) {
        this.maxSessions = maxSessions;
        return this;
    }

    /** {@return how many processes may talk to the cluster at a time: 1 or more} */
    public int maxSessions() {
        return maxSessions;
    }

    /**
     * Length of a term of the log; a log buffer has three.
     *
     * @param logTermLength bytes, a power of two of at least 64 KiB.
     * @return this.
     */
    public MasterContext logTermLength(final int logTermLength) {
        this.logTermLength = logTermLength;
        return this;
    }

    /** {@return length of a term of the log; a log buffer has three: bytes, a power of two of at least 64 KiB} */
    public int logTermLength() {
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
     * How tasks are given to workers, and how often they are tried again.
     *
     * @param strategies     names of strategies by task types; {@code default} for all others.
     * @param maximumRetries retries of a task that asks for no number of its own.
     * @return this.
     */
    public MasterContext scheduling(final Map<String, String> strategies, final int maximumRetries) {
        final SequencerConfig config = sequencerConfig == null ? new SequencerConfig() : sequencerConfig;
        strategies.forEach((type, strategy) -> {
            if (type.equals("default")) {
                config.defaultStrategy(strategy);
            } else {
                config.strategy(type, strategy);
            }
        });
        return sequencerConfig(config.defaultMaxAttempts(maximumRetries + 1));
    }

    /**
     * What some strategies go by.
     *
     * @param scoredThreshold the score in thousandths below which strategy scored gives a worker nothing.
     * @param recentErrorMs   milliseconds for which an error halves the score of strategy scored.
     * @param spillPercent    the use of the local workers from which strategy prefer-local takes remote ones too.
     * @return this.
     */
    public MasterContext balancing(final int scoredThreshold, final long recentErrorMs, final int spillPercent) {
        final SequencerConfig config = sequencerConfig == null ? new SequencerConfig() : sequencerConfig;
        return sequencerConfig(config.scoredThreshold(scoredThreshold)
                .recentErrorMs((int) recentErrorMs)
                .spillPercent(spillPercent));
    }

    /**
     * How many records of detected faults are kept.
     *
     * @param capacity 1 to 4,096.
     * @return this.
     */
    public MasterContext incidents(final int capacity) {
        final SequencerConfig config = sequencerConfig == null ? new SequencerConfig() : sequencerConfig;
        return sequencerConfig(config.incidentCapacity(capacity));
    }

    /**
     * How long an attempt of a task may take. Changes the state machine's settings.
     *
     * @param shortestMs the least that any attempt has, milliseconds; the first ones of a type, of which nothing is known, have more.
     * @return this.
     */
    public MasterContext taskTimeout(final long shortestMs) {
        final SequencerConfig config = sequencerConfig == null ? new SequencerConfig() : sequencerConfig;
        final int floorMs = (int) Math.min(Integer.MAX_VALUE, shortestMs);
        return sequencerConfig(config.taskTimeoutFloorMs(floorMs)
                .taskTimeoutInitialMs(Math.max(floorMs, config.taskTimeoutInitialMs())));
    }

    /**
     * When a worker that fails is spared, and how small a task may be cut.
     *
     * @param failures  in a row, after which a worker is drained.
     * @param waitMs    milliseconds until its first probe.
     * @param successes in a row, after which it is as good as any.
     * @param maxSplit  the most pieces of a task, for want of device memory.
     * @return this.
     */
    public MasterContext draining(final int failures, final long waitMs, final int successes, final int maxSplit) {
        final SequencerConfig config = sequencerConfig == null ? new SequencerConfig() : sequencerConfig;
        return sequencerConfig(config.drainAfterFailures(failures)
                .drainMs((int) waitMs)
                .restoreAfterSuccesses(successes)
                .maxSplit(maxSplit));
    }

    /** Where others reach the masters: 0.0.0.0 stands for every address of this host. */
    String endpointsForOthers() {
        return isOnEveryAddress
                ? "0=" + ANY + ":" + port(MasterAddresses.INGRESS)
                : addresses().ingressEndpoints();
    }

    /** Only the ingress of a master on every address: what masters say to each other is not for others. */
    String ingressEndpoint() {
        return isOnEveryAddress ? "|endpoint=" + ANY + ":" + port(MasterAddresses.INGRESS) : "";
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
        if (members.contains(ANY)) {
            if (members.size() > 1) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "'masters.members' has " + ANY + " among several: each has to have an address of its own.");
            }
            isOnEveryAddress = true;
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
        if (errorHandler == null) {
            errorHandler = throwable -> {};
        }
        if (terminationHook == null) {
            terminationHook = () -> {};
        }
        if (sequencerConfig == null) {
            sequencerConfig = new SequencerConfig();
        }
        sequencerConfig
                .tickMs((int) timeouts.ms(Timeouts.Key.TICK))
                .eventLagMs((int) timeouts.ms(Timeouts.Key.EVENT_LAG))
                .workerTimeoutMs((int) timeouts.ms(Timeouts.Key.WORKER))
                .nodeTimeoutMs((int) timeouts.ms(Timeouts.Key.NODE))
                .clientTimeoutMs((int) timeouts.ms(Timeouts.Key.CLIENT))
                .cameraTimeoutMs((int) timeouts.ms(Timeouts.Key.CLIENT))
                .taskTimeoutFloorMs((int) timeouts.ms(Timeouts.Key.TASK_FLOOR))
                .hangKillAfterMs((int) timeouts.ms(Timeouts.Key.HANG_KILL_AFTER));
        try {
            sequencerConfig.conclude();
        } catch (final IllegalStateException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "A setting of the scheduling cannot be used: " + ex.getMessage());
        }
    }
}
