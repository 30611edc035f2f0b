package io.dragon.worker.voxel;

/**
 * Places a peak more finely than its voxels can: the point nearest to the rays through the middles of the blobs that the cameras
 * see around it: least squares of the distances, each in units of what it may be wrong by: a fifth of a voxel, and the
 * two-thousandth part of its picture's width, which is what a good calibration leaves. A ray that misses the point by more than a voxel and a half belongs to something else and is left out.
 */
final class Triangulation {
    /** Blobs are looked for within so many voxels of the peak. */
    private static final double WINDOW_VOXELS = 2.0;

    private static final double UNCERTAIN_VOXELS = 0.2;
    private static final double UNCERTAIN_WIDTHS = 1.0 / 2000;
    private static final double MAX_MISS_VOXELS = 1.5;
    private static final double MAX_SHIFT_VOXELS = 8.0;
    private static final double LEAST_DETERMINANT = 1e-6;
    private static final int MAX_BLOB = 4096;

    private final double[] uv = new double[2];
    private final double[] direction = new double[3];
    private final double[] offset = new double[3];
    private final double[] rays = new double[3 * Rig.MAX_CAMERAS];
    private final double[] weights = new double[Rig.MAX_CAMERAS];
    private final double[] origins = new double[3 * Rig.MAX_CAMERAS];
    private final int[] blob = new int[MAX_BLOB];
    private long[] visited = new long[0];
    private Rig rig;
    private MaskFrame[] masks;
    private double voxel;

    void begin(final Rig newRig, final MaskFrame[] newMasks, final double newVoxel) {
        rig = newRig;
        masks = newMasks;
        voxel = newVoxel;
    }

    /**
     * Move a point of the world to where the rays meet.
     *
     * @param cameraBits the cameras that take part
     * @param point      x, y, z in metres, changed when true is returned
     * @return false when fewer than two stations agree; the point is then as before
     */
    boolean refine(final int cameraBits, final double[] point) {
        int cameras = 0;
        for (int left = cameraBits; left != 0; left &= left - 1) {
            final int i = Integer.numberOfTrailingZeros(left);
            if (findRay(i, point)) {
                cameras |= 1 << i;
            }
        }
        while (rig.spansStations(cameras)) {
            if (!solve(cameras)) {
                return false;
            }
            final int worst = worst(cameras);
            if (worst < 0) {
                final double shift = Math.sqrt(offset[0] * offset[0] + offset[1] * offset[1] + offset[2] * offset[2]);
                if (shift > MAX_SHIFT_VOXELS * voxel) {
                    return false;
                }
                for (int i = 0; i < 3; i++) {
                    point[i] += offset[i];
                }
                return true;
            }
            cameras &= ~(1 << worst);
        }
        return false;
    }

    private boolean findRay(final int camera, final double[] point) {
        final Camera c = rig.camera(camera);
        final double depth = c.depth(point[0], point[1], point[2]);
        if (!c.project(point[0], point[1], point[2], uv)) {
            return false;
        }
        final double window = Math.max(WINDOW_VOXELS * voxel * c.focalLength() / depth, 1.5);
        if (!blobMiddle(masks[camera], window) || !c.ray(uv[0], uv[1], direction)) {
            return false;
        }
        final double uncertain = UNCERTAIN_VOXELS * voxel;
        final double across = UNCERTAIN_WIDTHS * c.width() * depth / c.focalLength();
        weights[camera] = uncertain * uncertain / (uncertain * uncertain + across * across);
        final double length =
                Math.sqrt((direction[0] * direction[0] + direction[1] * direction[1]) + direction[2] * direction[2]);
        for (int i = 0; i < 3; i++) {
            rays[3 * camera + i] = direction[i] / length;
            origins[3 * camera + i] = c.position(i) - point[i];
        }
        return true;
    }

