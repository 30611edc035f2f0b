package io.dragon.worker.voxel;

/**
 * Voxels look themselves up in the masks. A block that no mask, or too few, can reach is skipped; one that they can reach is cut into eight, down
 * to 4 x 4 x 4 voxels, which look for themselves while enough cameras are left. What a mask shows of a block is bounded from above, so
 * that skipping never changes a result.
 */
final class Gather {
    private static final int FIRST_SHIFT = 5;
    private static final int BLOCK_SHIFT = 2;
    private static final int BLOCK = 1 << BLOCK_SHIFT;
    /** From the middle of a cube to its corner, in edges. */
    private static final double RADIUS = 0.5 * 1.7320508075688774 * 1.000001;

    /** What the picture of a block shows at most. */
    private static final int OUTSIDE = 0;

    private static final int EMPTY = 1;
    private static final int UNKNOWN = 2;

    private final double[] uv = new double[2];
    private final int[] blockBits = new int[BLOCK * BLOCK * BLOCK];
    private final int[] blockSums = new int[BLOCK * BLOCK * BLOCK];
    private boolean skipping = true;
    private SlabVotes votes;
    private Grid grid;
    private Rig rig;
    private MaskLevels[] masks;
    private int minCameras;
    private boolean hull;
    private int firstX;
    private int afterX;
    /** Cameras that have not looked at the block yet. */
    private int camerasLeft;

    private int x0;
    private int x1;
    private int y0;
    private int y1;
    private int z0;
    private int z1;

    /** For tests: look at every voxel. */
    void skipping(final boolean on) {
        skipping = on;
    }

    /**
     * Vote.
     *
     * @param newMasks by camera, null where a camera has none
     */
    void carve(
            final SlabVotes newVotes,
            final Rig newRig,
            final MaskLevels[] newMasks,
            final int newMinCameras,
            final boolean isHull) {
        votes = newVotes;
        grid = newVotes.grid();
        rig = newRig;
        masks = newMasks;
        minCameras = newMinCameras;
        hull = isHull;
        firstX = newVotes.base();
        afterX = firstX + newVotes.layers();
        int all = 0;
        for (int i = 0; i < rig.size(); i++) {
            all |= masks[i] == null ? 0 : 1 << i;
        }
        final int step = 1 << FIRST_SHIFT;
        for (int x = firstX & -step; x < afterX; x += step) {
            for (int y = 0; y < grid.ny(); y += step) {
                for (int z = 0; z < grid.nz(); z += step) {
                    block(x, y, z, FIRST_SHIFT, all);
                }
            }
        }
    }

    /** A cube of voxels, as far as it lies within the slab, for the cameras that may show something of it. */
    private void block(final int x, final int y, final int z, final int shift, final int mayShow) {
        final int edge = 1 << shift;
        if (x + edge <= firstX || x >= afterX || y >= grid.ny() || z >= grid.nz()) {
            return;
        }
        final int cameras = skipping ? showing(x, y, z, edge, mayShow) : mayShow;
        if (Integer.bitCount(cameras) < minCameras || !hull && !rig.spansStations(cameras)) {
            return;
        }
        if (shift == BLOCK_SHIFT) {
            x0 = Math.max(x, firstX);
            x1 = Math.min(x + edge, afterX);
            y0 = y;
            y1 = Math.min(y + edge, grid.ny());
            z0 = z;
            z1 = Math.min(z + edge, grid.nz());
            look(cameras);
            return;
        }
        final int half = edge >> 1;
        for (int i = 0; i < 8; i++) {
            block(x + (i >> 2) * half, y + (i >> 1 & 1) * half, z + (i & 1) * half, shift - 1, cameras);
        }
    }

    /** Those of the cameras that may show something of a cube; none when it is certainly empty. */
    private int showing(final int x, final int y, final int z, final int edge, final int mayShow) {
        final double cx = grid.originX() + (x + 0.5 * edge) * grid.voxel();
        final double cy = grid.originY() + (y + 0.5 * edge) * grid.voxel();
        final double cz = grid.originZ() + (z + 0.5 * edge) * grid.voxel();
        int cameras = 0;
        int left = Integer.bitCount(mayShow);
        for (int rest = mayShow; rest != 0; rest &= rest - 1) {
            final int i = Integer.numberOfTrailingZeros(rest);
            final int shown = shown(rig.camera(i), masks[i], cx, cy, cz, (edge - 1) * RADIUS * grid.voxel());
            if (shown == UNKNOWN) {
                cameras |= 1 << i;
            } else if (hull && shown == EMPTY || --left < minCameras) {
                return 0;
            }
        }
        return cameras;
    }

    private void look(final int cameras) {
        java.util.Arrays.fill(blockBits, 0);
        java.util.Arrays.fill(blockSums, 0);
        camerasLeft = Integer.bitCount(cameras);
        for (int left = cameras; left != 0; left &= left - 1) {
            final int i = Integer.numberOfTrailingZeros(left);
            if (hull) {
                silhouette(rig.camera(i), masks[i], 1 << i);
            } else {
                look(rig.camera(i), masks[i], 1 << i);
            }
            camerasLeft--;
        }
        store();
    }

    /** Whether a voxel cannot have cameras enough any more. */
    private boolean isLost(final int at) {
        return skipping && Integer.bitCount(blockBits[at]) + camerasLeft < minCameras;
    }

