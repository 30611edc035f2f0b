package io.dragon.tools.doctor;

import static io.dragon.tools.doctor.Finding.Level.FAULT;
import static io.dragon.tools.doctor.Finding.Level.NOTE;
import static io.dragon.tools.doctor.Finding.Level.OK;
import static io.dragon.tools.doctor.Finding.Level.WARNING;
import static io.dragon.tools.doctor.HostKit.GIBI;
import static io.dragon.tools.doctor.HostKit.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says of the host itself: Java, memory, limits, clock, what was left behind. */
final class DoctorTest {
    @TempDir
    Path root;

    private HostKit kit;

    @BeforeEach
    void make() {
        kit = new HostKit(root);
    }

    @Test
    void shouldFindNothingWrongWithAHostThatIsWell() {
        final List<Finding> told = new ArrayList<>();
        final List<Finding> all = new Doctor(kit.host(), kit.needs(), List.of(), () -> "").examine(told::add);
        assertEquals(told, all);
        for (final Finding finding : all) {
            assertTrue(finding.level().compareTo(NOTE) <= 0, finding::toString);
        }
        assertEquals(OK, Doctor.worst(all));
        assertEquals(0L, Doctor.json(all).get("faults"));
    }

    @Test
    void shouldSayWhatOfJavaIsMissing() {
        kit.assertWell(new JavaCheck());
        kit.property("java.version", "11.0.2").property(JavaCheck.VECTOR, "false");
        assertSays(kit.only(new JavaCheck(), FAULT), "Java 11.0.2", "17 or newer", "JAVA_HOME");
        assertSays(kit.only(new JavaCheck(), NOTE), "jdk.incubator.vector");
        kit.property("java.version", "25-ea").property(JavaCheck.OPENS + "java.util.zip", "false");
        assertSays(kit.only(new JavaCheck(), FAULT), "--add-opens java.base/java.util.zip=ALL-UNNAMED");
        kit.property(JavaCheck.OPENS + "java.util.zip", "true").property("os.arch", "aarch64");
        assertSays(kit.only(new JavaCheck(), FAULT), "Linux on aarch64", "amd64");
    }

    @Test
    void shouldMeasureTheSharedMemoryByWhatTheConfigurationAsksFor() {
        kit.assertWell(new SharedMemoryCheck());
        kit.space("/dev/shm/dragon-me", GIBI / 4, GIBI / 5);
        final Finding small = kit.only(new SharedMemoryCheck(), WARNING);
        assertSays(small, "204.8 MiB free of 256 MiB", "sudo mount -o remount,size=4G /dev/shm");
        kit.flag("pools.slot_length", "100MiB").space("/dev/shm/dragon-me", 4 * GIBI, GIBI);
        assertSays(kit.only(new SharedMemoryCheck(), WARNING), "1 GiB free", "a camera's pool 1.6 GiB", "du -sh");
        kit.space("/dev/shm/dragon-me", 64 << 20, 60 << 20).file("/.dockerenv", "");
        assertSays(kit.only(new SharedMemoryCheck(), FAULT), "60 MiB free", "--shm-size=8g", "emptyDir");
    }

