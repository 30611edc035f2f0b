package io.dragon.engine.config;

/**
 * A fault that a user can act on, told in one plain sentence. Tools print the message without a stack trace and exit with
 * {@link #exitCode()}.
 */
public final class DragonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Exit code of a fault that has no better one. */
    public static final int FAILED = 1;

    /** Exit code of wrong usage or configuration. */
    public static final int WRONG_USAGE = 2;

    /** Exit code of work that finished, but degraded. */
    public static final int DEGRADED = 3;

    /** Exit code of work that timed out. */
    public static final int TIMED_OUT = 4;

    private final int exitCode;

    /**
     * A fault with exit code {@link #FAILED}.
     *
     * @param message one plain sentence: what is wrong and what to do about it.
     */
    public DragonException(final String message) {
        this(FAILED, message, null);
    }

    /**
     * A fault with an exit code of its own.
     *
     * @param exitCode the process's exit code, as the command line's contract lists them.
     * @param message  one plain sentence: what is wrong and what to do about it.
     */
    public DragonException(final int exitCode, final String message) {
        this(exitCode, message, null);
    }

    /**
     * A fault with an exit code and its technical cause.
     *
     * @param exitCode the process's exit code.
     * @param message  one plain sentence: what is wrong and what to do about it.
     * @param cause    what was thrown below; may be null.
     */
    public DragonException(final int exitCode, final String message, final Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /**
     * The exit code of a process that ends with this fault.
     *
     * @return 1 to 4.
     */
    public int exitCode() {
        return exitCode;
    }
}
