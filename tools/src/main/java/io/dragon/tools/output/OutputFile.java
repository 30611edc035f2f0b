package io.dragon.tools.output;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that a command writes at its end: all of it or, when something goes wrong, nothing, and it is on the disk when the command says that
 * it is written. Whether it can be written is looked at before the work, which may take hours.
 */
public final class OutputFile {
    private static final String PARTIAL = ".partial";
    private static final int AT_ONCE = 1 << 16;
    private static final int MOST_LINKS = 40;

    private OutputFile() {}

    /** What is in it. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes it.
         *
         * @param out where to; need not be flushed, and is not closed.
         * @throws IOException when it cannot be written.
         */
        void write(OutputStream out) throws IOException;
    }

    /** What brings a file or a folder to the disk. */
    interface Forced {
        void force(Path path) throws IOException;
    }

    /**
     * Refuses a file that cannot be written, as far as that can be told beforehand.
     *
     * @param what   it is, with its article.
     * @param target of the user; {@code -} is standard output, null is no file.
     * @throws DragonException in words, exit code 1.
     */
    public static void requireWritable(final String what, final String target) {
        if (target == null || "-".equals(target)) {
            return;
        }
        final String fault = fault(target);
        if (fault != null) {
            throw new DragonException("Cannot write " + what + " " + target + ": " + fault + ".");
        }
    }

    private static String fault(final String target) {
        try {
            final Path file = Path.of(target);
            if (file.getFileName() == null || Files.isDirectory(file)) {
                return "is a directory";
            }
            if (isStream(file)) {
                return Files.isWritable(file) ? null : "permission denied";
            }
            final Path partial = partial(file);
            if (!Files.exists(partial)) {
                Files.createFile(partial);
                Files.delete(partial);
            }
            return null;
        } catch (final IOException ex) {
            return FileErrors.inWords(ex);
        } catch (final InvalidPathException ex) {
            return "it is not a path";
        }
    }

    /**
     * Where it lies until all of it is there.
     *
     * @param file that will be written.
     * @return the file beside it.
     */
    public static Path partial(final Path file) {
        final Path place = place(file);
        return place.resolveSibling(place.getFileName() + PARTIAL);
    }

    /**
     * Writes a file.
     *
     * @param what it is, with its article.
     * @param file to write; replaced when it is there. A pipe, a device and {@code /dev/stdout} are written to.
     * @param body what is in it.
     * @throws DragonException in words, exit code 1, when it cannot be written; then what was there is still there.
     */
    public static void write(final String what, final Path file, final Body body) {
        try {
            write(file, body, OutputFile::force);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write " + what + " " + file + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    /**
     * Writes a file that will soon be written anew: whole, like any other, but the disk is not waited for.
     *
     * @param what it is, with its article.
     * @param file to write, as {@link #write} does.
     * @param body what is in it.
     * @throws DragonException in words, exit code 1, when it cannot be written; then what was there is still there.
     */
    public static void renew(final String what, final Path file, final Body body) {
        try {
            write(file, body, path -> {});
        } catch (final IOException ex) {
            throw new DragonException("Cannot write " + what + " " + file + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    static void write(final Path file, final Body body, final Forced forced) throws IOException {
        if (isStream(file)) {
            writeTo(file, body, StandardOpenOption.WRITE, StandardOpenOption.APPEND); // what is there is not ours
            return;
        }
        final Path place = place(file);
        final Path partial = partial(file);
        try {
            writeTo(
                    partial,
                    body,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
            forced.force(partial);
            Files.move(partial, place, StandardCopyOption.REPLACE_EXISTING);
        } catch (final IOException | RuntimeException | Error ex) {
            try {
                Files.deleteIfExists(partial);
            } catch (final IOException second) {
                ex.addSuppressed(second); // the first one is the one to tell
            }
            throw ex;
        }
        forced.force(place.toAbsolutePath().getParent());
    }

    /**
     * Where it will lie: behind a symbolic link, which stays, also one that leads to nothing yet.
     *
     * @param file that will be written.
     * @return what is renamed over.
     */
    public static Path place(final Path file) {
        Path place = file;
        try {
            for (int i = 0; i < MOST_LINKS && Files.isSymbolicLink(place); i++) {
                place = place.resolveSibling(Files.readSymbolicLink(place));
            }
        } catch (final IOException ex) {
            return place; // it has gone meanwhile
        }
        return place;
    }

    /** A pipe, a device, or standard output by its name, where that may be a file that others write to: nothing may be renamed over it. */
    private static boolean isStream(final Path file) {
        final Path absolute = file.toAbsolutePath();
        return Files.exists(file)
                && (!Files.isRegularFile(file)
                        || Files.isSymbolicLink(file) && (absolute.startsWith("/dev") || absolute.startsWith("/proc")));
    }

    private static void writeTo(final Path file, final Body body, final OpenOption... how) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, how), AT_ONCE)) {
            body.write(out);
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
}
