package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
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
     * @param deviceIds which, by number or UUID; empty means all.
     */
    public record LocalGpus(boolean enabled, List<String> deviceIds) {}

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
     * @param deviceIds          which, by number or UUID.
     * @param memoryLimitPercent how much of each one's memory may be used, 1 to 100.
     * @param fallbackToCpu      whether a worker whose GPU cannot be used works on the CPU.
     */
    public record Gpu(boolean isAll, List<String> deviceIds, int memoryLimitPercent, boolean fallbackToCpu) {
        /**
         * Whether a GPU is one of them.
         *
         * @param number of the GPU, in the order of the bus.
         * @param uuid   of the same GPU.
         * @return true when it is offered.
         */
        public boolean offers(final int number, final String uuid) {
            return isAll || NamedGpus.names(deviceIds, number, uuid);
        }
    }

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
     * The log of a process.
     *
     * @param directory the folder of rotated files; empty means standard error.
     * @param level     {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}.
     */
    public record Log(Optional<Path> directory, String level) {}

    private final FileKind kind;
    private final Path file;
    private final Map<String, Entry> entries;
    private final List<String> remarks;
    private final Timeouts timeouts;
    private final ConfigValues values;

    DragonConfig(
            final FileKind kind,
            final Path file,
            final Path home,
            final Map<String, Entry> entries,
            final Timeouts timeouts,
            final List<String> remarks) {
        this.kind = kind;
        this.file = file;
        this.values = new ConfigValues(kind, file, home, entries);
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
        final List<String> lines = NamedGpus.unreachable(entries);
        if (!lines.isEmpty()) {
            throw new DragonException(DragonException.WRONG_USAGE, String.join(System.lineSeparator(), lines));
        }
    }

    /**
     * What to say about GPUs that the configuration names and this machine does not have.
     *
     * @param present the GPUs of this machine that Dragon can use: their UUIDs by their numbers.
     * @return one sentence; empty when every GPU named is there.
     */
    public Optional<String> missingGpus(final Map<Integer, String> present) {
        final String path = kind == FileKind.CLIENT ? "local_gpus.device_ids" : "gpu.device_ids";
        return kind == FileKind.CLIENT && !localGpus().enabled()
                ? Optional.empty()
                : NamedGpus.missing(path, entries.get(path).origin(), values.texts(path), present);
    }

    /** {@return the section {@code local_gpus}} */
    public LocalGpus localGpus() {
        return new LocalGpus(values.bool("local_gpus.enabled"), values.texts("local_gpus.device_ids"));
    }

    /**
     * The section {@code remote_gpus}.
     *
     * @return its entries in order.
     */
    public List<RemoteGpu> remoteGpus() {
        return NamedGpus.remote(entries.keySet(), values);
    }

    /**
     * Whether local GPUs come before remote ones.
     *
     * @return the key {@code prefer_local}.
     */
    public boolean preferLocal() {
        return values.bool("prefer_local");
    }

    /**
     * How long one attempt to connect may take.
     *
     * @return milliseconds.
     */
    public int connectionTimeoutMs() {
        return values.integer("connection_timeout_ms");
    }

    /** {@return the section {@code server}} */
    public Server server() {
        return new Server(
                values.text("server.bind_address"),
                values.integer("server.port"),
                values.integer("server.max_clients"));
    }

    /** {@return the section {@code gpu}} */
    public Gpu gpu() {
        return new Gpu(
                entries.get("gpu.device_ids").origin().equals("default"),
                values.texts("gpu.device_ids"),
                values.integer("gpu.memory_limit_percent"),
                values.bool("gpu.fallback_to_cpu"));
    }

    /** {@return the section {@code gpu_health}} */
    public GpuHealthConfig gpuHealth() {
        return new GpuHealthConfig(
                values.bool("gpu_health.enabled"),
                values.number("gpu_health.sample"),
                values.integer("gpu_health.disable_celsius"),
                values.integer("gpu_health.enable_celsius"),
                values.number("gpu_health.restore_after"),
                values.number("gpu_health.restore_after_event"),
                values.integers("gpu_health.fatal_xids"),
                values.integers("gpu_health.warning_xids"));
    }

    /** {@return the section {@code workers}} */
    public Workers workers() {
        return new Workers(
                values.integer("workers.cpu"),
                values.integer("workers.restarts"),
                values.number("workers.short_life"),
                values.number("workers.pause"));
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

    /** {@return the section {@code node}} */
    public NodeConfig node() {
        return new NodeConfig(
                values.text("node.name"),
                values.text("node.host"),
                values.texts("node.addresses"),
                values.integer("node.probe_port"));
    }

    /**
     * The word that all processes of this host have in common, with which they register.
     *
     * @return the key {@code node.host}, or the name that the host gives itself.
     */
    public String hostName() {
        final String host = values.text("node.host");
        return host.isEmpty() ? HostName.own() : host;
    }

    /** {@return the section {@code discovery}} */
    public DiscoveryConfig discovery() {
        return new DiscoveryConfig(
                values.bool("discovery.enabled"),
                values.integer("discovery.port"),
                values.text("discovery.cluster"),
                values.texts("discovery.peers"));
    }

    /** {@return the section {@code transfer}} */
    public TransferConfig transfer() {
        return new TransferConfig(
                values.bool("transfer.enabled"),
                values.text("transfer.transport"),
                values.integer("transfer.port"),
                values.integer("transfer.mtu"),
                values.integer("transfer.window"),
                values.text("transfer.integrity"),
                values.text("transfer.compression"),
                values.number("transfer.receive_memory"),
                values.integer("transfer.chunk"));
    }

    /**
     * The file with the secret that hosts sign with.
     *
     * @return its path; empty when there is none.
     */
    public Optional<Path> secretFile() {
        return values.path("security.secret_file");
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

    /** {@return the section {@code security}} */
    public Security security() {
        return new Security(
                values.bool("security.require_auth"),
                values.path("security.secret_file"),
                values.texts("security.allowed_ips"));
    }

    /**
     * The profile that sets what nothing else sets.
     *
     * @return {@code dev}, {@code throughput}, {@code low-latency} or {@code reliability}.
     */
    public String profile() {
        return values.text("profile");
    }

    /**
     * The folder of pools, locks and the media driver.
     *
     * @return its path, with {@code ~} and {@code $USER} replaced.
     */
    public Path dragonDir() {
        return values.path("dragon.dir").orElseThrow();
    }

    /** {@return the section {@code media_driver}} */
    public MediaDriver mediaDriver() {
        return new MediaDriver(
                RunProfile.of(values.text("media_driver.profile")), values.path("media_driver.directory"));
    }

    /** {@return the section {@code masters}} */
    public MastersConfig masters() {
        return new MastersConfig(
                values.texts("masters.members"),
                values.integer("masters.base_port"),
                values.path("masters.directory").orElseThrow(),
                values.integer("masters.file_sync_level"),
                values.number("masters.snapshot_interval"),
                values.number("masters.snapshot_log_length"),
                values.integer("masters.incidents"));
    }

    /** {@return the section {@code pools}} */
    public PoolConfig pools() {
        return new PoolConfig(
                values.integer("pools.slots"),
                values.number("pools.slot_length"),
                values.integer("pools.metadata_length"),
                values.text("pools.full_policy"),
                values.number("pools.wait_timeout"));
    }

    /** {@return the sections {@code strategies}, {@code retries}, {@code balance} and {@code drain}} */
    public SchedulingConfig scheduling() {
        return new SchedulingConfig(
                values.texts("strategies.", "strategies.*"),
                values.integer("retries.maximum"),
                values.number("retries.shortest_timeout") / 1_000_000,
                values.integer("retries.max_split"),
                values.integer("balance.scored_threshold"),
                values.number("balance.recent_error") / 1_000_000,
                values.integer("balance.spill_percent"),
                values.integer("drain.failures"),
                values.number("drain.wait") / 1_000_000,
                values.integer("drain.successes"));
    }

    /**
     * Every timeout, checked.
     *
     * @return the timeouts of the profile with the file's changes.
     */
    public Timeouts timeouts() {
        return timeouts;
    }

    /** {@return the section {@code health}} */
    public HealthConfig health() {
        return new HealthConfig(
                values.integer("health.degraded_success_percent"),
                values.integer("health.critical_success_percent"),
                values.number("health.degraded_latency"),
                values.integer("health.overloaded_tasks_per_worker"),
                values.integer("health.degraded_refused_percent"),
                values.number("health.degraded_round_trip"));
    }

    /** {@return the section {@code log}} */
    public Log log() {
        return new Log(values.path("log.directory"), values.text("log.level"));
    }
}
