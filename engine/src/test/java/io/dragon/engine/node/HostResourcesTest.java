package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostResourcesTest {
    private static final long SECOND_NS = 1_000_000_000;

    @TempDir
    Path proc;

    private void write(final long busy, final long idle, final long received, final long sent) throws IOException {
        Files.createDirectories(proc.resolve("net"));
        Files.writeString(
                proc.resolve("stat"),
                "cpu  " + busy + " 0 0 " + idle + " 0 0 0 0 999999 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n");
        Files.writeString(proc.resolve("meminfo"), "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    600 kB\n");
        Files.writeString(
                proc.resolve("net/dev"),
                "Inter-|   Receive      |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes\n"
                        + "    lo: 77777777 5 0 0 0 0 0 0 77777777 5 0 0 0 0 0 0\n"
                        + "  eth0:" + received + " 5 0 0 0 0 0 0 " + sent + " 5 0 0 0 0 0 0\n"
                        + "  eth1: 10 5 0 0 0 0 0 0 20 5 0 0 0 0 0 0\n");
        Files.writeString(
                proc.resolve("net/snmp"),
                "Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors\n"
                        + "Udp: 1000 2 30 4 25 6 7 8 3\nUdpLite: InDatagrams\nUdpLite: 0\n");
    }

    @Test
    void shouldReadWhatTheKernelTells() throws IOException {
        final HostResources resources = new HostResources(proc, proc);
        write(100, 900, 5_000, 7_000);
        resources.sample(SECOND_NS);
        assertEquals(HostResources.UNKNOWN_PERMILLE, resources.cpuPermille(), "a share needs two looks");
        assertEquals(HostResources.UNKNOWN, resources.receivedBytesPerSecond());
        assertEquals(1_024_000, resources.memoryBytes());
        assertEquals(614_400, resources.memoryFreeBytes());
        assertEquals(28, resources.udpErrors(), "for want of room; InErrors has them too, and checksums beside");
        write(125, 975, 9_000, 8_000);
        resources.sample(3 * SECOND_NS);
        assertEquals(250, resources.cpuPermille());
        assertEquals(2_000, resources.receivedBytesPerSecond());
        assertEquals(500, resources.sentBytesPerSecond());
        assertTrue(resources.sharedBytes() > 0 && resources.sharedFreeBytes() <= resources.sharedBytes());
    }

    @Test
    void shouldNotFailWhereTheKernelTellsNothing() {
        final HostResources resources = new HostResources(proc.resolve("none"), proc.resolve("none"));
        resources.sample(1);
        resources.sample(SECOND_NS);
        assertEquals(HostResources.UNKNOWN_PERMILLE, resources.cpuPermille());
        assertEquals(HostResources.UNKNOWN, resources.memoryBytes());
        assertEquals(HostResources.UNKNOWN, resources.sentBytesPerSecond());
        assertEquals(HostResources.UNKNOWN, resources.udpErrors());
        assertEquals(HostResources.UNKNOWN, resources.sharedFreeBytes());
    }

    @Test
    void shouldReadThisHost() {
        final HostResources resources = new HostResources(Path.of("/dev/shm"));
        resources.sample(1);
        resources.sample(SECOND_NS);
        assertTrue(resources.memoryBytes() > resources.memoryFreeBytes() && resources.memoryFreeBytes() > 0);
        assertTrue(resources.sharedBytes() > 0);
        assertTrue(resources.receivedBytesPerSecond() >= 0);
    }
}
