package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.Grid;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Rig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What the user asked for, completed with what follows from the dataset, and its run. */
public final class ReconstructJob {
    private static final int DEFAULT_CELLS = 128;
    private static final String BACKGROUND_DIFFERENCE = "diff:20";

    private final Dataset dataset;
    private final VolumeWriter writer;
    private final Foreground foreground;
    private final CarveRule rule;
    private final long startNs = System.nanoTime();
    private VoxelSums voxels;
    private Reconstruction run;

    /**
     * A peak of a step.
     *
     * @param step  number of the step
     * @param x     metres
     * @param y     metres
     * @param z     metres
     * @param votes cameras
     * @param score the integer sum
     */
    public record Peak(long step, double x, double y, double z, int votes, long score) {}

    /**
     * A job.
     *
     * @param folder      the dataset
     * @param rig         calibration beside the dataset's own, may be null
     * @param hull        silhouettes instead of motion
     * @param bounds      x0, y0, z0, x1, y1, z1 in metres, null to find them
     * @param voxel       edge of a voxel in metres, 0 to choose it
     * @param minCameras  0 to choose it
     * @param ruleText    what counts as foreground, null to choose it
     * @param out         file that receives the voxels
     * @param say         receives what was chosen
     * @throws DragonException when something is wrong; the message says what
     */
    public ReconstructJob(
            final Path folder,
            final Path rig,
            final boolean hull,
            final double[] bounds,
            final double voxel,
            final int minCameras,
            final String ruleText,
            final Path out,
            final Consumer<String> say) {
        this(folder, rig, hull, bounds, voxel, minCameras, ruleText, out, say, (done, all) -> {}, () -> false);
    }

