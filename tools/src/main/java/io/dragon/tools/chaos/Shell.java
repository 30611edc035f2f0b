package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The system's own programs, for what Java cannot do. */
final class Shell {
    private Shell() {}

    /**
     * Runs a program.
     *
     * @throws DragonException with what it said, when it does not succeed.
     */
    static void run(final String... command) {
        final Result result = execute(List.of(command));
        if (result.code() != 0) {
            throw new DragonException("'" + String.join(" ", command) + "' failed: "
                    + (result.output().isBlank()
                            ? "exit code " + result.code()
                            : result.output().strip()) + '.');
        }
    }

    /** What a program says. */
    static String output(final List<String> command) {
        return execute(command).output();
    }

    static boolean succeeds(final String... command) {
        return succeeds(List.of(command));
    }

    static boolean succeeds(final List<String> command) {
        return execute(command).code() == 0;
    }

    private static Result execute(final List<String> command) {
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (final IOException ex) {
            return new Result(127, ex.getMessage());
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return new Result(130, "interrupted");
        }
    }

    /**
     * What a program did.
     *
     * @param code   its exit code; 127 when there is no such program.
     * @param output everything it wrote.
     */
    private record Result(int code, String output) {}
}
