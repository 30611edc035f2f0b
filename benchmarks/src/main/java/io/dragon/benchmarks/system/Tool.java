package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.Ending;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Other programs, and other commands of Dragon's own. */
final class Tool {
    /** A command that has found something lost or degraded has measured nevertheless. */
    private static final int DEGRADED = 3;

    private static final int LINES = 4;
    private static final int END_SECONDS = 30;

    /** A command of Dragon's ends with the process that this names. */
    private static final String PARENT = "DRAGON_PARENT_PID";

    /** What a program gave: how long it ran, and what it said. */
    record Result(double seconds, String out, int code) {}

    private Tool() {}

    /** Whether a program is there. */
    static boolean isThere(final String program) {
        for (final String folder :
                Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** Runs a program to its end; what it says goes into a file, so that nobody has to read it meanwhile. */
    static Result run(final Path folder, final double mostSeconds, final List<String> command)
            throws IOException, InterruptedException {
        final Path out = Files.createTempFile(folder, "out", ".txt");
        final Path err = Files.createTempFile(folder, "err", ".txt");
        final long beginNs = System.nanoTime();
        final ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put(PARENT, Long.toString(ProcessHandle.current().pid()));
        final Process process = Ending.process(builder::start, Tool::end);
        try {
            if (!process.waitFor((long) (mostSeconds * 1e3), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(command.get(0) + " has not ended within " + mostSeconds + " s");
            }
            final double seconds = (System.nanoTime() - beginNs) / 1e9;
            if (process.exitValue() != 0 && process.exitValue() != DEGRADED) {
                throw new IllegalStateException("'" + String.join(" ", command) + "' ended with exit code "
                        + process.exitValue() + ": " + lastLines(err));
            }
            return new Result(seconds, Files.readString(out), process.exitValue());
        } finally {
            end(process);
        }
    }

    /** In order, so that it takes its own processes along; then for good. */
    private static void end(final Process process) {
        if (process.isAlive()) {
            process.destroy();
            try {
                if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (final InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        Ending.forget(process);
    }

    private static String lastLines(final Path file) throws IOException {
        final List<String> lines = Files.readAllLines(file);
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    }

    /** Runs a command of Dragon's that writes JSON. */
    static JsonNode dragon(final SuiteRun run, final Path folder, final double mostSeconds, final String... arguments)
            throws IOException, InterruptedException {
        final Path script = run.dragon()
                .orElseThrow(() -> new IllegalStateException(
                        "it runs other commands of Dragon: start it with the script, 'dragon bench'"));
        final Path json = Files.createTempFile(folder, "result", ".json");
        final List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        command.add("--json=" + json);
        final Result result = run(folder, mostSeconds, command);
        if (result.code() == DEGRADED) {
            run.remark("'dragon " + String.join(" ", arguments) + "' ended with exit code 3: not all went well");
        }
        return JsonMapper.builder().build().readTree(Files.readString(json));
    }
}
