package io.dragon.engine.config;

import static io.dragon.engine.config.ConfigKey.Scope.BOTH;
import static io.dragon.engine.config.ConfigKey.Scope.CLIENT;
import static io.dragon.engine.config.ConfigKey.Scope.SERVER;
import static io.dragon.engine.config.KeyType.ADDRESS_RANGE;
import static io.dragon.engine.config.KeyType.BOOLEAN;
import static io.dragon.engine.config.KeyType.CHOICE;
import static io.dragon.engine.config.KeyType.GPU;
import static io.dragon.engine.config.KeyType.HOST;
import static io.dragon.engine.config.KeyType.INTEGER;
import static io.dragon.engine.config.KeyType.PATH;
import static io.dragon.engine.config.KeyType.SIZE;
import static io.dragon.engine.config.KeyType.TEXT;
import static io.dragon.engine.config.KeyType.TIME;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The one table of keys. Reading, checking, showing, the environment's names, the JSON Schema and docs/configuration.md all
 * come from it.
 */
final class ConfigTable {
    /** The profiles: one word that sets what no file, variable or flag sets. */
    static final List<String> PROFILES = List.of("dev", "throughput", "low-latency", "reliability");

    private static final long MINUTE_NS = 60_000_000_000L;
    private static final long HOUR_NS = 60 * MINUTE_NS;
    private static final long DAY_NS = 24 * HOUR_NS;
    private static final int MAX_PORT = 65_535;

    /** What each section is about, for people, in the order of the documentation. */
    static final Map<String, String> SECTIONS = sections();

    private static final List<ConfigKey> KEYS = keys();
    private static final Map<String, ConfigKey> BY_PATH = byPath();

    private ConfigTable() {}

    static List<ConfigKey> all() {
        return KEYS;
    }

    static ConfigKey key(final String path) {
        final ConfigKey key = BY_PATH.get(path);
        if (key == null) {
            throw new IllegalArgumentException("no such configuration key: " + path);
        }
        return key;
    }

    /** The key of a path, however its words are joined; null where there is none. */
    static ConfigKey find(final String path) {
        for (final ConfigKey key : KEYS) {
            if (same(key.path(), path)) {
                return key;
            }
        }
        final int dot = path.indexOf('.');
        return dot < 0 ? null : BY_PATH.get(path.substring(0, dot) + ".*");
    }

    /** Words joined by dashes, underscores or capitals are the same key. */
    static boolean same(final String a, final String b) {
        return plain(a).equals(plain(b));
    }

