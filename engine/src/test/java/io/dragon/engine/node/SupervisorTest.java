package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SupervisorTest {
    private static final long MS = 1_000_000;
    private static final long S = 1_000_000_000;

    @TempDir
    Path folder;

    private final List<FakeProcess> started = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final RecordingLine line = new RecordingLine();
    private final NodeReports reports = new NodeReports();
    private long nowNs = 17 * S;
    private int incarnation;
    private boolean isUnstartable;
    private DragonDirectory directory;
    private Supervisor supervisor;

    private final class FakeProcess implements WorkerProcess {
        private final long pid = 1_000 + started.size();
        private boolean isAlive = true;
        private boolean isTerminated;
        private boolean isKilled;
        private long endedNs;
        private int exitCode;
        private String lastWords = "";

        private void end(final int code, final String words) {
            isAlive = false;
            endedNs = nowNs;
            exitCode = code;
            lastWords = words;
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public boolean isAlive() {
            return isAlive;
        }

        @Override
        public long endedNs() {
            return endedNs;
        }

        @Override
        public int exitCode() {
            return exitCode;
        }

        @Override
        public String lastWords() {
            return lastWords;
        }

        @Override
        public void terminate() {
            isTerminated = true;
        }

        @Override
        public void kill() {
            isKilled = true;
        }
    }

    @BeforeEach
    void before() {
        directory = DragonDirectory.of(folder.resolve("dragon")).create();
    }

    private void supervise(final RestartRule rule, final String... names) {
        final Supervisor.Context context = new Supervisor.Context()
                .directory(directory)
                .restartRule(rule)
                .stopTimeoutNs(10 * S)
                .log(log::add)
                .launcher(name -> {
                    if (isUnstartable) {
                        throw new IOException("no such file");
                    }
                    started.add(new FakeProcess());
                    return started.get(started.size() - 1);
                });
        for (final String name : names) {
            context.worker(name);
        }
        supervisor = new Supervisor(context, reports, nowNs);
    }

    private FakeProcess last() {
        return started.get(started.size() - 1);
    }

    private void work() {
        supervisor.doWork(nowNs);
        reports.send(line);
    }

    private void advance(final long ns) {
        nowNs += ns;
        work();
    }

    private void register(final String name, final int partyId) throws IOException {
        final Path lock = directory.workerLock(name);
        new PartyCard(partyId, ++incarnation).write(lock);
        // as written at another moment than the one before, however coarse the file system's clock
        Files.setLastModifiedTime(PartyCard.beside(lock), FileTime.fromMillis(1_000_000L + incarnation));
        advance(30 * MS);
    }

    private String lastReport() {
        return line.workers.get(line.workers.size() - 1);
    }

    /** Ends its process at once and counts the milliseconds until the next one is started. */
    private long millisUntilRestart() {
        final int before = started.size();
        last().end(1, "no");
        work();
        long millis = 0;
        while (started.size() == before) {
            advance(MS);
            millis++;
        }
        return millis;
    }

    @Test
    void shouldStartEachWorkerAndTellWhatBecomesOfIt() throws IOException {
        supervise(RestartRule.DEFAULT, "h-cpu-0", "h-cpu-1");
        work();
        assertEquals(2, started.size());
        assertEquals(
                List.of(
                        "STARTING restarts=0 waitMs=0 pid=1000 h-cpu-0: started, not registered yet",
                        "STARTING restarts=0 waitMs=0 pid=1001 h-cpu-1: started, not registered yet"),
                line.workers,
                "only the last state of each counts");
        register("h-cpu-1", 7);
        assertEquals("RUNNING restarts=0 waitMs=0 pid=1001 h-cpu-1: registered", lastReport());
        assertEquals(1, supervisor.running());
        assertEquals(3, line.workers.size());
        assertTrue(line.incidents.isEmpty());
    }

    @Test
    void shouldTellEveryIncarnationOfTheNodeOfAWorkerThatIsMissing() {
        supervisor = new Supervisor(
                new Supervisor.Context()
                        .directory(directory)
                        .launcher(name -> {
                            throw new IOException("nobody is to be started");
                        })
                        .missing("h-gpu", "the driver hangs"),
                reports,
                nowNs);
        final String told = "GIVEN_UP restarts=0 waitMs=0 pid=0 h-gpu: the driver hangs";
        work();
        assertEquals(List.of(told), line.workers);
        advance(S);
        assertEquals(1, line.workers.size());
        reports.onRegistered(line);
        work();
        assertEquals(List.of(told, told), line.workers);
        supervisor.stop(nowNs);
        assertTrue(supervisor.isStopped());
        assertEquals(0, supervisor.size());
    }

    @Test
    void shouldRestartAtOnceAndTellWhyItEnded() throws IOException {
        supervise(RestartRule.DEFAULT, "w");
        work();
        register("w", 7);
        nowNs += 90 * S;
        last().end(137, "irrelevant");
        nowNs += 4 * MS;
        work();
        assertEquals(1, supervisor.ends());
        work();
        assertEquals(2, started.size());
        assertEquals(
                List.of("WORKER_RESTARTED PROCESS_ENDED 7 4 ms w: started again; ended after 90 s: killed by SIGKILL"),
                line.incidents);
        register("w", 7);
        assertEquals(
                "RUNNING restarts=1 waitMs=0 pid=1001 w: registered; the one before it: ended after 90 s: killed by SIGKILL",
                lastReport());
    }

    @Test
    void shouldNotTakeTheCardOfThePreviousOneForARegistration() throws IOException {
        register();
        supervise(RestartRule.DEFAULT, "w");
        work();
        advance(S);
        assertEquals(0, supervisor.running());
        register("w", 7);
        assertEquals(1, supervisor.running());
        last().end(1, "no");
        work();
        work();
        assertEquals(2, started.size());
        advance(S);
        assertEquals(0, supervisor.running());
    }

    private void register() throws IOException {
        new PartyCard(7, 1).write(directory.workerLock("w"));
    }

    @Test
    void shouldBackOffOnTheScheduleAndGiveUpWhatNeverLivesLong() {
        supervise(new RestartRule(7, 60 * S, 600 * S), "w");
        work();
        final List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waits.add(millisUntilRestart());
        }
        assertEquals(List.of(0L, 1_000L, 2_000L, 4_000L, 8_000L, 30_000L, 30_000L, 600_000L), rounded(waits));
        assertEquals(7 + 2, line.incidents.size());
        assertTrue(
                line.incidents
                        .get(7)
                        .startsWith(
                                "WORKER_GIVEN_UP PROCESS_ENDED 0 0 ms w: given up for 10 min; ended after 0 ms: exit code 1: no"),
                line.incidents.get(7));
        assertTrue(line.workers.stream()
                .anyMatch(each -> each.startsWith(
                        "GIVEN_UP restarts=7 waitMs=600000 pid=0 w: ended after 0 ms: exit code 1: no")));
        assertEquals(600_000L, millisUntilRestart() / 10 * 10, "one chance, not the whole schedule again");
    }

    private static List<Long> rounded(final List<Long> waits) {
        return waits.stream().map(each -> each / 10 * 10).toList();
    }

    @Test
    void shouldBeginTheScheduleAnewAfterALongLife() {
        supervise(new RestartRule(2, 60 * S, 600 * S), "w");
        work();
        assertEquals(0, millisUntilRestart() / 10);
        assertEquals(1_000, millisUntilRestart() / 10 * 10);
        nowNs += 60 * S;
        assertEquals(0, millisUntilRestart() / 10, "it lived for long");
        assertEquals(1_000, millisUntilRestart() / 10 * 10);
        assertEquals(600_000, millisUntilRestart() / 10 * 10);
    }

    @Test
    void shouldNotRestartAtAllWhereNoneIsAllowed() {
        supervise(new RestartRule(0, 60 * S, 600 * S), "w");
        work();
        last().end(0, "");
        advance(MS);
        assertEquals("GIVEN_UP restarts=0 waitMs=600000 pid=0 w: ended after 0 ms: exit code 0", lastReport());
    }

    @Test
    void shouldTreatAProcessThatCannotBeStartedAsOneThatEnded() {
        isUnstartable = true;
        supervise(RestartRule.DEFAULT, "w");
        work();
        assertEquals("BACKING_OFF restarts=0 waitMs=0 pid=0 w: cannot be started: no such file", lastReport());
        isUnstartable = false;
        advance(MS);
        assertEquals(1, started.size());
    }

    @Test
    void shouldKillTheHungIncarnationAndNoOther() throws IOException {
        supervise(RestartRule.DEFAULT, "w");
        work();
        register("w", 7);
        final FakeProcess hung = last();
        assertFalse(supervisor.kill(7, incarnation, 999, 20_000), "another process");
        assertTrue(supervisor.kill(7, incarnation - 1, hung.pid, 20_000));
        assertTrue(supervisor.kill(8, incarnation, hung.pid, 20_000));
        assertFalse(hung.isKilled, "another party, another incarnation");
        assertTrue(supervisor.kill(7, incarnation, hung.pid, 20_000));
        assertTrue(supervisor.kill(7, incarnation, hung.pid, 20_000), "told again");
        assertTrue(hung.isKilled);
        hung.end(137, "");
        work();
        work();
        assertEquals(
                List.of(
                        "WORKER_KILLED HANG_KILL_AFTER 7 20000 ms w: process 1000 hung for 20 s and is killed",
                        "WORKER_RESTARTED PROCESS_ENDED 7 0 ms w: started again; ended after 30 ms: it hung and was killed"),
                line.incidents);
        assertEquals(2, started.size());
        assertFalse(supervisor.kill(7, incarnation, hung.pid, 20_000), "it is gone");
        assertFalse(last().isKilled);
    }

    @Test
    void shouldWaitForWhoeverHasTheName() {
        final LivenessLock lock = LivenessLock.acquire(directory.workerLock("w"));
        supervise(RestartRule.DEFAULT, "w");
        work();
        advance(S);
        advance(S);
        assertTrue(started.isEmpty());
        assertEquals(
                List.of("BACKING_OFF restarts=0 waitMs=200 pid=0 w: waits for the end of process "
                        + ProcessHandle.current().pid() + ", which has this name"),
                line.workers,
                "told once");
        lock.close();
        advance(S);
        assertEquals(1, started.size());
        assertTrue(line.incidents.isEmpty(), "nothing was restarted");
    }

    @Test
    @SuppressWarnings("try")
    void shouldKillWhatAnEarlierSupervisorLeftUnderANameOfItsOwn() throws Exception {
        final Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        final Process orphan = sleeper(gone.pid());
        final Process other = sleeper(ProcessHandle.current().pid());
        try (LivenessLock lock = LivenessLock.acquire(directory.workerLock("w"))) {
            new PartyCard(7, 1).write(directory.workerLock("w"));
            supervise(RestartRule.DEFAULT, "w");
            work();
            assertFalse(supervisor.kill(7, 1, other.pid(), 20_000), "its supervisor lives");
            assertFalse(supervisor.kill(7, 2, orphan.pid(), 20_000), "another incarnation");
            assertFalse(supervisor.kill(7, 1, ProcessHandle.current().pid(), 20_000), "started by hand");
            assertFalse(supervisor.kill(7, 1, orphan.pid(), 20_000), "it does not hold the lock of that name");
            Files.writeString(directory.workerLock("w"), orphan.pid() + "\n");
            assertTrue(supervisor.kill(7, 1, orphan.pid(), 20_000));
            assertTrue(orphan.waitFor(30, TimeUnit.SECONDS));
            assertTrue(other.isAlive());
            work();
            assertEquals(1, line.incidents.size());
        } finally {
            orphan.destroyForcibly();
            other.destroyForcibly();
        }
    }

    private static Process sleeper(final long supervisorPid) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder("sleep", "120");
        builder.environment().put("DRAGON_PARENT_PID", Long.toString(supervisorPid));
        builder.environment().put("DRAGON_PARENT_PIPE", "1");
        return builder.start();
    }

    @Test
    void shouldEndAllInOrderAndKillWhoTakesTooLong() throws IOException {
        supervise(RestartRule.DEFAULT, "a", "b", "c");
        work();
        register("a", 1);
        started.get(2).end(1, "no");
        work();
        advance(MS); // the third has been started again
        started.get(3).end(1, "no");
        work(); // and waits for 1 s
        supervisor.stop(nowNs);
        assertTrue(started.get(0).isTerminated && started.get(1).isTerminated);
        assertFalse(supervisor.isStopped());
        started.get(0).end(0, "");
        advance(9 * S);
        assertFalse(started.get(1).isKilled);
        assertFalse(supervisor.isStopped());
        advance(S);
        assertTrue(started.get(1).isKilled);
        started.get(1).end(137, "");
        advance(MS);
        assertTrue(supervisor.isStopped());
        advance(60 * S);
        assertEquals(4, started.size(), "nobody is started again");
        assertEquals(
                3,
                line.workers.stream().filter(each -> each.startsWith("STOPPED")).count());
    }

    @Test
    void shouldRefuseTwoWorkersOfOneName() {
        assertThrows(DragonException.class, () -> supervise(RestartRule.DEFAULT, "w", "w"));
        assertThrows(DragonException.class, () -> new RestartRule(-1, 1, 1));
    }

    @Test
    void shouldTellAgainWhatAnEarlierIncarnationOfTheNodeDidNotGetThrough() {
        line.room = 1;
        reports.worker("w", io.dragon.codecs.control.SupervisedState.RUNNING, 0, 0, 5, "x");
        for (int i = 1; i <= 3; i++) {
            reports.incident(IncidentKind.WORKER_RESTARTED, IncidentRule.PROCESS_ENDED, i, -1, "i" + i);
        }
        assertEquals(1, reports.send(line));
        line.room = 1;
        assertEquals(1, reports.send(line));
        line.acknowledged = 1; // the second is lost with its incarnation
        reports.onRegistered(line);
        line.incidents.clear();
        line.room = Integer.MAX_VALUE;
        reports.send(line);
        assertEquals(2, line.incidents.size());
        assertTrue(line.incidents.get(0).endsWith("i2"));
        assertEquals(1, line.workers.size());
        assertFalse(reports.isTold());
        line.acknowledged = line.seq;
        reports.send(line);
        assertTrue(reports.isTold());
        reports.onRegistered(line);
        reports.send(line);
        assertEquals(2, line.workers.size(), "the state of the workers is told to every incarnation");
        for (int i = 0; i < 2 * NodeReports.MAX_INCIDENTS; i++) {
            reports.incident(IncidentKind.WORKER_RESTARTED, IncidentRule.PROCESS_ENDED, i, -1, "more");
        }
        assertEquals(NodeReports.MAX_INCIDENTS, reports.send(line), "bounded");
    }

    /** A master's agent that left the office to a node agent, and took it again, forgot what it had not told before. */
    @Test
    void shouldTellAgainWhatOnlyTheNumbersOfAnotherOfItsNameSeemToAcknowledge() {
        line.incarnation = 3;
        reports.onRegistered(line);
        reports.incident(IncidentKind.WORKER_RESTARTED, IncidentRule.PROCESS_ENDED, 1, -1, "one");
        reports.incident(IncidentKind.WORKER_RESTARTED, IncidentRule.PROCESS_ENDED, 2, -1, "two");
        assertEquals(2, reports.send(line));
        line.incidents.clear();
        line.incarnation = 5; // the fourth was another process, which has sent nine commands
        line.acknowledged = 9;
        line.seq = 9;
        reports.onRegistered(line);
        reports.send(line);
        assertEquals(2, line.incidents.size(), "who knows whether the masters had them");
        line.incidents.clear();
        line.acknowledged = 10;
        line.incarnation = 6;
        reports.onRegistered(line);
        reports.send(line);
        assertEquals(1, line.incidents.size(), "nobody else came between");
        assertTrue(line.incidents.get(0).endsWith("two"));
    }

    @Test
    void shouldSayHowAProcessEnded() {
        assertEquals("exit code 2: no such file", EndOfProcess.words(2, " no such file\n"));
        assertEquals("exit code 0", EndOfProcess.words(0, ""));
        assertEquals("killed by SIGSEGV", EndOfProcess.words(139, "x"));
        assertEquals("killed by signal 64", EndOfProcess.words(192, "x"));
        assertEquals("exit code 255", EndOfProcess.words(255, ""));
        assertEquals("350 ms", EndOfProcess.span(350 * MS));
        assertEquals("119 s", EndOfProcess.span(119 * S));
        assertEquals("3 min", EndOfProcess.span(TimeUnit.MINUTES.toNanos(3)));
        final String cut = EndOfProcess.cut("é".repeat(100));
        assertTrue(cut.getBytes(StandardCharsets.UTF_8).length <= EndOfProcess.MAX_BYTES);
        assertTrue(cut.endsWith("é…"));
        assertEquals("short", EndOfProcess.cut("short"));
    }
}