    /**
     * A job that can be stopped while it looks for the volume.
     *
     * @param folder      the dataset
     * @param rig         calibration beside the dataset's own, may be null
     * @param hull        silhouettes instead of motion
     * @param bounds      x0, y0, z0, x1, y1, z1 in metres, null to find them
     * @param voxel       edge of a voxel in metres, 0 to choose it
     * @param minCameras  0 to choose it
     * @param ruleText    what counts as foreground, null to choose it
     * @param out         file that receives the voxels
     * @param say         receives what was chosen
     * @param looked      is told looks done and looks in all, while the volume is looked for
     * @param stopped     asked now and then: whether somebody wants this to end
     * @throws DragonException when something is wrong; the message says what
     */
    public ReconstructJob(
            final Path folder,
            final Path rig,
            final boolean hull,
            final double[] bounds,
            final double voxel,
            final int minCameras,
            final String ruleText,
            final Path out,
            final Consumer<String> say,
            final BiConsumer<Integer, Integer> looked,
            final BooleanSupplier stopped) {
        writer = new VolumeWriter(out);
        dataset = DatasetReader.read(folder, rig);
        foreground = ruleText == null ? defaultForeground(hull, say) : parsed(ruleText);
        if (foreground.rule().kind() == MaskRule.Kind.DIFFERENCE && dataset.steps() < 2) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "The dataset has one step, and a difference needs a frame before: use --method hull with a"
                            + " threshold or a background (--foreground).");
        }
        final int cameras = dataset.cameras();
        if (minCameras > cameras) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "--min-cameras: " + minCameras + " of " + cameras + " cameras.");
        }
        final int least =
                minCameras > 0 ? minCameras : hull ? Math.min(cameras, Math.max(2, (2 * cameras + 2) / 3)) : 2;
        final double[] box =
                bounds != null ? bounds : BoundsFinder.find(dataset, foreground, hull, least, looked, stopped);
        final double side = Math.max(box[3] - box[0], Math.max(box[4] - box[1], box[5] - box[2]));
        final double edge = voxel > 0 ? voxel : twoDigits(side / DEFAULT_CELLS);
        if (bounds == null) {
            say.accept("bounds " + BoundsFinder.text(box) + " m found by a coarse look (--bounds sets them)");
        }
        if (voxel <= 0) {
            say.accept("voxels of " + edge + " m (--voxel sets them)");
        }
        rule = new CarveRule(
                grid(box, edge),
                hull ? CarveRule.Method.HULL : CarveRule.Method.MOTION,
                least,
                hull ? 0 : CarveResult.INLINE_PEAKS,
                true,
                0,
                0);
        say.accept(cameras + " cameras, " + dataset.steps() + " steps, "
                + rule.grid().nx() + " x " + rule.grid().ny() + " x "
                + rule.grid().nz() + " voxels");
    }

    private static Foreground parsed(final String text) {
        return Foreground.parse(text);
    }

    private Foreground defaultForeground(final boolean hull, final Consumer<String> say) {
        String text = Foreground.MOTION;
        if (hull && dataset.kind() == Dataset.Kind.MIDDLEBURY) {
            text = Foreground.MIDDLEBURY;
        } else if (hull) {
            for (int i = 0; i < dataset.cameras(); i++) {
                if (dataset.background(i) == null) {
                    throw new DragonException(
                            DragonException.WRONG_USAGE,
                            "--method hull needs to know what counts as foreground: pictures <id>_background beside the"
                                    + " frames, or --foreground, for example --foreground background:FILE,diff:20 or"
                                    + " --foreground threshold:48.");
                }
            }
            say.accept(
                    "foreground: " + BACKGROUND_DIFFERENCE + " from the dataset's backgrounds (--foreground sets it)");
            return Foreground.againstOwnBackground(BACKGROUND_DIFFERENCE);
        }
        say.accept("foreground: " + text + " (--foreground sets it)");
        return Foreground.parse(text);
    }

    private static Grid grid(final double[] bounds, final double voxel) {
        try {
            return Grid.covering(bounds, voxel);
        } catch (final IllegalArgumentException e) {
            throw new DragonException(DragonException.WRONG_USAGE, "--bounds, --voxel: " + e.getMessage() + ".");
        }
    }

    private static double twoDigits(final double value) {
        final double unit = Math.pow(10, Math.floor(Math.log10(value)) - 1);
        return Math.ceil(value / unit) * unit;
    }

    /**
     * Steps of the dataset.
     *
     * @return their number
     */
    public int steps() {
        return dataset.steps();
    }

    /**
     * Run in the calling thread, without a cluster, and write the voxels.
     *
     * @param progress is told steps done and steps in all
     */
    public void runDirect(final BiConsumer<Integer, Integer> progress) {
        run(new DirectRunner(1), progress);
    }

    /**
     * Run through a sequencer and workers, and write the voxels.
     *
     * @param progress is told steps done and steps in all
     * @param stopped  asked now and then: whether somebody wants this to end
     * @throws DragonException when a step fails, or it was stopped
     */
    public void run(final BiConsumer<Integer, Integer> progress, final BooleanSupplier stopped) {
        long bytes = 1;
        long pixels = 1;
        final Rig rig = dataset.rig(0);
        for (int i = 0; i < rig.size(); i++) {
            final long size = (long) rig.camera(i).width() * rig.camera(i).height();
            pixels = Math.max(pixels, size);
            bytes = Math.max(bytes, size * dataset.bytesPerPixel(i));
        }
        run(new ClusterRunner(dataset.cameras(), bytes, pixels, rule.grid().voxels(), stopped), progress);
    }

    void run(final StepRunner runner, final BiConsumer<Integer, Integer> progress) {
        voxels = new VoxelSums(rule.grid());
        run = new Reconstruction(dataset, foreground, rule, voxels);
        try (runner) {
            run.run(runner, 1, done -> progress.accept(done, dataset.steps()));
        }
        writer.write(voxels);
    }

    /**
     * The grid.
     *
     * @return what was carved
     */
    public Grid grid() {
        return rule.grid();
    }

    /**
     * Voxels that count, in any step.
     *
     * @return their number
     */
    public long occupied() {
        return voxels.occupied();
    }

    /**
     * The box around the voxels that count.
     *
     * @return x0, y0, z0, x1, y1, z1 in metres; null when there are none
     */
    public double[] bounds() {
        return voxels.bounds();
    }

    /**
     * The peaks.
     *
     * @return in the order of steps, best first within a step
     */
    public List<Peak> peaks() {
        return run.peaks().stream()
                .map(p -> new Peak(
                        p.step(),
                        p.peak().x(),
                        p.peak().y(),
                        p.peak().z(),
                        p.peak().votes(),
                        p.peak().score()))
                .toList();
    }

    /**
     * Time since the job was made.
     *
     * @return seconds
     */
    public double seconds() {
        return (System.nanoTime() - startNs) / 1e9;
    }
}
