package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.tools.output.OutputFile;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Digests of files as {@code b3sum} prints them, one a line: {@code <64 hex>  <name>}. A name with a backslash or a line
 * feed is written with {@code \\} and {@code \n} for them, and its line begins with a backslash. Of other algorithms than BLAKE3 there are no
 * digests of files, and the manifest names blocks, as {@link BlockManifest} has it.
 */
public final class Manifest {
    private static final int MAX_FAULTS_SHOWN = 20;

    private Manifest() {}

    /**
     * Writes a manifest: all of it or, when something goes wrong, nothing. It is on the disk then: after it the journal is deleted.
     *
     * @param result what to write.
     * @param file   to write; replaced when it is there.
     */
    public static void write(final AnalysisResult result, final Path file) {
        OutputFile.write("the manifest", file, out -> write(result, out));
    }

    /**
     * Writes a manifest.
     *
     * @param result what to write.
     * @param out    where to; not closed.
     * @throws IOException when it cannot be written.
     */
    public static void write(final AnalysisResult result, final OutputStream out) throws IOException {
        if (result.context().algorithm() != HashAlgorithm.BLAKE3) {
            BlockManifest.write(result, out);
            return;
        }
        for (final FoundFile file : result.hashed()) {
            out.write(line(Hex.of(file), result.name(file)).getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    static String line(final String digest, final String name) {
        if (!needsEscape(name)) {
            return digest + "  " + name + "\n";
        }
        return "\\" + digest + "  " + escaped(name) + "\n";
    }

    static boolean needsEscape(final String name) {
        return name.indexOf('\\') >= 0 || name.indexOf('\n') >= 0;
    }

    static String escaped(final String name) {
        return name.replace("\\", "\\\\").replace("\n", "\\n");
    }

    /**
     * Reads a manifest, of any length.
     *
     * @param file that {@code b3sum} or this program wrote.
     * @param to   takes its lines, in their order.
     * @throws DragonException with one line for every fault; with the first only where no line is right.
     */
    static void read(final Path file, final Consumer<Line> to) {
        final List<String> faults = new ArrayList<>();
        long faulty = 0;
        long all = 0;
        try (ManifestLines lines = new ManifestLines(file)) {
            for (; lines.next(); all++) {
                final String fault = parse(lines.text(), to);
                if (fault != null && ++faulty <= MAX_FAULTS_SHOWN) {
                    faults.add(file + ":" + lines.number() + ":" + fault);
                }
            }
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "Cannot read the manifest " + file + ": " + FileErrors.inWords(ex) + ".");
        }
        if (faulty > 0) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    faulty == all
                            ? faults.get(0) + "; " + file + " is no manifest: none of its " + all
                                    + " lines has a digest and a name"
                            : String.join("\n", faults)
                                    + (faulty > MAX_FAULTS_SHOWN
                                            ? "\nand " + (faulty - MAX_FAULTS_SHOWN) + " more faults"
                                            : ""));
        }
    }

    /** Passes one line on; null, or column and fault. */
    private static String parse(final String line, final Consumer<Line> to) {
        if (line == null) {
            return "1: the line is longer than " + ManifestLines.LONGEST + " bytes";
        }
        final boolean escaped = line.startsWith("\\");
        final int at = escaped ? 1 : 0;
        for (int i = at; i < at + Hex.LENGTH; i++) {
            if (i >= line.length() || "0123456789abcdef".indexOf(line.charAt(i)) < 0) {
                return (i + 1) + ": a digest of 64 hexadecimal digits (0-9, a-f) was expected here";
            }
        }
        final int name = at + Hex.LENGTH + 2;
        if (!line.startsWith("  ", at + Hex.LENGTH) || line.length() == name) {
            return (at + Hex.LENGTH + 1) + ": two spaces and a name were expected here";
        }
        final String digest = line.substring(at, at + Hex.LENGTH);
        if (!escaped) {
            to.accept(new Line(digest, line.substring(name)));
            return null;
        }
        final StringBuilder plain = new StringBuilder();
        for (int i = name; i < line.length(); i++) {
            final char c = line.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            final char next = ++i < line.length() ? line.charAt(i) : 0;
            if (next != '\\' && next != 'n') {
                return i + ": a backslash in an escaped name is followed by a backslash or an n";
            }
            plain.append(next == 'n' ? '\n' : '\\');
        }
        to.accept(new Line(digest, plain.toString()));
        return null;
    }

    /** A digest and a name. */
    record Line(String digest, String name) {}
}