    static String plain(final String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** {@code leaderHeartbeatTimeout} as files write it: {@code leader_heartbeat_timeout}. */
    static String path(final Timeouts.Key key) {
        return "timeouts." + key.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, ConfigKey> byPath() {
        final Map<String, ConfigKey> map = new LinkedHashMap<>();
        KEYS.forEach(key -> map.put(key.path(), key));
        return map;
    }

    private static Map<String, String> sections() {
        final Map<String, String> sections = new LinkedHashMap<>();
        sections.put("", "At the top of the file.");
        sections.put("local_gpus", "The GPUs of this machine.");
        sections.put(
                "remote_gpus[]",
                "GPUs of other machines, one entry each. This version cannot reach remote GPUs yet: an enabled one is refused.");
        sections.put("server", "Where the GPU server listens.");
        sections.put("gpu", "The GPUs that the server offers.");
        sections.put(
                "gpu_health",
                "When a GPU is taken out of service, and when it comes back: see docs/gpu.md, \"Health\".");
        sections.put("security", "Who may connect to the server, and what hosts sign with.");
        sections.put(
                "workers",
                "The worker processes that the GPU server runs: one for each GPU, and as many CPU workers as are wanted.");
        sections.put("node", "This host among the others.");
        sections.put("dragon", "What belongs to the whole system on this host.");
        sections.put("media_driver", "The Aeron media driver of this host.");
        sections.put("masters", "The masters, which sequence and remember.");
        sections.put(
                "discovery",
                "How hosts find the masters: see docs/hosts.md. Masters that listen on loopback only, as they do by default, are not told of.");
        sections.put("pools", "Frame pools of publishers.");
        sections.put("transfer", "Frames between hosts.");
        sections.put("strategies", "How tasks are given to workers: one line for each task type, and `default`.");
        sections.put("balance", "What some of these strategies go by.");
        sections.put("retries", "What happens to a task that failed.");
        sections.put("drain", "What happens to a worker that fails too often.");
        sections.put("health", "Where `dragon health` begins to say degraded, overloaded or critical.");
        sections.put("log", "The log each process writes.");
        sections.put(
                "timeouts",
                "Every timeout and interval. Defaults are those of the profile `dev`; `timeouts.profile` changes many at once.");
        return sections;
    }

    private static List<ConfigKey> keys() {
        final List<ConfigKey> keys = new ArrayList<>();
        client(keys);
        server(keys);
        GpuKeys.health(keys);
        system(keys);
        HostKeys.discovery(keys);
        tasks(keys);
        HostKeys.transfer(keys);
        timeouts(keys);
        return List.copyOf(keys);
    }

    private static void client(final List<ConfigKey> keys) {
        keys.add(
                ConfigKey.of(
                        "local_gpus.enabled",
                        BOOLEAN,
                        CLIENT,
                        "true",
                        "Whether GPUs of this machine are expected: doctor looks for them, and commands that read this file say which of `device_ids` are missing. It starts no worker and stops none."));
        keys.add(ConfigKey.of(
                        "local_gpus.device_ids",
                        GPU,
                        CLIENT,
                        "",
                        "Which of them are expected, by number in the order of the bus or by UUID; an empty list means any. A worker's GPU is chosen by its --device, those of a GPU server by gpu.device_ids.")
                .list()
                .range(0, 63));
        keys.add(ConfigKey.of("remote_gpus[].name", TEXT, CLIENT, null, "The name it has in messages and tables."));
        keys.add(ConfigKey.of("remote_gpus[].hostname", HOST, CLIENT, null, "The machine, by name or address."));
        keys.add(ConfigKey.of("remote_gpus[].port", INTEGER, CLIENT, "9876", "The port of its GPU server.")
                .range(1, MAX_PORT));
        keys.add(ConfigKey.of("remote_gpus[].enabled", BOOLEAN, CLIENT, "true", "Whether it is used."));
        keys.add(ConfigKey.of("prefer_local", BOOLEAN, CLIENT, "true", "Whether local GPUs come before remote ones."));
        keys.add(ConfigKey.of(
                        "connection_timeout_ms",
                        INTEGER,
                        CLIENT,
                        "5000",
                        "How long one attempt to connect may take, in milliseconds.")
                .range(1, 600_000));
    }

    private static void server(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                "server.bind_address", HOST, SERVER, "127.0.0.1", "The address to listen on; 0.0.0.0 is every one."));
        keys.add(ConfigKey.of("server.port", INTEGER, SERVER, "9876", "The port to listen on.")
                .range(1, MAX_PORT));
        keys.add(ConfigKey.of("server.max_clients", INTEGER, SERVER, "10", "How many clients may be connected at once.")
                .range(1, 1_024));
        keys.add(ConfigKey.of(
                        "gpu.device_ids",
                        GPU,
                        SERVER,
                        "",
                        "Which GPUs, by number in the order of the bus or by UUID; without this key, all. `[]` means none, as on a host that has only cameras.")
                .list()
                .range(0, 63));
        keys.add(ConfigKey.of(
                        "gpu.memory_limit_percent", INTEGER, SERVER, "70", "How much of each GPU's memory may be used.")
                .range(1, 100));
        keys.add(
                ConfigKey.of(
                        "gpu.fallback_to_cpu",
                        BOOLEAN,
                        SERVER,
                        "false",
                        "Whether a worker whose GPU cannot be used works on the CPU instead, and a line says so. Otherwise it ends, and is started again as workers.restarts says."));
        keys.add(ConfigKey.of(
                "security.require_auth",
                BOOLEAN,
                SERVER,
                "false",
                "Whether clients must prove that they know the secret."));
        keys.add(
                ConfigKey.of(
                        "security.secret_file",
                        PATH,
                        BOTH,
                        "",
                        "The file that holds the secret, the same on every host; only its owner may read it (mode 0600). With it, beacons and probes are signed, and unsigned ones ignored."));
        keys.add(ConfigKey.of(
                        "security.allowed_ips",
                        ADDRESS_RANGE,
                        SERVER,
                        "",
                        "The addresses that may connect beside this machine; an empty list means only this machine. Frames come from nodes that the masters know in any case.")
                .list());
        workers(keys);
    }

