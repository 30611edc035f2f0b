package io.dragon.worker.device;

import java.util.Locale;

/**
 * What a GPU says of itself.
 *
 * @param ordinal         its number among the GPUs of this host in the order of their PCI addresses, from 0.
 * @param name            the maker's name of it.
 * @param uuid            {@code GPU-} and 36 characters; names this one GPU everywhere.
 * @param pciBusId        where it is plugged in, {@code 0000:17:00.0}.
 * @param major           first number of its compute capability.
 * @param minor           second number of its compute capability.
 * @param multiprocessors units that compute at the same time.
 * @param memoryBytes     all its memory.
 * @param cudaVersion     the newest CUDA that its driver speaks: 1000 times the first number plus 10 times the second.
 */
public record GpuInfo(
        int ordinal,
        String name,
        String uuid,
        String pciBusId,
        int major,
        int minor,
        int multiprocessors,
        long memoryBytes,
        int cudaVersion) {
    /**
     * A version in words.
     *
     * @param cudaVersion 1000 times the first number plus 10 times the second.
     * @return for instance {@code 12.4}.
     */
    public static String version(final int cudaVersion) {
        return cudaVersion / 1000 + "." + cudaVersion % 1000 / 10;
    }

    /**
     * The same with another number.
     *
     * @param number from 0.
     * @return a copy.
     */
    public GpuInfo withOrdinal(final int number) {
        return new GpuInfo(number, name, uuid, pciBusId, major, minor, multiprocessors, memoryBytes, cudaVersion);
    }

    /**
     * The GPU for people.
     *
     * @return for instance {@code NVIDIA H200 (GPU-..., compute capability 9.0, 139.8 GiB)}.
     */
    public String words() {
        return String.format(
                Locale.ROOT,
                "%s (%s, compute capability %d.%d, %.1f GiB)",
                name,
                uuid,
                major,
                minor,
                memoryBytes / (double) (1L << 30));
    }
}
