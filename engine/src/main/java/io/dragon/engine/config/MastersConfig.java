package io.dragon.engine.config;

import java.nio.file.Path;
import java.util.List;

/**
 * The section {@code masters}: where they are, and what they keep.
 *
 * @param members            the host of each, by number.
 * @param basePort           the first of five UDP ports of master 0; those of master n begin 10 n higher.
 * @param directory          where a master keeps its log and snapshots.
 * @param fileSyncLevel      0, 1 or 2, as Aeron defines them.
 * @param snapshotIntervalNs the time between two snapshots, nanoseconds.
 * @param snapshotLogLength  a snapshot is also taken when the log has grown by so many bytes.
 * @param incidents          how many records of detected faults they keep, 1 to 4,096.
 */
public record MastersConfig(
        List<String> members,
        int basePort,
        Path directory,
        int fileSyncLevel,
        long snapshotIntervalNs,
        long snapshotLogLength,
        int incidents) {}
