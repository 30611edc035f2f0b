package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.device.GpuException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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

    /** A handler of a GPU that finds something wrong with it. */
    private static TaskHandler opening(final Runnable action) {
        return new TaskHandler() {
            @Override
            public String taskType() {
                return "on a GPU";
            }

            @Override
            public void open(final HandlerContext context) {
                action.run();
            }

            @Override
            public void execute(final TaskContext task) {}
        };
    }

    @Test
    void shouldGiveTheGpuBackWhenItCannotBeStarted() {
        final EmulatedDriver first = new EmulatedDriver(1);
        final DragonException refused = assertThrows(
                DragonException.class,
                () -> WorkerNode.launch(context()
                        .device(new CudaDevice(first, DeviceOptions.DEFAULT))
                        .handler(opening(() -> {
                            throw new GpuException(218, "CUDA_ERROR_INVALID_PTX", "kernels are refused");
                        }))));
        assertEquals("worker 'w' could not open its handlers: kernels are refused", refused.getMessage());
        assertTrue(refused.getCause() instanceof GpuException, "whoever started it knows that it is the GPU");
        assertTrue(first.isClosed());
        assertEquals("", first.leaks());

        final EmulatedDriver second = new EmulatedDriver(2);
        try (LivenessLock lock = LivenessLock.acquire(
                DragonDirectory.of(folder.resolve("dragon")).workerLock("w"))) {
            final DragonException held = assertThrows(
                    DragonException.class,
                    () -> WorkerNode.launch(context().device(new CudaDevice(second, DeviceOptions.DEFAULT))));
            assertTrue(held.getMessage().contains("only one of this name can run on a host"), held.getMessage());
            assertTrue(second.isClosed(), lock::toString);
            assertEquals("", second.leaks());
        }
    }

    @Test
    void shouldAskAGpuThatIsLostOrHangsAtTheStartForNothing() {
        final EmulatedDriver lost = new EmulatedDriver(3);
        assertThrows(
                DragonException.class,
                () -> WorkerNode.launch(context()
                        .device(new CudaDevice(lost, DeviceOptions.DEFAULT))
                        .handler(opening(() -> {
                            throw new GpuException(GpuException.UNKNOWN, "CUDA_ERROR_UNKNOWN", "it is lost");
                        }))));
        assertFalse(lost.isClosed());

        final EmulatedDriver hung = new EmulatedDriver(4);
        final DragonException late = assertThrows(
                DragonException.class,
                () -> WorkerNode.launch(context()
                        .device(new CudaDevice(hung, DeviceOptions.DEFAULT))
                        .startTimeout(Duration.ofMillis(300))
                        .handler(opening(() -> {
                            try {
                                new CountDownLatch(1).await();
                            } catch (final InterruptedException ex) {
                                throw new IllegalStateException(ex);
                            }
                        }))));
        assertEquals("worker 'w' could not open its handlers: they take longer than 300 ms", late.getMessage());
        assertTrue(late.getCause() instanceof GpuException gpu && gpu.isSticky());
        assertFalse(hung.isClosed());
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
