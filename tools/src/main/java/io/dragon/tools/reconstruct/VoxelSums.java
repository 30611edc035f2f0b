package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Grid;
import io.dragon.worker.voxel.VoxelFrame;

/** The voxels of all steps together: the most votes a voxel ever had, and the total of its sums. */
final class VoxelSums {
    private static final double MEMORY_SHARE = 0.7;
    private static final int BYTES_PER_VOXEL = 5;

    private final Grid grid;
    private final byte[] votes;
    private final int[] sums;

    VoxelSums(final Grid grid) {
        this.grid = grid;
        final long needed = grid.voxels() * BYTES_PER_VOXEL;
        if (needed > Runtime.getRuntime().maxMemory() * MEMORY_SHARE) {
            throw new DragonException(
                    "A grid of " + grid.nx() + " x " + grid.ny() + " x " + grid.nz() + " voxels takes "
                            + (needed >> 20) + " MiB, more than this process may use ("
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB): choose larger voxels (--voxel) or narrower bounds (--bounds).");
        }
        votes = new byte[(int) grid.voxels()];
        sums = new int[(int) grid.voxels()];
    }

    Grid grid() {
        return grid;
    }

    void add(final VoxelFrame frame) {
        frame.forEachRun((index, length, cameraBits, sum) -> {
            final byte cameras = (byte) Integer.bitCount(cameraBits);
            for (int i = index; i < index + length; i++) {
                votes[i] = cameras > votes[i] ? cameras : votes[i];
                final long total = (sums[i] & 0xFFFF_FFFFL) + (sum & 0xFFFF_FFFFL);
                sums[i] = (int) Math.min(total, 0xFFFF_FFFFL);
            }
        });
    }

    int votes(final int index) {
        return votes[index];
    }

    float sum(final int index) {
        return sums[index] & 0xFFFF_FFFFL;
    }

    long occupied() {
        long occupied = 0;
        for (final byte vote : votes) {
            occupied += vote == 0 ? 0 : 1;
        }
        return occupied;
    }

    /** Outer faces of the voxels that count: x0, y0, z0, x1, y1, z1 in metres; null when there are none. */
    double[] bounds() {
        final int[] extent = {
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MAX_VALUE,
            Integer.MIN_VALUE,
            Integer.MIN_VALUE,
            Integer.MIN_VALUE
        };
        int index = 0;
        for (int x = 0; x < grid.nx(); x++) {
            for (int y = 0; y < grid.ny(); y++) {
                for (int z = 0; z < grid.nz(); z++) {
                    if (votes[index++] != 0) {
                        widen(extent, x, y, z);
                    }
                }
            }
        }
        if (extent[0] > extent[3]) {
            return null;
        }
        final double[] origin = {grid.originX(), grid.originY(), grid.originZ()};
        final double[] bounds = new double[6];
        for (int i = 0; i < 6; i++) {
            bounds[i] = origin[i % 3] + (i < 3 ? extent[i] : extent[i] + 1) * grid.voxel();
        }
        return bounds;
    }

    private static void widen(final int[] extent, final int x, final int y, final int z) {
        extent[0] = Math.min(extent[0], x);
        extent[1] = Math.min(extent[1], y);
        extent[2] = Math.min(extent[2], z);
        extent[3] = Math.max(extent[3], x);
        extent[4] = Math.max(extent[4], y);
        extent[5] = Math.max(extent[5], z);
    }
}
