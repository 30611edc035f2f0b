package io.dragon.worker.voxel;

/**
 * Rays of listed pixels walk the grid, voxel by voxel (Amanatides and Woo, "A fast voxel traversal algorithm", 1987).
 *
 * <p>The distance at which a ray crosses a plane is computed from the plane's number alone, never summed up, and planes crossed
 * at the same distance are taken in the order x, y, z. So a walk that begins at a slab's border visits the very voxels
 * that a walk through the whole grid visits there.
 */
final class Scatter {
    private static final double NEVER = Double.POSITIVE_INFINITY;

    private final double[] direction = new double[3];
    private SlabVotes votes;
    private double voxel;
    private int ny;
    private int nz;
    private int firstX;
    private int afterX;

    void begin(final SlabVotes newVotes) {
        votes = newVotes;
        final Grid grid = newVotes.grid();
        voxel = grid.voxel();
        ny = grid.ny();
        nz = grid.nz();
        firstX = newVotes.base();
        afterX = newVotes.base() + newVotes.layers();
    }

    void add(final Camera camera, final int cameraBit, final MaskFrame mask) {
        final int listed = mask.count();
        for (int i = 0; i < listed; i++) {
            final int pixel = mask.listedPixel(i);
            if (camera.ray(pixel & 0xFFFF, pixel >>> 16, direction)) {
                walk(camera, cameraBit, mask.listedWeight(i));
            }
        }
    }

    private void walk(final Camera camera, final int cameraBit, final int weight) {
        final Grid grid = votes.grid();
        final double ox = camera.position(0) - grid.originX();
        final double oy = camera.position(1) - grid.originY();
        final double oz = camera.position(2) - grid.originZ();
        final double ix = inverse(direction[0]);
        final double iy = inverse(direction[1]);
        final double iz = inverse(direction[2]);
        final double enterX = enter(ox, ix, firstX, afterX);
        final double enterY = enter(oy, iy, 0, ny);
        final double enterZ = enter(oz, iz, 0, nz);
        final double leave =
                Math.min(leave(ox, ix, firstX, afterX), Math.min(leave(oy, iy, 0, ny), leave(oz, iz, 0, nz)));
        final double start = Math.max(Math.max(enterX, enterY), Math.max(enterZ, 0.0));
        if (!(start <= leave)) {
            return;
        }
        // The plane crossed last: z before y before x when several are crossed at once, after the others in the walk's
        // order.
        final int last = enterZ == start ? 2 : enterY == start ? 1 : enterX == start ? 0 : 3;
        int x = cell(ox, direction[0], ix, start, last > 0);
        int y = cell(oy, direction[1], iy, start, last > 1);
        int z = cell(oz, direction[2], iz, start, last > 2);
        if (last == 0) {
            x = ix > 0 ? firstX : afterX - 1;
        } else if (last == 1) {
            y = iy > 0 ? 0 : ny - 1;
        } else if (last == 2) {
            z = iz > 0 ? 0 : nz - 1;
        }
        final int sx = ix > 0 ? 1 : -1;
        final int sy = iy > 0 ? 1 : -1;
        final int sz = iz > 0 ? 1 : -1;
        final int px = ix > 0 ? 1 : 0;
        final int py = iy > 0 ? 1 : 0;
        final int pz = iz > 0 ? 1 : 0;
        double tx = crossing(ox, ix, x + px);
        double ty = crossing(oy, iy, y + py);
        double tz = crossing(oz, iz, z + pz);
        while (true) {
            if (x >= firstX && x < afterX && y >= 0 && y < ny && z >= 0 && z < nz) {
                votes.add(((x - firstX) * ny + y) * nz + z, cameraBit, weight);
            }
            if (tx <= ty && tx <= tz) {
                if (!(tx <= leave)) {
                    return;
                }
                x += sx;
                tx = crossing(ox, ix, x + px);
            } else if (ty <= tz) {
                if (!(ty <= leave)) {
                    return;
                }
                y += sy;
                ty = crossing(oy, iy, y + py);
            } else {
                if (!(tz <= leave)) {
                    return;
                }
                z += sz;
                tz = crossing(oz, iz, z + pz);
            }
        }
    }

    /** Zero stands for a ray along the planes: it never crosses one. */
    private static double inverse(final double component) {
        return Math.abs(component) < 1e-12 ? 0 : 1.0 / component;
    }

    private double crossing(final double origin, final double inverse, final int plane) {
        return inverse == 0 ? NEVER : (plane * voxel - origin) * inverse;
    }

    private double enter(final double origin, final double inverse, final int first, final int after) {
        if (inverse == 0) {
            return origin >= first * voxel && origin < after * voxel ? -NEVER : NEVER;
        }
        return crossing(origin, inverse, inverse > 0 ? first : after);
    }

    private double leave(final double origin, final double inverse, final int first, final int after) {
        return crossing(origin, inverse, inverse > 0 ? after : first);
    }

    /** The cell along one axis at a distance: a plane at that very distance is crossed when its axis comes first. */
    private int cell(
            final double origin,
            final double direction,
            final double inverse,
            final double start,
            final boolean before) {
        int cell = (int) Math.floor((origin + direction * start) / voxel);
        if (inverse == 0) {
            return (int) Math.floor(origin / voxel);
        }
        final int step = inverse > 0 ? 1 : -1;
        final int ahead = inverse > 0 ? 1 : 0;
        while (isCrossed(crossing(origin, inverse, cell + ahead), start, before)) {
            cell += step;
        }
        while (!isCrossed(crossing(origin, inverse, cell + ahead - step), start, before)) {
            cell -= step;
        }
        return cell;
    }

    private static boolean isCrossed(final double distance, final double start, final boolean before) {
        return before ? distance <= start : distance < start;
    }
}
