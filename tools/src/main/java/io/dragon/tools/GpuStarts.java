package io.dragon.tools;

import io.dragon.worker.check.GpuReport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** How long the driver takes to compile the kernels, and to find them again: two processes, one after the other, on a cache of their own. */
final class GpuStarts {
    /** Makes {@code dragon gpu-check} such a process. */
    static final String OPTION = "--starts-only";

    static final String SMALL = "--small";

    private static final String HEAD = "modules ready, ms:";
    private static final String CACHE = "CUDA_CACHE_PATH";
    private static final long LONGEST_SECONDS = 60;

    private GpuStarts() {}

    /** Both of them; those that could not be measured are left out, and said. */
    static List<GpuReport.Start> measure(final String uuid, final boolean isSmall, final Consumer<String> say)
            throws IOException, InterruptedException {
        final Path cache = Files.createTempDirectory("dragon-gpu-check-cache");
        final List<GpuReport.Start> starts = new ArrayList<>();
        try {
            for (final String when : List.of("a process with an empty cache", "the next process")) {
                final String said = run(uuid, isSmall, cache);
                if (said.startsWith(HEAD)) {
                    starts.add(new GpuReport.Start(when, parsed(said)));
                } else {
                    say.accept("not measured in " + when + ": " + said);
                }
            }
        } finally {
            remove(cache);
        }
        return starts;
    }

    /** What such a process says. */
    static String words(final Map<String, Double> modules) {
        final StringBuilder words = new StringBuilder(HEAD);
        modules.forEach(
                (name, millis) -> words.append(' ').append(name).append('=').append(millis));
        return words.toString();
    }

    static Map<String, Double> parsed(final String words) {
        final Map<String, Double> modules = new LinkedHashMap<>();
        for (final String word : words.substring(HEAD.length()).strip().split(" ")) {
            final int equals = word.indexOf('=');
            modules.put(word.substring(0, equals), Double.parseDouble(word.substring(equals + 1)));
        }
        return modules;
    }

    private static String run(final String uuid, final boolean isSmall, final Path cache)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DragonMain.class.getName()));
        command.addAll(List.of("gpu-check", OPTION, "--device", uuid));
        if (isSmall) {
            command.add(SMALL);
        }
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(CACHE, cache.toString());
        builder.environment().remove("DRAGON_STDERR_FD");
        final Path out = Files.createTempFile("dragon-gpu-check", ".txt");
        try {
            final Process process = builder.redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                    return "it has not ended within " + LONGEST_SECONDS + " s";
                }
            } finally {
                process.destroyForcibly();
            }
            final List<String> lines = Files.readString(out, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("WARNING"))
                    .toList();
            return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
        } finally {
            Files.deleteIfExists(out);
        }
    }

    private static void remove(final Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (final Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
