package io.dragon.tools.doctor;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What there is of a host: its files below a root that may be another one, its programs, its network. Nothing of it is changed.
 * One thread.
 */
public final class Host {
    /** A property made for the checks: processors that this program may use. */
    static final String CORES = "dragon.cores";

    private static final int MAX_BYTES = 1 << 20;

    /**
     * Room of a file system.
     *
     * @param total  bytes in all.
     * @param usable bytes that this user can still write.
     */
    record Space(long total, long usable) {}

    private final Path root;
    private final Programs programs;
    private final Network network;
    private final Map<String, String> properties;
    private final Map<String, Space> spaces = new TreeMap<>();
    private final Set<String> forbidden = new HashSet<>();

    Host(final Path root, final Programs programs, final Network network, final Map<String, String> properties) {
        this.root = root;
        this.programs = programs;
        this.network = network;
        this.properties = Map.copyOf(properties);
    }

    /**
     * The host that this program runs on.
     *
     * @return it.
     */
    public static Host here() {
        final Map<String, String> properties = new TreeMap<>();
        for (final String name : System.getProperties().stringPropertyNames()) {
            properties.put(name, System.getProperty(name));
        }
        for (final String opened : JavaCheck.OPENED) {
            properties.put(
                    JavaCheck.OPENS + opened,
                    Boolean.toString(Object.class.getModule().isOpen(opened, Host.class.getModule())));
        }
        properties.put(
                JavaCheck.VECTOR,
                Boolean.toString(
                        ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent()));
        properties.put(CORES, Integer.toString(Runtime.getRuntime().availableProcessors()));
        return new Host(Path.of("/"), Programs.HERE, new SocketNetwork(), properties);
    }

    Network network() {
        return network;
    }

    Programs programs() {
        return programs;
    }

    /** A property of the Java that runs this; empty where it has none. */
    String property(final String name) {
        return properties.getOrDefault(name, "");
    }

    /** Where an absolute path is, below the root. */
    Path path(final String path) {
        return root.resolve(path.startsWith("/") ? path.substring(1) : path);
    }

    /** A small file as text without spaces around it; null where it cannot be read. */
    String read(final String file) {
        try (var stream = Files.newInputStream(path(file))) {
            return new String(stream.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip();
        } catch (final IOException | SecurityException ex) {
            return null;
        }
    }

    /** A file that holds one number; the other value where it does not. */
    long number(final String file, final long otherwise) {
        final String text = read(file);
        return text != null && text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : otherwise;
    }

    /** The names in a folder, in order; empty where there is none. */
    List<String> list(final String folder) {
        try (Stream<Path> files = Files.list(path(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (final IOException | SecurityException ex) {
            return List.of();
        }
    }

    boolean exists(final String file) {
        return Files.exists(path(file));
    }

    /** Whether this user may read and write a file or device. */
    boolean isUsable(final String file) {
        return !forbidden.contains(file) && Files.isReadable(path(file)) && Files.isWritable(path(file));
    }

    /** Takes a file for one that this user may not use, instead of looking. */
    Host without(final String file) {
        forbidden.add(file);
        return this;
    }

    /** The name of the owner of a file and its permissions, {@code root rwx------}; null where there is none. */
    String ownership(final String file) {
        try {
            final Path path = path(file);
            final var attributes = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.owner().getName()
                    + ' '
                    + PosixFilePermissions.toString(attributes.permissions())
                    + (attributes.isSymbolicLink() ? " link" : "");
        } catch (final IOException | UnsupportedOperationException ex) {
            return null;
        }
    }

    /** The room where a file or folder is or would be made; null where that cannot be told. */
    Space space(final String file) {
        final Space given = spaces.get(file);
        if (given != null) {
            return given;
        }
        Path path = path(file);
        while (path != null && !Files.exists(path)) {
            path = path.getParent();
        }
        try {
            final FileStore store = path == null ? null : Files.getFileStore(path);
            return store == null ? null : new Space(store.getTotalSpace(), store.getUsableSpace());
        } catch (final IOException ex) {
            return null;
        }
    }

    /** Says for a path how much room there is, instead of looking. */
    Host withSpace(final String file, final long total, final long usable) {
        spaces.put(file, new Space(total, usable));
        return this;
    }

    /** The kind of the file system that holds an absolute path, {@code tmpfs}; empty where it cannot be told. */
    String fileSystem(final String file) {
        final String mounts = read("/proc/self/mounts");
        String kind = "";
        int longest = -1;
        for (final String line :
                mounts == null ? List.<String>of() : mounts.lines().toList()) {
            final String[] words = line.split(" ");
            if (words.length > 2) {
                final String at = words[1].equals("/") ? "" : words[1];
                if ((file.equals(at) || file.startsWith(at + "/")) && at.length() >= longest) {
                    longest = at.length();
                    kind = words[2];
                }
            }
        }
        return kind;
    }

    /** One value of a file of {@code Name: value} lines, without its unit; -1 where there is none. */
    long field(final String file, final String name) {
        final String text = read(file);
        for (final String line : text == null ? List.<String>of() : text.lines().toList()) {
            if (line.startsWith(name + ":")) {
                final String value = line.substring(name.length() + 1).strip().split("\\s+")[0];
                return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
            }
        }
        return -1;
    }
}
