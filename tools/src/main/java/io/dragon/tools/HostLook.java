package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.frame.PoolJanitor;
import io.dragon.engine.frame.PoolStatus;
import io.dragon.tools.process.DriverFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the processes of one host have written into its shared folder, read without asking any of them: so it can be had while nothing
 * works.
 *
 * @param folder   the shared folder.
 * @param drivers  media drivers: the host's, and those of masters that have one each.
 * @param pools    frame pools.
 * @param parties  processes by the locks that they hold, or held when they were killed.
 * @param remarks  what could not be read, one sentence each.
 * @param millis   when this was, milliseconds since the epoch.
 * @param nanos    the same by a clock that nobody sets, for differences.
 */
record HostLook(
        Path folder,
        List<Driver> drivers,
        List<PoolStatus> pools,
        List<Holder> parties,
        List<String> remarks,
        long millis,
        long nanos) {
    private static final List<String> LOCK_FOLDERS = List.of("workers", "parties", "tools");
    private static final String LOCK = ".lock";

    /**
     * A media driver.
     *
     * @param directory   its own.
     * @param isAlive     whether it lives.
     * @param processId   its process, or the one that has left the file.
     * @param heardMillis when it last said that it lives, milliseconds since the epoch.
     * @param counters    of it and of all that runs on it, by what they count.
     * @param faults      errors that it and they have noted, the last first.
     */
    record Driver(
            Path directory,
            boolean isAlive,
            long processId,
            long heardMillis,
            List<DriverFile.Counter> counters,
            List<DriverFile.Fault> faults) {}

    /**
     * A process as the lock that proves its life.
     *
     * @param kind      of lock: workers, parties, tools.
     * @param name      of the lock.
     * @param isAlive   whether it is held.
     * @param processId of the holder, or of the one that was killed; 0 unknown.
     */
    record Holder(String kind, String name, boolean isAlive, long processId) {}

    /** Looks at the host of a configuration. */
    static HostLook at(final DragonConfig config) {
        final DragonDirectory directory = ConfigOptions.directory(config);
        final List<String> remarks = new ArrayList<>();
        return new HostLook(
                directory.path(),
                drivers(config, remarks),
                pools(directory, remarks),
                parties(directory, remarks),
                remarks,
                System.currentTimeMillis(),
                System.nanoTime());
    }

    /** Whether anything can be done on this host. */
    boolean isDriven() {
        return drivers.stream().anyMatch(Driver::isAlive);
    }

    private static List<Driver> drivers(final DragonConfig config, final List<String> remarks) {
        final TreeSet<Path> directories = new TreeSet<>(LeftOvers.drivers(config.dragonDir()));
        directories.removeIf(path -> path.getFileName().toString().contains("-tool-")); // of a command that looks, too
        directories.add(ClusterAccess.aeronDirectory(config));
        final List<Driver> drivers = new ArrayList<>();
        for (final Path directory : directories) {
            try (DriverFile file = DriverFile.open(directory)) {
                if (file != null) {
                    drivers.add(driver(directory, ClusterAccess.isDriverActive(directory, config.timeouts()), file));
                }
            } catch (final UncheckedIOException ex) {
                remarks.add("The media driver's file in " + directory + " cannot be read: "
                        + ex.getCause().getMessage() + ".");
            }
        }
        return drivers;
    }

    private static Driver driver(final Path directory, final boolean isAlive, final DriverFile file) {
        return new Driver(
                directory,
                isAlive,
                file.processId(),
                file.heardMillis(),
                file.counters().stream()
                        .sorted(Comparator.comparingInt(DriverFile.Counter::typeId)
                                .thenComparing(DriverFile.Counter::label)
                                .thenComparingInt(DriverFile.Counter::id))
                        .toList(),
                file.faults().stream()
                        .sorted(Comparator.comparingLong(DriverFile.Fault::lastMillis)
                                .reversed())
                        .toList());
    }

    private static List<PoolStatus> pools(final DragonDirectory directory, final List<String> remarks) {
        final List<PoolStatus> pools = new ArrayList<>();
        try {
            final PoolJanitor janitor = new PoolJanitor(directory);
            for (final long poolId : janitor.pools()) {
                try {
                    final PoolStatus pool = janitor.status(poolId);
                    if (pool != null) {
                        pools.add(pool);
                    }
                } catch (final DragonException ex) {
                    remarks.add(ex.getMessage());
                }
            }
        } catch (final DragonException ex) {
            remarks.add(ex.getMessage());
        }
        pools.sort(Comparator.comparing(PoolStatus::ownerName).thenComparing(PoolStatus::poolId));
        return pools;
    }

    private static List<Holder> parties(final DragonDirectory directory, final List<String> remarks) {
        final List<Holder> holders = new ArrayList<>();
        for (final String kind : LOCK_FOLDERS) {
            final Path folder = directory.path().resolve(kind);
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(LOCK)).sorted().forEach(file -> {
                    final String name = file.getFileName().toString();
                    final boolean isAlive = LivenessLock.isHeld(file);
                    if (isAlive || Files.exists(file)) { // else it has just ended in order
                        holders.add(new Holder(
                                kind,
                                name.substring(0, name.length() - LOCK.length()),
                                isAlive,
                                LivenessLock.holder(file)));
                    }
                });
            } catch (final IOException | UncheckedIOException ex) {
                remarks.add("The folder " + folder + " cannot be read: " + ex.getMessage() + ".");
            }
        }
        return holders;
    }
}
