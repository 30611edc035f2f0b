package io.dragon.tools;

/** The exit codes of every command, as the command line contract gives them. */
final class ExitCode {
    /** Done. */
    static final int OK = 0;

    /** Failed. */
    static final int FAILED = 1;

    /** Wrong usage or configuration. */
    static final int USAGE = 2;

    /** Finished, but something was lost or corrupt. */
    static final int DEGRADED = 3;

    /** Timed out. */
    static final int TIMED_OUT = 4;

    private ExitCode() {}
}
