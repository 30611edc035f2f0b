package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticSceneTest {
    @ParameterizedTest
    @EnumSource(PixelFormat.class)
    void shouldFindEveryBallInEveryStep(final PixelFormat format) {
        final SyntheticScene scene = new SyntheticScene(20, 480, 270, 3);
        final SceneJudge judge = new SceneJudge(scene, scene.grid(64));
        final Pipeline pipeline = new Pipeline();
        for (int step = 1; step <= (format == PixelFormat.GREY8 ? 50 : 3); step++) {
            final var masks = pipeline.masks(scene, format, MaskRule.difference(12), step);
            judge.judge(
                    step,
                    pipeline.carve(scene.rig(), scene.rule(64), masks, 2).step().peaks());
        }
        System.out.printf(
                "%s: %d steps, median %.3f max %.3f voxels, missed %d%n",
                format, judge.steps(), judge.medianErrorVoxels(), judge.maxErrorVoxels(), judge.missed());
        assertEquals(0, judge.missed());
        assertTrue(judge.medianErrorVoxels() < 0.5, () -> "median " + judge.medianErrorVoxels());
        assertTrue(judge.maxErrorVoxels() < 2.0, () -> "max " + judge.maxErrorVoxels());
    }
}
