package io.dragon.tools;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The standard error the launcher set aside. The JVM prints a line about incubating modules before any code runs and
 * offers no switch against it, so the launcher starts it with descriptor 2 silent and the real one at
 * {@code DRAGON_STDERR_FD}, as {@code PID:DESCRIPTOR}.
 */
final class StandardStreams {
    private static final String VARIABLE = "DRAGON_STDERR_FD";
    private static int errorDescriptor = 2;

    private StandardStreams() {}

    /** Makes {@link System#err} the real standard error. Call once, first of all. */
    static void mend() {
        final String variable = System.getenv(VARIABLE);
        final String own = ProcessHandle.current().pid() + ":"; // a child inherits the variable, but not the descriptor
        if (variable == null
                || !variable.startsWith(own)
                || !variable.substring(own.length()).matches("[0-9]{1,3}")) {
            return;
        }
        try {
            final Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            errorDescriptor = Integer.parseInt(variable.substring(own.length()));
            final FileOutputStream stream = new FileOutputStream(constructor.newInstance(errorDescriptor));
            System.setErr(new PrintStream(stream, true, Charset.defaultCharset()));
        } catch (final ReflectiveOperationException | RuntimeException ex) {
            errorDescriptor = 2;
        }
    }

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

    /** The descriptor messages go to. */
    static int errorDescriptor() {
        return errorDescriptor;
    }
}
