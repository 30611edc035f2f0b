package io.dragon.tools;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether standard output took what was written to it. */
final class StandardStreams {
    private StandardStreams() {}

    /**
     * Whether something that was written to standard output is not there, which a {@link PrintStream} tells nobody: a full disk. A reader that
     * has left a pipe ({@code | head}) has what it wanted.
     */
    static boolean hasLostOutput() {
        if (!System.out.checkError()) {
            return false;
        }
        try {
            final String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return !target.startsWith("pipe:") && !target.startsWith("socket:");
        } catch (final IOException ex) {
            return false; // it was closed from the start
        }
    }
}
