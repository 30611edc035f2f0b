package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds and reads a configuration: flag before environment before file before profile before default. Fluent; one use, one
 * thread. Faults of every source are reported together.
 */
public final class ConfigLoader {
    /** Variables of the launcher and the tools, which are no keys. */
    private static final Set<String> OTHER_VARIABLES = Set.of(
            "DRAGON_CONF",
            "DRAGON_DEBUG",
            "DRAGON_GPU_START",
            "DRAGON_HANDLERS",
            "DRAGON_NATIVES",
            "DRAGON_HOSTS_STATE",
            "DRAGON_HOME",
            "DRAGON_HEAP_OPTS",
            "DRAGON_JVM_OPTS",
            "DRAGON_JAVA",
            "DRAGON_PARENT_PID",
            "DRAGON_PARENT_PIPE",
            "DRAGON_STDERR_FD");

    private DragonConfig.FileKind kind;
    private Path file;
    private Map<String, String> environment = System.getenv();
    private Path workingFolder = Path.of("");
    private Path home;
    private final Map<String, String> flags = new LinkedHashMap<>();

    ConfigLoader() {}

    /**
     * The kind of file wanted; by default it is told by its name and keys.
     *
     * @param wanted client or server.
     * @return this.
     */
    public ConfigLoader kind(final DragonConfig.FileKind wanted) {
        kind = wanted;
        return this;
    }

    /**
     * The file of the flag {@code --config}.
     *
     * @param path the file; null to look where files usually are.
     * @return this.
     */
    public ConfigLoader file(final Path path) {
        file = path;
        return this;
    }

    /**
     * The environment, for tests.
     *
     * @param variables names and values.
     * @return this.
     */
    public ConfigLoader environment(final Map<String, String> variables) {
        environment = Map.copyOf(variables);
        return this;
    }

    /**
     * The folders, for tests.
     *
     * @param working where the process stands.
     * @param homes   the user's home.
     * @return this.
     */
    public ConfigLoader folders(final Path working, final Path homes) {
        workingFolder = working;
        home = homes;
        return this;
    }

    /**
     * A flag's value, which wins over everything else.
     *
     * @param path  the key.
     * @param value its value as text; null is ignored. A list is separated by commas.
     * @return this.
     */
    public ConfigLoader flag(final String path, final String value) {
        if (value != null) {
            flags.put(path, value);
        }
        return this;
    }

    /**
     * Reads everything.
     *
     * @return the configuration.
     * @throws DragonException with one line for each fault of every source, exit code 2.
     */
    public DragonConfig load() {
        final ConfigFaults faults = new ConfigFaults();
        home = home();
        final Path found = find(faults);
        final ConfigFile.Kind wanted = kind == null ? null : ConfigFile.Kind.valueOf(kind.name());
        ConfigFile.Kind fileKind = wanted == null ? ConfigFile.Kind.CLIENT : wanted;
        Map<String, Entry> inFile = Map.of();
        if (found != null) {
            final ConfigFile read = ConfigFile.read(found, wanted, faults);
            fileKind = read.kind();
            inFile = read.entries();
        }
        return resolve(fileKind, found, inFile, faults);
    }

    /** A file's contents instead of a file, for tests and for checking. */
    DragonConfig load(final String name, final byte[] bytes) {
        final ConfigFaults faults = new ConfigFaults();
        home = home();
        final ConfigFile read =
                ConfigFile.of(name, bytes, kind == null ? null : ConfigFile.Kind.valueOf(kind.name()), faults);
        return resolve(read.kind(), Path.of(name), read.entries(), faults);
    }

    /** What {@code $HOME} says, as in a shell; Java's own idea of it comes from the user database. */
    private Path home() {
        final String variable = environment.get("HOME");
        return home != null
                ? home
                : Path.of(
                        variable != null && variable.startsWith("/") ? variable : System.getProperty("user.home", "/"));
    }

