package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real flight: real cameras, real tracks, satellite truth; drawn pixels. */
class DroneTest {
    @TempDir
    Path frames;

    @Test
    void shouldFollowTheDroneAtQuarterSize() throws IOException {
        assertFollows(40, 0.25);
    }

    @Test
    void shouldFollowTheDroneIn4K() throws IOException {
        assertFollows(6, 2.0);
    }

    private void assertFollows(final int steps, final double scale) throws IOException {
        final Path data = SharedData.folder("drone-d4");
        final List<double[]> truth = TrackFrames.truth(data).subList(0, steps);
        TrackFrames.draw(data, frames, steps, scale, 4);
        final ReconstructJob job = new ReconstructJob(
                frames,
                data.resolve("cameras.json"),
                false,
                TrackFrames.bounds(truth, 10),
                0.5,
                0,
                null,
                frames.resolve("out.npy"),
                line -> {});
        job.runDirect((done, all) -> {});
        final List<Double> errors = new ArrayList<>();
        final Set<Long> seen = new HashSet<>();
        for (final ReconstructJob.Peak peak : job.peaks()) {
            if (seen.add(peak.step())) {
                errors.add(TrackFrames.distance(truth.get((int) peak.step()), peak));
            }
        }
        errors.sort(null);
        final double median = errors.get(errors.size() / 2);
        System.out.printf(
                "drone at scale %.2f: %d of %d steps, median error %.3f m, max %.3f m%n",
                scale, errors.size(), steps - 1, median, errors.get(errors.size() - 1));
        assertFalse(seen.contains(0L), "the first step has nothing to be compared with");
        assertTrue(errors.size() >= 0.9 * (steps - 1), () -> "only " + errors.size() + " steps with a peak");
        assertTrue(median <= 0.25, () -> "median error " + median + " m");
    }
}
