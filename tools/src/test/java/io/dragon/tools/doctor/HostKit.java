package io.dragon.tools.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.ConfigLoader;
import io.dragon.engine.config.DragonConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A host made of a folder, canned answers of programs and a network that says what it is told to. */
final class HostKit {
    static final long GIBI = 1L << 30;

    final FakeNetwork network = new FakeNetwork();
    final Map<String, String> properties = new HashMap<>(Map.of(
            "java.version",
            "17.0.9",
            "java.vm.name",
            "a JVM",
            "java.io.tmpdir",
            "/tmp",
            "os.name",
            "Linux",
            "os.arch",
            "amd64",
            "user.name",
            System.getProperty("user.name"),
            JavaCheck.VECTOR,
            "true",
            Host.CORES,
            "16"));
    private final Path root;
    private final Map<String, Programs.Answer> programs = new HashMap<>();
    private final Map<String, long[]> spaces = new HashMap<>();
    private final Set<String> forbidden = new HashSet<>();
    private final Map<String, String> flags = new HashMap<>();

    /** A host on which everything is well, and nothing of an NVIDIA. */
    HostKit(final Path root) {
        this.root = root;
        JavaCheck.OPENED.forEach(name -> properties.put(JavaCheck.OPENS + name, "true"));
        folder("/dev/shm").folder("/tmp").folder("/home/me");
        file("/proc/meminfo", "MemTotal: 67108864 kB\nMemAvailable: 60000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
        file("/proc/self/cgroup", "0::/user.slice/me\n");
        file("/proc/self/mounts", "tmpfs /dev/shm tmpfs rw 0 0\n/dev/sda1 / ext4 rw 0 0\n");
        file("/proc/self/limits", limits(1_048_576, 100_000));
        file("/proc/self/status", "Name:\tjava\nUid:\t1000\t1000\t1000\t1000\n");
        file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        file("/proc/sys/net/core/rmem_max", "4194304\n").file("/proc/sys/net/core/wmem_max", "4194304\n");
        file("/sys/class/net/eth0/speed", "1000\n").folder("/sys/class/net/eth0/device");
        program("timedatectl", 0, "yes");
        space("/dev/shm/dragon-me", 16 * GIBI, 15 * GIBI);
        space("/home/me/.local/state/dragon", 100 * GIBI, 90 * GIBI);
        flag("dragon.dir", "/dev/shm/dragon-me").flag("masters.directory", "/home/me/.local/state/dragon");
    }

    static String limits(final long files, final long processes) {
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
                + "Max processes             " + processes + "               " + processes
                + "               processes \n"
                + "Max open files            1024                 " + files + "              files     \n"
                + "Max locked memory         8388608              8388608              bytes     \n";
    }

    HostKit file(final String path, final String text) {
        try {
            final Path file = root.resolve(path.substring(1));
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    HostKit folder(final String path) {
        try {
            Files.createDirectories(root.resolve(path.substring(1)));
            return this;
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    HostKit program(final String name, final int code, final String text) {
        programs.put(name, new Programs.Answer(code, text));
        return this;
    }

    HostKit without(final String program) {
        programs.remove(program);
        return this;
    }

    HostKit space(final String path, final long total, final long usable) {
        spaces.put(path, new long[] {total, usable});
        return this;
    }

    HostKit flag(final String key, final String value) {
        flags.put(key, value);
        return this;
    }

    HostKit property(final String name, final String value) {
        properties.put(name, value);
        return this;
    }

    /** As where another user's file is. */
    HostKit forbid(final String path) {
        forbidden.add(path);
        return this;
    }

    Host host() {
        final Host host = new Host(root, words -> programs.get(words[0]), network, properties);
        forbidden.forEach(host::without);
        spaces.forEach((path, space) -> host.withSpace(path, space[0], space[1]));
        return host;
    }

    Needs needs() {
        final ConfigLoader loader =
                DragonConfig.loader().environment(Map.of()).folders(root, root).kind(DragonConfig.FileKind.SERVER);
        flags.forEach(loader::flag);
        return Needs.of(loader.load());
    }

    List<Finding> look(final Check check) {
        return check.look(host(), needs());
    }

    /** The one finding of a level; there must be exactly one. */
    Finding only(final Check check, final Finding.Level level) {
        final List<Finding> found = new ArrayList<>(look(check));
        found.removeIf(finding -> finding.level() != level);
        assertEquals(1, found.size(), () -> look(check).toString());
        return found.get(0);
    }

    /** Nothing to mend. */
    void assertWell(final Check check) {
        for (final Finding finding : look(check)) {
            assertTrue(finding.level().compareTo(Finding.Level.NOTE) <= 0, finding::toString);
            assertFalse(finding.found().isEmpty());
            assertTrue(finding.mend().isEmpty(), finding::toString);
        }
    }

    /** That a finding says all of this, in one line. */
    static void assertSays(final Finding finding, final String... words) {
        for (final String word : words) {
            assertTrue(finding.text().contains(word), () -> "'" + word + "' is not in: " + finding);
        }
        assertFalse(finding.text().contains("\n"), finding::toString);
    }

    static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException ex) {
            throw new AssertionError(ex);
        }
    }

    /** A network with one interface of 1 Gbit/s on which everything is free and heard. */
    static final class FakeNetwork implements Network {
        final List<Nic> nics =
                new ArrayList<>(List.of(new Nic("eth0", address("10.0.0.1"), address("10.0.0.255"), 1_500)));
        final Set<String> taken = new HashSet<>();
        final Map<String, List<InetAddress>> names = new HashMap<>(
                Map.of("localhost", List.of(address("127.0.0.1")), "gpu-2", List.of(address("10.0.0.2"))));
        final Map<String, Reach> reaches = new HashMap<>();
        final Set<InetAddress> answerBroadcasts = new HashSet<>(Set.of(address("10.0.0.2")));
        final Set<String> silentHosts = new HashSet<>();
        final List<String> visited = Collections.synchronizedList(new ArrayList<>());
        Boolean isHeard = true;
        int[] buffers = {4 << 20, 4 << 20};
        int largestUdp = 65_507;

        FakeNetwork nic(final String name, final int mtu) {
            nics.set(0, new Nic(name, address("10.0.0.1"), address("10.0.0.255"), mtu));
            return this;
        }

        FakeNetwork reach(final String port, final Answer answer, final double millis) {
            reaches.put(port, new Reach(answer, (long) (millis * 1e6), answer == Answer.ANSWERED ? 0 : 5, 5));
            return this;
        }

        FakeNetwork all(final Answer answer, final double millis) {
            for (final String port : List.of("UDP 9999", "UDP 9877", "UDP 9878", "TCP 9876", "TCP 9877")) {
                reach(port, answer, millis);
            }
            return this;
        }

        @Override
        public List<Nic> nics() {
            return nics;
        }

        @Override
        public boolean isUdpFree(final String address, final int port) {
            return !taken.contains("UDP " + port);
        }

        @Override
        public boolean isTcpFree(final String address, final int port) {
            return !taken.contains("TCP " + port);
        }

        @Override
        public int[] buffers(final int wanted) {
            return new int[] {Math.min(wanted, buffers[0]), Math.min(wanted, buffers[1])};
        }

        @Override
        public Boolean hearsItself(final Nic nic, final int port) {
            return taken.contains("UDP " + port) ? null : isHeard;
        }

        @Override
        public List<InetAddress> resolve(final String name) {
            return names.getOrDefault(name, List.of());
        }

        @Override
        public Set<InetAddress> broadcast(final List<Nic> asked, final int port) {
            return answerBroadcasts;
        }

        @Override
        public Reach udp(final InetSocketAddress to, final int bytes, final int tries) {
            visited.add(to.getAddress().getHostAddress() + ' ' + to.getPort() + ' ' + bytes);
            return bytes > largestUdp || silentHosts.contains(to.getAddress().getHostAddress())
                    ? new Reach(Answer.SILENT, 0, tries, tries)
                    : reaches.getOrDefault("UDP " + to.getPort(), new Reach(Answer.SILENT, 0, tries, tries));
        }

        @Override
        public Reach tcp(final InetSocketAddress to, final int tries) {
            return silentHosts.contains(to.getAddress().getHostAddress())
                    ? new Reach(Answer.SILENT, 0, tries, tries)
                    : reaches.getOrDefault("TCP " + to.getPort(), new Reach(Answer.SILENT, 0, tries, tries));
        }
    }
}
