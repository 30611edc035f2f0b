package io.dragon.benchmarks.system;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time that the compilers of some virtual machines have taken, as Linux accounts for it. */
final class CompilerTime {
    /** How names of their threads end; Linux keeps 15 characters of one. */
    private static final String THREAD = " CompilerThre";

    private final Path processes;
    private final long[] pids;

    /** Of these processes. */
    CompilerTime(final long... pids) {
        this(Path.of("/proc"), pids);
    }

    CompilerTime(final Path processes, final long... pids) {
        this.processes = processes;
        this.pids = pids;
    }

    /** Until now, in nanoseconds; 0 where it is not told. */
    long ns() {
        long sum = 0;
        for (final long pid : pids) {
            try (DirectoryStream<Path> threads = Files.newDirectoryStream(
                    processes.resolve(Long.toString(pid)).resolve("task"))) {
                for (final Path thread : threads) {
                    sum += ns(thread);
                }
            } catch (final IOException e) {
                continue; // it has ended, or this is not Linux
            }
        }
        return sum;
    }

    private static long ns(final Path thread) {
        try {
            if (Files.readString(thread.resolve("comm")).strip().endsWith(THREAD)) {
                return Long.parseLong(
                        Files.readString(thread.resolve("schedstat")).strip().split(" ")[0]);
            }
        } catch (final IOException | NumberFormatException e) {
            return 0; // it has ended, or the kernel keeps no account
        }
        return 0;
    }
}
