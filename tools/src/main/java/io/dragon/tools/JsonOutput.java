package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.tools.output.OutputFile;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The option {@code --json [FILE]}: the machine-readable result, to a file or, with {@code -} or without a value, to
 * standard output, which then carries nothing else. Add it to a command with {@code @Mixin}.
 */
final class JsonOutput {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Option(
            names = "--json",
            arity = "0..1",
            fallbackValue = "-",
            paramLabel = "FILE",
            description = "write the result as JSON to FILE; to standard output without FILE or with '-'")
    String target;

    /** True where a machine-readable result is wanted at all. */
    boolean isWanted() {
        return target != null;
    }

    /** True where standard output belongs to JSON, so that nothing else may be printed there. */
    boolean isStandardOutput() {
        return "-".equals(target);
    }

    /** Refuses a file that cannot be written, before there is a result. */
    void requireWritable() {
        if (target != null && target.matches("(?i).*\\.ya?ml")) { // the word behind --json was meant for something else
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "--json would write its result over " + target
                            + ", which is named like a configuration: put --json last, write --json=-, or name another file.");
        }
        OutputFile.requireWritable("the JSON result to", target);
    }

    /** An empty JSON object to fill. */
    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** One value as JSON text. */
    static String text(final Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** JSON text as a tree. */
    static tools.jackson.databind.JsonNode parse(final String text) {
        return MAPPER.readTree(text);
    }

    /**
     * Writes the result where it is wanted; nothing happens where it is not.
     *
     * @param out   standard output.
     * @param value a tree, a map, a list or a record.
     * @throws DragonException when the file cannot be written; exit code 1.
     */
    void write(final PrintStream out, final Object value) {
        if (target != null) {
            write(out, value, OutputFile::write);
        }
    }

    /** As {@link #write}, for a result that is soon written anew. */
    void renew(final PrintStream out, final Object value) {
        if (target != null) {
            write(out, value, OutputFile::renew);
        }
    }

    private void write(final PrintStream out, final Object value, final Way way) {
        final String text;
        try {
            text = MAPPER.writeValueAsString(value);
        } catch (final JacksonException ex) {
            throw new DragonException(
                    "Cannot write the JSON result to " + target + ": " + FileErrors.inWords(ex) + ".");
        }
        if (isStandardOutput()) {
            out.println(text);
        } else {
            way.write(
                    "the JSON result to",
                    Path.of(target),
                    file -> file.write((text + "\n").getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** One of {@link OutputFile}'s. */
    private interface Way {
        void write(String what, Path file, OutputFile.Body body);
    }
}
