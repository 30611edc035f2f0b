package io.dragon.tools.analyze;

import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system answered about something that was there a moment ago, in a few words without the path. */
final class FileFaults {
    private FileFaults() {}

    static String inWords(final IOException ex) {
        if (ex instanceof FileSystemLoopException) {
            return "a link to a folder that it lies in";
        }
        return FileErrors.inWords(ex)
                + (ex instanceof NoSuchFileException || ex instanceof NotDirectoryException ? " (any more)" : "");
    }
}
