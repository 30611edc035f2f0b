package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task type of the user's own, from its source to its result. */
final class HandlersTest {
    private static final String SOURCE =
            """
            package user;

            public final class Reverse implements io.dragon.worker.TaskHandler {
                public String taskType() {
                    return "reverse";
                }

                public void execute(final io.dragon.worker.TaskContext task) {
                    final int length = task.parametersLength();
                    for (int i = 0; i < length; i++) {
                        task.inlineResult().putByte(i, task.parameters().getByte(length - 1 - i));
                    }
                    task.inlineResultLength(length);
                }
            }
            """;

    @TempDir
    Path folder;

    private Process worker(final Path log, final Path dir, final List<String> options, final String variable)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.util.zip=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DragonMain.class.getName(),
                "worker",
                "--device",
                "cpu",
                "--dir",
                dir.toString()));
        command.addAll(options);
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("DRAGON_"));
        if (variable != null) {
            builder.environment().put(HandlerPath.VARIABLE, variable);
        }
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    @Test
    void shouldRunATaskTypeOfAJarThatTheWorkerIsGiven() throws Exception {
        final Path jar = HandlerJar.make(folder, "Reverse", SOURCE);
        final Path dir = folder.resolve("shared");
        final Path log = folder.resolve("worker.log");
        final DragonDirectory directory = DragonDirectory.of(dir).create();
        try (MasterNode master = MasterNode.launch(new MasterContext()
                .directory(folder.resolve("data"))
                .dragonDirectory(dir)
                .mediaDriverDirectory(directory.aeron()))) {
            assertEquals(directory.aeron().toString(), master.aeronDirectoryName());
            for (final boolean byOption : new boolean[] {true, false}) {
                final Process worker = byOption
                        ? worker(log, dir, List.of("--handlers", jar.toString()), null)
                        : worker(log, dir, List.of(), jar.getParent().toString());
                try (DragonClient client = DragonClient.connect(
                        new ClientContext().directory(directory).name("me"))) {
                    try (TaskOutcome outcome = client.submit(
                                    TaskRequest.of("reverse").parameters("dragon".getBytes(StandardCharsets.UTF_8)))
                            .await(Duration.ofSeconds(30))) {
                        assertArrayEquals(
                                "nogard".getBytes(StandardCharsets.UTF_8),
                                outcome.orThrow().inlineResult());
                    }
                } finally {
                    worker.destroy();
                    assertTrue(worker.waitFor(20, TimeUnit.SECONDS));
                }
                assertEquals(0, worker.exitValue());
                assertTrue(
                        Files.readString(log).contains("; reverse (" + jar + ")")
                                || Files.readString(log).contains("offers reverse (" + jar + ")"),
                        Files.readString(log));
            }
        }
    }

    @Test
    void shouldRefuseWhatOffersNoHandler() throws Exception {
        assertRefused("there is no file or folder", folder.resolve("nothing"));
        assertRefused("is not a jar", Files.writeString(folder.resolve("text.jar"), "text"));
        assertRefused("No task handler is offered by", Files.createDirectories(folder.resolve("empty")));
        HandlerPath.open(null, null).close();
    }

    private static void assertRefused(final String words, final Path entry) {
        final DragonException byOption =
                assertThrows(DragonException.class, () -> HandlerPath.open(List.of(entry.toString()), null));
        assertEquals(DragonException.WRONG_USAGE, byOption.exitCode());
        assertTrue(byOption.getMessage().contains(words), byOption.getMessage());
        final DragonException byVariable =
                assertThrows(DragonException.class, () -> HandlerPath.open(null, entry.toString()));
        assertTrue(byVariable.getMessage().contains(words), byVariable.getMessage());
    }
}
