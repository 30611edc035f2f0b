package io.dragon.worker.voxel;

import java.util.Arrays;
import java.util.List;

/** Compares the peaks of steps with the truth of a {@link SyntheticScene}. One thread. */
public final class SceneJudge {
    /** A ball further than this from every peak counts as missed, in voxels. */
    public static final double MISSED_VOXELS = 4.0;

    private final SyntheticScene scene;
    private final double voxel;
    private final double[] truth = new double[3];
    private double[] errors = new double[64];
    private int count;
    private int missed;
    private int steps;

    /**
     * A judge.
     *
     * @param scene the truth
     * @param grid  whose voxels errors are counted in
     */
    public SceneJudge(final SyntheticScene scene, final Grid grid) {
        this.scene = scene;
        voxel = grid.voxel();
    }

    /**
     * Judge a step.
     *
     * @param step  its number
     * @param peaks what was found, best first
     */
    public void judge(final long step, final List<CarveStep.WorldPeak> peaks) {
        steps++;
        for (int ball = 0; ball < scene.balls(); ball++) {
            scene.position(ball, step, truth);
            double nearest = Double.POSITIVE_INFINITY;
            for (final CarveStep.WorldPeak peak : peaks) {
                nearest = Math.min(nearest, distance(peak));
            }
            if (nearest / voxel > MISSED_VOXELS) {
                missed++;
            } else {
                if (count == errors.length) {
                    errors = Arrays.copyOf(errors, 2 * count);
                }
                errors[count++] = nearest / voxel;
            }
        }
    }

    private double distance(final CarveStep.WorldPeak peak) {
        final double x = peak.x() - truth[0];
        final double y = peak.y() - truth[1];
        final double z = peak.z() - truth[2];
        return Math.sqrt(x * x + y * y + z * z);
    }

    /**
     * Steps judged.
     *
     * @return their number
     */
    public int steps() {
        return steps;
    }

    /**
     * Balls that no peak was near to, over all steps.
     *
     * @return their number
     */
    public int missed() {
        return missed;
    }

    /**
     * Median distance of a ball from its peak.
     *
     * @return voxels; NaN when none was found
     */
    public double medianErrorVoxels() {
        if (count == 0) {
            return Double.NaN;
        }
        final double[] sorted = Arrays.copyOf(errors, count);
        Arrays.sort(sorted);
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }

    /**
     * Largest distance of a ball from its peak, of those found.
     *
     * @return voxels; NaN when none was found
     */
    public double maxErrorVoxels() {
        double largest = count == 0 ? Double.NaN : 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, errors[i]);
        }
        return largest;
    }
}
