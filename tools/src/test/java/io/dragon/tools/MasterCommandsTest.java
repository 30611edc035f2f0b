package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.cluster.CommandPulse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.IoUtil;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Several masters as a user sees them, from a folder in which none of them is. */
final class MasterCommandsTest {
    private static final Pattern TAKEN = Pattern.compile("snapshot taken at position (\\d+) of the log\\R");

    /** The promise is a second; a machine that does other things too is given more. */
    private static final long DEAD_MS = 5_000;

    @Test
    void shouldShowEveryMasterAndTakeSnapshotsFromAnywhere() throws IOException {
        final Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "dragon-elsewhere-");
        try (Masters masters = new Masters(3, "ci", "").start()) {
            masters.awaitWhole();
            final String[] here = {"--config", masters.file.toString(), "--dir", elsewhere.toString()};
            final long first = snapshot(here);
            assertTrue(snapshot(here) > first, "the log goes on");
            masters.await("the masters", () -> alive(here) == 3);
            assertEquals(
                    3,
                    alive(new String[] {"--dir", masters.shared().toString()}),
                    "a command that is told nothing finds the masters of its host");
            final int leader = masters.awaitLeader();
            assertEquals(leader, status(here).get("leader").get("id").asInt());
            final int other = (leader + 1) % 3;
            try (ClusterAccess access = ClusterAccess.connect(masters.config(), Duration.ofSeconds(20))) {
                masters.process(other).kill();
                final long killedNs = System.nanoTime();
                masters.await("the dead one", () -> state(access, other) == WorkerState.DEAD);
                final long deadMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNs);
                System.out.println("a killed master shown as dead after " + deadMs + " ms");
                assertTrue(deadMs < DEAD_MS, deadMs + " ms");
                masters.start(other);
                masters.await("it to be back", () -> state(access, other) == WorkerState.ALIVE);
            }
            masters.awaitWhole();

            masters.process(other).kill();
            masters.process(leader).kill();
            final CommandRun alone = run(here, "snapshot", "--timeout", "2s");
            assertEquals(ExitCode.TIMED_OUT, alone.code(), alone.toString());
        } finally {
            IoUtil.delete(elsewhere.toFile(), true);
        }
    }

    @Test
    void shouldGoOnWhenTwoOfFiveAreKilledTheLeaderAmongThem() throws IOException {
        try (Masters masters = new Masters(5, "ci", "").start()) {
            masters.awaitWhole();
            try (CommandPulse pulse = masters.pulse(200)) {
                final int leader = masters.awaitLeader();
                final int other = (leader + 1) % 5;
                masters.process(other).kill();
                masters.process(leader).kill();
                pulse.mark();
                masters.await("a command on the new leader", () -> pulse.silenceNs() >= 0);
                System.out.printf(
                        Locale.ROOT, "two of five killed: sequenced again after %.0f ms%n", pulse.silenceNs() / 1e6);
                masters.start(leader);
                masters.start(other);
                masters.awaitWhole();
                final long before = pulse.sequenced();
                masters.await("commands with all five", () -> pulse.sequenced() > before + 200);
                assertEquals(1, pulse.registrations(), "its session went over to the new leader: " + pulse.state());
            }
        }
    }

    private static long snapshot(final String[] here) {
        final CommandRun run = run(here, "snapshot", "--timeout", "20s");
        assertEquals(ExitCode.OK, run.code(), run.toString());
        final Matcher taken = TAKEN.matcher(run.out());
        assertTrue(taken.matches(), run.out());
        return Long.parseLong(taken.group(1));
    }

    private static WorkerState state(final ClusterAccess access, final int member) {
        for (final ClusterStatus.Master master : access.client().status().masters()) {
            if (master.memberId() == member) {
                return master.state();
            }
        }
        return null;
    }

    private static JsonNode status(final String[] here) {
        final CommandRun run = run(here, "status", "--json", "-");
        return run.code() == ExitCode.OK ? JsonOutput.parse(run.out()) : null;
    }

    private static int alive(final String[] here) {
        final JsonNode status = status(here);
        int alive = 0;
        for (final JsonNode master : status == null ? JsonOutput.object() : status.get("masters")) {
            alive += master.get("state").asString().equals("alive") ? 1 : 0;
        }
        return alive;
    }

    private static CommandRun run(final String[] here, final String... args) {
        final String[] all = Arrays.copyOf(args, args.length + here.length);
        System.arraycopy(here, 0, all, args.length, here.length);
        return CommandRun.of(all);
    }
}
