package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The host's media driver killed and stopped under load, and a client stopped for longer than its session lives: workers, a client and
 * a camera are processes, and every accepted task and frame has its one result.
 */
@Tag("long")
@Timeout(240)
class DriverAwayTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final String NO_INGRESS = "-";

    /** Longer than sessions live (3 s), and than a driver and its clients wait for each other (5 s). */
    private static final int LONG_S = 8;

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private final List<Process> members = new ArrayList<>();
    private DragonDirectory directory;
    private String driver;
    private String ingress = NO_INGRESS;
    private int port;
    private int started;

    @BeforeEach
    void prepare() throws IOException {
        directory = DragonDirectory.of(Files.createTempDirectory(Path.of("/dev/shm"), "dragon-driver-"))
                .create();
        driver = directory.aeron().toString();
        port = freePort();
    }

    @AfterEach
    void stop() throws Exception {
        for (final Process process : processes) {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
        IoUtil.delete(directory.path().toFile(), true);
    }

    @Test
    void shouldLoseNothingWhenTheDriverOfASingleMasterIsKilled() throws Exception {
        final Process first = startDriver();
        final Process master = startMaster();
        final Load load = startLoad(600, 2);
        load.awaitDone(100);
        final long killedNs = System.nanoTime();
        kill(first);
        assertTrue(master.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS), "it cannot live without");
        assertEquals(3, master.exitValue(), "as its termination hook says");
        final long endedMs = millis(killedNs, System.nanoTime());
        startDriver();
        startMaster();
        load.awaitSum();
        load.print("driver of a single master killed (master ended after " + endedMs + " ms)", killedNs);
    }

    @Test
    void shouldLoseNothingWhenTheDriverIsKilledBesideThreeMastersOnTheirOwn() throws Exception {
        final Process first = startDriver();
        startThreeMasters();
        final Load load = startLoad(600, 2);
        load.awaitDone(100);
        final long killedNs = System.nanoTime();
        kill(first);
        final Process second = startDriver();
        load.awaitDone(300);
        kill(second); // once more, before all is forgotten
        startDriver();
        load.awaitSum();
        load.print("driver killed twice, three masters on their own", killedNs);
    }

    @Test
    void shouldLoseNothingWhenTheDriverIsStoppedForLessAndForMoreThanItsClientsWaitForIt() throws Exception {
        final Process stopped = startDriver();
        startThreeMasters();
        final Load load = startLoad(500, 20); // so that there is always something under way
        final long beganNs = System.nanoTime();
        for (final int seconds : new int[] {1, 3, LONG_S}) {
            load.awaitNext();
            signal("STOP", stopped);
            pause(seconds);
            signal("CONT", stopped);
            final long continuedNs = System.nanoTime();
            load.awaitNext();
            System.out.println("driver stopped for " + seconds + " s: results again "
                    + millis(continuedNs, System.nanoTime()) + " ms after it went on");
        }
        load.awaitSum();
        load.print("driver stopped three times, from the beginning", beganNs);
    }

    @Test
    void shouldLoseNothingWhenAClientIsStoppedForLongerThanItsSessionLives() throws Exception {
        startDriver();
        startMaster();
        final Load load = startLoad(700, 17); // the camera works on while the client stands still
        load.awaitDone(100);
        final long stoppedNs = System.nanoTime();
        signal("STOP", load.client);
        pause(LONG_S);
        signal("CONT", load.client);
        final long continuedNs = System.nanoTime();
        load.awaitSum();
        load.print("client stopped for " + LONG_S + " s, its session lives for 3 s", stoppedNs);
        System.out.println("  all done " + millis(continuedNs, System.nanoTime()) + " ms after it went on");
        assertFalse(Tests.read(load.cameraLog).contains("LOST"), "nobody else noticed");
    }

    @Test
    void shouldLoseNothingWhenTheLeaderIsKilledWhileAClientIsStoppedForLongerThanItsSessionLives() throws Exception {
        startDriver();
        startThreeMasters();
        final Load load = startLoad(600, 3);
        load.awaitDone(100);
        final long stoppedNs = System.nanoTime();
        signal("STOP", load.client);
        kill(members.get(leader()));
        pause(LONG_S);
        signal("CONT", load.client);
        final long continuedNs = System.nanoTime();
        load.awaitSum();
        load.print("client stopped for " + LONG_S + " s, the leader killed meanwhile", stoppedNs);
        System.out.println("  all done " + millis(continuedNs, System.nanoTime()) + " ms after it went on");
    }

    /** The number of the one of three masters that said last of all that it leads. */
    private int leader() {
        final int[] leader = {-1};
        Tests.await(
                () -> {
                    for (int member = 0; member < 3; member++) {
                        final String log = Tests.read(folder.resolve("member-" + member + ".log"));
                        final int last = log.lastIndexOf("STATE ");
                        if (last >= 0 && log.startsWith("STATE leads", last)) {
                            leader[0] = member;
                        }
                    }
                    return leader[0] >= 0;
                },
                TIMEOUT,
                () -> "a leader");
        return leader[0];
    }

    private static void pause(final int seconds) throws InterruptedException {
        TimeUnit.SECONDS.sleep(seconds); // the fault itself, not a wait for something
    }

    private final class Load {
        private final Process client;
        private final Path clientLog = folder.resolve("client.log");
        private final Path cameraLog = folder.resolve("camera.log");
        private final List<Process> workers = new ArrayList<>();

        private Load(final int count, final int pauseMs) throws IOException {
            for (final String name : List.of("worker-1", "worker-2")) {
                final Path log = folder.resolve(name + ".log");
                workers.add(
                        ingress.equals(NO_INGRESS)
                                ? java(
                                        WorkerProcess.class,
                                        log,
                                        directory.path().toString(),
                                        driver,
                                        name)
                                : java(
                                        WorkerProcess.class,
                                        log,
                                        directory.path().toString(),
                                        driver,
                                        name,
                                        ingress));
            }
            for (final String name : List.of("worker-1", "worker-2")) {
                awaitLine(folder.resolve(name + ".log"), "ready");
            }
            client = load("tasks", clientLog, count, pauseMs);
            load("camera", cameraLog, count / 2, 2 * pauseMs);
            awaitLine(clientLog, "ready");
            awaitLine(cameraLog, "ready");
        }

        private Process load(final String what, final Path log, final int count, final int pauseMs) throws IOException {
            return java(
                    LoadProcess.class,
                    log,
                    directory.path().toString(),
                    driver,
                    ingress,
                    Integer.toString(count),
                    Integer.toString(pauseMs),
                    what);
        }

        private void awaitDone(final int tasks) {
            awaitLine(clientLog, "DONE " + tasks);
        }

        /** Waits for so many more results that some of them were under way now. */
        private void awaitNext() {
            final long done = progress();
            Tests.await(() -> progress() > done, TIMEOUT, () -> Tests.read(clientLog));
        }

        private long progress() {
            return Tests.read(clientLog)
                    .lines()
                    .filter(line -> line.startsWith("DONE"))
                    .count();
        }

        private void awaitSum() {
            for (final Path log : List.of(clientLog, cameraLog)) {
                Tests.await(
                        () -> Tests.read(log).contains("ENDED"),
                        TIMEOUT,
                        () -> Tests.read(log) + Tests.read(folder.resolve("worker-1.log")));
            }
            for (final Path log : List.of(clientLog, cameraLog)) {
                assertTrue(
                        Tests.read(log).contains(" lost 0 duplicated 0 failed 0")
                                && Tests.read(log).contains("RESTS 0"),
                        () -> Tests.read(log));
            }
            workers.forEach(worker -> assertTrue(worker.isAlive(), "no worker ends with the driver"));
        }

        private void print(final String fault, final long faultNs) {
            for (final Path log : List.of(clientLog, cameraLog)) {
                final StringBuilder text = new StringBuilder(fault).append(": ");
                for (final String line : Tests.read(log).lines().toList()) {
                    final String[] words = line.split(" ");
                    if (line.startsWith("LOST") || line.startsWith("BACK") || line.startsWith("FIRST")) {
                        text.append(words[0].toLowerCase(java.util.Locale.ROOT))
                                .append(" after ")
                                .append(millis(faultNs, Long.parseLong(words[1])))
                                .append(" ms, ");
                    } else if (line.startsWith("SUM")) {
                        text.append(line.substring(4));
                    }
                }
                System.out.println(text);
            }
        }
    }

    private Load startLoad(final int count, final int pauseMs) throws IOException {
        return new Load(count, pauseMs);
    }

    private Process startDriver() throws IOException {
        final Path log = folder.resolve("driver-" + started++ + ".log");
        final Process process = java(DriverProcess.class, log, driver);
        awaitLine(log, "READY");
        return process;
    }

    private Process startMaster() throws IOException {
        final Path log = folder.resolve("master-" + started++ + ".log");
        final Process process = java(
                MasterProcess.class,
                log,
                folder.resolve("master").toString(),
                directory.path().toString(),
                driver,
                Integer.toString(port));
        awaitLine(log, "READY");
        return process;
    }

    private void startThreeMasters() throws IOException {
        final StringBuilder endpoints = new StringBuilder();
        for (int member = 0; member < 3; member++) {
            endpoints
                    .append(member == 0 ? "" : ",")
                    .append(member)
                    .append("=localhost:")
                    .append(port + 10 * member);
            members.add(java(
                    MasterProcess.class,
                    folder.resolve("member-" + member + ".log"),
                    folder.resolve("member-" + member).toString(),
                    directory.path().toString(),
                    NO_INGRESS,
                    Integer.toString(port),
                    Integer.toString(member)));
        }
        for (int member = 0; member < 3; member++) {
            awaitLine(folder.resolve("member-" + member + ".log"), "READY");
        }
        ingress = endpoints.toString();
    }

    private Process java(final Class<?> main, final Path log, final String... args) throws IOException {
        final Process process = Tests.java(main, log, args);
        processes.add(process);
        return process;
    }

    private static void awaitLine(final Path log, final String text) {
        Tests.await(() -> Tests.read(log).contains(text), TIMEOUT, () -> text + " in " + Tests.read(log));
    }

    private static void kill(final Process process) throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    }

    private static void signal(final String name, final Process process) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor());
    }

    private static long millis(final long fromNs, final long toNs) {
        return (toNs - fromNs) / 1_000_000;
    }

    private static int freePort() throws IOException {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            final int base = 40_000 + 50 * ThreadLocalRandom.current().nextInt(200);
            int free = 0;
            for (int i = 0; i < 15; i++) {
                try (DatagramSocket socket = new DatagramSocket(null)) {
                    socket.bind(new InetSocketAddress("localhost", base + i % 5 + i / 5 * 10));
                    free++;
                } catch (final IOException ex) {
                    break;
                }
            }
            if (free == 15) {
                return base;
            }
        }
        throw new IOException("no free ports");
    }
}
