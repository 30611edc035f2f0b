package io.dragon.engine.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A worker process that has outlived the supervisor that started it, though it should have ended with it: one that was stopped, say.
 * Its environment tells whose it was.
 */
final class Orphan {
    private static final String STARTED_BY = "DRAGON_PARENT_PID=";
    private static final String SUPERVISED = "DRAGON_PARENT_PIPE=1";

    private Orphan() {}

    /** Whether a process was started by a supervisor, and that one is gone; false for what cannot be looked at. */
    static boolean is(final long processId) {
        final String environment;
        try {
            environment = Files.readString(Path.of("/proc/" + processId + "/environ"), StandardCharsets.ISO_8859_1);
        } catch (final IOException ex) {
            return false;
        }
        boolean isSupervised = false;
        boolean isAlone = false;
        for (final String variable : environment.split("\0")) {
            isSupervised |= variable.equals(SUPERVISED);
            isAlone |= variable.startsWith(STARTED_BY) && !isAlive(variable.substring(STARTED_BY.length()));
        }
        return isSupervised && isAlone;
    }

    private static boolean isAlive(final String processId) {
        return !processId.matches("[0-9]{1,18}")
                || ProcessHandle.of(Long.parseLong(processId))
                        .filter(ProcessHandle::isAlive)
                        .isPresent();
    }
}