    /** Replaces the point in the picture by the middle of the blob nearest to it. */
    private boolean blobMiddle(final MaskFrame mask, final double window) {
        final int seed = nearest(mask, window);
        if (seed < 0) {
            return false;
        }
        final int words = mask.wordsPerRow() * mask.height();
        if (visited.length < words) {
            visited = new long[words];
        }
        int count = 1;
        blob[0] = seed;
        mark(mask, seed & 0xFFFF, seed >>> 16);
        long sumX = 0;
        long sumY = 0;
        for (int done = 0; done < count; done++) {
            final int x = blob[done] & 0xFFFF;
            final int y = blob[done] >>> 16;
            sumX += x;
            sumY += y;
            for (int ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, mask.height() - 1); ny++) {
                for (int nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, mask.width() - 1); nx++) {
                    if (count < MAX_BLOB && mask.isSet(nx, ny) && mark(mask, nx, ny)) {
                        blob[count++] = ny << 16 | nx;
                    }
                }
            }
        }
        for (int i = 0; i < count; i++) {
            visited[(blob[i] >>> 16) * mask.wordsPerRow() + ((blob[i] & 0xFFFF) >>> 6)] = 0;
        }
        uv[0] = (double) sumX / count;
        uv[1] = (double) sumY / count;
        return true;
    }

    private boolean mark(final MaskFrame mask, final int x, final int y) {
        final int word = y * mask.wordsPerRow() + (x >>> 6);
        final boolean isNew = (visited[word] >>> x & 1) == 0;
        visited[word] |= 1L << x;
        return isNew;
    }

    private int nearest(final MaskFrame mask, final double window) {
        final int left = (int) Math.max(Math.ceil(uv[0] - window), 0);
        final int right = (int) Math.min(Math.floor(uv[0] + window), mask.width() - 1.0);
        final int top = (int) Math.max(Math.ceil(uv[1] - window), 0);
        final int bottom = (int) Math.min(Math.floor(uv[1] + window), mask.height() - 1.0);
        int nearest = -1;
        double distance = Double.POSITIVE_INFINITY;
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                if ((x & 63) == 0 && mask.word(y * mask.wordsPerRow() + (x >>> 6)) == 0) {
                    x += 63;
                } else if (mask.isSet(x, y)) {
                    final double squared = (x - uv[0]) * (x - uv[0]) + (y - uv[1]) * (y - uv[1]);
                    if (squared < distance) {
                        distance = squared;
                        nearest = y << 16 | x;
                    }
                }
            }
        }
        return nearest;
    }

    /** The normal equations of the distances to all rays, solved by cofactors. */
    private boolean solve(final int cameras) {
        double xx = 0;
        double xy = 0;
        double xz = 0;
        double yy = 0;
        double yz = 0;
        double zz = 0;
        double bx = 0;
        double by = 0;
        double bz = 0;
        double total = 0;
        for (int left = cameras; left != 0; left &= left - 1) {
            final int camera = Integer.numberOfTrailingZeros(left);
            final int i = 3 * camera;
            final double w = weights[camera];
            final double dx = rays[i];
            final double dy = rays[i + 1];
            final double dz = rays[i + 2];
            final double along = (dx * origins[i] + dy * origins[i + 1]) + dz * origins[i + 2];
            xx += w * (1 - dx * dx);
            yy += w * (1 - dy * dy);
            zz += w * (1 - dz * dz);
            xy -= w * (dx * dy);
            xz -= w * (dx * dz);
            yz -= w * (dy * dz);
            bx += w * (origins[i] - along * dx);
            by += w * (origins[i + 1] - along * dy);
            bz += w * (origins[i + 2] - along * dz);
            total += w;
        }
        final double cx = yy * zz - yz * yz;
        final double cy = xz * yz - xy * zz;
        final double cz = xy * yz - xz * yy;
        final double determinant = (xx * cx + xy * cy) + xz * cz;
        if (!(determinant > LEAST_DETERMINANT * total * total * total)) {
            return false;
        }
        offset[0] = ((cx * bx + cy * by) + cz * bz) / determinant;
        offset[1] = ((cy * bx + (xx * zz - xz * xz) * by) + (xy * xz - xx * yz) * bz) / determinant;
        offset[2] = ((cz * bx + (xy * xz - xx * yz) * by) + (xx * yy - xy * xy) * bz) / determinant;
        return true;
    }

    /** The camera whose ray misses the point most, -1 when all of them pass near it. */
    private int worst(final int cameras) {
        int worst = -1;
        double most = MAX_MISS_VOXELS * voxel * MAX_MISS_VOXELS * voxel;
        for (int left = cameras; left != 0; left &= left - 1) {
            final int camera = Integer.numberOfTrailingZeros(left);
            final int i = 3 * camera;
            final double x = offset[0] - origins[i];
            final double y = offset[1] - origins[i + 1];
            final double z = offset[2] - origins[i + 2];
            final double along = (rays[i] * x + rays[i + 1] * y) + rays[i + 2] * z;
            final double miss = ((x * x + y * y) + z * z) - along * along;
            if (miss > most) {
                most = miss;
                worst = camera;
            }
        }
        return worst;
    }
}
