package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** concurrency-tests/run with a Maven that only counts and a Java that does nothing. */
final class StressScriptTest {
    private static final long MINUTE_MS = 60_000;

    @TempDir
    Path root;

    private void script(final String name, final String text) throws IOException {
        final Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void edited(final String name, final long ms) throws IOException {
        Files.setLastModifiedTime(root.resolve(name), FileTime.fromMillis(ms));
    }

    /** How often it was built by now. */
    private int run() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(
                        root.resolve("concurrency-tests/run").toString(), "short")
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("said").toFile());
        builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        final Process process = builder.start();
        assertEquals(true, process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(root.resolve("said")));
        return Files.readAllLines(root.resolve("builds")).size();
    }

    @Test
    void shouldBuildAgainWhatWasEditedAndNothingElse() throws Exception {
        final Path here = Path.of("").toAbsolutePath();
        final Path real = Files.isDirectory(here.resolve("bin"))
                ? here.resolveSibling("concurrency-tests/run")
                : here.resolve("concurrency-tests/run");
        script("mvnw", "echo built >>builds; mkdir -p concurrency-tests/target/lib\n");
        script("jdk/bin/java", "exit 0\n");
        final long longAgo = System.currentTimeMillis() - MINUTE_MS;
        for (final String source :
                new String[] {"engine/src/A.java", "concurrency-tests/src/B.java", "engine/pom.xml", "pom.xml"}) {
            Files.createDirectories(root.resolve(source).getParent());
            Files.writeString(root.resolve(source), source);
            edited(source, longAgo);
        }
        for (final String folder : new String[] {"engine/src", "concurrency-tests/src"}) {
            edited(folder, longAgo);
        }
        Files.copy(real, root.resolve("concurrency-tests/run"), StandardCopyOption.COPY_ATTRIBUTES);

        assertEquals(1, run());
        assertEquals(1, run());
        edited("engine/src/A.java", System.currentTimeMillis() + MINUTE_MS);
        assertEquals(2, run());
        edited("engine/src/A.java", longAgo);
        assertEquals(2, run());
        edited("concurrency-tests/src", System.currentTimeMillis() + MINUTE_MS); // something in it was removed
        assertEquals(3, run());
    }
}
