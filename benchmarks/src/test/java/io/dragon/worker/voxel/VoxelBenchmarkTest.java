package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VoxelBenchmarkTest {
    @Test
    void shouldMaskWhatMovesAndWalkItsRays() {
        final VoxelBenchmark benchmark = new VoxelBenchmark();
        final VoxelBenchmark.Frames frames = new VoxelBenchmark.Frames();
        assertTrue(frames.mask.count() > 100, "pixels in the mask: " + frames.mask.count());
        assertEquals(frames.encoded.capacity(), benchmark.mask(frames));
        final int voxels = benchmark.rays(frames);
        assertTrue(voxels > 64, "each ray that meets the grid goes through it");
        assertEquals(voxels, benchmark.rays(frames));
    }
}