    private Path find(final ConfigFaults faults) {
        if (file != null) {
            return file;
        }
        final String name =
                (kind == DragonConfig.FileKind.SERVER ? ConfigFile.Kind.SERVER : ConfigFile.Kind.CLIENT).fileName();
        final String variable = environment.get("DRAGON_CONF");
        if (variable != null && !variable.isEmpty()) {
            try {
                final Path path = workingFolder.resolve(variable);
                if (!Files.exists(path)) {
                    faults.of(
                            "environment",
                            "DRAGON_CONF",
                            "is '" + KeyType.shown(variable) + "', but there is no such file or folder");
                    return null;
                }
                if (!Files.isDirectory(path)) {
                    return path;
                }
                if (Files.exists(path.resolve(name))) {
                    return path.resolve(name);
                }
            } catch (final InvalidPathException ex) {
                faults.of(
                        "environment",
                        "DRAGON_CONF",
                        "is '" + KeyType.shown(variable) + "', expected a file or a folder");
            }
        }
        for (final Path candidate : List.of(
                workingFolder.resolve(name),
                home.resolve(".config").resolve("dragon").resolve(name))) {
            if (Files.isRegularFile(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private DragonConfig resolve(
            final ConfigFile.Kind fileKind,
            final Path found,
            final Map<String, Entry> inFile,
            final ConfigFaults faults) {
        final Map<String, Entry> given = new HashMap<>(inFile);
        fromEnvironment(fileKind, given, faults);
        fromFlags(fileKind, given, faults);
        final Map<String, Entry> entries = new LinkedHashMap<>();
        final String profile = chosen(given, "profile");
        final ConfigKey timing = ConfigTable.key("timeouts.profile");
        final Entry timingGiven = given.get("timeouts.profile");
        final String timingProfile = timingGiven != null
                ? (String) timingGiven.value()
                : timing.byProfile().getOrDefault(profile, timing.defaultText());
        for (final ConfigKey key : ConfigTable.all()) {
            if (!key.scope().includes(fileKind)) {
                continue;
            }
            if (key.path().contains("[]") || key.path().contains("*")) {
                open(key, given, entries);
            } else {
                final boolean isTiming = key.section().equals("timeouts") && key != timing;
                entries.put(
                        key.path(), entry(key, given.get(key.path()), isTiming ? timingProfile : profile, isTiming));
            }
        }
        separateMasters(entries);
        final Timeouts timeouts = timeouts(timingProfile, entries, faults);
        check(entries, faults);
        faults.throwIfAny();
        final List<String> remarks = new ArrayList<>(NamedGpus.unreachable(entries));
        remarks.addAll(strangeVariables());
        return new DragonConfig(
                DragonConfig.FileKind.valueOf(fileKind.name()), found, home, entries, timeouts, remarks);
    }

    private static String chosen(final Map<String, Entry> given, final String path) {
        final Entry entry = given.get(path);
        return entry == null ? ConfigTable.key(path).defaultText() : (String) entry.value();
    }

    private static Entry entry(final ConfigKey key, final Entry given, final String profile, final boolean isTiming) {
        if (given != null) {
            return given;
        }
        final String byProfile = key.byProfile().get(profile);
        final String text = byProfile == null ? key.defaultText() : byProfile;
        final String origin = byProfile == null ? "default" : (isTiming ? "timeouts.profile " : "profile ") + profile;
        return parsed(key, text, origin);
    }

    /** Systems in folders of their own do not share the masters' log, so that one does not start with another's past. */
    private static void separateMasters(final Map<String, Entry> entries) {
        final ConfigKey key = ConfigTable.key("masters.directory");
        final Entry masters = entries.get(key.path());
        final Entry shared = entries.get("dragon.dir");
        final String standard =
                ConfigValues.withUser(ConfigTable.key("dragon.dir").defaultText());
        final Path folder = Path.of(ConfigValues.withUser(shared.text())).normalize();
        if (masters.origin().equals("default") && !folder.equals(Path.of(standard)) && folder.getFileName() != null) {
            entries.put(
                    key.path(),
                    parsed(key, key.defaultText() + "/" + folder.getFileName(), "default for this dragon.dir"));
        }
    }

    /** A list or a section with names of the user's own: what was given, and the rule for all others. */
    private static void open(final ConfigKey key, final Map<String, Entry> given, final Map<String, Entry> entries) {
        final String prefix =
                key.path().substring(0, key.path().indexOf(key.path().contains("*") ? "*" : "[]"));
        if (key.path().endsWith("*") && !given.containsKey(prefix + "default")) {
            entries.put(prefix + "default", parsed(key, key.defaultText(), "default"));
        }
        new TreeMap<>(given).forEach((path, entry) -> {
            if (entry.key().equals(key)) {
                entries.put(path, entry);
            }
        });
    }

    private static Entry parsed(final ConfigKey key, final String text, final String origin) {
        if (key.isList()) {
            final List<Object> values = new ArrayList<>();
            final List<String> texts = new ArrayList<>();
            for (final String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
                values.add(key.type().parse(key, part.trim(), false));
                texts.add(part.trim());
            }
            return new Entry(key, List.copyOf(values), "[" + String.join(", ", texts) + "]", origin);
        }
        final boolean nothing =
                text.isEmpty() && key.defaultText() != null && key.defaultText().isEmpty();
        return new Entry(key, nothing ? "" : key.type().parse(key, text, false), text, origin);
    }

    private void fromEnvironment(
            final ConfigFile.Kind fileKind, final Map<String, Entry> given, final ConfigFaults faults) {
        for (final ConfigKey key : ConfigTable.all()) {
            final String text = key.variable() == null ? null : environment.get(key.variable());
            if (text != null && key.scope().includes(fileKind)) {
                put(key, key.path(), text, key.variable(), "environment", key.variable(), given, faults);
            }
        }
    }

    private void fromFlags(final ConfigFile.Kind fileKind, final Map<String, Entry> given, final ConfigFaults faults) {
        flags.forEach((path, text) -> {
            final ConfigKey key = ConfigTable.find(path);
            if (key != null && !key.scope().includes(fileKind)) {
                faults.of(
                        "flag",
                        path,
                        "is a key of the other file, expected one of " + fileKind.fileName()
                                + ", which is read here, or --config with a file that has it");
            } else if (key == null || key.path().contains("[]")) {
                final Set<String> known = new HashSet<>();
                ConfigTable.all().forEach(each -> known.add(each.path()));
                faults.of(
                        "flag",
                        path,
                        "is unknown, expected a key of docs/configuration.md" + Suggestion.of(path, known));
            } else {
                put(key, key.path().contains("*") ? path : key.path(), text, "flag", "flag", path, given, faults);
            }
        });
    }

    private static void put(
            final ConfigKey key,
            final String path,
            final String text,
            final String origin,
            final String source,
            final String name,
            final Map<String, Entry> given,
            final ConfigFaults faults) {
        try {
            given.put(path, parsed(key, text, origin));
        } catch (final IllegalArgumentException ex) {
            faults.of(source, name, ex.getMessage());
        }
    }

    private static Timeouts timeouts(
            final String profile, final Map<String, Entry> entries, final ConfigFaults faults) {
        Timeouts timeouts = Timeouts.profile(profile);
        for (final Timeouts.Key key : Timeouts.Key.values()) {
            final String path =
                    key == Timeouts.Key.SNAPSHOT_INTERVAL ? "masters.snapshot_interval" : ConfigTable.path(key);
            timeouts = timeouts.with(key, (Long) entries.get(path).value());
        }
        try {
            return timeouts.conclude();
        } catch (final DragonException ex) {
            faults.of("timeouts: " + ex.getMessage());
            return timeouts;
        }
    }

    /** What no single value shows. */
    private static void check(final Map<String, Entry> entries, final ConfigFaults faults) {
        final Entry members = entries.get("masters.members");
        final int count = ((List<?>) members.value()).size();
        if (count != 1 && count != 3 && count != 5) {
            faults.of(members.origin(), "masters.members", "has " + count + " entries, expected 1, 3 or 5");
        }
        checkLength("node.name", NodeConfig.MAX_NAME, entries, faults);
        checkLength("node.host", NodeConfig.MAX_HOST, entries, faults);
        checkLength("discovery.cluster", DiscoveryConfig.MAX_CLUSTER, entries, faults);
        final Entry mtu = entries.get("transfer.mtu");
        if ((Long) mtu.value() % 32 != 0) {
            faults.of(mtu.origin(), "transfer.mtu", "is " + mtu.text() + ", expected a multiple of 32");
        }
        final Entry disable = entries.get("gpu_health.disable_celsius");
        final Entry enable = entries.get("gpu_health.enable_celsius");
        if ((Long) enable.value() >= (Long) disable.value()) {
            faults.of(
                    enable.origin(),
                    "gpu_health.enable_celsius",
                    "is " + enable.text() + ", expected less than 'gpu_health.disable_celsius', which is "
                            + disable.text());
        }
        final Entry auth = entries.get("security.require_auth");
        if (auth != null
                && Boolean.TRUE.equals(auth.value())
                && entries.get("security.secret_file").text().isEmpty()) {
            faults.of(
                    auth.origin(),
                    "security.require_auth",
                    "is true without a secret, expected 'security.secret_file' too");
        }
        final Map<String, String> names = new HashMap<>();
        for (int i = 0; entries.containsKey("remote_gpus[" + i + "].name"); i++) {
            final Entry name = entries.get("remote_gpus[" + i + "].name");
            final String first = names.putIfAbsent((String) name.value(), name.origin());
            if (first != null) {
                faults.of(
                        name.origin(),
                        "remote_gpus[" + i + "].name",
                        "is '" + name.value() + "', as at " + first + ", expected another name");
            }
        }
    }

    private static void checkLength(
            final String path, final int maximum, final Map<String, Entry> entries, final ConfigFaults faults) {
        final Entry entry = entries.get(path);
        if (entry.text().length() > maximum) {
            faults.of(
                    entry.origin(), path, "has " + entry.text().length() + " characters, expected at most " + maximum);
        }
    }

    private List<String> strangeVariables() {
        final Set<String> known = new HashSet<>(OTHER_VARIABLES);
        ConfigTable.all().stream()
                .map(ConfigKey::variable)
                .filter(name -> name != null)
                .forEach(known::add);
        final List<String> remarks = new ArrayList<>();
        for (final String name : environment.keySet()) {
            if (name.startsWith("DRAGON_") && !known.contains(name)) {
                remarks.add("environment: '" + name + "' is no key and is ignored" + Suggestion.of(name, known) + ".");
            }
        }
        return remarks;
    }
}
