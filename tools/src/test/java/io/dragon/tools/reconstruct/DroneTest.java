package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.Grid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DroneTest {
    @TempDir
    Path frames;

    @Test
    void shouldFollowTheDroneAtQuarterSize() throws IOException {
        final double median = medianError(Integer.getInteger("steps", 30), Double.parseDouble(System.getProperty("scale", "0.25")),
                CarveRule.Method.valueOf(System.getProperty("method", "MOTION")));
        assertTrue(median <= 0.25, () -> "median error " + median + " m");
    }

    private double medianError(final int steps, final double scale, final CarveRule.Method method) throws IOException {
        final Path data = SharedData.folder("drone-d4");
        final List<double[]> truth = TrackFrames.truth(data);
        TrackFrames.draw(data, frames, steps, scale, 4);
        final double[] bounds = bounds(truth.subList(0, steps));
        final Grid grid = Grid.covering(bounds, 0.5);
        final Dataset dataset = DatasetReader.read(frames, data.resolve("cameras.json"));
        final CarveRule rule =
                new CarveRule(grid, method, 2, CarveResult.INLINE_PEAKS, false, 0, 0);
        final Reconstruction run = new Reconstruction(dataset, Foreground.parse(System.getProperty("fg", Foreground.MOTION)), rule, null){
            @Override void onResult(StepInput i, CarveStep r) { if (i.step() < 5) System.out.println(i.step() + " " + r.kernel() + " occ " + r.occupied() + " peaks " + r.peaks().size()); }
        };
        long t0 = System.nanoTime();
        run.run(new DirectRunner(1), 1, step -> {});
        final List<Double> errors = new ArrayList<>();
        final Set<Long> seen = new HashSet<>();
        for (final Reconstruction.StepPeak p : run.peaks()) {
            if (seen.add(p.step())) {
                final double[] t = truth.get((int) p.step());
                final double e = Math.sqrt(Math.pow(p.peak().x() - t[0], 2)
                        + Math.pow(p.peak().y() - t[1], 2)
                        + Math.pow(p.peak().z() - t[2], 2));
                errors.add(e);
                if (errors.size() < 400) System.out.printf("step %d error %.3f votes %d bits %x score %d d %.2f %.2f %.2f%n", p.step(), e, p.peak().votes(), p.peak().cameraBits(), p.peak().score(), p.peak().x() - t[0], p.peak().y() - t[1], p.peak().z() - t[2]);
            }
        }
        errors.sort(null);
        System.out.printf("grid %s steps %d median %.3f p90 %.3f max %.3f  %.1f s%n", grid, errors.size(), errors.get(errors.size() / 2), errors.get(errors.size() * 9 / 10), errors.get(errors.size() - 1), (System.nanoTime() - t0) / 1e9);
        assertTrue(!seen.contains(0L) && errors.size() >= 0.8 * (steps - 1));
        return errors.get(errors.size() / 2);
    }

    private static double[] bounds(final List<double[]> truth) {
        final double[] bounds = {1e9, 1e9, 1e9, -1e9, -1e9, -1e9};
        for (final double[] p : truth) {
            for (int i = 0; i < 3; i++) {
                bounds[i] = Math.min(bounds[i], Math.floor(p[i] - 10));
                bounds[i + 3] = Math.max(bounds[i + 3], Math.ceil(p[i] + 10));
            }
        }
        return bounds;
    }
}
