package io.dragon.tools.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.device.GpuProbe;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bundle holds, and that it runs where there is neither Java nor a repository of jars nor anything else. */
final class BundleTest {
    private static final long MOST_BYTES = 60L << 20;
    private static final Path JDK = Path.of(System.getProperty("java.home"));

    /** Only code that Dragon never calls asks for these: annotations of compilers, databases in Jackson. */
    private static final Set<String> NOT_NEEDED = Set.of("java.compiler", "java.sql");

    @TempDir
    Path folder;

    /** What the tests run from, without what only tests need. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(
                        entry -> !entry.matches(
                                ".*(test-classes|-test|junit[^/]*|archunit[^/]*|opentest4j[^/]*|apiguardian[^/]*|surefire[^/]*)/?(\\.jar)?"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path home() {
        final Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("bin")) ? here : here.resolve("tools");
    }

    private record Run(int code, String out, String err) {}

    /** Runs a command with nothing in its environment but a folder with the three programs that scripts need. */
    private Run run(final Path program, final String... args) throws IOException, InterruptedException {
        final Path path = folder.resolve("path");
        if (!Files.isDirectory(path)) {
            Files.createDirectory(path);
            for (final String name : List.of("bash", "readlink", "dirname")) {
                final Path found = Stream.of(System.getenv("PATH").split(":"))
                        .map(at -> Path.of(at, name))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElseThrow();
                Files.createSymbolicLink(path.resolve(name), found);
            }
        }
        final Path out = folder.resolve("out.txt");
        final Path err = folder.resolve("err.txt");
        final List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        final ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path.toString());
        builder.environment().put("DRAGON_NATIVES", folder.resolve("natives").toString());
        builder.environment().put("DRAGON_DIR", folder.resolve("shared").toString());
        final Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), () -> String.join(" ", command) + " does not end");
        } finally {
            process.destroyForcibly();
        }
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    @Tag("long")
    void shouldRunWhereThereIsNoJava() throws Exception {
        final Path file = folder.resolve("dragon.tar.gz");
        final Bundle.Written written = new Bundle(home(), JDK, classPath(), "7.8.9").write(file);
        assertEquals(Files.size(file), written.bytes());
        assertTrue(written.bytes() < MOST_BYTES, () -> written.bytes() + " bytes");
        assertTrue(written.glibcMinor() > 0);
        final Process tar = new ProcessBuilder("tar", "-xzf", file.toString())
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertTrue(tar.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, tar.exitValue());
        final Path dragon = folder.resolve("dragon/bin/dragon");

        final Run version = run(dragon, "--version");
        assertEquals(0, version.code(), version.err());
        assertTrue(version.out().startsWith("dragon "), version.out());

        final Run demo = run(dragon, "demo", "--processes", "--cameras", "4", "--frame", "160x120", "--seconds", "2");
        assertEquals(0, demo.code(), () -> demo.out() + demo.err());

        final Run check = run(dragon, "gpu-check", "--seconds", "1");
        if (GpuProbe.look().gpus().isEmpty()) {
            assertEquals(1, check.code());
            assertTrue(check.err().startsWith("No GPU can be checked, because "), check.err());
        } else {
            assertTrue(check.code() == 0 || check.code() == 3, () -> check.out() + check.err());
        }

        final Run again = run(dragon, "bundle");
        assertEquals(1, again.code());
        assertTrue(again.err().startsWith("This is a bundle, and one is not made from another"), again.err());
    }

    @Test
    void shouldSayThatARuntimeIsNotEnough() throws Exception {
        final Bundle bundle = new Bundle(home(), folder, classPath(), "1");
        final DragonException ex =
                assertThrows(DragonException.class, () -> bundle.write(folder.resolve("none.tar.gz")));
        assertTrue(ex.getMessage().contains("only a runtime (there is no bin/jlink in it): point JAVA_HOME at a JDK"));
        assertEquals(1, ex.exitCode());
        assertFalse(Files.exists(folder.resolve("none.tar.gz")));
    }

    @Test
    void shouldHaveEveryModuleThatTheJarsNeed() {
        final StringWriter said = new StringWriter();
        final List<String> args = new ArrayList<>(
                List.of("--multi-release", "17", "--ignore-missing-deps", "--list-deps", "--class-path", classPath()));
        args.addAll(Jars.of(classPath(), "1").values().stream()
                .filter(path -> Files.isDirectory(path)
                        || !path.getFileName().toString().startsWith("jcuda-natives"))
                .map(Path::toString)
                .toList());
        final PrintWriter to = new PrintWriter(said, true);
        ToolProvider.findFirst("jdeps").orElseThrow().run(to, to, args.toArray(String[]::new));
        final Set<String> needed = new TreeSet<>();
        said.toString()
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("(java|jdk)\\.[a-z.]+(/.*)?"))
                .forEach(line -> needed.add(line.replaceAll("/.*", "")));
        assertTrue(needed.contains("java.base"), said.toString());
        needed.removeAll(RuntimeImage.MODULES);
        needed.removeAll(NOT_NEEDED);
        assertEquals(Set.of(), needed);
    }

    @Test
    void shouldGiveTheSameArchiveForTheSameContentWhateverItsTimesAndModes() throws Exception {
        final Path first = Files.createDirectories(folder.resolve("a"));
        final Path second = Files.createDirectories(folder.resolve("b"));
        for (final Path one : List.of(second, first)) {
            Files.writeString(one.resolve("script"), "#!/bin/sh\n");
            Files.setPosixFilePermissions(one.resolve("script"), PosixFilePermissions.fromString("rwx------"));
            Files.writeString(one.resolve("text"), "words");
            Files.setPosixFilePermissions(
                    one.resolve("text"), PosixFilePermissions.fromString(one == first ? "rw-------" : "rwxrwxrwx"));
            Files.setLastModifiedTime(one.resolve("text"), FileTime.fromMillis(one == first ? 1 : 2_000_000_000));
        }
        assertArrayEquals(archive(first), archive(second));
    }

    private byte[] archive(final Path from) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes)) {
            tar.folder("d");
            tar.file("d/script", from.resolve("script"));
            tar.file("d/text", from.resolve("text"));
            tar.link("d/link", "text");
            tar.file("d/" + "long-name/".repeat(15) + "end", "bytes".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void shouldBeReadByTar() throws Exception {
        final Path from = Files.createDirectories(folder.resolve("from"));
        Files.writeString(from.resolve("script"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(from.resolve("script"), PosixFilePermissions.fromString("rwx------"));
        Files.writeString(from.resolve("text"), "words");
        Files.write(folder.resolve("t.tar"), archive(from));
        final Process tar = new ProcessBuilder("tar", "-xf", "t.tar")
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertTrue(tar.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, tar.exitValue());
        final Path to = folder.resolve("d");
        assertEquals("words", Files.readString(to.resolve("link")));
        assertTrue(Files.isExecutable(to.resolve("script")));
        assertEquals("bytes", Files.readString(to.resolve("long-name/".repeat(15) + "end")));
        assertThrows(IOException.class, () -> {
            try (TarWriter writer = new TarWriter(new ByteArrayOutputStream())) {
                writer.folder("x".repeat(300));
            }
        });
    }

    @Test
    void shouldMakeJarsOfFoldersAndLeaveCompilersOut() throws Exception {
        final Path classes = Files.createDirectories(folder.resolve("tools/target/classes/a"));
        Files.writeString(classes.resolve("B.class"), "b");
        final Path natives = folder.resolve("jcuda-natives-1.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(natives))) {
            for (final String name : List.of("lib/libJNvPTXCompiler.so", "lib/libJCudaDriver.so", "lib/libJNvrtc.so")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        final var jars = Jars.of(
                folder.resolve("tools/target/classes") + File.pathSeparator + natives + File.pathSeparator
                        + "/no/such.jar",
                "1.2");
        assertEquals(Set.of("tools-1.2.jar", "jcuda-natives-1.jar"), jars.keySet());
        assertEquals(List.of("a/B.class"), names(Jars.make(jars.get("tools-1.2.jar"))));
        assertEquals(List.of("lib/libJCudaDriver.so"), names(Jars.make(jars.get("jcuda-natives-1.jar"))));
    }

    private List<String> names(final byte[] jar) throws IOException {
        final Path file = Files.write(folder.resolve("made.jar"), jar);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        }
    }
}
