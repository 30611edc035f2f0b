package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A complete, checked configuration: every key has a value and knows where it came from. Immutable. Sections are records; a
 * tool copies them into the {@code Context} of what it starts.
 */
public final class DragonConfig {
    /** The two kinds of configuration files. */
    public enum FileKind {
        /** {@code dragon_gpu.yaml}: what a client uses. */
        CLIENT,
        /** {@code gpu_server.yaml}: what a machine offers. */
        SERVER
    }

    /**
     * One key for people.
     *
     * @param key    its path.
     * @param value  its value as text.
     * @param origin where the value came from: default, a profile, a place in a file, an environment variable or a flag.
     */
    public record Setting(String key, String value, String origin) {}

    /**
     * The GPUs of this machine.
     *
     * @param enabled   whether they are used.
     * @param deviceIds which, by number; empty means all.
     */
    public record LocalGpus(boolean enabled, List<Integer> deviceIds) {}

    /**
     * A GPU server on another machine.
     *
     * @param name     its name in messages.
     * @param hostname name or address.
     * @param port     its port.
     * @param enabled  whether it is used.
     */
    public record RemoteGpu(String name, String hostname, int port, boolean enabled) {}

    /**
     * Where the GPU server listens.
     *
     * @param bindAddress the address.
     * @param port        the port.
     * @param maxClients  how many clients may be connected at once.
     */
    public record Server(String bindAddress, int port, int maxClients) {}

    /**
     * The GPUs a server offers.
     *
     * @param isAll              whether all of them; otherwise those of the list.
     * @param deviceIds          which, by number.
     * @param memoryLimitPercent how much of each one's memory may be used, 1 to 100.
     * @param fallbackToCpu      whether a worker whose GPU cannot be used works on the CPU.
     */
    public record Gpu(boolean isAll, List<Integer> deviceIds, int memoryLimitPercent, boolean fallbackToCpu) {}

    /**
     * The worker processes of a GPU server.
     *
     * @param cpu         how many work on the CPU; -1: one where GPUs are to be offered and none can be used.
     * @param restarts    restarts with a short life, in a row, after which one is given up for a while.
     * @param shortLifeNs what lives for so long has no short life, nanoseconds.
     * @param pauseNs     how long one is given up, nanoseconds.
     */
    public record Workers(int cpu, int restarts, long shortLifeNs, long pauseNs) {}

    /**
     * Who may connect.
     *
     * @param requireAuth whether clients must know the secret.
     * @param secretFile  the file with the secret; empty when there is none.
     * @param allowedIps  addresses and ranges; empty means only this machine.
     */
    public record Security(boolean requireAuth, Optional<Path> secretFile, List<String> allowedIps) {}

    /**
     * The media driver of this host.
     *
     * @param profile   how its threads wait.
     * @param directory Aeron's directory; empty means the one in the Dragon directory.
     */
    public record MediaDriver(RunProfile profile, Optional<Path> directory) {}

    /**
     * The masters.
     *
     * @param members            the host of each, by number.
     * @param basePort           the first of five UDP ports of master 0; those of master n begin 10 n higher.
     * @param directory          where a master keeps its log and snapshots.
     * @param fileSyncLevel      0, 1 or 2, as Aeron defines them.
     * @param snapshotIntervalNs the time between two snapshots, nanoseconds.
     * @param snapshotLogLength  a snapshot is also taken when the log has grown by so many bytes.
     */
    public record Masters(
            List<String> members,
            int basePort,
            Path directory,
            int fileSyncLevel,
            long snapshotIntervalNs,
            long snapshotLogLength) {}

    /**
     * Frame pools of publishers.
     *
     * @param slots          frames a pool holds.
     * @param slotLength     bytes of the largest frame; 0 means that of the first.
     * @param metadataLength bytes of the caller's own data in each slot.
     * @param fullPolicy     {@code back-pressured}, {@code wait} or {@code overwrite-oldest}.
     * @param waitTimeoutNs  how long the policy {@code wait} waits, nanoseconds.
     */
    public record Pools(int slots, long slotLength, int metadataLength, String fullPolicy, long waitTimeoutNs) {}

