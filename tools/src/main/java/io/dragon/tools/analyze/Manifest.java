package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

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
        write(result, file, Manifest::force);
    }

    /** {@code forced} brings a file or a folder to the disk. */
    static void write(final AnalysisResult result, final Path file, final Forced forced) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe or a device cannot be renamed over
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                    write(result, out);
                }
                return;
            }
            final Path partial = file.resolveSibling(file.getFileName() + ".partial");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16)) {
                    write(result, out);
                }
                forced.force(partial);
            } catch (final IOException ex) {
                Files.deleteIfExists(partial);
                throw ex;
            }
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
            forced.force(file.toAbsolutePath().getParent());
        } catch (final IOException ex) {
            throw new DragonException("Cannot write the manifest " + file + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    private static void force(final Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (final IOException ex) {
            if (!Files.isDirectory(path)) { // there are file systems that cannot force folders
                throw ex;
            }
        }
    }

    /** What brings something to the disk. */
    interface Forced {
        void force(Path path) throws IOException;
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
     * Reads a manifest.
     *
     * @param file that {@code b3sum} or this program wrote.
     * @return its lines.
     * @throws DragonException with one line for every fault; with the first only where no line is right.
     */
    static List<Line> read(final Path file) {
        final String text;
        try {
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "Cannot read the manifest " + file + ": " + FileErrors.inWords(ex) + ".");
        }
        final List<Line> lines = new ArrayList<>();
        final List<String> faults = new ArrayList<>();
        int number = 0;
        for (int begin = 0, end; begin < text.length(); begin = end + 1) {
            end = text.indexOf('\n', begin);
            end = end < 0 ? text.length() : end;
            number++;
            final String fault = parse(text.substring(begin, end), lines); // a name may end in a carriage return
            if (fault != null) {
                faults.add(file + ":" + number + ":" + fault);
            }
        }
        if (!faults.isEmpty()) {
            final int more = faults.size() - MAX_FAULTS_SHOWN;
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    lines.isEmpty()
                            ? faults.get(0) + "; " + file + " is no manifest: none of its " + number
                                    + " lines has a digest and a name"
                            : String.join("\n", faults.subList(0, Math.min(faults.size(), MAX_FAULTS_SHOWN)))
                                    + (more > 0 ? "\nand " + more + " more faults" : ""));
        }
        return lines;
    }

    /** Parses one line into {@code lines}; null, or column and fault. */
    private static String parse(final String line, final List<Line> lines) {
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
            lines.add(new Line(digest, line.substring(name)));
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
        lines.add(new Line(digest, plain.toString()));
        return null;
    }

    /** A digest and a name. */
    record Line(String digest, String name) {}
}
