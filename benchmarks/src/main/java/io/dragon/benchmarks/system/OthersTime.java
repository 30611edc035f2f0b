package io.dragon.benchmarks.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time that all but some processes have taken of this machine, the kernel's own threads included, as Linux accounts for it. */
final class OthersTime {
    private static final long NS_A_TICK = 10_000_000;

    /** Of the line of all cores: user, nice, system; then idle and waiting for disks, which nobody takes; then interrupts. */
    private static final int[] TAKEN = {1, 2, 3, 6, 7};

    /** Behind the process's name, which may hold anything: in user's code and in the kernel's. */
    private static final int USER = 11;

    private static final int KERNEL = 12;

    private final Path processes;
    private final long[] pids;

    /** Of all but these processes. */
    OthersTime(final long... pids) {
        this(Path.of("/proc"), pids);
    }

    OthersTime(final Path processes, final long... pids) {
        this.processes = processes;
        this.pids = pids;
    }

    /** Until now, in nanoseconds: differences count, to a hundredth of a second for each process. 0 where it is not told. */
    long ns() {
        try {
            final String[] cores = Files.readString(processes.resolve("stat"))
                    .lines()
                    .findFirst()
                    .orElse("")
                    .split(" +");
            long ticks = 0;
            for (final int field : TAKEN) {
                ticks += Long.parseLong(cores[field]);
            }
            for (final long pid : pids) {
                ticks -= ticks(pid);
            }
            return ticks * NS_A_TICK;
        } catch (final IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0; // this is not Linux, or a process has ended
        }
    }

    private long ticks(final long pid) throws IOException {
        final String line =
                Files.readString(processes.resolve(Long.toString(pid)).resolve("stat"));
        final String[] fields =
                line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
        return Long.parseLong(fields[USER]) + Long.parseLong(fields[KERNEL]);
    }
}