    /**
     * Where the states of health begin.
     *
     * @param degradedSuccessPercent    share of ended tasks that completed.
     * @param criticalSuccessPercent    share of ended tasks that completed.
     * @param degradedLatencyNs         mean time from submit to result, nanoseconds.
     * @param overloadedTasksPerWorker  tasks that could run, for each live worker.
     * @param degradedRefusedPercent    share of frames refused.
     * @param degradedRoundTripNs      round trip between two nodes, nanoseconds.
     */
    public record Health(
            int degradedSuccessPercent,
            int criticalSuccessPercent,
            long degradedLatencyNs,
            int overloadedTasksPerWorker,
            int degradedRefusedPercent,
            long degradedRoundTripNs) {}

    /**
     * The log of a process.
     *
     * @param directory the folder of rotated files; empty means standard error.
     * @param level     {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}.
     */
    public record Log(Optional<Path> directory, String level) {}

    private final FileKind kind;
    private final Path file;
    private final Path home;
    private final Map<String, Entry> entries;
    private final List<String> remarks;
    private final Timeouts timeouts;

    DragonConfig(
            final FileKind kind,
            final Path file,
            final Path home,
            final Map<String, Entry> entries,
            final Timeouts timeouts,
            final List<String> remarks) {
        this.kind = kind;
        this.file = file;
        this.home = home;
        this.entries = entries;
        this.timeouts = timeouts;
        this.remarks = List.copyOf(remarks);
    }

    /**
     * Reads a configuration.
     *
     * @return a loader with the process's environment and folders.
     */
    public static ConfigLoader loader() {
        return new ConfigLoader();
    }

    /**
     * The kind of file this was read as.
     *
     * @return client or server.
     */
    public FileKind kind() {
        return kind;
    }

    /**
     * The file that was read.
     *
     * @return its path; empty when there was none and defaults hold.
     */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /**
     * Every key with its value and origin, in the order of the documentation.
     *
     * @return the effective configuration.
     */
    public List<Setting> settings() {
        final List<Setting> settings = new ArrayList<>();
        entries.forEach((path, entry) -> settings.add(new Setting(path, entry.text(), entry.origin())));
        return settings;
    }

    /**
     * What is valid but should be known: enabled remote GPUs, environment variables that look mistyped.
     *
     * @return one sentence each.
     */
    public List<String> remarks() {
        return remarks;
    }

    /**
     * Refuses enabled remote GPUs. Every command that would send them work calls this first.
     *
     * @throws DragonException naming the line of each, exit code 2.
     */
    public void refuseRemoteGpus() {
        final List<String> lines = unreachable();
        if (!lines.isEmpty()) {
            throw new DragonException(DragonException.WRONG_USAGE, String.join(System.lineSeparator(), lines));
        }
    }

    /**
     * What to say about GPUs that the configuration names and this machine does not have.
     *
     * @param present how many GPUs this machine has that Dragon can use.
     * @return one sentence; empty when every GPU named is there.
     */
    public Optional<String> missingGpus(final int present) {
        final String path = kind == FileKind.CLIENT ? "local_gpus.device_ids" : "gpu.device_ids";
        final List<Integer> missing = new ArrayList<>(integers(path));
        missing.removeIf(id -> id < present);
        if (missing.isEmpty() || kind == FileKind.CLIENT && !localGpus().enabled()) {
            return Optional.empty();
        }
        final String which = missing.toString().replaceAll("[\\[\\]]", "");
        return Optional.of(entries.get(path).origin() + ": '" + path + "' names GPU" + (missing.size() > 1 ? "s " : " ")
                + which + ", but this machine has "
                + (present == 0
                        ? "no GPU that can be used: the CPU does the work"
                        : "only " + present + ": they are left out")
                + ".");
    }

