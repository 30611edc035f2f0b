package io.dragon.tools;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system answered, in words. */
final class FileErrors {
    private FileErrors() {}

    /** A few words without the path, which the sentence around them names. */
    static String inWords(final Exception ex) {
        if (ex instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (ex instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (ex instanceof NotDirectoryException) {
            return "not a folder";
        }
        if (ex instanceof FileSystemException fs && fs.getReason() != null) {
            return fs.getReason().toLowerCase(java.util.Locale.ROOT);
        }
        return ex.getMessage() == null ? ex.getClass().getSimpleName() : ex.getMessage();
    }
}
