package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Rig;
import io.dragon.worker.voxel.VoxelFrame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** Runs the steps of a dataset and keeps what comes out. */
class Reconstruction implements StepRunner.Consumer {
    private final Dataset dataset;
    private final Foreground foreground;
    private final CarveRule rule;
    private final VoxelSums voxels;
    private final List<StepPeak> peaks = new ArrayList<>();
    private final Picture[] backgrounds;
    private Picture[] before;
    private int beforeIndex = -1;
    private Rig rig;
    private int stepsDone;

    /** A peak and its step. */
    record StepPeak(long step, CarveStep.WorldPeak peak) {}

    /**
     * @param voxels receives the voxels; null when they are not wanted
     */
    Reconstruction(final Dataset dataset, final Foreground foreground, final CarveRule rule, final VoxelSums voxels) {
        this.dataset = dataset;
        this.foreground = foreground;
        this.rule = rule;
        this.voxels = voxels;
        backgrounds = new Picture[dataset.cameras()];
    }

    /** Every so many steps are run, and each is told as it ends. */
    void run(final StepRunner runner, final int every, final IntConsumer onStep) {
        int underWay = 0;
        for (int i = 0; i < dataset.steps(); i += every) {
            if (underWay == runner.window()) {
                runner.take(this);
                underWay--;
                onStep.accept(stepsDone);
            }
            runner.submit(input(i));
            underWay++;
        }
        for (; underWay > 0; underWay--) {
            runner.take(this);
            onStep.accept(stepsDone);
        }
    }

    private StepInput input(final int index) {
        final int cameras = dataset.cameras();
        final Picture[] current = new Picture[cameras];
        final Picture[] compared = new Picture[cameras];
        final boolean difference = foreground.rule().kind() == MaskRule.Kind.DIFFERENCE;
        for (int camera = 0; camera < cameras; camera++) {
            current[camera] = read(index, camera);
            if (current[camera] == null) {
                continue;
            }
            if (difference && index > 0) {
                compared[camera] = beforeIndex == index - 1 ? before[camera] : read(index - 1, camera);
            } else if (foreground.rule().kind() == MaskRule.Kind.BACKGROUND) {
                compared[camera] = background(camera);
            }
            check(index, camera, current[camera], compared[camera]);
        }
        before = current;
        beforeIndex = index;
        rig = rig == null || !dataset.isStill() ? dataset.rig(index) : rig;
        return new StepInput(index, dataset.step(index), rig, current, compared, foreground.rule(), rule);
    }

    private Picture read(final int index, final int camera) {
        final Path file = dataset.file(index, camera);
        return file == null ? null : PictureReader.read(file);
    }

    private Picture background(final int camera) {
        if (backgrounds[camera] == null) {
            final Path file = foreground.background() != null
                    ? foreground.backgroundOf(dataset.rig(0).camera(camera).id())
                    : dataset.background(camera);
            if (file == null) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "--foreground: camera '" + dataset.rig(0).camera(camera).id() + "' has no background picture.");
            }
            backgrounds[camera] = PictureReader.read(file);
        }
        return backgrounds[camera];
    }

    private void check(final int index, final int camera, final Picture picture, final Picture compared) {
        final Path file = dataset.file(index, camera);
        final var expected = dataset.rig(index).camera(camera);
        if (picture.width() != expected.width() || picture.height() != expected.height()) {
            throw new DragonException(file + ": " + picture.width() + " x " + picture.height()
                    + " pixels, but the first picture of this camera has " + expected.width() + " x "
                    + expected.height() + ".");
        }
        if (compared != null
                && (compared.width() != picture.width()
                        || compared.height() != picture.height()
                        || compared.format() != picture.format())) {
            throw new DragonException(file + ": " + picture.width() + " x " + picture.height() + " " + picture.format()
                    + " cannot be compared with a picture of " + compared.width() + " x " + compared.height() + " "
                    + compared.format() + ".");
        }
    }

    @Override
    public void onVoxels(final StepInput input, final VoxelFrame frame) {
        if (voxels != null) {
            voxels.add(frame);
        }
    }

    @Override
    public void onStep(final StepInput input, final CarveStep result) {
        stepsDone++;
        for (final CarveStep.WorldPeak peak : result.peaks()) {
            peaks.add(new StepPeak(input.step(), peak));
        }
        onResult(input, result);
    }

    /** For those who want each step's whole result. */
    void onResult(final StepInput input, final CarveStep result) {}

    /** Peaks in the order of steps, best first within a step. */
    List<StepPeak> peaks() {
        return peaks;
    }
}
