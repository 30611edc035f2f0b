package io.dragon.engine.config;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.Charset;

/**
 * The standard error the launcher set aside. The JVM prints a line about incubating modules before any code runs and
 * offers no switch against it, so the launcher starts it with descriptor 2 silent and the real one at
 * {@code DRAGON_STDERR_FD}, as {@code PID:DESCRIPTOR}.
 */
public final class StandardError {
    private static final String VARIABLE = "DRAGON_STDERR_FD";
    private static int descriptor = 2;

    private StandardError() {}

    /** Makes {@link System#err} the real standard error. Call once, first of all. */
    public static void mend() {
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
            descriptor = Integer.parseInt(variable.substring(own.length()));
            final FileOutputStream stream = new FileOutputStream(constructor.newInstance(descriptor));
            System.setErr(new PrintStream(stream, true, Charset.defaultCharset()));
        } catch (final ReflectiveOperationException | RuntimeException ex) {
            descriptor = 2;
        }
    }

    /**
     * The descriptor messages go to.
     *
     * @return 2 when nothing was set aside.
     */
    public static int descriptor() {
        return descriptor;
    }
}
