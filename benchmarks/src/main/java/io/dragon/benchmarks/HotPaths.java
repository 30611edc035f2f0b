package io.dragon.benchmarks;

import io.dragon.engine.transfer.ChunkBenchmark;
import io.dragon.worker.voxel.VoxelBenchmark;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Hot paths that have a class of benchmarks and a baseline in common.
 *
 * @param host     the class
 * @param baseline what they are compared with; a method without parameters
 * @param paths    the others of its methods
 * @param source   what the source documents say of them; null where they say nothing
 */
record HotPaths(Class<?> host, HotPath baseline, List<HotPath> paths, String source) {
    static final List<HotPaths> ALL = List.of(
            new HotPaths(
                    FramePoolBenchmark.class,
                    HotPath.of("Agrona OneToOneRingBuffer", "ringBufferCycle"),
                    List.of(
                            HotPath.of(
                                    "pool, slots of 64 B: claim, publish, lease, release",
                                    "slotCycle",
                                    "slotLength",
                                    "64"),
                            HotPath.of(
                                    "pool, slots of 1 MiB: claim, publish, lease, release",
                                    "slotCycle",
                                    "slotLength",
                                    "1048576"),
                            HotPath.of("pool and ring: publish to a subscriber, poll", "descriptorCycle")),
                    RingSuite.SOURCE),
            new HotPaths(
                    MessageBenchmark.class,
                    HotPath.of("copying a message", "copy"),
                    List.of(
                            HotPath.of("encode SubmitTask", "encodeSubmitTask"),
                            HotPath.of("encode CompleteTask", "encodeCompleteTask"),
                            HotPath.of("encode FramePublished", "encodeFramePublished"),
                            HotPath.of("encode AssignTask, two inputs", "encodeAssignTask"),
                            HotPath.of("decode SubmitTask", "decodeSubmitTask"),
                            HotPath.of("decode AssignTask, two inputs", "decodeAssignTask"),
                            HotPath.of("decode CompleteTask", "decodeCompleteTask"),
                            HotPath.of("decode TaskResult", "decodeTaskResult"))),
            new HotPaths(
                    SequencerBenchmark.class,
                    HotPath.of("Agrona queue hop", "queueHop"),
                    List.of(new HotPath(
                            "sequencer, a command of the mix",
                            "commandMix",
                            Map.of("strategy", "weighted", "workers", "100", "waiting", "1000")))),
            new HotPaths(
                    ChunkBenchmark.class,
                    HotPath.of("copying the chunk", "copy"),
                    List.of(
                            HotPath.of("chunk of 64 KiB: CRC32C", "crc32c"),
                            HotPath.of("chunk of 64 KiB: MD5", "md5"),
                            HotPath.of("chunk of 64 KiB: LZ4", "lz4"),
                            HotPath.of("chunk of 64 KiB: from LZ4", "fromLz4"))),
            new HotPaths(BlockHashBenchmark.class, HotPath.of("copying the block", "copy"), hashes()),
            new HotPaths(
                    VoxelBenchmark.class,
                    HotPath.of("copying both frames", "copyOfBothFrames"),
                    List.of(
                            HotPath.of("frame of 480x270: mask", "mask"),
                            HotPath.of("frame of 480x270: rays of its mask walk 64^3 voxels", "rays"))));

    HotPaths(final Class<?> host, final HotPath baseline, final List<HotPath> paths) {
        this(host, baseline, paths, null);
    }

    private static List<HotPath> hashes() {
        final List<HotPath> hashes = new ArrayList<>();
        for (final String kind : List.of(
                BlockHashBenchmark.BLAKE3_SCALAR,
                BlockHashBenchmark.BLAKE3_VECTOR,
                BlockHashBenchmark.SHA256,
                BlockHashBenchmark.XXH3)) {
            final HotPath path = HotPath.of("block of 64 KiB: " + kind, "hash", "kind", kind);
            if (!path.needsVectors() || hasVectors()) {
                hashes.add(path);
            }
        }
        return hashes;
    }

    /** Whether a virtual machine started from here can have the Vector API. */
    private static boolean hasVectors() {
        return ModuleFinder.ofSystem().find("jdk.incubator.vector").isPresent();
    }
}
