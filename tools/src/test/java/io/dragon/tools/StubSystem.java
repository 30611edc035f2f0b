package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.JvmFlags;
import io.dragon.tools.process.PortClaim;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/** A small system of real processes in a folder, whose GPUs are those of a {@link StubDriver}, and a client that has blocks hashed. */
final class StubSystem implements AutoCloseable {
    static final long DEADLINE_S = 60;
    private static final int BLOCK = 3_000;

    private final Path folder;
    private final String extra;
    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private final DragonDirectory directory;
    private Path config;

    /** {@code extra} are lines of the configuration. */
    StubSystem(final Path folder, final String extra) {
        this.folder = folder;
        this.extra = extra;
        this.directory = DragonDirectory.of(folder.resolve("shared"));
    }

    @Override
    public void close() {
        closeables.forEach(CloseHelper::quietClose);
    }

    private <T extends AutoCloseable> T closing(final T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    /** A client of a master that is started with it. */
    DragonClient startMaster() throws IOException {
        config = configuration();
        start("master", Map.of(), "master");
        return closing(DragonClient.connect(
                new ClientContext().directory(directory).name("test").connectTimeout(Duration.ofSeconds(DEADLINE_S))));
    }

    ChildProcess startServer(final Map<String, String> environment) {
        return start("server", environment, "gpu-server", "--config", config.toString());
    }

    /** Whatever it says is in the log of this name. */
    ChildProcess start(final String log, final Map<String, String> environment, final String... args) {
        final Map<String, String> all = new HashMap<>(environment);
        if (config != null) {
            all.put("DRAGON_CONF", config.toString());
        }
        return closing(ChildProcess.start(log, folder, all, "256m", List.of(args)));
    }

    /** A {@code dragon worker} whose exit code can be asked for; what it says is in the log of its name. */
    Process worker(final String name, final Map<String, String> environment, final String... args) throws IOException {
        final List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m"));
        command.addAll(JvmFlags.ofChildren());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DragonMain.class.getName(), "worker"));
        command.addAll(List.of("--name", name));
        command.addAll(List.of(args));
        final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("DRAGON_"));
        builder.environment().putAll(environment);
        builder.environment().put("DRAGON_CONF", config.toString());
        final Process process = builder.start();
        closing(process::destroyForcibly);
        return process;
    }

    private Path configuration() throws IOException {
        final PortClaim ports = closing(PortClaim.claim(29_000, 29_500));
        final int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        return Files.writeString(
                folder.resolve("gpu_server.yaml"),
                "server: {port: " + port + "}\nnode: {name: box}\ndragon: {dir: \"" + directory.path() + "\"}\n"
                        + "masters: {directory: \"" + folder.resolve("data") + "\", base_port: " + ports.first() + "}\n"
                        + "timeouts: {profile: ci}\ngpu_health: {restore_after: 1s}\n" + extra);
    }

    String said(final String log) {
        try {
            return Files.readString(folder.resolve(log + ".log"));
        } catch (final IOException ex) {
            return ex.toString();
        }
    }

    private static byte[] frame(final int seed) {
        final byte[] frame = new byte[BlockTable.dataOffset(1) + BLOCK];
        new Random(seed).nextBytes(frame);
        final UnsafeBuffer buffer = new UnsafeBuffer(frame);
        BlockTable.header(buffer, 1);
        BlockTable.entry(buffer, 0, BlockTable.dataOffset(1), BLOCK, 0, true);
        return frame;
    }

    static TaskHandle submit(final DragonClient client, final int seed) {
        return client.submit(TaskRequest.of(HashHandler.TYPE).input(FrameFormat.BLOCKS, new UnsafeBuffer(frame(seed))));
    }

    /** Waits for the answer, and holds it against the processor's. */
    static void check(final TaskHandle task, final int seed) {
        final byte[] frame = frame(seed);
        try (TaskOutcome outcome = task.get(Duration.ofSeconds(DEADLINE_S)).orThrow()) {
            assertArrayEquals(
                    Blake3.scalar().digest(Arrays.copyOfRange(frame, BlockTable.dataOffset(1), frame.length)),
                    Arrays.copyOf(outcome.inlineResult(), Blake3.DIGEST_LENGTH),
                    "task " + seed);
        }
    }

    static ClusterStatus.Worker worker(final DragonClient client, final String name) {
        return client.status().workers().stream()
                .filter(worker -> worker.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** {@code logs} are shown when it does not come. */
    void await(final String what, final BooleanSupplier condition, final String... logs) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> {
                final StringBuilder text =
                        new StringBuilder(what).append(" did not come: ").append(said("master"));
                for (final String log : logs) {
                    text.append(said(log));
                }
                return text.toString();
            });
            LockSupport.parkNanos(5_000_000);
        }
    }
}
