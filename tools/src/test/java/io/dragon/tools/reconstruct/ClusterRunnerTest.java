package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SyntheticScene;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voxels by way of the cluster. */
public class ClusterRunnerTest {
    private static final int CAMERAS = 4;
    private static final int STEPS = 4;

    @TempDir
    Path folder;

    @Test
    void shouldEqualTheDirectRunBitForBit() throws IOException {
        SceneFiles.write(folder, new SyntheticScene(CAMERAS, 320, 240, 2), STEPS);
        Files.delete(folder.resolve("cam02_0002.pgm"));
        final ReconstructJob direct = job(folder.resolve("direct.npy"));
        direct.runDirect((done, all) -> {});
        final ReconstructJob cluster = job(folder.resolve("cluster.npy"));
        cluster.run((done, all) -> assertEquals(STEPS, all), () -> false);
        assertTrue(direct.occupied() > 0);
        assertEquals(direct.peaks(), cluster.peaks());
        assertEquals(direct.occupied(), cluster.occupied());
        assertArrayEquals(direct.bounds(), cluster.bounds());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("direct.npy")), Files.readAllBytes(folder.resolve("cluster.npy")));
        assertTrue(direct.peaks().stream().noneMatch(peak -> peak.step() == 0));
    }

    @Test
    void shouldStopWhenAsked() throws IOException {
        SceneFiles.write(folder, new SyntheticScene(CAMERAS, 320, 240, 2), STEPS);
        final ReconstructJob job = job(folder.resolve("stopped.npy"));
        assertThrows(DragonException.class, () -> job.run((done, all) -> {}, () -> true));
        assertFalse(Files.exists(folder.resolve("stopped.npy")));
    }

    @Test
    void shouldStopWhileItLooksForTheVolume() throws IOException {
        SceneFiles.write(folder, new SyntheticScene(CAMERAS, 320, 240, 2), STEPS);
        final DragonException stopped = assertThrows(
                DragonException.class,
                () -> new ReconstructJob(
                        folder,
                        null,
                        false,
                        null,
                        0.5,
                        0,
                        null,
                        folder.resolve("stopped.npy"),
                        line -> {},
                        (done, all) -> {},
                        () -> true));
        assertEquals("Stopped.", stopped.getMessage());
    }

    @Test
    void shouldTellHowFarTheLookForTheVolumeIs() throws IOException {
        SceneFiles.write(folder, new SyntheticScene(CAMERAS, 320, 240, 2), STEPS);
        final int[] last = {-1, 0};
        new ReconstructJob(
                folder,
                null,
                false,
                null,
                0.5,
                0,
                null,
                folder.resolve("looked.npy"),
                line -> {},
                (done, all) -> {
                    assertEquals(last[0] + 1, done);
                    last[0] = done;
                    last[1] = all;
                },
                () -> false);
        assertEquals(STEPS, last[1]);
        assertEquals(last[1], last[0]);
    }

    private ReconstructJob job(final Path out) {
        final double[] bounds = {-16, -16, -16, 16, 16, 16};
        return new ReconstructJob(folder, null, false, bounds, 0.5, 0, null, out, line -> {});
    }

    /** A synthetic scene as a dataset. */
    public static final class SceneFiles {
        private SceneFiles() {}

        /** Frames and their rig. */
        public static void write(final Path folder, final SyntheticScene scene, final int steps) throws IOException {
            final StringBuilder json = new StringBuilder("{\"cameras\": [");
            for (int i = 0; i < scene.rig().size(); i++) {
                json.append(i == 0 ? "" : ",")
                        .append(RigText.of(scene.rig().camera(i), scene.rig().pair(i)));
                final int width = scene.rig().camera(i).width();
                final int height = scene.rig().camera(i).height();
                final byte[] pixels = new byte[width * height];
                for (int step = 0; step < steps; step++) {
                    scene.render(i, step, PixelFormat.GREY8, new UnsafeBuffer(pixels), 0);
                    final String name =
                            String.format("%s_%04d.pgm", scene.rig().camera(i).id(), step);
                    try (var out = Files.newOutputStream(folder.resolve(name))) {
                        out.write(("P5\n# synthetic\n" + width + " " + height + "\n255\n").getBytes());
                        out.write(pixels);
                    }
                }
            }
            Files.writeString(folder.resolve("rig.json"), json.append("]}"));
        }
    }
}
