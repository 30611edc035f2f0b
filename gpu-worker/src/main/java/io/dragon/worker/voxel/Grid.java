package io.dragon.worker.voxel;

/**
 * A box of cubic voxels. Voxel (0, 0, 0) begins at the origin; in memory and in files x is the slowest axis.
 *
 * @param originX x of the first corner, metres
 * @param originY y of the first corner, metres
 * @param originZ z of the first corner, metres
 * @param voxel   edge of a voxel, metres
 * @param nx      voxels along x
 * @param ny      voxels along y
 * @param nz      voxels along z
 */
public record Grid(double originX, double originY, double originZ, double voxel, int nx, int ny, int nz) {
    /** The largest number of voxels along an axis. */
    public static final int MAX_SIDE = 65_535;

    /** The largest number of voxels of a grid. */
    public static final long MAX_VOXELS = Integer.MAX_VALUE - 8;

    /**
     * A grid.
     *
     * @param originX x of the first corner, metres
     * @param originY y of the first corner, metres
     * @param originZ z of the first corner, metres
     * @param voxel edge of a voxel, metres
     * @param nx voxels along x
     * @param ny voxels along y
     * @param nz voxels along z
     * @throws IllegalArgumentException when it is empty, too large or not finite
     */
    public Grid {
        if (!(Double.isFinite(originX) && Double.isFinite(originY) && Double.isFinite(originZ))
                || Math.abs(originX) > 1e9
                || Math.abs(originY) > 1e9
                || Math.abs(originZ) > 1e9) {
            throw new IllegalArgumentException("the grid's origin is " + originX + ", " + originY + ", " + originZ
                    + "; expected finite metres below 1e9");
        }
        if (!(voxel >= 1e-6 && voxel <= 1e6)) {
            throw new IllegalArgumentException("a voxel of " + voxel + " m; expected 0.000001 to 1000000");
        }
        if (nx < 1 || ny < 1 || nz < 1 || nx > MAX_SIDE || ny > MAX_SIDE || nz > MAX_SIDE) {
            throw new IllegalArgumentException("a grid of " + nx + " x " + ny + " x " + nz + " voxels; expected 1 to "
                    + MAX_SIDE + " along each axis");
        }
        if ((long) nx * ny * nz > MAX_VOXELS) {
            throw new IllegalArgumentException("a grid of " + nx + " x " + ny + " x " + nz + " = "
                    + (long) nx * ny * nz + " voxels; at most " + MAX_VOXELS
                    + " are possible: choose larger voxels or narrower bounds");
        }
    }

    /**
     * The grid that covers a box.
     *
     * @param bounds x0, y0, z0, x1, y1, z1 in metres
     * @param voxel  edge of a voxel in metres
     * @return a grid whose origin is the box's first corner
     */
    public static Grid covering(final double[] bounds, final double voxel) {
        final int[] n = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            final double length = bounds[axis + 3] - bounds[axis];
            if (!(length > 0)) {
                throw new IllegalArgumentException("the bounds are empty along " + "xyz".charAt(axis) + ": "
                        + bounds[axis] + " to " + bounds[axis + 3]);
            }
            final double cells = Math.ceil(length / voxel - 1e-6);
            if (!(cells <= MAX_SIDE)) {
                throw new IllegalArgumentException("bounds of " + length + " m along " + "xyz".charAt(axis)
                        + " and voxels of " + voxel + " m make more than " + MAX_SIDE + " voxels along an axis");
            }
            n[axis] = Math.max(1, (int) cells);
        }
        return new Grid(bounds[0], bounds[1], bounds[2], voxel, n[0], n[1], n[2]);
    }

    /**
     * Number of voxels.
     *
     * @return at most {@link #MAX_VOXELS}
     */
    public long voxels() {
        return (long) nx * ny * nz;
    }

    /**
     * First layer along x of a slab.
     *
     * @param part  index of the slab; {@code parts} gives the end of the last one
     * @param parts number of slabs
     * @return 0 to nx
     */
    public int slabBegin(final int part, final int parts) {
        return (int) ((long) nx * part / parts);
    }

    /**
     * Place of a voxel in memory and files.
     *
     * @param x column
     * @param y row
     * @param z layer
     * @return the index with x slowest
     */
    public int index(final int x, final int y, final int z) {
        return (x * ny + y) * nz + z;
    }

    double origin(final int axis) {
        return axis == 0 ? originX : axis == 1 ? originY : originZ;
    }

    int cells(final int axis) {
        return axis == 0 ? nx : axis == 1 ? ny : nz;
    }
}
