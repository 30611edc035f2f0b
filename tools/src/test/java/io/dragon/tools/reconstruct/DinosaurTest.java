package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hull of Middlebury's dinosaur against the tight box of its README. Every camera of the ring looks down by 13 to 19 degrees, so no
 * picture bounds the hull from below: under a foot of radius r it ends in a cone of r tan(16), 7 mm here. The other five faces
 * agree within 1.5 mm, a voxel and a half.
 */
class DinosaurTest {
    private static final double[] TIGHT = {-0.061897, -0.018874, -0.057845, 0.010897, 0.068227, 0.015495};
    private static final int UNDERSIDE = 1;

    @TempDir
    Path folder;

    @Test
    void shouldFillTheTightBox() {
        final Path data = SharedData.folder("middlebury-dinoSparseRing");
        final ReconstructJob job = new ReconstructJob(
                data, null, true, null, 0.001, 0, null, folder.resolve("dino.ply"), line -> System.out.println(line));
        job.runDirect((done, all) -> {});
        final double[] bounds = job.bounds();
        System.out.println("hull " + BoundsFinder.text(bounds) + ", tight box " + BoundsFinder.text(TIGHT));
        for (int face = 0; face < 6; face++) {
            assertEquals(TIGHT[face], bounds[face], face == UNDERSIDE ? 0.008 : 0.0015, "face " + face);
        }
        assertTrue(Files.exists(folder.resolve("dino.ply")));
    }
}
