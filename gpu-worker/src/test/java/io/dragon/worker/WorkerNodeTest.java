package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerNodeTest {
    @TempDir
    Path folder;

    @Test
    void shouldFindTheHandlerInAUsersJar() throws IOException {
        final Path jar = userJar(
                """
                package user;
                public final class Brightness implements io.dragon.worker.TaskHandler {
                    public String taskType() { return "brightness"; }
                    public void execute(io.dragon.worker.TaskContext task) {}
                }
                """);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {jar.toUri().toURL()}, WorkerNode.class.getClassLoader())) {
            final List<String> types = context().classLoader(loader).findHandlers().stream()
                    .map(TaskHandler::taskType)
                    .collect(Collectors.toList());
            assertTrue(types.containsAll(List.of("brightness", "noop", "echo")), types::toString);
        }
    }

    @Test
    void shouldRefuseTwoHandlersOfOneTypeAndPreferARegisteredOneToAFoundOne() {
        final TaskHandler mine = TaskHandler.of("noop", task -> {});
        assertEquals(
                1,
                context().handler(mine).findHandlers().stream()
                        .filter(handler -> handler.taskType().equals("noop"))
                        .peek(handler -> assertEquals(mine, handler))
                        .count());
        final DragonException ex = assertThrows(
                DragonException.class,
                () -> context().handler(mine).handler(new NoopHandler()).findHandlers());
        assertTrue(ex.getMessage().startsWith("two handlers are there for task type 'noop'"), ex.getMessage());
    }

    @Test
    void shouldRefuseWrongConfigurationsInWords() {
        assertThrows(DragonException.class, () -> new WorkerContext().conclude());
        assertThrows(DragonException.class, () -> context().window(0).conclude());
        final DragonException none = assertThrows(
                DragonException.class, () -> context().loadHandlers(false).findHandlers());
        assertEquals("worker 'w' has no task handler", none.getMessage());
        assertThrows(DragonException.class, () -> TaskHandler.of(" ", task -> {}));
    }

    @Test
    void shouldSayWhyAHandlerDoesNotOpenAndLeaveNothingBehind() {
        final WorkerContext ctx = context().handler(new TaskHandler() {
            @Override
            public String taskType() {
                return "broken";
            }

            @Override
            public void open(final HandlerContext context) {
                throw new IllegalStateException("no such kernel: " + context.workerName());
            }

            @Override
            public void execute(final TaskContext task) {}
        });
        final DragonException ex = assertThrows(DragonException.class, () -> WorkerNode.launch(ctx));
        assertEquals("worker 'w' could not open its handlers: no such kernel: w", ex.getMessage());
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("dragon-compute-w")));
    }

    private WorkerContext context() {
        return new WorkerContext()
                .name("w")
                .directory(DragonDirectory.of(folder.resolve("dragon")))
                .classLoader(WorkerNode.class.getClassLoader());
    }

    private Path userJar(final String source) throws IOException {
        final Path java = Files.createDirectories(folder.resolve("user")).resolve("Brightness.java");
        Files.writeString(java, source);
        final int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        folder.toString(),
                        java.toString());
        assertEquals(0, result);
        final Path jar = folder.resolve("user.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("user/Brightness.class"));
            out.write(Files.readAllBytes(folder.resolve("user/Brightness.class")));
            out.putNextEntry(new JarEntry("META-INF/services/io.dragon.worker.TaskHandler"));
            out.write("user.Brightness\n".getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