    /**
     * The section {@code local_gpus}.
     *
     * @return it.
     */
    public LocalGpus localGpus() {
        return new LocalGpus(bool("local_gpus.enabled"), integers("local_gpus.device_ids"));
    }

    /**
     * The section {@code remote_gpus}.
     *
     * @return its entries in order.
     */
    public List<RemoteGpu> remoteGpus() {
        final List<RemoteGpu> list = new ArrayList<>();
        for (int i = 0; entries.containsKey("remote_gpus[" + i + "].name"); i++) {
            final String prefix = "remote_gpus[" + i + "].";
            list.add(new RemoteGpu(
                    text(prefix + "name"),
                    text(prefix + "hostname"),
                    integer(prefix + "port"),
                    bool(prefix + "enabled")));
        }
        return List.copyOf(list);
    }

    /**
     * Whether local GPUs come before remote ones.
     *
     * @return the key {@code prefer_local}.
     */
    public boolean preferLocal() {
        return bool("prefer_local");
    }

    /**
     * How long one attempt to connect may take.
     *
     * @return milliseconds.
     */
    public int connectionTimeoutMs() {
        return integer("connection_timeout_ms");
    }

    /**
     * The section {@code server}.
     *
     * @return it.
     */
    public Server server() {
        return new Server(text("server.bind_address"), integer("server.port"), integer("server.max_clients"));
    }

    /**
     * The section {@code gpu}.
     *
     * @return it.
     */
    public Gpu gpu() {
        return new Gpu(
                entries.get("gpu.device_ids").origin().equals("default"),
                integers("gpu.device_ids"),
                integer("gpu.memory_limit_percent"),
                bool("gpu.fallback_to_cpu"));
    }

    /**
     * The section {@code gpu_health}.
     *
     * @return it.
     */
    public GpuHealthConfig gpuHealth() {
        return new GpuHealthConfig(
                bool("gpu_health.enabled"),
                number("gpu_health.sample"),
                integer("gpu_health.disable_celsius"),
                integer("gpu_health.enable_celsius"),
                number("gpu_health.restore_after"),
                number("gpu_health.restore_after_event"),
                integers("gpu_health.fatal_xids"),
                integers("gpu_health.warning_xids"));
    }

    /**
     * The section {@code workers}.
     *
     * @return it.
     */
    public Workers workers() {
        return new Workers(
                integer("workers.cpu"),
                integer("workers.restarts"),
                number("workers.short_life"),
                number("workers.pause"));
    }

    /**
     * Whether a key belongs to {@code gpu_server.yaml} only, so that no other process takes it.
     *
     * @param path of the key.
     * @return true for one of the sections {@code server}, {@code gpu}, {@code security} and {@code workers}.
     */
    public static boolean isOfServer(final String path) {
        final ConfigKey key = ConfigTable.find(path);
        return key != null && key.scope() == ConfigKey.Scope.SERVER;
    }

    /**
     * The section {@code node}.
     *
     * @return it.
     */
    public NodeConfig node() {
        return new NodeConfig(
                text("node.name"), text("node.host"), texts("node.addresses"), integer("node.probe_port"));
    }

    /**
     * The word that all processes of this host have in common, with which they register.
     *
     * @return the key {@code node.host}, or the name that the host gives itself.
     */
    public String hostName() {
        final String host = text("node.host");
        return host.isEmpty() ? HostName.own() : host;
    }

    /**
     * The section {@code discovery}.
     *
     * @return it.
     */
    public DiscoveryConfig discovery() {
        return new DiscoveryConfig(
                bool("discovery.enabled"),
                integer("discovery.port"),
                text("discovery.cluster"),
                texts("discovery.peers"));
    }

