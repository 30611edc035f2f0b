package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts in bin/ with a Java that only tells how it was called. */
final class LauncherTest {
    private static final String TELL =
            """
            #!/bin/sh
            echo "umask $(umask)"
            echo "java $0"
            for word in "$@"; do echo "<$word>"; done
            echo "to fd 2" >&2
            """;

    @TempDir
    Path temporary;

    private Path root;
    private Path java;
    private Path distribution;

    @BeforeEach
    void makeADistribution() throws IOException {
        root = temporary.resolve("a folder with spaces");
        java = fakeJava("jdk 17", "17.0.15", "java.base jdk.incubator.vector");
        distribution = root.resolve("dragon 1");
        copyScripts(distribution.resolve("bin"));
        Files.createDirectories(distribution.resolve("lib"));
    }

    private static Path scripts() {
        final Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("bin")) ? here.resolve("bin") : here.resolve("tools/bin");
    }

    private static void copyScripts(final Path bin) throws IOException {
        Files.createDirectories(bin);
        try (Stream<Path> files = Files.list(scripts())) {
            for (final Path file : files.toList()) {
                Files.copy(file, bin.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private Path fakeJava(final String name, final String version, final String modules) throws IOException {
        final Path home = root.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        script(home.resolve("bin/java"), TELL);
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\nMODULES=\"" + modules + "\"\n");
        return home;
    }

    private static void script(final Path file, final String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Run(int code, List<String> out, List<String> err) {}

    private Run run(final Map<String, String> environment, final Path script, final String... args)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(args));
        final Path out = Files.createTempFile(temporary, "out", "");
        final Path err = Files.createTempFile(temporary, "err", "");
        final ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Files.createDirectories(root.resolve("elsewhere")).toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        builder.environment().put("JAVA_HOME", java.toString());
        builder.environment().putAll(environment);
        final Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        return new Run(
                process.exitValue(),
                Files.readAllLines(out, StandardCharsets.UTF_8),
                Files.readAllLines(err, StandardCharsets.UTF_8));
    }

    @Test
    void shouldRunFromAnywhereThroughLinksAndKeepArgumentsWhole() throws Exception {
        final Path link = Files.createSymbolicLink(root.resolve("link"), distribution.resolve("bin/dragon"));
        final Path linkToLink = Files.createSymbolicLink(root.resolve("link 2"), Path.of("link"));
        for (final Path script : List.of(distribution.resolve("bin/dragon"), link, linkToLink)) {
            final Run run = run(Map.of(), script, "status", "a b", "", "$x", "*");
            assertEquals(0, run.code(), run.err().toString());
            assertEquals("umask 0077", run.out().get(0));
            assertEquals("java " + java + "/bin/java", run.out().get(1));
            final int main = run.out().indexOf("<io.dragon.tools.DragonMain>");
            assertEquals(
                    List.of("<status>", "<a b>", "<>", "<$x>", "<*>"),
                    run.out().subList(main + 1, run.out().size()));
            assertEquals("<" + distribution + "/lib/*>", run.out().get(main - 1));
            assertTrue(run.out().contains("<java.base/jdk.internal.misc=ALL-UNNAMED>"));
            assertTrue(run.out().contains("<java.base/java.util.zip=ALL-UNNAMED>"));
            assertEquals(List.of("to fd 2"), run.err());
        }
    }

    @Test
    void shouldLeadAliasesToTheirCommands() throws Exception {
        final Map<String, String> aliases = Map.of(
                "dragon-media-driver", "media-driver",
                "dragon-master", "master",
                "dragon-worker", "worker",
                "dragon-gpu-server", "gpu-server",
                "dragon-analyze-tui", "analyze");
        for (final Map.Entry<String, String> alias : aliases.entrySet()) {
            final Path link = Files.createSymbolicLink(
                    root.resolve("to " + alias.getKey()),
                    distribution.resolve("bin").resolve(alias.getKey()));
            final Run run = run(Map.of(), link, "--x", "y z");
            assertEquals(0, run.code(), run.err().toString());
            final int main = run.out().indexOf("<io.dragon.tools.DragonMain>");
            assertEquals(
                    List.of("<" + alias.getValue() + ">", "<--x>", "<y z>"),
                    run.out().subList(main + 1, run.out().size()));
        }
    }

    @Test
    void shouldAddTheVectorModuleForCommandsThatComputeWhereTheJvmHasIt() throws Exception {
        final Run worker = run(Map.of(), distribution.resolve("bin/dragon"), "worker");
        assertTrue(worker.out().contains("<jdk.incubator.vector>"));
        assertEquals(List.of(), worker.err(), "descriptor 2 is silent until the program takes the real one");
        assertFalse(run(Map.of(), distribution.resolve("bin/dragon"), "status")
                .out()
                .contains("<jdk.incubator.vector>"));
        final Path plain = fakeJava("plain jdk", "21.0.1", "java.base");
        final Run without = run(Map.of("JAVA_HOME", plain.toString()), distribution.resolve("bin/dragon"), "worker");
        assertFalse(without.out().contains("<jdk.incubator.vector>"));
        assertEquals(List.of("to fd 2"), without.err());
        final Run own = run(Map.of("DRAGON_HEAP_OPTS", "-Xms1g -Xmx2g"), distribution.resolve("bin/dragon"), "worker");
        assertTrue(
                own.out().containsAll(List.of("<-Xms1g>", "<-Xmx2g>")),
                own.out().toString());
        assertEquals(List.of("to fd 2"), own.err(), "a wrong option of the user must be seen");
    }

    @Test
    void shouldRefuseAnOldOrMissingJavaInWords() throws Exception {
        final Path old = fakeJava("old", "11.0.2", "java.base");
        final Run tooOld = run(Map.of("JAVA_HOME", old.toString()), distribution.resolve("bin/dragon"), "status");
        assertEquals(2, tooOld.code());
        assertEquals(
                List.of("Dragon needs Java 17 or newer, but " + old
                        + "/bin/java is Java 11: point JAVA_HOME at a newer one."),
                tooOld.err());
        final Path eight = fakeJava("eight", "1.8.0_402", "");
        assertTrue(run(Map.of("JAVA_HOME", eight.toString()), distribution.resolve("bin/dragon"), "status")
                .err()
                .get(0)
                .contains("is Java 8:"));
        final Run none = run(Map.of("JAVA_HOME", "/no/such"), distribution.resolve("bin/dragon"), "status");
        assertEquals(2, none.code());
        assertEquals(
                List.of("JAVA_HOME is /no/such, but there is no bin/java in it: point it at a Java 17 or newer."),
                none.err());
    }

    @Test
    void shouldAskAJavaWithoutAReleaseFileForItsVersion() throws Exception {
        final Path home = fakeJava("no release", "17", "");
        Files.delete(home.resolve("release"));
        script(home.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"19.0.2\" 2023-01-17' >&2\n");
        assertEquals(
                0,
                run(Map.of("JAVA_HOME", home.toString()), distribution.resolve("bin/dragon"), "status")
                        .code());
    }

    @Test
    void shouldUseTheJavaThatABundleBringsAndTellOnlyTheBundlerWhereItIs() throws Exception {
        final Path runtime = fakeJava("dragon 1/runtime", "17.0.1", "java.base jdk.incubator.vector");
        for (final Map<String, String> environment :
                List.of(Map.of("JAVA_HOME", "/no/such"), Map.of("JAVA_HOME", java.toString()))) {
            final Run run = run(environment, distribution.resolve("bin/dragon"), "bundle");
            assertEquals(0, run.code(), run.err().toString());
            assertEquals("java " + runtime + "/bin/java", run.out().get(1));
            assertTrue(run.out().contains("<-Ddragon.home=" + distribution + ">"));
        }
        final Run worker = run(Map.of("JAVA_HOME", "/no/such"), distribution.resolve("bin/dragon"), "worker");
        assertTrue(worker.out().contains("<jdk.incubator.vector>"));
        assertFalse(worker.out().toString().contains("dragon.home"));
    }

    @Test
    void shouldBuildAFreshCheckoutOnceAndSaySo() throws Exception {
        final Path checkout = root.resolve("check out");
        copyScripts(checkout.resolve("tools/bin"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        script(
                checkout.resolve("mvnw"),
                """
                #!/bin/sh
                echo "built with $*"
                mkdir -p tools/target/lib tools/target/classes/io/dragon/tools
                touch tools/target/lib/engine-1.jar tools/target/lib/gpu-worker-1.jar tools/target/classes/io/dragon/tools/DragonMain.class
                """);
        final Run first = run(Map.of(), checkout.resolve("tools/bin/dragon-master"));
        assertEquals(0, first.code(), first.err().toString());
        assertEquals(
                List.of(
                        "Building Dragon once, which takes a minute or two (./mvnw -q -DskipTests package).",
                        "built with -q -B -ntp -DskipTests -pl tools -am package",
                        "to fd 2"),
                first.err());
        assertTrue(first.out().contains("<" + checkout + "/tools/target/classes:" + checkout + "/tools/target/lib/*>"));
        assertEquals(
                List.of("to fd 2"),
                run(Map.of(), checkout.resolve("tools/bin/dragon"), "status").err());
        Files.delete(checkout.resolve("tools/target/lib/engine-1.jar"));
        script(checkout.resolve("mvnw"), "#!/bin/sh\necho 'no compiler'\nexit 1\n");
        final Run broken = run(Map.of(), checkout.resolve("tools/bin/dragon"), "status");
        assertEquals(2, broken.code());
        assertEquals(List.of(), broken.out());
        assertEquals("no compiler", broken.err().get(1));
        assertTrue(broken.err().get(2).startsWith("The build failed: the lines above say why."));
    }

    @Test
    void shouldShareTheClassesOfItsJarsAndMakeThemAnewWhenAJarChanges() throws Exception {
        script(
                java.resolve("bin/java"),
                """
                #!/bin/sh
                case "$*" in *-Xshare:dump*)
                    for word in "$@"; do
                        case $word in -XX:SharedArchiveFile=*) echo classes >"${word#*=}" ;; esac
                    done ;;
                esac
                """
                        + TELL.substring(TELL.indexOf('\n') + 1));
        Files.createDirectories(java.resolve("lib/server"));
        Files.writeString(java.resolve("lib/server/libjvm.so"), "");
        Files.writeString(java.resolve("lib/classlist"), "");
        final Path jar = Files.writeString(distribution.resolve("lib/engine-1.jar"), "one");
        final Path cache = root.resolve("cache");
        final Map<String, String> environment = Map.of("XDG_CACHE_HOME", cache.toString());
        final Path script = distribution.resolve("bin/dragon");

        final Run first = run(environment, script, "status");
        assertEquals(List.of("to fd 2"), first.err());
        assertEquals(List.of(), sharing(first));
        final Path archive = awaitShared(environment, script);
        final Run second = run(environment, script, "status");
        assertEquals(
                List.of("<-Xshare:auto>", "<-XX:SharedArchiveFile=" + archive + ">", "<-Xlog:cds=off>"),
                sharing(second));
        assertTrue(second.out().contains("<" + jar + ">"), second.out().toString());

        Files.writeString(jar, "another");
        assertEquals(List.of(), sharing(run(environment, script, "status")));
        final Path next = awaitShared(environment, script);
        assertNotEquals(archive, next);
        assertFalse(Files.exists(archive), "nobody needs the old one");
        final Run nowhere = run(Map.of("XDG_CACHE_HOME", "/proc/no/such"), script, "status");
        assertEquals(List.of("to fd 2"), nowhere.err());
        assertEquals(List.of(), sharing(nowhere));
        assertEquals(
                List.of(),
                sharing(run(Map.of("XDG_CACHE_HOME", "../cache"), script, "status")),
                "where it is would depend on the folder that somebody is in");

        final Path sibling = root.resolve(distribution.getFileName() + ".2");
        copyScripts(sibling.resolve("bin"));
        Files.createDirectories(sibling.resolve("lib"));
        Files.writeString(sibling.resolve("lib/engine-1.jar"), "of another version");
        final Path siblings = awaitShared(environment, sibling.resolve("bin/dragon"));
        Files.writeString(jar, "a third one");
        awaitShared(environment, script);
        assertFalse(Files.exists(next));
        assertTrue(Files.exists(siblings), "that of an installation whose folder begins with the same name");

        Files.writeString(siblings, "");
        assertEquals(List.of(), sharing(run(environment, sibling.resolve("bin/dragon"), "status")));
        assertEquals(0, Files.size(siblings), "it could not be made: that is not tried at every start");
        Files.setLastModifiedTime(
                siblings, FileTime.fromMillis(System.currentTimeMillis() - TimeUnit.HOURS.toMillis(49)));
        assertEquals(siblings, awaitShared(environment, sibling.resolve("bin/dragon")));
    }

    private static List<String> sharing(final Run run) {
        return run.out().stream()
                .filter(line ->
                        line.startsWith("<-Xshare") || line.startsWith("<-XX:Shared") || line.startsWith("<-Xlog"))
                .toList();
    }

    /** The archive that calls get, which the first of them makes behind its command, or one that comes when no other is being made. */
    private Path awaitShared(final Map<String, String> environment, final Path script)
            throws IOException, InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - deadlineNs < 0) {
            for (final String flag : sharing(run(environment, script, "status"))) {
                if (flag.startsWith("<-XX:SharedArchiveFile=")) {
                    return Path.of(flag.substring(flag.indexOf('=') + 1, flag.length() - 1));
                }
            }
        }
        throw new AssertionError("no archive was made for " + script);
    }

    @Test
    void shouldRunTheClassesOfACheckoutWhereOneOfThemIsNewerThanTheJar() throws Exception {
        final Path checkout = root.resolve("check out");
        copyScripts(checkout.resolve("tools/bin"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        script(checkout.resolve("mvnw"), "#!/bin/sh\nexit 1\n");
        final Path target = checkout.resolve("tools/target");
        final Path classes = target.resolve("classes/io/dragon/tools");
        Files.createDirectories(classes);
        Files.createDirectories(target.resolve("lib"));
        Files.writeString(target.resolve("lib/engine-1.jar"), "");
        Files.writeString(target.resolve("lib/gpu-worker-1.jar"), "");
        final Path jar = Files.writeString(target.resolve("tools-1.jar"), "");
        final FileTime packaged = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(jar, packaged);
        for (final String name : List.of("DragonMain.class", "Other.class")) {
            Files.setLastModifiedTime(Files.writeString(classes.resolve(name), ""), packaged);
        }
        final Path script = checkout.resolve("tools/bin/dragon");
        final String jars = "<" + jar + ":" + target.resolve("lib/engine-1.jar") + ":"
                + target.resolve("lib/gpu-worker-1.jar") + ">";
        assertTrue(run(Map.of(), script, "status").out().contains(jars));
        Files.setLastModifiedTime(classes.resolve("Other.class"), FileTime.fromMillis(packaged.toMillis() + 1));
        assertTrue(run(Map.of(), script, "status")
                .out()
                .contains("<" + target.resolve("classes") + ":" + target.resolve("lib") + "/*>"));
    }

    @Test
    void shouldRunTheBenchmarksFromTheModuleThatTheyAre() throws Exception {
        final Run without = run(Map.of(), distribution.resolve("bin/dragon"), "bench", "ring");
        assertEquals(2, without.code());
        assertEquals(
                List.of(
                        "The benchmarks are not part of this distribution: run 'tools/bin/dragon bench' in a checkout of"
                                + " Dragon."),
                without.err());
        final Path checkout = root.resolve("check out");
        copyScripts(checkout.resolve("tools/bin"));
        Files.writeString(checkout.resolve("pom.xml"), "<project/>");
        script(
                checkout.resolve("mvnw"),
                """
                #!/bin/sh
                echo "built with $*"
                mkdir -p tools/target/lib tools/target/classes/io/dragon/tools
                touch tools/target/lib/engine-1.jar tools/target/lib/gpu-worker-1.jar tools/target/classes/io/dragon/tools/DragonMain.class
                case $* in *benchmarks*)
                    mkdir -p benchmarks/target/lib benchmarks/target/classes/io/dragon/benchmarks
                    touch benchmarks/target/lib/xchart-1.jar benchmarks/target/classes/io/dragon/benchmarks/Bench.class ;;
                esac
                """);
        final Run first = run(Map.of(), checkout.resolve("tools/bin/dragon"), "bench", "ring", "--check");
        assertEquals(0, first.code(), first.err().toString());
        assertTrue(first.err().contains("built with -q -B -ntp -DskipTests -pl benchmarks -am package"));
        final int main = first.out().indexOf("<io.dragon.benchmarks.Bench>");
        assertEquals(
                List.of("<ring>", "<--check>"),
                first.out().subList(main + 1, first.out().size()));
        assertEquals(
                "<" + checkout + "/benchmarks/target/classes:" + checkout + "/benchmarks/target/lib/*>",
                first.out().get(main - 1));
        assertTrue(first.out().contains("<-Ddragon.command=" + checkout + "/tools/bin/dragon>"));
        final Run second = run(Map.of(), checkout.resolve("tools/bin/dragon"), "bench", "list");
        assertEquals(List.of(), second.err(), "what the JVM says of incubating modules");
        assertTrue(
                second.out().containsAll(List.of("<-Xmx2g>", "<jdk.incubator.vector>")),
                second.out().toString());
        final Run own =
                run(Map.of("DRAGON_HEAP_OPTS", "-Xmx4g"), checkout.resolve("tools/bin/dragon"), "bench", "list");
        assertEquals(List.of("to fd 2"), own.err());
        assertFalse(own.out().contains("<-Xmx2g>"));
    }
}
