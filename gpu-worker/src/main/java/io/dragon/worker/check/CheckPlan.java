package io.dragon.worker.check;

import java.util.List;

/**
 * How much is compared and measured.
 *
 * @param rounds      how often each figure is taken; the median is told.
 * @param roundNs     how long one figure of one round takes, about.
 * @param copyBytes   lengths of copies.
 * @param blocks      blocks of a frame to hash.
 * @param blockBytes  bytes of a block.
 * @param width       of the frames to mask, and of the cameras' masks to carve from.
 * @param height      of the same.
 * @param cameras     whose masks are carved from.
 * @param cells       voxels along each axis.
 * @param comparisons random cases for each kind of work.
 * @param longest     bytes of the longest random case.
 */
public record CheckPlan(
        int rounds,
        long roundNs,
        List<Long> copyBytes,
        int blocks,
        int blockBytes,
        int width,
        int height,
        int cameras,
        int cells,
        int comparisons,
        int longest) {
    /** Sizes with which a GPU that is played by a processor ends in seconds. */
    public static final CheckPlan SMALL =
            new CheckPlan(2, 1_000_000, List.of(4L << 10, 64L << 10), 3, 4 << 10, 64, 48, 4, 24, 4, 20_000);

    private static final int ROUNDS = 7;
    private static final int FIGURES = 12;
    private static final long MOST_ROUND_NS = 2_000_000_000L;

    /**
     * The plan for a GPU.
     *
     * @param seconds for the figures; comparisons take their own time, about as long as a minute.
     * @return 4K frames, blocks of 4 MiB, 20 cameras, 512 voxels along each axis.
     */
    public static CheckPlan of(final int seconds) {
        final long roundNs = Math.min(MOST_ROUND_NS, seconds * 1_000_000_000L / (ROUNDS * FIGURES));
        return new CheckPlan(
                ROUNDS,
                Math.max(20_000_000, roundNs),
                List.of(1L << 20, 4L << 20, 16L << 20, 64L << 20, 256L << 20),
                16,
                4 << 20,
                3_840,
                2_160,
                20,
                512,
                12,
                8 << 20);
    }
}
