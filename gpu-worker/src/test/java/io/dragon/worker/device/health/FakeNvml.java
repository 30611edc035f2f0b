package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** src/test/nvml/fake_nvml.c, compiled and loaded. Skips, in words, where there is no C compiler. */
final class FakeNvml {
    static final int INIT = 0;
    static final int TEMPERATURE = 1;
    static final int SHUTDOWN = 2;
    static final int BUSY = 3;
    static final int MEMORY_TOTAL = 4;
    static final int MEMORY_USED = 5;
    static final int POWER = 6;
    static final int POWER_LIMIT = 7;
    static final int CORRECTED = 8;
    static final int UNCORRECTED = 9;
    static final int THROTTLE = 10;
    static final int PENDING = 11;
    static final int FAILED = 12;
    static final int PAGES = 13;
    static final int EVENTS = 14;
    static final int LOST = 15;

    static final String UUID = "GPU-01234567-89ab-cdef-0123-456789abcdef";

    private static final Path SOURCE = Path.of("src", "test", "nvml", "fake_nvml.c");

    final String path;
    private final NativeLibrary library;

    private FakeNvml(final Path path) {
        this.path = path.toAbsolutePath().toString();
        library = NativeLibrary.getInstance(this.path);
        call("fake_reset");
    }

    static FakeNvml load(final boolean isOld) throws IOException, InterruptedException {
        return new FakeNvml(compiled(isOld));
    }

    private static synchronized Path compiled(final boolean isOld) throws IOException, InterruptedException {
        final String compiler = compiler();
        assumeTrue(compiler != null, "no C compiler (cc or gcc) on this machine");
        final Path source =
                Files.exists(SOURCE) ? SOURCE : Path.of("gpu-worker").resolve(SOURCE);
        final Path target = Files.createDirectories(Path.of("target", "nvml"))
                .resolve(isOld ? "libfake-nvml-old.so" : "libfake-nvml.so");
        if (!Files.exists(target)
                || Files.getLastModifiedTime(target).compareTo(Files.getLastModifiedTime(source)) < 0) {
            final Path made = Files.createTempFile(target.getParent(), "fake", ".so");
            final List<String> command =
                    new ArrayList<>(List.of(compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-O1"));
            if (isOld) {
                command.add("-DOLD");
            }
            command.addAll(List.of(source.toString(), "-o", made.toString()));
            final Process build = new ProcessBuilder(command).inheritIO().start();
            assertTrue(build.waitFor(60, TimeUnit.SECONDS), "the compiler takes more than a minute");
            assertEquals(0, build.exitValue(), String.join(" ", command));
            Files.move(made, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        return target;
    }

    private static String compiler() {
        for (final String name : new String[] {"cc", "gcc"}) {
            for (final String folder : System.getenv("PATH").split(":")) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return name;
                }
            }
        }
        return null;
    }

    private int call(final String name, final Object... arguments) {
        return library.getFunction(name).invokeInt(arguments);
    }

    void set(final int number, final long value) {
        call("fake_set", number, value, 0);
    }

    void fail(final int number, final int code) {
        call("fake_set", number, 0L, code);
    }

    void xid(final int xid) {
        call("fake_xid", xid, 8);
    }

    void event(final int type) {
        call("fake_xid", 0, type);
    }

    int opened() {
        return call("fake_opened");
    }

    int eventSets() {
        return call("fake_event_sets");
    }

    int offset(final int which) {
        return call("fake_offset", which);
    }
}
