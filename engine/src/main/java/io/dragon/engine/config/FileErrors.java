package io.dragon.engine.config;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** What the file system answered, in words. */
public final class FileErrors {
    private FileErrors() {}

    /**
     * A few words without the path, which the sentence around them names.
     *
     * @param ex of reading, writing or making a file or folder.
     * @return without a full stop.
     */
    public static String inWords(final Exception ex) {
        if (ex instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (ex instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (ex instanceof NotDirectoryException) {
            return "not a folder";
        }
        if (ex instanceof FileAlreadyExistsException) {
            return "something else is there already";
        }
        if (ex instanceof FileSystemException fault && fault.getReason() != null) {
            return fault.getReason().toLowerCase(Locale.ROOT);
        }
        final String message = ex.getMessage();
        return message == null || message.isEmpty() ? ex.getClass().getSimpleName() : message;
    }
}