    /**
     * The section {@code transfer}.
     *
     * @return it.
     */
    public TransferConfig transfer() {
        return new TransferConfig(
                bool("transfer.enabled"),
                text("transfer.transport"),
                integer("transfer.port"),
                integer("transfer.mtu"),
                integer("transfer.window"),
                text("transfer.integrity"),
                text("transfer.compression"),
                number("transfer.receive_memory"),
                integer("transfer.chunk"));
    }

    /**
     * The file with the secret that hosts sign with.
     *
     * @return its path; empty when there is none.
     */
    public Optional<Path> secretFile() {
        return path("security.secret_file");
    }

    /**
     * Whether somebody said where the masters are; otherwise there may be one on this host, or they have to be looked for.
     *
     * @return false when the default holds.
     */
    public boolean areMastersNamed() {
        return !entries.get("masters.members").origin().equals("default")
                || !entries.get("masters.base_port").origin().equals("default");
    }

    /**
     * The section {@code security}.
     *
     * @return it.
     */
    public Security security() {
        return new Security(bool("security.require_auth"), path("security.secret_file"), texts("security.allowed_ips"));
    }

    /**
     * The profile that sets what nothing else sets.
     *
     * @return {@code dev}, {@code throughput}, {@code low-latency} or {@code reliability}.
     */
    public String profile() {
        return text("profile");
    }

    /**
     * The folder of pools, locks and the media driver.
     *
     * @return its path, with {@code ~} and {@code $USER} replaced.
     */
    public Path dragonDir() {
        return path("dragon.dir").orElseThrow();
    }

    /**
     * The section {@code media_driver}.
     *
     * @return it.
     */
    public MediaDriver mediaDriver() {
        return new MediaDriver(RunProfile.of(text("media_driver.profile")), path("media_driver.directory"));
    }

    /**
     * The section {@code masters}.
     *
     * @return it.
     */
    public Masters masters() {
        return new Masters(
                texts("masters.members"),
                integer("masters.base_port"),
                path("masters.directory").orElseThrow(),
                integer("masters.file_sync_level"),
                number("masters.snapshot_interval"),
                number("masters.snapshot_log_length"));
    }

    /**
     * The section {@code pools}.
     *
     * @return it.
     */
    public Pools pools() {
        return new Pools(
                integer("pools.slots"),
                number("pools.slot_length"),
                integer("pools.metadata_length"),
                text("pools.full_policy"),
                number("pools.wait_timeout"));
    }

    /**
     * The strategy of each task type, and {@code default} for all others.
     *
     * @return names of strategies by names of task types.
     */
    public Map<String, String> strategies() {
        final Map<String, String> strategies = new LinkedHashMap<>();
        entries.forEach((path, entry) -> {
            if (entry.key().path().equals("strategies.*")) {
                strategies.put(path.substring("strategies.".length()), (String) entry.value());
            }
        });
        return strategies;
    }

    /**
     * The least time that an attempt of a task has.
     *
     * @return milliseconds.
     */
    public long shortestTimeoutMs() {
        return number("retries.shortest_timeout") / 1_000_000;
    }

    /**
     * Into how many pieces a task is cut at most for want of device memory.
     *
     * @return 1 to 65,535.
     */
    public int maximumSplit() {
        return integer("retries.max_split");
    }

    /**
     * After how many failures in a row a worker is drained.
     *
     * @return 1 to 10,000.
     */
    public int drainFailures() {
        return integer("drain.failures");
    }

    /**
     * How long until the first probe of a drained worker.
     *
     * @return milliseconds.
     */
    public long drainWaitMs() {
        return number("drain.wait") / 1_000_000;
    }

    /**
     * After how many successes in a row a drained worker is as good as any.
     *
     * @return 1 to 10,000.
     */
    public int drainSuccesses() {
        return integer("drain.successes");
    }

    /**
     * The score below which strategy scored gives a worker nothing.
     *
     * @return thousandths; 0: none is below.
     */
    public int scoredThreshold() {
        return integer("balance.scored_threshold");
    }

