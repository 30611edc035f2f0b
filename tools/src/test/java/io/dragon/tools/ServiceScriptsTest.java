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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** dragon-start and dragon-stop: with servers that only tell what they were asked, and once with real ones. */
@Timeout(180)
final class ServiceScriptsTest {
    /** Says that it is ready, then waits for its end; what a test wants of it is in files beside its record. */
    private static final String SERVER =
            """
            #!/usr/bin/env bash
            case $1 in
                config)
                    echo "dragon.dir=ROOT/shared"
                    echo "media_driver.directory=ROOT/shared/aeron"
                    echo "masters.directory=ROOT/a state"
                    if [[ "$*" == *localhost,localhost* ]]; then
                        echo "masters.members=localhost,localhost,localhost"
                    else
                        echo "masters.members=$(cat "ROOT/members")"
                    fi
                    exit 0 ;;
            esac
            echo "begin $*" >>"ROOT/record"
            trap 'echo "end $1" >>"ROOT/record"; exit 0' TERM
            [ ! -e "ROOT/stubborn" ] || trap '' TERM
            [ ! -e "ROOT/refuse-$1" ] || { echo "no: $1 cannot be"; exit "$(cat "ROOT/refuse-$1")"; }
            case $1 in
                media-driver)
                    echo "running in x"
                    [ ! -e "ROOT/chatty" ] || yes "a line of a log" | head -n 50000 ;;
                master)
                    [ ! -e "ROOT/together" ] || until [ "$(grep -c "begin master" "ROOT/record")" = 3 ]; do sleep 0.05; done
                    echo "running on x" ;;
                gpu-server) echo "Listening on localhost:9876" ;;
            esac
            while :; do sleep 0.05; done
            """;

    @TempDir
    Path temporary;

    private Path root;
    private Path bin;
    private Path run;

