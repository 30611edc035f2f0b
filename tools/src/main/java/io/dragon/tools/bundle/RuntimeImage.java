package io.dragon.tools.bundle;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Java runtime of a distribution: the modules that Dragon needs, linked by the JDK at hand. */
final class RuntimeImage {
    /** java.desktop reads PNG and JPEG for {@code reconstruct} and {@code publish}; java.naming is what Logback links to. */
    static final List<String> MODULES = List.of(
            "java.base",
            "java.desktop",
            "java.logging",
            "java.management",
            "java.naming",
            "java.xml",
            "jdk.incubator.vector",
            "jdk.management",
            "jdk.unsupported");

    private static final long LINK_MINUTES = 5;
    private static final Pattern GLIBC = Pattern.compile("GLIBC_2\\.([0-9]{1,3})");

    private RuntimeImage() {}

    /**
     * Links the runtime.
     *
     * @param jdk    home of the Java to take it from.
     * @param target a folder that does not exist yet.
     * @throws DragonException in words, when that Java is no JDK or its linker fails.
     */
    static void link(final Path jdk, final Path target) throws IOException, InterruptedException {
        final Path linker = jdk.resolve("bin").resolve("jlink");
        if (!Files.isExecutable(linker)) {
            throw new DragonException("A bundle needs a JDK, and the Java in " + jdk
                    + " is only a runtime (there is no bin/jlink in it): point JAVA_HOME at a JDK 17 or newer"
                    + " (Debian: openjdk-17-jdk-headless).");
        }
        final Path said = Files.createTempFile("dragon-jlink", ".txt");
        try {
            // Uncompressed inside, because the archive around it compresses better; and it starts faster.
            final Process process = new ProcessBuilder(
                            linker.toString(),
                            "--add-modules",
                            String.join(",", MODULES),
                            "--strip-java-debug-attributes",
                            "--no-header-files",
                            "--no-man-pages",
                            "--output",
                            target.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            try {
                if (!process.waitFor(LINK_MINUTES, TimeUnit.MINUTES)) {
                    throw new DragonException(linker + " has not ended within " + LINK_MINUTES + " minutes.");
                }
            } finally {
                process.destroyForcibly();
            }
            if (process.exitValue() != 0) {
                throw new DragonException(
                        linker + " failed: " + lastLine(Files.readString(said, StandardCharsets.UTF_8)));
            }
        } finally {
            Files.deleteIfExists(said);
        }
    }

    private static String lastLine(final String text) {
        final List<String> lines = text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("WARNING"))
                .toList();
        return lines.isEmpty()
                ? "it does not say why."
                : lines.get(lines.size() - 1).strip();
    }

    /**
     * The newest minor version of the C library, 2.x, that any program or library below a folder asks for.
     *
     * @return 0 when none asks for any.
     */
    static int glibcMinor(final Path folder) throws IOException {
        int newest = 0;
        final List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file ->
                            file.toString().endsWith(".so") || file.getParent().endsWith("bin"))
                    .toList();
        }
        for (final Path file : files) {
            final Matcher found = GLIBC.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            while (found.find()) {
                newest = Math.max(newest, Integer.parseInt(found.group(1)));
            }
        }
        return newest;
    }
}
