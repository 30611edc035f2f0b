package io.dragon.engine.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.SpecVersion;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * One configuration file as values by path, with the place of each. Reading collects every fault instead of stopping at the
 * first. Nothing outside of this class and {@link ConfigBinder} sees YAML.
 */
final class ConfigFile {
    /** The two kinds of files. */
    enum Kind {
        CLIENT("dragon_gpu.yaml"),
        SERVER("gpu_server.yaml");

        private final String fileName;

        Kind(final String fileName) {
            this.fileName = fileName;
        }

        String fileName() {
            return fileName;
        }

        /** The kind of a file of that name; null when the name does not tell. */
        static Kind named(final String file) {
            final String name = file.substring(file.lastIndexOf('/') + 1);
            for (final Kind each : values()) {
                if (name.equals(each.fileName)) {
                    return each;
                }
            }
            return null;
        }
    }

    /** A value, its text as written, and where it stands. */
    record Entry(ConfigKey key, Object value, String text, String origin) {}

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_ALIASES = 50;
    private static final LoadSettings SETTINGS = LoadSettings.builder()
            .setCodePointLimit(MAX_BYTES)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setAllowRecursiveKeys(false)
            .setVersionFunction(version -> new SpecVersion(1, 2))
            .setUseMarks(true)
            .build();

    private final String name;
    private final Map<String, Entry> entries = new TreeMap<>();
    private Kind kind;

    private ConfigFile(final String name) {
        this.name = name;
    }

    /** The values by path; entries of lists are {@code remote_gpus[0].name}. */
    Map<String, Entry> entries() {
        return entries;
    }

    Kind kind() {
        return kind;
    }

    /**
     * Reads a file.
     *
     * @param file   which.
     * @param kind   what it must be; null to tell by its name and contents.
     * @param faults where faults go.
     */
    static ConfigFile read(final Path file, final Kind kind, final ConfigFaults faults) {
        final ConfigFile result = new ConfigFile(file.toString());
        result.kind = expected(result.name, kind);
        try {
            if (Files.isDirectory(file)) {
                faults.of(file + ": is a folder, expected a file");
                return result;
            }
            final byte[] bytes;
            try (var stream = Files.newInputStream(file)) {
                bytes = stream.readNBytes(MAX_BYTES + 1);
            }
            result.parse(bytes, kind, faults);
        } catch (final NoSuchFileException ex) {
            faults.of(file + ": there is no such file");
        } catch (final AccessDeniedException ex) {
            faults.of(file + ": permission to read it is denied");
        } catch (final IOException ex) {
            faults.of(file + ": cannot be read: " + ex.getMessage());
        }
        return result;
    }

    /** Reads a file's contents; the name is for messages only. */
    static ConfigFile of(final String name, final byte[] bytes, final Kind kind, final ConfigFaults faults) {
        final ConfigFile result = new ConfigFile(name);
        result.kind = expected(result.name, kind);
        result.parse(bytes, kind, faults);
        return result;
    }

    /** Of a file without a key, too. */
    private static Kind expected(final String name, final Kind wanted) {
        final Kind named = wanted == null ? Kind.named(name) : wanted;
        return named == null ? Kind.CLIENT : named;
    }

    private void parse(final byte[] bytes, final Kind wanted, final ConfigFaults faults) {
        if (bytes.length > MAX_BYTES) {
            faults.at(name, 1, 1, "the file is larger than 1 MiB: this is no configuration");
            return;
        }
        final String text = decode(bytes, faults);
        if (text == null || !isShallow(text, faults)) {
            return;
        }
        try {
            final Optional<Node> root = new Compose(SETTINGS).composeString(text);
            if (root.isPresent()) {
                kind = new ConfigBinder(name, wanted, entries, faults).bind(root.get());
            }
        } catch (final YamlEngineException ex) {
            report(ex, faults);
        }
    }

    private String decode(final byte[] bytes, final ConfigFaults faults) {
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(buffer)
                    .toString();
        } catch (final CharacterCodingException ex) {
            int line = 1;
            int column = 1;
            for (int i = 0; i < buffer.position(); i++) {
                column = bytes[i] == '\n' ? 1 : column + 1;
                line += bytes[i] == '\n' ? 1 : 0;
            }
            faults.at(name, line, column, "the file is not UTF-8 text");
            return null;
        }
    }

    /** Looks at the events first: composing is recursive, so depth must be known to be small before. */
    private boolean isShallow(final String text, final ConfigFaults faults) {
        int depth = 0;
        int aliases = 0;
        int documents = 0;
        try {
            for (final Event event : new Parse(SETTINGS).parseString(text)) {
                switch (event.getEventId()) {
                    case MappingStart, SequenceStart -> depth++;
                    case MappingEnd, SequenceEnd -> depth--;
                    case Alias -> aliases++;
                    case DocumentStart -> documents++;
                    default -> {}
                }
                final String excess = depth > MAX_DEPTH
                        ? "values are nested deeper than " + MAX_DEPTH
                        : aliases > MAX_ALIASES
                                ? "the file has more than " + MAX_ALIASES + " aliases"
                                : documents > 1 ? "a second document begins, expected one" : null;
                if (excess != null) {
                    faults.at(name, line(event.getStartMark()), column(event.getStartMark()), excess);
                    return false;
                }
            }
            return true;
        } catch (final YamlEngineException ex) {
            report(ex, faults);
            return false;
        } catch (final RuntimeException ex) { // a fault of the parser must not look like ours
            faults.at(name, 1, 1, "the file is not YAML: " + ex.getMessage());
            return false;
        }
    }

    private void report(final YamlEngineException ex, final ConfigFaults faults) {
        if (ex instanceof MarkedYamlEngineException marked) {
            final Optional<Mark> mark = marked.getProblemMark().or(marked::getContextMark);
            faults.at(name, line(mark), column(mark), "the file is not YAML: " + oneLine(marked.getProblem()));
        } else {
            faults.at(name, 1, 1, "the file is not YAML: " + oneLine(ex.getMessage()));
        }
    }

    private static String oneLine(final String text) {
        return text == null
                ? "it cannot be read"
                : KeyType.shown(text.replaceAll("\\s+", " ").trim());
    }

    static int line(final Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }

    static int column(final Optional<Mark> mark) {
        return mark.map(Mark::getColumn).orElse(0) + 1;
    }
}