    private int shown(
            final Camera camera,
            final MaskLevels mask,
            final double x,
            final double y,
            final double z,
            final double radius) {
        final double depth = camera.depth(x, y, z);
        final double voxelRadius = RADIUS * grid.voxel();
        if (depth + radius <= 0) {
            return OUTSIDE;
        }
        final double nearest = depth - radius - voxelRadius;
        if (!(nearest > 0.01 * radius)) {
            return UNKNOWN;
        }
        final double cameraX =
                ((camera.rotation(0) * x + camera.rotation(1) * y) + camera.rotation(2) * z) + camera.translation(0);
        final double cameraY =
                ((camera.rotation(3) * x + camera.rotation(4) * y) + camera.rotation(5) * z) + camera.translation(1);
        final double nx = cameraX / depth;
        final double ny = cameraY / depth;
        final double squared = nx * nx + ny * ny;
        final double reach = radius * Math.sqrt(1 + squared) / nearest;
        final double normalised = Math.sqrt(squared);
        if (normalised > camera.viewRadius()) {
            return normalised - reach > camera.viewRadius() ? OUTSIDE : UNKNOWN;
        }
        if (!camera.projectCamera(cameraX, cameraY, depth, uv)) {
            return UNKNOWN;
        }
        final double spread = camera.stretch() * reach;
        final double u = uv[0];
        final double v = uv[1];
        if (!mask.touches(u, v, spread)) {
            return OUTSIDE;
        }
        final double around = hull ? spread + 1 : spread + camera.focalLength() * 2 * voxelRadius / nearest + 1;
        if (mask.area(u, v, around, around) != 0) {
            return UNKNOWN;
        }
        if (!hull) {
            return OUTSIDE;
        }
        return normalised + reach <= camera.viewRadius() && mask.covers(u, v, spread) ? EMPTY : UNKNOWN;
    }

    /** Motion: the window that a voxel covers is looked up, when the voxel's centre is in the picture. */
    private void look(final Camera camera, final MaskLevels mask, final int bit) {
        final double voxel = grid.voxel();
        final double halfX = 0.5
                * voxel
                * (Math.abs(camera.rotation(0)) + Math.abs(camera.rotation(1)) + Math.abs(camera.rotation(2)))
                * camera.matrix(0);
        final double halfY = 0.5
                * voxel
                * (Math.abs(camera.rotation(3)) + Math.abs(camera.rotation(4)) + Math.abs(camera.rotation(5)))
                * camera.matrix(4);
        for (int x = x0; x < x1; x++) {
            final double wx = grid.originX() + (x + 0.5) * voxel;
            for (int y = y0; y < y1; y++) {
                final double wy = grid.originY() + (y + 0.5) * voxel;
                final double cx = camera.rotation(0) * wx + camera.rotation(1) * wy;
                final double cy = camera.rotation(3) * wx + camera.rotation(4) * wy;
                final double cz = camera.rotation(6) * wx + camera.rotation(7) * wy;
                for (int z = z0; z < z1; z++) {
                    final int at = inBlock(x, y, z);
                    if (isLost(at)) {
                        continue;
                    }
                    final double wz = grid.originZ() + (z + 0.5) * voxel;
                    final double depth = (cz + camera.rotation(8) * wz) + camera.translation(2);
                    if (camera.projectCamera(
                                    (cx + camera.rotation(2) * wz) + camera.translation(0),
                                    (cy + camera.rotation(5) * wz) + camera.translation(1),
                                    depth,
                                    uv)
                            && mask.contains(uv[0], uv[1])) {
                        final int area = mask.area(uv[0], uv[1], halfX / depth, halfY / depth);
                        if (area != 0) {
                            blockBits[at] |= bit;
                            blockSums[at] += area;
                        }
                    }
                }
            }
        }
    }

    /** Hull: a centre in the picture and outside the silhouette puts the voxel out for good (its sum is -1). */
    private void silhouette(final Camera camera, final MaskLevels mask, final int bit) {
        final double voxel = grid.voxel();
        for (int x = x0; x < x1; x++) {
            final double wx = grid.originX() + (x + 0.5) * voxel;
            for (int y = y0; y < y1; y++) {
                final double wy = grid.originY() + (y + 0.5) * voxel;
                final double cx = camera.rotation(0) * wx + camera.rotation(1) * wy;
                final double cy = camera.rotation(3) * wx + camera.rotation(4) * wy;
                final double cz = camera.rotation(6) * wx + camera.rotation(7) * wy;
                for (int z = z0; z < z1; z++) {
                    final int at = inBlock(x, y, z);
                    if (blockSums[at] < 0 || isLost(at)) {
                        continue;
                    }
                    final double wz = grid.originZ() + (z + 0.5) * voxel;
                    if (camera.projectCamera(
                                    (cx + camera.rotation(2) * wz) + camera.translation(0),
                                    (cy + camera.rotation(5) * wz) + camera.translation(1),
                                    (cz + camera.rotation(8) * wz) + camera.translation(2),
                                    uv)
                            && mask.contains(uv[0], uv[1])) {
                        if (mask.isSet(uv[0], uv[1])) {
                            blockBits[at] |= bit;
                            blockSums[at]++;
                        } else {
                            blockSums[at] = -1;
                        }
                    }
                }
            }
        }
    }

    private void store() {
        for (int x = x0; x < x1; x++) {
            for (int y = y0; y < y1; y++) {
                for (int z = z0; z < z1; z++) {
                    final int at = inBlock(x, y, z);
                    final int cameras = blockBits[at];
                    if (blockSums[at] > 0
                            && Integer.bitCount(cameras) >= minCameras
                            && (hull || rig.spansStations(cameras))) {
                        votes.add(votes.local(x, y, z), cameras, blockSums[at]);
                    }
                }
            }
        }
    }

    private static int inBlock(final int x, final int y, final int z) {
        return ((x & BLOCK - 1) * BLOCK + (y & BLOCK - 1)) * BLOCK + (z & BLOCK - 1);
    }
}
