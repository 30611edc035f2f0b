package io.dragon.engine.node;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * How much of a host is in use, as the kernel tells in /proc: processors, memory, network, datagrams lost for want of room; and the
 * file system of the frame pools. What the kernel does not tell is unknown, and nothing fails for it. One thread.
 */
public final class HostResources {
    /** In place of a share that the kernel does not tell. */
    public static final int UNKNOWN_PERMILLE = 65_535;

    /** In place of a number that the kernel does not tell. */
    public static final long UNKNOWN = -1;

    private static final int PERMILLE = 1_000;
    private static final long KIB = 1_024;
    private static final long NS_PER_SECOND = 1_000_000_000;

    /** Columns of /proc/net/dev behind the name of the interface. */
    private static final int RECEIVED = 0;

    private static final int SENT = 8;

    /** Columns of the first line of /proc/stat behind its name: what no program used. */
    private static final int IDLE = 3;

    private static final int IO_WAIT = 4;

    /** What follows is contained in what comes before. */
    private static final int CPU_COLUMNS = 8;

    private final Path proc;
    private final File pools;
    private long cpuBusy;
    private long cpuTotal;
    private long received = UNKNOWN;
    private long sent = UNKNOWN;
    private long sampledNs;
    private int cpuPermille = UNKNOWN_PERMILLE;
    private long memoryBytes = UNKNOWN;
    private long memoryFreeBytes = UNKNOWN;
    private long receivedPerSecond = UNKNOWN;
    private long sentPerSecond = UNKNOWN;
    private long udpErrors = UNKNOWN;

    /**
     * The resources of this host.
     *
     * @param pools the folder of the frame pools.
     */
    public HostResources(final Path pools) {
        this(Path.of("/proc"), pools);
    }

    HostResources(final Path proc, final Path pools) {
        this.proc = proc;
        this.pools = pools.toFile();
    }

    /**
     * Looks. Rates are of the time since the last look.
     *
     * @param nowNs of a clock that only grows, nanoseconds.
     */
    public void sample(final long nowNs) {
        cpu(lines("stat"));
        memory(lines("meminfo"));
        network(lines("net/dev"), nowNs - sampledNs);
        udp(lines("net/snmp"));
        sampledNs = nowNs;
    }

    private List<String> lines(final String name) {
        try {
            return Files.readAllLines(proc.resolve(name), StandardCharsets.ISO_8859_1);
        } catch (final IOException ex) {
            return List.of();
        }
    }

    private static long[] numbers(final String line) {
        final int colon = line.indexOf(':');
        return Arrays.stream(line.substring(colon + 1).trim().split("\\s+"))
                .filter(word -> word.matches("[0-9]{1,18}"))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private void cpu(final List<String> lines) {
        if (lines.isEmpty() || !lines.get(0).startsWith("cpu ")) {
            cpuPermille = UNKNOWN_PERMILLE;
            return;
        }
        final long[] times = numbers(lines.get(0));
        long total = 0;
        long idle = 0;
        for (int i = 0; i < Math.min(CPU_COLUMNS, times.length); i++) {
            total += times[i];
            idle += i == IDLE || i == IO_WAIT ? times[i] : 0;
        }
        final long busy = total - idle;
        if (cpuTotal > 0 && total > cpuTotal) {
            cpuPermille = (int) Math.max(0, Math.min(PERMILLE, PERMILLE * (busy - cpuBusy) / (total - cpuTotal)));
        }
        cpuBusy = busy;
        cpuTotal = total;
    }

    private void memory(final List<String> lines) {
        memoryBytes = kib(lines, "MemTotal:");
        memoryFreeBytes = kib(lines, "MemAvailable:");
    }

    private static long kib(final List<String> lines, final String name) {
        for (final String line : lines) {
            if (line.startsWith(name)) {
                final long[] value = numbers(line);
                return value.length == 0 ? UNKNOWN : value[0] * KIB;
            }
        }
        return UNKNOWN;
    }

    private void network(final List<String> lines, final long elapsedNs) {
        long receivedNow = 0;
        long sentNow = 0;
        for (final String line : lines) {
            final int colon = line.indexOf(':');
            if (colon > 0 && !line.substring(0, colon).trim().equals("lo")) {
                final long[] columns = numbers(line);
                receivedNow += columns.length > RECEIVED ? columns[RECEIVED] : 0;
                sentNow += columns.length > SENT ? columns[SENT] : 0;
            }
        }
        if (lines.isEmpty()) {
            received = UNKNOWN;
            receivedPerSecond = UNKNOWN;
            sentPerSecond = UNKNOWN;
            return;
        }
        if (received != UNKNOWN && elapsedNs > 0) {
            receivedPerSecond = rate(receivedNow - received, elapsedNs);
            sentPerSecond = rate(sentNow - sent, elapsedNs);
        }
        received = receivedNow;
        sent = sentNow;
    }

    /** An interface that went took its counters along. */
    private static long rate(final long bytes, final long elapsedNs) {
        return Math.max(0, (long) ((double) bytes * NS_PER_SECOND / elapsedNs));
    }

    /** Two lines each: names, then values. */
    private void udp(final List<String> lines) {
        udpErrors = UNKNOWN;
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            if (lines.get(i).startsWith("Udp:") && lines.get(i + 1).startsWith("Udp:")) {
                final String[] names = lines.get(i).trim().split("\\s+");
                final String[] values = lines.get(i + 1).trim().split("\\s+");
                udpErrors = column(names, values, "RcvbufErrors") + column(names, values, "MemErrors");
            }
        }
    }

    private static long column(final String[] names, final String[] values, final String name) {
        for (int i = 1; i < Math.min(names.length, values.length); i++) {
            if (names[i].equals(name) && values[i].matches("[0-9]{1,18}")) {
                return Long.parseLong(values[i]);
            }
        }
        return 0;
    }

    /** {@return processors that this process may use} */
    public int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** {@return use of all processors of the host since the look before, in thousandths; {@link #UNKNOWN_PERMILLE} at first} */
    public int cpuPermille() {
        return cpuPermille;
    }

    /** {@return memory of the host, bytes} */
    public long memoryBytes() {
        return memoryBytes;
    }

    /** {@return memory available to new programs without swapping, bytes} */
    public long memoryFreeBytes() {
        return memoryFreeBytes;
    }

    /** {@return size of the file system of the pools, bytes} */
    public long sharedBytes() {
        final long bytes = pools.getTotalSpace();
        return bytes == 0 ? UNKNOWN : bytes;
    }

    /** {@return what is free there, bytes} */
    public long sharedFreeBytes() {
        return sharedBytes() == UNKNOWN ? UNKNOWN : pools.getUsableSpace();
    }

    /** {@return what came in by all interfaces but loopback, bytes a second} */
    public long receivedBytesPerSecond() {
        return receivedPerSecond;
    }

    /** {@return what went out by all interfaces but loopback, bytes a second} */
    public long sentBytesPerSecond() {
        return sentPerSecond;
    }

    /** {@return datagrams that came and were lost for want of room, since the host started} */
    public long udpErrors() {
        return udpErrors;
    }
}
