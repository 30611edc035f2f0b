package io.dragon.tools.demo;

import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.voxel.CarveResult;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.Grid;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SceneJudge;
import io.dragon.worker.voxel.SyntheticScene;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** The scene that every process of the demo knows from the settings alone, and its judge. */
final class DemoScene {
    private static final int BALLS = 3;

    private DemoScene() {}

    static SyntheticScene of(final DemoSettings settings) {
        return new SyntheticScene(settings.cameras(), settings.width(), settings.height(), BALLS);
    }

    static PixelFormat pixels(final FrameFormat format) {
        return switch (format) {
            case GREY8 -> PixelFormat.GREY8;
            case RGB8 -> PixelFormat.RGB8;
            case RGB32F -> PixelFormat.RGB32F;
            default -> throw new IllegalArgumentException("no camera of the demo makes " + format);
        };
    }

    /** Holds the peaks of a step against the true positions. One thread. */
    static final class Judge {
        private final SyntheticScene scene;
        private final CarveRule rule;
        private final SceneJudge judge;
        private final DemoPicture picture;

        Judge(final DemoSettings settings) {
            scene = of(settings);
            rule = scene.rule(settings.voxels());
            final Grid grid = rule.grid();
            judge = new SceneJudge(scene, grid);
            final double[] low = {grid.originX(), grid.originY(), grid.originZ()};
            final double[] high = {
                low[0] + grid.nx() * grid.voxel(), low[1] + grid.ny() * grid.voxel(), low[2] + grid.nz() * grid.voxel()
            };
            picture = new DemoPicture(low, high);
        }

        CarveRule rule() {
            return rule;
        }

        void judge(final int step, final StepResult result) {
            if (step == 0) {
                return; // nothing to compare with, so nothing has moved
            }
            final CarveStep slabs = new CarveStep(rule);
            for (final TaskOutcome slab : result.slabs()) {
                final UnsafeBuffer bytes = new UnsafeBuffer(slab.inlineResult());
                slabs.add(CarveResult.decode(bytes, 0, bytes.capacity()), null);
            }
            final List<CarveStep.WorldPeak> peaks = slabs.peaks();
            judge.judge(step, peaks);
            draw(step, peaks);
        }

        private void draw(final int step, final List<CarveStep.WorldPeak> peaks) {
            final double[] truth = new double[3];
            for (int ball = 0; ball < scene.balls(); ball++) {
                scene.position(ball, step, truth);
                double[] nearest = null;
                double least = Double.POSITIVE_INFINITY;
                for (final CarveStep.WorldPeak peak : peaks) {
                    final double distance = Math.sqrt(Math.pow(peak.x() - truth[0], 2)
                            + Math.pow(peak.y() - truth[1], 2)
                            + Math.pow(peak.z() - truth[2], 2));
                    if (distance < least) {
                        least = distance;
                        nearest = new double[] {peak.x(), peak.y(), peak.z()};
                    }
                }
                if (least / rule.grid().voxel() > SceneJudge.MISSED_VOXELS) {
                    picture.miss(truth);
                } else {
                    picture.match(truth, nearest);
                }
            }
        }

        SceneJudge verdict() {
            return judge;
        }

        DemoPicture picture() {
            return picture;
        }
    }
}