    private static void workers(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "workers.cpu",
                        INTEGER,
                        SERVER,
                        "auto",
                        "How many workers on the CPU the GPU server runs. auto: one where it is to offer GPUs and there is none that can be used, otherwise none; a line says so.")
                .range(0, 1_024)
                .orWord("auto"));
        keys.add(ConfigKey.of(
                        "workers.restarts",
                        INTEGER,
                        SERVER,
                        "8",
                        "A worker that has ended is started again after 0, 1, 2, 4, 8 s and then every 30 s. After so many restarts in a row with a short life it is given up for a while.")
                .range(0, 1_000));
        keys.add(ConfigKey.of(
                        "workers.short_life",
                        TIME,
                        SERVER,
                        "60s",
                        "A worker that lived for so long is started again at once, and its restarts are counted anew.")
                .range(0, DAY_NS));
        keys.add(ConfigKey.of(
                        "workers.pause",
                        TIME,
                        SERVER,
                        "10min",
                        "A worker that was given up gets another chance after so long, or when the GPU server is started again.")
                .range(1_000_000_000L, DAY_NS));
    }

    private static void system(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of("profile", CHOICE, BOTH, "dev", "Sets every key that nothing else sets, for one purpose.")
                .words(PROFILES.toArray(String[]::new)));
        keys.add(ConfigKey.of(
                "dragon.dir",
                PATH,
                BOTH,
                "/dev/shm/dragon-$USER",
                "The folder of frame pools, locks and the media driver; made with mode 0700."));
        HostKeys.node(keys);
        keys.add(ConfigKey.of(
                        "media_driver.profile",
                        CHOICE,
                        BOTH,
                        "dev",
                        "How its threads wait: sleeping, yielding or spinning.")
                .words("dev", "throughput", "low-latency")
                .under("throughput", "throughput")
                .under("low-latency", "low-latency")
                .under("reliability", "throughput"));
        keys.add(ConfigKey.of(
                "media_driver.directory", PATH, BOTH, "", "Aeron's directory; empty means `aeron` in `dragon.dir`."));
        keys.add(ConfigKey.of(
                        "masters.members",
                        HOST,
                        BOTH,
                        "localhost",
                        "The hosts of the masters in the order of their numbers: 1, 3 or 5. `localhost` is one that only its own host reaches, `0.0.0.0` one that other hosts reach on every address of its host.")
                .list());
        keys.add(ConfigKey.of(
                        "masters.base_port",
                        INTEGER,
                        BOTH,
                        "9900",
                        "The first of five UDP ports of master 0; those of master n begin 10 n higher.")
                .range(1, MAX_PORT - 44));
        keys.add(
                ConfigKey.of(
                        "masters.directory",
                        PATH,
                        BOTH,
                        "~/.local/state/dragon",
                        "Where a master keeps its log and snapshots, a folder for each member; on a disk, so that they outlive the host's memory. Where `dragon.dir` is not the default: `~/.local/state/dragon/NAME`, with the last name of `dragon.dir`."));
        keys.add(ConfigKey.of(
                        "masters.file_sync_level",
                        INTEGER,
                        BOTH,
                        "0",
                        "0: the log survives every process but not a power cut of most masters; 1: data is forced to the disk before it counts; 2: metadata too.")
                .range(0, 2)
                .under("reliability", "1"));
        keys.add(ConfigKey.of("masters.snapshot_interval", TIME, BOTH, "10min", "The time between two snapshots.")
                .range(1_000_000_000L, DAY_NS));
        keys.add(ConfigKey.of(
                        "masters.snapshot_log_length",
                        SIZE,
                        BOTH,
                        "256MiB",
                        "A snapshot is also taken when the log has grown by so much.")
                .range(1 << 20, 1L << 40));
        keys.add(ConfigKey.of(
                        "masters.incidents",
                        INTEGER,
                        BOTH,
                        "256",
                        "How many records of detected faults are kept; `dragon status --incidents` shows them.")
                .range(1, 4_096));
    }

    private static void tasks(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of("pools.slots", INTEGER, BOTH, "16", "How many frames a pool holds.")
                .range(1, 65_536)
                .under("throughput", "128")
                .under("reliability", "64"));
        keys.add(ConfigKey.of(
                        "pools.slot_length", SIZE, BOTH, "auto", "The largest frame; auto takes the size of the first.")
                .range(64, Integer.MAX_VALUE)
                .orWord("auto"));
        keys.add(ConfigKey.of(
                        "pools.metadata_length", SIZE, BOTH, "4KiB", "Room for the caller's own data in each slot.")
                .range(0, 65_536));
        keys.add(ConfigKey.of(
                        "pools.full_policy",
                        CHOICE,
                        BOTH,
                        "back-pressured",
                        "What a publisher gets when every slot is taken: an answer at once, a wait, or the oldest frame that nobody holds.")
                .words("back-pressured", "wait", "overwrite-oldest"));
        keys.add(ConfigKey.of("pools.wait_timeout", TIME, BOTH, "100ms", "How long the policy `wait` waits.")
                .range(1_000_000L, HOUR_NS));
        TaskKeys.scheduling(keys);
        health(keys);
        keys.add(ConfigKey.of(
                "log.directory", PATH, BOTH, "", "The folder for rotated log files; empty means standard error."));
        keys.add(ConfigKey.of("log.level", CHOICE, BOTH, "info", "The least important events that are logged.")
                .words("error", "warn", "info", "debug", "trace"));
    }

    private static void health(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "health.degraded_success_percent",
                        INTEGER,
                        BOTH,
                        "95",
                        "Degraded when fewer of the tasks that ended in the last 10 minutes completed.")
                .range(0, 100));
        keys.add(ConfigKey.of(
                        "health.critical_success_percent",
                        INTEGER,
                        BOTH,
                        "50",
                        "Critical when fewer of the tasks that ended in the last 10 minutes completed.")
                .range(0, 100));
        keys.add(ConfigKey.of(
                        "health.degraded_latency",
                        TIME,
                        BOTH,
                        "1s",
                        "Degraded when the asking program's own tasks take longer from submit to result, on average. `dragon health` and `dragon status` submit none, so it acts in programs that ask `DragonClient.health()`.")
                .range(1_000_000L, DAY_NS));
        keys.add(ConfigKey.of(
                        "health.overloaded_tasks_per_worker",
                        INTEGER,
                        BOTH,
                        "100",
                        "Overloaded when more tasks that could run wait, for each live worker.")
                .range(1, 1_000_000));
        keys.add(ConfigKey.of(
                        "health.degraded_refused_percent",
                        INTEGER,
                        BOTH,
                        "5",
                        "Degraded when more of the frames were refused.")
                .range(0, 100));
        keys.add(ConfigKey.of(
                        "health.degraded_round_trip",
                        TIME,
                        BOTH,
                        "5ms",
                        "Degraded when the way from one node to another and back takes longer.")
                .range(1_000, DAY_NS));
    }

    private static void timeouts(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                        "timeouts.profile",
                        CHOICE,
                        BOTH,
                        "dev",
                        "The timing: `ha` for masters with cores of their own, `ci` for tests on a busy machine.")
                .words("dev", "ci", "ha", "throughput", "low-latency")
                .under("throughput", "throughput")
                .under("low-latency", "low-latency")
                .under("reliability", "ha"));
        for (final Timeouts.Key key : Timeouts.Key.values()) {
            if (key == Timeouts.Key.SNAPSHOT_INTERVAL) {
                continue; // masters.snapshot_interval
            }
            final ConfigKey row = ConfigKey.of(
                            path(key), TIME, BOTH, Quantity.timeText(key.defaultNs()), TimeoutWords.of(key))
                    .range(1_000, DAY_NS);
            keys.add(underProfiles(row, key));
        }
    }

    /** What a profile changes shows in the table, so that the table never disagrees with {@link Timeouts}. */
    private static ConfigKey underProfiles(final ConfigKey row, final Timeouts.Key key) {
        ConfigKey changed = row;
        for (final String profile : List.of("ci", "ha", "throughput", "low-latency")) {
            final long valueNs = Timeouts.profile(profile).ns(key);
            if (valueNs != key.defaultNs()) {
                changed = changed.under(profile, Quantity.timeText(valueNs));
            }
        }
        return changed;
    }
}