    /**
     * For how long an error halves the score of strategy scored.
     *
     * @return milliseconds.
     */
    public long recentErrorMs() {
        return number("balance.recent_error") / 1_000_000;
    }

    /**
     * From how much use of the local workers on strategy prefer-local takes remote ones too.
     *
     * @return percent.
     */
    public int spillPercent() {
        return integer("balance.spill_percent");
    }

    /**
     * How many records of detected faults the masters keep.
     *
     * @return 1 to 4,096.
     */
    public int incidents() {
        return integer("masters.incidents");
    }

    /**
     * How often a failed task is tried again.
     *
     * @return 0 to 15.
     */
    public int maximumRetries() {
        return integer("retries.maximum");
    }

    /**
     * Every timeout, checked.
     *
     * @return the timeouts of the profile with the file's changes.
     */
    public Timeouts timeouts() {
        return timeouts;
    }

    /**
     * The section {@code health}.
     *
     * @return it.
     */
    public Health health() {
        return new Health(
                integer("health.degraded_success_percent"),
                integer("health.critical_success_percent"),
                number("health.degraded_latency"),
                integer("health.overloaded_tasks_per_worker"),
                integer("health.degraded_refused_percent"),
                number("health.degraded_round_trip"));
    }

    /**
     * The section {@code log}.
     *
     * @return it.
     */
    public Log log() {
        return new Log(path("log.directory"), text("log.level"));
    }

    /** A sentence for each enabled remote GPU. */
    private List<String> unreachable() {
        return unreachable(entries);
    }

    static List<String> unreachable(final Map<String, Entry> entries) {
        final List<String> lines = new ArrayList<>();
        for (int i = 0; entries.containsKey("remote_gpus[" + i + "].name"); i++) {
            final Entry enabled = entries.get("remote_gpus[" + i + "].enabled");
            final Entry name = entries.get("remote_gpus[" + i + "].name");
            if (Boolean.TRUE.equals(enabled.value())) {
                final Entry place = enabled.origin().equals("default") ? name : enabled;
                lines.add(place.origin() + ": 'remote_gpus[" + i
                        + "].enabled' is true, but remote GPUs cannot be reached yet: '" + name.value()
                        + "' is refused, expected enabled: false");
            }
        }
        return lines;
    }

    private Object value(final String path) {
        final Entry entry = entries.get(path);
        if (entry == null) {
            throw new IllegalStateException("'" + path + "' is no key of a " + kind + " configuration");
        }
        return entry.value();
    }

    private boolean bool(final String path) {
        return (Boolean) value(path);
    }

    private long number(final String path) {
        return (Long) value(path);
    }

    private int integer(final String path) {
        return Math.toIntExact(number(path));
    }

    private String text(final String path) {
        return (String) value(path);
    }

    private List<Integer> integers(final String path) {
        return ((List<?>) value(path))
                .stream().map(id -> Math.toIntExact((Long) id)).toList();
    }

    private List<String> texts(final String path) {
        return ((List<?>) value(path)).stream().map(String.class::cast).toList();
    }

    static String withUser(final String text) {
        final String user = System.getProperty("user.name", "nobody");
        return text.replace("${USER}", user).replace("$USER", user);
    }

    /** A relative path of the file starts where the file is, any other one in the working folder. */
    private Optional<Path> path(final String path) {
        final Entry entry = entries.get(path);
        final String text = text(path);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String expanded = withUser(text);
        if (expanded.equals("~") || expanded.startsWith("~/")) {
            expanded = home + expanded.substring(1);
        }
        final Path result = Path.of(expanded);
        final boolean fromFile = file != null && entry.origin().startsWith(file + ":");
        return Optional.of(
                fromFile && file.toAbsolutePath().getParent() != null
                        ? file.toAbsolutePath().getParent().resolve(result).normalize()
                        : result.toAbsolutePath().normalize());
    }
}
