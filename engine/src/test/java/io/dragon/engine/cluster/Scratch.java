package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.fail;

import io.aeron.exceptions.AeronEvent;
import io.aeron.exceptions.AeronException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/** What a test of masters uses up: a directory in memory, ports, things to close; and how it waits. */
public final class Scratch implements AutoCloseable {
    private static final long AWAIT_NS = TimeUnit.SECONDS.toNanos(30);

    /** No machine, however slow, brings these about. */
    private static final List<String> ALARMING = List.of(
            "unexpected commit position from new leader",
            "out of sequence",
            "clashing",
            "Invalid concurrent access",
            "exceeded session limit");

    private final Path directory;
    private final Deque<AutoCloseable> closeables = new ArrayDeque<>();
    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();

    /** An empty directory of this test's own. */
    public Scratch() {
        try {
            directory = Files.createTempDirectory(Path.of("/dev/shm"), "dragon-test-");
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    /**
     * Where every component's errors go. What Aeron remarks about a machine that did not let it run, or about somebody who went without a
     * word, is none: a leader unheard, a log or an answer cut off. What it remarks about data that is wrong or stays behind is one.
     */
    public void onError(final Throwable error) {
        final boolean isRemark = error instanceof AeronEvent event && event.category() == AeronException.Category.WARN;
        if (!isRemark || ALARMING.stream().anyMatch(String.valueOf(error.getMessage())::contains)) {
            errors.add(error);
        }
    }

    /** The errors so far. */
    public List<Throwable> errors() {
        return List.copyOf(errors);
    }

    /** Closes it at the end, in reverse order. */
    public <T extends AutoCloseable> T closing(final T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    /** Waits for a condition. */
    public void await(final String what, final BooleanSupplier condition) {
        await(what, AWAIT_NS, condition);
    }

    /** Waits for a condition. */
    public void await(final String what, final long timeoutNs, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + timeoutNs;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                fail("waited in vain until " + what + "; errors: " + errors);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** The first of ten free ports. */
    public static int freeBasePort() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            final int base = 20_000 + 50 * ThreadLocalRandom.current().nextInt(240);
            if (isFree(base, 5) && isFree(base + 10, 5) && isFree(base + 20, 5)) {
                return base;
            }
        }
        throw new IllegalStateException("no free ports");
    }

    private static boolean isFree(final int base, final int count) {
        for (int port = base; port < base + count; port++) {
            try (DatagramSocket socket = new DatagramSocket(null)) {
                socket.bind(new InetSocketAddress("localhost", port));
            } catch (final SocketException ex) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(closeables);
        IoUtil.delete(directory.toFile(), true);
    }
}
