package io.dragon.worker.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The kernels, compiled as a shared library of C++ and called within this process, one launch at a time. Skips, in words, where there is no C++
 * compiler; compiled once and kept as long as no source is newer.
 */
public final class KernelLibrary {
    private static final Path TESTS = Path.of("src", "test", "cuda");
    private static final Path KERNELS = Path.of("src", "main", "cuda");
    private static Calls calls;

    private KernelLibrary() {}

    /** What the library has. */
    public interface Calls extends Library {
        /** How many arguments a kernel takes, -1 when there is none of this name. */
        int dragon_arguments(String name);

        /** Runs a kernel. */
        int dragon_launch(String name, int x, int y, int z, int threads, long[] cells, int isBackwards);
    }

    /** Runs a kernel to its end. */
    public static synchronized void launch(
            final String name,
            final int x,
            final int y,
            final int z,
            final int threads,
            final long[] cells,
            final boolean isBackwards) {
        calls().dragon_launch(name, x, y, z, threads, cells, isBackwards ? 1 : 0);
    }

    /** How many arguments a kernel takes, -1 when there is none of this name. */
    public static synchronized int arguments(final String name) {
        return calls().dragon_arguments(name);
    }

    private static Calls calls() {
        if (calls == null) {
            calls = Native.load(
                    build("libkernels.so", TESTS.resolve("kernels_library.cpp"))
                            .toAbsolutePath()
                            .toString(),
                    Calls.class);
        }
        return calls;
    }

    /**
     * Compiles a shared library, if it is older than any source.
     *
     * @param name    of the file.
     * @param source  what is compiled.
     * @param options of the compiler beside ours.
     */
    public static Path build(final String name, final Path source, final String... options) {
        final String compiler = compiler();
        assumeTrue(compiler != null, "no C++ compiler (c++ or g++) on this machine");
        try {
            final Path target =
                    Files.createDirectories(Path.of("target", "kernels")).resolve(name);
            if (!Files.exists(target)
                    || newest() > Files.getLastModifiedTime(target).toMillis()) {
                final Path fresh = Files.createTempFile(target.getParent(), name, ".tmp");
                final List<String> command = new ArrayList<>(List.of(
                        compiler,
                        "-std=c++14",
                        "-O2",
                        "-ffp-contract=off",
                        "-fPIC",
                        "-shared",
                        "-DDRAGON_ON_HOST",
                        "-I",
                        TESTS.toString()));
                command.addAll(List.of(options));
                command.addAll(List.of(source.toString(), "-o", fresh.toString()));
                final Process process = new ProcessBuilder(command).inheritIO().start();
                if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    throw new IllegalStateException("this does not compile: " + String.join(" ", command));
                }
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return target;
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        } catch (final InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
    }

    private static long newest() throws IOException {
        long newest = 0;
        for (final Path folder : List.of(TESTS, KERNELS)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (final Path file : files.toList()) {
                    newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
                }
            }
        }
        return newest;
    }

    static String compiler() {
        for (final String name : new String[] {"c++", "g++"}) {
            for (final String folder : System.getenv("PATH").split(":")) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return name;
                }
            }
        }
        return null;
    }
}
