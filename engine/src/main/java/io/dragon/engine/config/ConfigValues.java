package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of a configuration by the paths of their keys, checked before, as the types that they are of. */
final class ConfigValues {
    private final DragonConfig.FileKind kind;
    private final Path file;
    private final Path home;
    private final Map<String, Entry> entries;

    ConfigValues(final DragonConfig.FileKind kind, final Path file, final Path home, final Map<String, Entry> entries) {
        this.kind = kind;
        this.file = file;
        this.home = home;
        this.entries = entries;
    }

    private Object value(final String path) {
        final Entry entry = entries.get(path);
        if (entry == null) {
            throw new IllegalStateException("'" + path + "' is no key of a " + kind + " configuration");
        }
        return entry.value();
    }

    boolean bool(final String path) {
        return (Boolean) value(path);
    }

    long number(final String path) {
        return (Long) value(path);
    }

    int integer(final String path) {
        return Math.toIntExact(number(path));
    }

    String text(final String path) {
        return (String) value(path);
    }

    List<Integer> integers(final String path) {
        return ((List<?>) value(path))
                .stream().map(id -> Math.toIntExact((Long) id)).toList();
    }

    List<String> texts(final String path) {
        return ((List<?>) value(path)).stream().map(String.class::cast).toList();
    }

    /** Texts by the rest of the paths of all keys that one line of the table stands for. */
    Map<String, String> texts(final String prefix, final String key) {
        final Map<String, String> texts = new LinkedHashMap<>();
        entries.forEach((path, entry) -> {
            if (entry.key().path().equals(key)) {
                texts.put(path.substring(prefix.length()), (String) entry.value());
            }
        });
        return texts;
    }

    static String withUser(final String text) {
        final String user = System.getProperty("user.name", "nobody");
        return text.replace("${USER}", user).replace("$USER", user);
    }

    /** A relative path of the file starts where the file is, any other one in the working folder. */
    Optional<Path> path(final String path) {
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
