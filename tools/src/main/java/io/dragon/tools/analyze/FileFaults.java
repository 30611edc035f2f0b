package io.dragon.tools.analyze;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** What the file system answered, in a few words without the path. */
final class FileFaults {
    private FileFaults() {}

    static String inWords(final IOException ex) {
        if (ex instanceof NoSuchFileException) {
            return "no such file or folder (any more)";
        }
        if (ex instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (ex instanceof NotDirectoryException) {
            return "not a folder (any more)";
        }
        if (ex instanceof FileSystemLoopException) {
            return "a link to a folder that it lies in";
        }
        if (ex instanceof FileSystemException fault && fault.getReason() != null) {
            return fault.getReason().toLowerCase(Locale.ROOT);
        }
        final String message = ex.getMessage();
        return message == null || message.isEmpty() ? ex.getClass().getSimpleName() : message;
    }
}
