package io.dragon.benchmarks.system;

import io.dragon.benchmarks.harness.ChildJvm;
import io.dragon.benchmarks.harness.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.LongStream;

/** The processes of one system in a folder of its own; they end in the reverse order of their start, and the folder goes. */
final class Processes implements AutoCloseable {
    private static final double START_SECONDS = 90;

    private final Scratch scratch = Scratch.make();
    private final Deque<ChildJvm> running = new ArrayDeque<>();

    Processes() throws IOException {}

    Path folder() {
        return scratch.path();
    }

    /** Starts one and waits until it is ready. */
    void start(final String heap, final String role, final String... more) throws IOException, InterruptedException {
        final String[] arguments = new String[more.length + 2];
        arguments[0] = role;
        arguments[1] = folder().toString();
        System.arraycopy(more, 0, arguments, 2, more.length);
        final ChildJvm child = ChildJvm.start(SystemProcess.class, heap, arguments);
        running.push(child);
        child.await("ready", START_SECONDS);
    }

    /** What the compilers of these processes, and of this one, take. */
    CompilerTime compilerTime() {
        return new CompilerTime(pids());
    }

    /** What all others of this machine take. */
    OthersTime othersTime() {
        return new OthersTime(pids());
    }

    private long[] pids() {
        return LongStream.concat(
                        LongStream.of(ProcessHandle.current().pid()),
                        running.stream().mapToLong(ChildJvm::pid))
                .toArray();
    }

    /** All of them run. */
    void check() {
        for (final ChildJvm child : running) {
            if (!child.isAlive()) {
                throw new IllegalStateException("a process of the system under measurement has ended");
            }
        }
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            running.pop().close();
        }
        scratch.close();
    }
}