    @BeforeEach
    void copyTheScripts() throws IOException {
        root = Files.createDirectories(temporary.resolve("a root"));
        bin = Files.createDirectories(root.resolve("bin"));
        run = root.resolve("a state/run");
        final Path here = Path.of("").toAbsolutePath();
        final Path scripts = Files.isDirectory(here.resolve("bin")) ? here.resolve("bin") : here.resolve("tools/bin");
        try (Stream<Path> files = Files.list(scripts)) {
            for (final Path file : files.toList()) {
                Files.copy(file, bin.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        dragon(SERVER.replace("ROOT", root.toString()));
        Files.writeString(root.resolve("members"), "localhost");
    }

    private void dragon(final String text) throws IOException {
        Files.deleteIfExists(bin.resolve("dragon"));
        Files.writeString(bin.resolve("dragon"), text);
        Files.setPosixFilePermissions(bin.resolve("dragon"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void endWhatIsLeft() throws Exception {
        Files.deleteIfExists(root.resolve("stubborn"));
        script("dragon-stop", "--timeout", "5s");
        if (Files.isDirectory(run)) {
            try (Stream<Path> files = Files.list(run)) {
                assertEquals(
                        List.of("lock"),
                        files.map(file -> file.getFileName().toString()).toList());
            }
        }
    }

    private record Run(int code, String out, String err) {}

    private Run script(final String name, final String... args) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(bin.resolve(name).toString()));
        command.addAll(List.of(args));
        final Path out = Files.createTempFile(temporary, "out", "");
        final Path err = Files.createTempFile(temporary, "err", "");
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(variable -> variable.startsWith("DRAGON_"));
        final Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        assertTrue(process.waitFor(90, TimeUnit.SECONDS), name);
        return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private List<String> record() throws IOException {
        final Path record = root.resolve("record");
        return Files.exists(record) ? Files.readAllLines(record, StandardCharsets.UTF_8) : List.of();
    }

    private ProcessHandle process(final String file) throws IOException {
        final String text = Files.readString(run.resolve(file));
        return ProcessHandle.of(Long.parseLong(text.substring(0, text.indexOf(' '))))
                .orElseThrow();
    }

    private static void await(final String what, final BooleanSupplier condition) throws InterruptedException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, what);
            Thread.sleep(20);
        }
    }

    private boolean runsAnother(final String name, final ProcessHandle before) {
        try {
            return process(name + ".child").pid() != before.pid();
        } catch (final IOException | RuntimeException ex) {
            return false;
        }
    }

    @Test
    void shouldStartInOrderOnceAndStopInReverse() throws Exception {
        final Run first = script("dragon-start", "--set", "pools.slots=8");
        assertEquals(0, first.code(), first.toString());
        final Run second = script("dragon-start");
        assertEquals(0, second.code(), second.toString());
        assertTrue(second.out().contains("everything runs already"), second.toString());
        final Run stopped = script("dragon-stop");
        assertEquals(0, stopped.code(), stopped.toString());
        assertEquals(
                List.of(
                        "begin media-driver --set pools.slots=8",
                        "begin master --host-driver --with-gpu-server --member 0 --set pools.slots=8",
                        "begin gpu-server --set pools.slots=8",
                        "end gpu-server",
                        "end master",
                        "end media-driver"),
                record());
        assertTrue(script("dragon-stop").out().startsWith("nothing runs"));
    }

    @Test
    void shouldStartThreeMastersHereAndAskWhichWhereTheyAreOnSeveralHosts() throws Exception {
        final Run three = script("dragon-start", "--masters", "3", "--no-gpu-server");
        assertEquals(0, three.code(), three.toString());
        assertEquals(4, record().size());
        assertTrue(
                record().contains(
                                "begin master --host-driver --member 2 --set masters.members=localhost,localhost,localhost"),
                record().toString());
        assertEquals(0, script("dragon-stop").code());
        Files.writeString(root.resolve("members"), "a,b,c");
        final Run unclear = script("dragon-start");
        assertEquals(2, unclear.code());
        assertTrue(unclear.err().contains("several hosts (a,b,c)"), unclear.err());
        assertEquals(
                0, script("dragon-start", "--member", "1", "--no-gpu-server").code());
        assertEquals("begin master --host-driver --member 1", record().get(record().size() - 1));
    }

    @Test
    void shouldStartEveryMasterBeforeItWaitsForOne() throws Exception {
        Files.createFile(root.resolve("together")); // each is ready when it has seen the others
        final Run three = script("dragon-start", "--masters", "3", "--no-gpu-server", "--timeout", "20");
        assertEquals(0, three.code(), three.toString());
    }

    @Test
    void shouldSeeThatAServerIsReadyHoweverMuchItWritesAfterwards() throws Exception {
        Files.createFile(root.resolve("chatty"));
        final Run started = script("dragon-start", "--no-gpu-server", "--timeout", "10s");
        assertEquals(0, started.code(), started.toString());
    }

    @Test
    void shouldNotTakeAProcessThatHasNotEvenBegunForOneThatLives() throws Exception {
        Files.createDirectories(run);
        Files.writeString(run.resolve("master-0.child"), "4999999 \n");
        final long startNs = System.nanoTime();
        final Run stopped = script("dragon-stop");
        assertTrue(stopped.out().startsWith("nothing runs"), stopped.toString());
        assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(20), "nobody was waited for");
    }

    @Test
    void shouldStartAgainWhatFailsAndNotWhatEndsInOrder() throws Exception {
        assertEquals(0, script("dragon-start", "--no-gpu-server").code());
        final ProcessHandle driver = process("media-driver.child");
        driver.destroyForcibly();
        await("another media driver", () -> runsAnother("media-driver", driver));
        final ProcessHandle again = process("media-driver.child");
        again.destroyForcibly(); // at once once more: it is waited a second now
        await("yet another", () -> runsAnother("media-driver", again));
        final String log = Files.readString(root.resolve("a state/logs/media-driver.log"));
        assertTrue(log.contains("media-driver: has ended with code 137, is started again\n"), log);
        assertTrue(log.contains("media-driver: has ended with code 137, is started again in 1 s\n"), log);
        process("master-0.child").destroy();
        await("the end of the master's supervisor", () -> !Files.exists(run.resolve("master-0.pid")));
        assertEquals(0, script("dragon-start", "--no-gpu-server").code());
        assertTrue(Files.exists(run.resolve("master-0.pid")));
    }

    @Test
    void shouldSayWhyWhatCannotStartAndNotTryAWrongConfigurationAgain() throws Exception {
        Files.writeString(root.resolve("refuse-master"), "2");
        final Run refused = script("dragon-start");
        assertEquals(1, refused.code(), refused.toString());
        assertTrue(refused.err().contains("master-0 is not ready; the end of"), refused.err());
        assertTrue(refused.err().contains("no: master cannot be"), refused.err());
        assertFalse(Files.exists(run.resolve("master-0.pid")));
        Files.writeString(root.resolve("refuse-master"), "1");
        final Run failing = script("dragon-start", "--timeout", "2");
        assertEquals(4, failing.code(), failing.toString());
        assertTrue(failing.err().contains("It is tried again until dragon-stop ends it."), failing.err());
        assertTrue(Files.exists(run.resolve("master-0.pid")));
        assertEquals(2, script("dragon-start", "--masters", "2").code());
        assertEquals(2, script("dragon-start", "--nonsense").code());
        assertEquals(2, script("dragon-stop", "--timeout", "x").code());
    }

    @Test
    void shouldKillOnlyAfterTheDeadlineAndSaySo() throws Exception {
        Files.createFile(root.resolve("stubborn"));
        assertEquals(0, script("dragon-start", "--no-gpu-server").code());
        final ProcessHandle master = process("master-0.child");
        final ProcessHandle supervisor = process("master-0.pid");
        final Run stopped = script("dragon-stop", "--timeout", "1");
        assertEquals(0, stopped.code(), stopped.toString());
        assertTrue(
                stopped.err().contains("master-0 (process " + master.pid() + ") has not ended within 1 s: killed"),
                stopped.err());
        await("no process", () -> !master.isAlive() && !supervisor.isAlive());
    }

    @Test
    void shouldEndAServerThatHasLostItsSupervisorAndLeaveAStrangersProcessAlone() throws Exception {
        assertEquals(0, script("dragon-start", "--no-gpu-server").code());
        final ProcessHandle driver = process("media-driver.child");
        process("media-driver.pid").destroyForcibly();
        await("the supervisor's end", () -> {
            try {
                return !process("media-driver.pid").isAlive();
            } catch (final IOException | RuntimeException ex) {
                return true;
            }
        });
        assertTrue(driver.isAlive());
        final Run again = script("dragon-start", "--no-gpu-server");
        assertEquals(0, again.code(), again.toString());
        assertTrue(again.out().contains("has lost its supervisor: stopping it"), again.out());
        await("the end of the orphan", () -> !driver.isAlive());
        assertNotEquals(driver.pid(), process("media-driver.child").pid());
        assertEquals(0, script("dragon-stop").code());
        // the number of a process that has ended may be somebody else's by now: of this test
        Files.writeString(run.resolve("master-0.pid"), ProcessHandle.current().pid() + " 1\n");
        assertTrue(script("dragon-stop").out().startsWith("nothing runs"));
    }

    @Test
    void shouldStartSurviveAKilledDriverAndStopWithoutATraceOfRealServers() throws Exception {
        dragon("#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "'"
                + " --add-opens java.base/jdk.internal.misc=ALL-UNNAMED --add-opens java.base/java.util.zip=ALL-UNNAMED"
                + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '" + System.getProperty("java.class.path") + "' "
                + DragonMain.class.getName() + " \"$@\"\n");
        final Path shared = root.resolve("shared");
        run = root.resolve("real/run");
        final String[] options = {
            "--dir",
            shared.toString(),
            "--set",
            "masters.directory=" + root.resolve("real"),
            "--set",
            "masters.base_port=28300",
            "--set",
            "timeouts.profile=ci"
        };
        final List<String> start = new ArrayList<>(List.of(options));
        start.add("--no-gpu-server");
        final Run started = script("dragon-start", start.toArray(String[]::new));
        assertEquals(0, started.code(), started.toString());
        final ProcessHandle driver = process("media-driver.child");
        final ProcessHandle master = process("master-0.child");
        driver.destroyForcibly();
        final long killedNs = System.nanoTime();
        await("another driver", () -> runsAnother("media-driver", driver));
        await("another master", () -> runsAnother("master-0", master));
        final List<String> status = new ArrayList<>(List.of("status"));
        status.addAll(List.of(options));
        await("an answer", () -> CommandRun.of(status.toArray(String[]::new)).code() == 0);
        System.out.println("media driver under a supervisor killed: a master answers after "
                + (System.nanoTime() - killedNs) / 1_000_000 + " ms");
        final Run stopped = script("dragon-stop", options);
        assertEquals(0, stopped.code(), stopped.toString());
        assertEquals("", stopped.err());
        assertFalse(Files.exists(shared), "nothing is left in shared memory");
    }
}
