package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file that a command writes at its end. Whether it can be written is looked at before the work, which may take hours. */
final class OutputFile {
    private static final String PARTIAL = ".partial";

    private OutputFile() {}

    /**
     * Refuses a file that cannot be written, as far as that can be told beforehand.
     *
     * @param what   it is, with its article.
     * @param target of the user; {@code -} is standard output.
     * @throws DragonException in words, exit code 1.
     */
    static void requireWritable(final String what, final String target) {
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
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                return Files.isWritable(file) ? null : "permission denied";
            }
            final Path partial = file.resolveSibling(file.getFileName() + PARTIAL);
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
}