    @Test
    void shouldRefuseASharedFolderOfSomebodyElseOrOnADisk() throws IOException {
        Files.createDirectories(root.resolve("dev/shm/dragon-me"));
        Files.setPosixFilePermissions(
                root.resolve("dev/shm/dragon-me"),
                java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        assertSays(kit.only(new SharedMemoryCheck(), FAULT), "rwxr-xr-x", "rwx------", "--dir");
        kit.flag("dragon.dir", "/var/dragon").space("/var/dragon", 9 * GIBI, 9 * GIBI);
        assertSays(kit.only(new SharedMemoryCheck(), WARNING), "ext4", "--dir /dev/shm/dragon-");
    }

    @Test
    void shouldSayWhatTakesMemoryAway() {
        kit.assertWell(new MemoryCheck());
        kit.file("/proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 1048576 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB");
        assertSays(kit.only(new MemoryCheck(), WARNING), "1 GiB of 2 GiB", "ps aux");
        kit.file(
                "/proc/meminfo",
                "MemTotal: 67108864 kB\nMemAvailable: 60000000 kB\nSwapTotal: 1048576 kB\nSwapFree: 1048576 kB");
        assertSays(kit.only(new MemoryCheck(), NOTE), "there is swap (1 GiB)");
        kit.file(
                "/proc/meminfo",
                "MemTotal: 67108864 kB\nMemAvailable: 60000000 kB\nSwapTotal: 1048576 kB\nSwapFree: 524288 kB");
        assertSays(kit.only(new MemoryCheck(), WARNING), "512 MiB of 1 GiB swap", "sudo swapoff -a");
        kit.file("/proc/meminfo", "MemTotal: 67108864 kB\nMemAvailable: 60000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB");
        kit.file("/proc/sys/vm/overcommit_memory", "2\n");
        assertSays(kit.only(new MemoryCheck(), WARNING), "sudo sysctl -w vm.overcommit_memory=0");
    }

    @Test
    void shouldFindTheLimitOfTheControlGroupOfBothVersions() {
        kit.file("/sys/fs/cgroup/user.slice/me/memory.max", "max\n")
                .file("/sys/fs/cgroup/user.slice/memory.max", Long.toString(GIBI));
        assertSays(kit.only(new MemoryCheck(), WARNING), "may use 1 GiB", "MemoryMax=4G");
        kit.file("/sys/fs/cgroup/user.slice/memory.max", "max\n");
        kit.assertWell(new MemoryCheck());
        kit.file("/proc/self/cgroup", "4:memory:/box\n0::/\n")
                .file("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", Long.toString(GIBI / 2))
                .file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
                .file("/run/.containerenv", "");
        assertSays(kit.only(new MemoryCheck(), WARNING), "may use 512 MiB", "--memory=4g");
    }

    @Test
    void shouldCheckLimitsAndProcessors() {
        kit.assertWell(new LimitsCheck());
        kit.file("/proc/self/limits", HostKit.limits(1_024, 100_000));
        assertSays(kit.only(new LimitsCheck(), WARNING), "1024 files", "LimitNOFILE=65536");
        kit.file("/proc/self/limits", HostKit.limits(65_536, 512));
        assertSays(kit.only(new LimitsCheck(), WARNING), "512 processes and threads", "TasksMax");
        kit.file("/proc/self/limits", HostKit.limits(65_536, 65_536))
                .file("/sys/fs/cgroup/user.slice/me/pids.max", "100\n");
        assertSays(kit.only(new LimitsCheck(), WARNING), "100 processes and threads", "--pids-limit=-1");

        kit.assertWell(new ProcessorCheck());
        kit.file("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
        kit.assertWell(new ProcessorCheck());
        kit.flag("media_driver.profile", "low-latency");
        assertSays(kit.only(new ProcessorCheck(), WARNING), "echo madvise | sudo tee");
        kit.file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
                .property(Host.CORES, "2");
        assertSays(kit.only(new ProcessorCheck(), WARNING), "2 processors", "media_driver.profile");
    }

    @Test
    void shouldTellWhoKeepsTheClockOrThatItCannotTell() {
        kit.assertWell(new ClockCheck());
        kit.program("timedatectl", 0, "no");
        assertSays(kit.only(new ClockCheck(), WARNING), "sudo timedatectl set-ntp true");
        kit.program("timedatectl", 1, "Failed to connect to bus");
        assertSays(kit.only(new ClockCheck(), NOTE), "cannot be told here");
        kit.file("/run/systemd/timesync/synchronized", "");
        assertSays(kit.only(new ClockCheck(), OK), "kept by NTP");
        kit.program("chronyc", 0, "Reference ID    : 00000000\nLeap status     : Not synchronised");
        assertSays(kit.only(new ClockCheck(), WARNING), "Not synchronised", "chronyc sources -v");
        kit.program("chronyc", 0, "System time     : 0.000012 seconds fast of NTP time\nLeap status     : Normal");
        assertSays(kit.only(new ClockCheck(), OK), "chrony", "0.000012 seconds fast");
        kit.file("/proc/71/comm", "ptp4l\n").file("/proc/72/comm", "phc2sys\n");
        assertSays(kit.only(new ClockCheck(), OK), "PTP");
    }

    @Test
    void shouldWarnOfALoginThatTakesTheSharedFolderAway() {
        kit.assertWell(new LoginCheck());
        kit.folder("/run/systemd/system");
        assertSays(kit.only(new LoginCheck(), WARNING), "sudo loginctl enable-linger");
        kit.file("/etc/systemd/logind.conf", "[Login]\n#RemoveIPC=yes\nRemoveIPC=no\n");
        kit.assertWell(new LoginCheck());
        kit.file("/etc/systemd/logind.conf", "[Login]\n#RemoveIPC=no\n")
                .file("/var/lib/systemd/linger/" + System.getProperty("user.name"), "");
        kit.assertWell(new LoginCheck());
    }

    @Test
    void shouldCheckWhereTheMastersKeepTheirLogAndTheSecret() throws IOException {
        kit.assertWell(new StateCheck());
        kit.space("/home/me/.local/state/dragon", 100 * GIBI, GIBI / 2);
        assertSays(kit.only(new StateCheck(), WARNING), "512 MiB free", "1 GiB");
        kit.space("/home/me/.local/state/dragon", 100 * GIBI, GIBI / 8);
        assertSays(kit.only(new StateCheck(), FAULT), "128 MiB free");
        kit.space("/home/me/.local/state/dragon", 100 * GIBI, 90 * GIBI);
        kit.file("/proc/self/mounts", "tmpfs / tmpfs rw 0 0\n");
        assertSays(kit.only(new StateCheck(), WARNING), "is in memory");
        kit.file("/proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n").flag("security.secret_file", "/home/me/secret");
        assertSays(kit.only(new StateCheck(), FAULT), "cannot be read", "head -c 32 /dev/urandom");
        kit.file("/home/me/secret", "s");
        Files.setPosixFilePermissions(
                root.resolve("home/me/secret"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        assertSays(kit.only(new StateCheck(), FAULT), "can be read by others", "chmod 600");
        Files.setPosixFilePermissions(
                root.resolve("home/me/secret"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        kit.assertWell(new StateCheck());
    }

    @Test
    void shouldShowWhatKilledProcessesHaveLeftAndWhereNothingLives() {
        kit.assertWell(new LeftoverCheck());
        kit.file("/dev/shm/dragon-me/pools/00000000000000aa", "x".repeat(5_000))
                .file("/dev/shm/dragon-me/pools/00000000000000aa.lock", "")
                .file("/dev/shm/dragon-me/workers/w.lock", "");
        assertSays(
                kit.only(new LeftoverCheck(), WARNING),
                "4.9 KiB, 1 frame pools",
                "rm -r " + root.resolve("dev/shm/dragon-me"));
        kit.file("/dev/shm/dragon-" + System.getProperty("user.name") + "-demo-999999999/pools/bb", "xy");
        final List<Finding> found = kit.look(new LeftoverCheck());
        assertEquals(2, found.size());
        assertSays(found.get(1), "1 folder of systems that were killed, 2 bytes", "rm -r", "demo-999999999");
    }

    @Test
    void shouldNameAMasterWithoutAnAddress() {
        kit.assertWell(new MastersCheck());
        kit.flag("masters.members", "localhost,gpu-2,nowhere");
        assertSays(kit.only(new MastersCheck(), FAULT), "nowhere has no address", "/etc/hosts");
    }

    @Test
    void shouldGoOnWhenACheckFails() {
        kit.network.nics.clear();
        kit.network.nics.add(null);
        final List<Finding> all = new Doctor(kit.host(), kit.needs(), List.of(), () -> "").examine(finding -> {});
        assertTrue(all.stream()
                .anyMatch(finding -> finding.check().equals("network")
                        && finding.level() == NOTE
                        && finding.found().startsWith("cannot be looked at")));
        assertTrue(all.stream().anyMatch(finding -> finding.check().equals("leftovers")));
    }
}
