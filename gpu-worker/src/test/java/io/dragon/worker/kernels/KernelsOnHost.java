package io.dragon.worker.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The kernels, compiled as C++ and run by a process of their own, which plays the threads of a GPU in lock step. With
 * {@code -Ddragon.kernels.sanitize=true} under AddressSanitizer and UndefinedBehaviorSanitizer. Skips, in words, where there is no C++ compiler.
 */
public final class KernelsOnHost implements AutoCloseable {
    /** Request: BLAKE3 of a frame of blocks. */
    public static final int BLAKE3 = 1;

    /** Request: a mask. */
    public static final int MASK = 2;

    /** Request: a slab. */
    public static final int CARVE = 3;

    /** Request: SHA-256 of a frame of blocks. */
    public static final int SHA256 = 4;

    private static final Path SOURCE = Path.of("src", "test", "cuda", "kernels_host.cpp");
    private static final boolean SANITIZE = Boolean.getBoolean("dragon.kernels.sanitize");
    private static Path binary;

    private final Process process;
    private final DataInputStream answers;

    /**
     * Starts the process.
     *
     * @param isBackwards whether threads run in the opposite order between barriers.
     */
    public KernelsOnHost(final boolean isBackwards) throws IOException {
        final List<String> command = new ArrayList<>(List.of(binary().toString()));
        if (isBackwards) {
            command.add("backwards");
        }
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new DataInputStream(process.getInputStream());
    }

    private static synchronized Path binary() throws IOException {
        if (binary == null) {
            final String compiler = compiler();
            assumeTrue(compiler != null, "no C++ compiler (c++ or g++) on this machine");
            final Path target = Files.createDirectories(Path.of("target", "kernels"))
                    .resolve(SANITIZE ? "kernels-sanitized" : "kernels");
            final List<String> command = new ArrayList<>(
                    List.of(compiler, "-std=c++14", "-ffp-contract=off", "-DDRAGON_ON_HOST", "-I", "src/test/cuda"));
            command.addAll(
                    SANITIZE
                            ? List.of("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
                            : List.of("-O2"));
            command.addAll(List.of(SOURCE.toString(), "-o", target.toString()));
            final Process build = new ProcessBuilder(command).inheritIO().start();
            assertEquals(0, await(build), "the kernels do not compile: " + String.join(" ", command));
            binary = target;
        }
        return binary;
    }

    private static String compiler() {
        for (final String name : new String[] {"c++", "g++"}) {
            for (final String folder : System.getenv("PATH").split(":")) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return name;
                }
            }
        }
        return null;
    }

    private static int await(final Process process) {
        try {
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the compiler takes more than two minutes");
            return process.exitValue();
        } catch (final InterruptedException ex) {
            process.destroyForcibly();
            throw new IllegalStateException(ex);
        }
    }

    /**
     * Runs kernels.
     *
     * @param kind    of request.
     * @param request its payload, from 0 to its position.
     * @return the answer, little-endian.
     */
    public ByteBuffer ask(final int kind, final ByteBuffer request) throws IOException {
        final ByteBuffer head = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        head.putInt(kind).putInt(request.position());
        process.getOutputStream().write(head.array());
        process.getOutputStream().write(request.array(), 0, request.position());
        process.getOutputStream().flush();
        final byte[] bytes = new byte[Integer.reverseBytes(answers.readInt())];
        answers.readFully(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the kernels' process does not end");
            assertEquals(0, process.exitValue(), "the kernels' process failed, as it says above");
        } catch (final InterruptedException ex) {
            throw new IllegalStateException(ex);
        } finally {
            process.destroyForcibly();
        }
    }
}
