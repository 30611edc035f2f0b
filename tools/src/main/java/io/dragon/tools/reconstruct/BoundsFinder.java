package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.Grid;
import io.dragon.worker.voxel.Rig;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Finds where there is anything to reconstruct, when nobody has said. It begins with a cube around the point that the cameras' axes
 * pass nearest to, as large as the cameras are far, and looks with coarse voxels at which part of it the masks point to.
 */
final class BoundsFinder {
    private static final int COARSE_CELLS = 96;
    private static final int ROUNDS = 3;
    private static final int MOST_STEPS = 40;
    private static final double MARGIN = 0.15;
    private static final int MARGIN_CELLS = 2;

    private BoundsFinder() {}

    /**
     * Look.
     *
     * @param looked  is told looks done and looks in all
     * @param stopped asked after each look: whether somebody wants this to end
     * @return x0, y0, z0, x1, y1, z1 in metres
     * @throws DragonException when nothing is found or the cameras do not tell where to look
     */
    static double[] find(
            final Dataset dataset,
            final Foreground foreground,
            final boolean hull,
            final int minCameras,
            final BiConsumer<Integer, Integer> looked,
            final BooleanSupplier stopped) {
        final int rounds = hull ? ROUNDS : 1;
        final int every = hull ? 1 : Math.max(1, dataset.steps() / MOST_STEPS);
        final int all = rounds * ((dataset.steps() + every - 1) / every);
        final int[] done = {0};
        final Runnable oneMore = () -> {
            if (stopped.getAsBoolean()) {
                throw new DragonException("Stopped.");
            }
            looked.accept(Math.min(++done[0], all), all);
        };
        looked.accept(0, all);
        double[] bounds = aroundAxes(dataset.rig(0));
        for (int round = 0; round < rounds; round++) {
            bounds = look(dataset, foreground, hull, minCameras, bounds, every, oneMore);
        }
        return bounds;
    }

    private static double[] look(
            final Dataset dataset,
            final Foreground foreground,
            final boolean hull,
            final int minCameras,
            final double[] within,
            final int every,
            final Runnable oneMore) {
        final double side = Math.max(within[3] - within[0], Math.max(within[4] - within[1], within[5] - within[2]));
        final double voxel = side / COARSE_CELLS;
        final CarveRule rule = new CarveRule(
                Grid.covering(within, voxel),
                CarveRule.Method.GATHER,
                minCameras,
                CarveResult.INLINE_PEAKS,
                false,
                0,
                0);
        final double[] found = {
            Double.POSITIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NEGATIVE_INFINITY
        };
        final Reconstruction run = new Reconstruction(dataset, foreground, rule, null) {
            @Override
            void onResult(final StepInput input, final CarveStep result) {
                if (hull) {
                    widen(found, result.bounds());
                } else if (!result.peaks().isEmpty()) {
                    final CarveStep.WorldPeak best = result.peaks().get(0);
                    widen(found, new double[] {best.x(), best.y(), best.z(), best.x(), best.y(), best.z()});
                }
            }
        };
        run.run(new DirectRunner(1), every, step -> oneMore.run());
        if (found[0] > found[3]) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "Nothing was found within " + text(within)
                            + ": say where to look with --bounds x0,y0,z0,x1,y1,z1 (metres), "
                            + "or what counts as foreground with --foreground.");
        }
        for (int axis = 0; axis < 3; axis++) {
            final double margin = MARGIN_CELLS * voxel + (hull ? 0 : MARGIN * (found[axis + 3] - found[axis]));
            found[axis] = Math.max(found[axis] - margin, hull ? within[axis] : Double.NEGATIVE_INFINITY);
            found[axis + 3] = Math.min(found[axis + 3] + margin, hull ? within[axis + 3] : Double.POSITIVE_INFINITY);
        }
        return found;
    }

    private static void widen(final double[] found, final double[] bounds) {
        for (int i = 0; i < bounds.length; i++) {
            found[i] = i < 3 ? Math.min(found[i], bounds[i]) : Math.max(found[i], bounds[i]);
        }
    }

    /** A cube around the point nearest to all axes, reaching as far as the furthest camera. */
    private static double[] aroundAxes(final Rig rig) {
        final double[] a = new double[9];
        final double[] b = new double[3];
        for (int i = 0; i < rig.size(); i++) {
            final Camera camera = rig.camera(i);
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 3; column++) {
                    final double m = (row == column ? 1 : 0) - camera.axis(row) * camera.axis(column);
                    a[3 * row + column] += m;
                    b[row] += m * camera.position(column);
                }
            }
        }
        final double determinant = determinant(a);
        if (!(determinant > 1e-3 * rig.size())) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The cameras all look the same way, so they do not tell where the volume is: say it with"
                            + " --bounds x0,y0,z0,x1,y1,z1 (metres).");
        }
        final double[] middle = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            final double[] replaced = a.clone();
            for (int row = 0; row < 3; row++) {
                replaced[3 * row + axis] = b[row];
            }
            middle[axis] = determinant(replaced) / determinant;
        }
        double reach = 0;
        for (int i = 0; i < rig.size(); i++) {
            double squared = 0;
            for (int axis = 0; axis < 3; axis++) {
                squared += Math.pow(rig.camera(i).position(axis) - middle[axis], 2);
            }
            reach = Math.max(reach, Math.sqrt(squared));
        }
        return new double[] {
            middle[0] - reach,
            middle[1] - reach,
            middle[2] - reach,
            middle[0] + reach,
            middle[1] + reach,
            middle[2] + reach
        };
    }

    private static double determinant(final double[] a) {
        return a[0] * (a[4] * a[8] - a[5] * a[7])
                - a[1] * (a[3] * a[8] - a[5] * a[6])
                + a[2] * (a[3] * a[7] - a[4] * a[6]);
    }

    static String text(final double[] bounds) {
        final StringBuilder text = new StringBuilder();
        for (final double value : bounds) {
            text.append(text.length() == 0 ? "" : ",").append(Math.round(value * 1e4) / 1e4);
        }
        return text.toString();
    }
}
