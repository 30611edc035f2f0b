package io.dragon.worker.voxel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts the slabs of a step together. The result does not depend on the number of slabs or on the order they arrive in. */
public final class CarveStep {
    /** A peak within so many voxels of a better one, along each axis, is part of it. */
    private static final int SEPARATION = 3;

    private static final Comparator<CarveResult.Peak> BEST_FIRST = Comparator.comparingInt(CarveResult.Peak::votes)
            .thenComparingLong(peak -> peak.sum() & 0xFFFF_FFFFL)
            .reversed()
            .thenComparingInt(CarveResult.Peak::x)
            .thenComparingInt(CarveResult.Peak::y)
            .thenComparingInt(CarveResult.Peak::z);

    private final Grid grid;
    private final int peakLimit;
    private final List<CarveResult.Peak> peaks = new ArrayList<>();
    private final int[] extent = new int[6];
    private long occupied;
    private int slabs;
    private CarveResult.Kernel kernel = CarveResult.Kernel.NONE;

    /**
     * A peak in the world.
     *
     * @param x          metres
     * @param y          metres
     * @param z          metres
     * @param votes      cameras that voted
     * @param cameraBits which ones
     * @param score      the integer sum
     */
    public record WorldPeak(double x, double y, double z, int votes, int cameraBits, long score) {}

    /**
     * A step without slabs yet.
     *
     * @param rule what was carved
     */
    public CarveStep(final CarveRule rule) {
        grid = rule.grid();
        peakLimit = rule.peakLimit();
    }

    /**
     * Take the result of a slab.
     *
     * @param result the inline result
     * @param frame  the output frame; null when there is none
     */
    public void add(final CarveResult result, final VoxelFrame frame) {
        final List<CarveResult.Peak> all = frame == null ? List.of() : frame.peaks();
        peaks.addAll(all.size() > result.peaks().size() ? all : result.peaks());
        kernel = result.kernel();
        slabs++;
        if (result.occupied() > 0) {
            for (int i = 0; i < 6; i++) {
                final int value = result.extent()[i];
                extent[i] = occupied == 0 ? value : i < 3 ? Math.min(extent[i], value) : Math.max(extent[i], value);
            }
            occupied += result.occupied();
        }
    }

    /**
     * Slabs that have arrived.
     *
     * @return their number
     */
    public int slabs() {
        return slabs;
    }

    /**
     * How votes were counted.
     *
     * @return the kernel, the same for all slabs
     */
    public CarveResult.Kernel kernel() {
        return kernel;
    }

    /**
     * Voxels that count.
     *
     * @return their number
     */
    public long occupied() {
        return occupied;
    }

    /**
     * The box around the voxels that count.
     *
     * @return x0, y0, z0, x1, y1, z1 of their outer faces in metres; empty when there are none
     */
    public double[] bounds() {
        final double[] bounds = new double[occupied > 0 ? 6 : 0];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = grid.origin(i % 3) + (i < 3 ? extent[i] : extent[i] + 1) * grid.voxel();
        }
        return bounds;
    }

    /**
     * The peaks, without those that belong to a better one beside them.
     *
     * @return best first
     */
    public List<WorldPeak> peaks() {
        peaks.sort(BEST_FIRST);
        final List<CarveResult.Peak> kept = new ArrayList<>();
        for (final CarveResult.Peak peak : peaks.subList(0, Math.min(peakLimit, peaks.size()))) {
            if (kept.stream().noneMatch(better -> isBeside(peak, better))) {
                kept.add(peak);
            }
        }
        return kept.stream().map(this::toWorld).toList();
    }

    private static boolean isBeside(final CarveResult.Peak peak, final CarveResult.Peak better) {
        final int reach = SEPARATION * CarveResult.FRACTIONS;
        return Math.abs(peak.x() - better.x()) <= reach
                && Math.abs(peak.y() - better.y()) <= reach
                && Math.abs(peak.z() - better.z()) <= reach;
    }

    private WorldPeak toWorld(final CarveResult.Peak peak) {
        final double unit = grid.voxel() / CarveResult.FRACTIONS;
        return new WorldPeak(
                grid.originX() + peak.x() * unit,
                grid.originY() + peak.y() * unit,
                grid.originZ() + peak.z() * unit,
                peak.votes(),
                peak.cameraBits(),
                peak.sum() & 0xFFFF_FFFFL);
    }
}
