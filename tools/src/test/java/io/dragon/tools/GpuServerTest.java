package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.ReplyListener;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.PortClaim;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dragon gpu-server} with real workers, which are killed, stopped and made to fail. */
@Timeout(180)
final class GpuServerTest {
    private static final long DEADLINE_S = 60;

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private final List<ProcessHandle> workers = new ArrayList<>();
    private Path config;
    private int port;
    private String seen = "";
    private DragonDirectory directory;

    @BeforeEach
    void configure() throws IOException {
        directory = DragonDirectory.of(folder.resolve("shared"));
        final PortClaim ports = closing(PortClaim.claim(28_000, 29_000));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        config = Files.writeString(
                folder.resolve("gpu_server.yaml"),
                "server: {port: " + port + "}\nnode: {name: box}\ndragon: {dir: \"" + directory.path() + "\"}\n"
                        + "masters: {directory: \"" + folder.resolve("data") + "\", base_port: " + ports.first() + "}\n"
                        + "timeouts: {profile: ci, worker: 3s, hang_kill_after: 3s}\n");
    }

    @AfterEach
    void endWhatIsLeft() {
        closeables.forEach(CloseHelper::quietClose);
        workers.forEach(ProcessHandle::destroyForcibly);
    }

    private <T extends AutoCloseable> T closing(final T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    private ChildProcess start(final String log, final String... args) {
        return closing(
                ChildProcess.start(log, folder, Map.of("DRAGON_CONF", config.toString()), "256m", List.of(args)));
    }

    private DragonClient connect() {
        return closing(DragonClient.connect(
                new ClientContext().directory(directory).name("test").connectTimeout(Duration.ofSeconds(DEADLINE_S))));
    }

    private String said(final String log) {
        try {
            return Files.readString(folder.resolve(log + ".log"), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return "";
        }
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() - deadlineNs < 0,
                    () -> what + " did not come: " + seen + said("master") + said("server"));
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static void compute(final DragonClient client) {
        try (TaskOutcome outcome = client.submit(TaskRequest.of("echo").parameters(new byte[] {1, 2, 3}))
                .await(Duration.ofSeconds(DEADLINE_S))) {
            assertEquals(3, outcome.orThrow().inlineResult().length);
        }
    }

    /** The process that bears a worker's name, other than one of before. */
    private ProcessHandle worker(final String name, final ProcessHandle before) {
        final ProcessHandle[] found = {null};
        await("a process of " + name, () -> {
            try {
                final String pid = Files.readString(directory.workerLock(name)).trim();
                found[0] = ProcessHandle.of(Long.parseLong(pid)).orElse(null);
            } catch (final IOException | NumberFormatException ex) {
                return false;
            }
            return found[0] != null && !found[0].equals(before);
        });
        workers.add(found[0]);
        return found[0];
    }

    private static void signal(final ProcessHandle process, final String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private String answerOfThePort() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            return ex.toString();
        }
    }

    /** What the masters know about supervised processes, in words. */
    private List<String> supervised() {
        final ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();
        final boolean[] ended = {false};
        try (ClusterSession session = new ClusterSession(new ClusterSession.Context()
                .aeronDirectoryName(directory.aeron().toString())
                .name("look"))) {
            session.query(5, new ReplyListener() {
                private final MessageHeaderDecoder header = new MessageHeaderDecoder();
                private final SupervisedPageDecoder page = new SupervisedPageDecoder();

                @Override
                public void onReply(final int id, final DirectBuffer buffer, final int offset, final int length) {
                    for (final var process :
                            page.wrapAndApplyHeader(buffer, offset, header).processes()) {
                        final String words = process.state() + " restarts=" + process.restarts() + " ";
                        found.add(words + process.name() + ": " + process.text());
                    }
                }

                @Override
                public void onEnd(final boolean isComplete) {
                    ended[0] = true;
                }
            });
            await("the answer", () -> {
                session.doWork();
                return ended[0];
            });
        }
        seen = found.toString();
        return List.copyOf(found);
    }

    /** As dragon-start does it: the gpu-server is a process that begins when the masters are ready. */
    @Test
    void shouldBeTheNodeOfItsHostFromTheBeginningAndLeaveNoIncident() {
        start("master", "master", "--with-gpu-server");
        await("the master", () -> said("master").contains("running on"));
        final DragonClient client = connect();
        assertEquals(List.of(), client.status().nodes(), "it is left to the gpu-server");
        start("server", "gpu-server", "--config", config.toString());
        await("the gpu-server", () -> said("server").contains("Listening on"));
        compute(client);
        await("the node", () -> !client.status().nodes().isEmpty()); // its worker may be quicker than itself
        assertEquals(
                List.of("box 1"),
                client.status().nodes().stream()
                        .map(node -> node.name() + " " + node.incarnation())
                        .toList());
        assertEquals(List.of(), client.incidents(0));
    }

    @Test
    void shouldKeepItsWorkerThroughKillsAndLeaveNothingBehind() {
        final ChildProcess master = start("master", "master");
        final ChildProcess server = start("server", "gpu-server", "--config", config.toString());
        final DragonClient client = connect();
        compute(client);
        assertTrue(said("server").contains("Listening on 127.0.0.1:" + port), said("server"));
        await("its health", () -> answerOfThePort().contains("node=box workers=1/1"));
        assertEquals(
                List.of("box"),
                client.status().nodes().stream().map(ClusterStatus.Node::name).toList());
        assertEquals("box-cpu-0", client.status().workers().get(0).name());

        final ProcessHandle first = worker("box-cpu-0", null);
        first.destroyForcibly();
        compute(client);
        final ProcessHandle second = worker("box-cpu-0", first);
        await(
                "the reason",
                () -> said("server").contains("box-cpu-0: ended after")
                        && said("server").contains("killed by SIGKILL; started again in 0 ms"));
        await(
                "the state",
                () -> supervised().toString().matches(".*RUNNING restarts=1 box-cpu-0: .*killed by SIGKILL.*"));
        assertEquals(2, client.status().workers().get(0).incarnation(), "the same party");

        final int node = client.status().nodes().get(0).incarnation();
        server.kill();
        final long killedNs = System.nanoTime();
        await("the end of its worker", () -> !LivenessLock.isHeld(directory.workerLock("box-cpu-0")));
        System.out.println("worker gone " + (System.nanoTime() - killedNs) / 1_000_000 + " ms after its gpu-server");
        await(
                "the master's own agent as node",
                () -> client.status().nodes().get(0).incarnation() > node);

        final ChildProcess again = start("again", "gpu-server", "--config", config.toString());
        compute(client);
        final ProcessHandle third = worker("box-cpu-0", second);
        again.terminate();
        await("its end", () -> !again.isAlive());
        assertFalse(third.isAlive());
        assertTrue(said("again").contains("box-cpu-0: stopped in order"), said("again"));
        await("its leave", () -> client.status().workers().get(0).state().name().equals("LEFT"));
        client.close();
        master.close();
        assertFalse(Files.exists(directory.path()), "the last process takes the shared folder away");
    }

    @Test
    void shouldGiveUpAWorkerThatNeverLivesLongAndSayWhy() throws IOException {
        final Path jar = HandlerJar.make(
                folder,
                "Crash",
                """
                package user;

                public final class Crash implements io.dragon.worker.TaskHandler {
                    public String taskType() {
                        return "crash";
                    }

                    public void open(final io.dragon.worker.HandlerContext context) {
                        throw new IllegalStateException("the table of colours is missing");
                    }

                    public void execute(final io.dragon.worker.TaskContext task) {}
                }
                """);
        start("master", "master");
        final ChildProcess server = start(
                "server",
                "gpu-server",
                "--config",
                config.toString(),
                "--handlers",
                jar.toString(),
                "--set",
                "workers.restarts=1");
        await("that it is given up", () -> said("server").contains("box-cpu-0: given up for 10 min"));
        await("the state", () -> supervised().size() == 1 && supervised().get(0).startsWith("GIVEN_UP restarts=1"));
        final String state = supervised().get(0);
        assertTrue(state.contains("exit code 1: ") && state.contains("the table of colours is missing"), state);
        assertTrue(answerOfThePort().contains("workers=0/1"), answerOfThePort());
        server.terminate();
        await("its end", () -> !server.isAlive());
    }

    @Test
    void shouldKillAWorkerThatIsFrozenForTooLong() throws Exception {
        start("master", "master");
        final ChildProcess server = start("server", "gpu-server", "--config", config.toString());
        final DragonClient client = connect();
        compute(client);
        final ProcessHandle frozen = worker("box-cpu-0", null);
        signal(frozen, "STOP");
        final long stoppedNs = System.nanoTime();
        await("its end", () -> !frozen.isAlive());
        System.out.println("frozen worker killed after " + (System.nanoTime() - stoppedNs) / 1_000_000 + " ms");
        assertTrue(said("server").contains("box-cpu-0: process " + frozen.pid() + " hung for"), said("server"));
        compute(client);
        assertTrue(said("server").contains("it hung and was killed; started again in 0 ms"), said("server"));

        final ProcessHandle second = worker("box-cpu-0", frozen);
        signal(second, "STOP");
        server.kill();
        start("again", "gpu-server", "--config", config.toString());
        compute(client);
        assertTrue(said("again").contains("box-cpu-0: waits for the end of process " + second.pid()), said("again"));
        assertTrue(said("again").contains("process " + second.pid() + " hung for"), said("again"));
    }
}
