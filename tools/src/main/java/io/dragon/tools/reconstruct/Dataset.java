package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.Rig;
import java.nio.file.Path;
import java.util.List;

/**
 * Recorded frames and the cameras they are from. Immutable.
 */
public final class Dataset {
    private final Path folder;
    private final Kind kind;
    private final int[] pairs;
    private final long[] steps;
    private final Path[][] files;
    private final Camera[][] cameras;
    private final Path[] backgrounds;
    private final boolean still;

    /** What a dataset was recognised by. */
    public enum Kind {
        /** {@code rig.json} or {@code cameras.json}. */
        RIG,
        /** {@code metadata.json}. */
        METADATA,
        /** {@code *_par.txt}. */
        MIDDLEBURY
    }

    /**
     * A dataset.
     *
     * @param folder      where it lies
     * @param kind        what it was recognised by
     * @param pairs       pair number of each camera
     * @param steps       step numbers, growing
     * @param files       by step and camera, null where a camera has no picture
     * @param cameras     by step and camera, with the size of the pictures; one row when cameras stand still
     * @param backgrounds by camera, null where there is none
     */
    Dataset(
            final Path folder,
            final Kind kind,
            final int[] pairs,
            final long[] steps,
            final Path[][] files,
            final Camera[][] cameras,
            final Path[] backgrounds) {
        this.folder = folder;
        this.kind = kind;
        this.pairs = pairs;
        this.steps = steps;
        this.files = files;
        this.cameras = cameras;
        this.backgrounds = backgrounds;
        still = cameras.length == 1;
    }

    /**
     * Where it lies.
     *
     * @return the folder as the user named it
     */
    public Path folder() {
        return folder;
    }

    /**
     * What it was recognised by.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Number of cameras.
     *
     * @return 1 to {@link Rig#MAX_CAMERAS}
     */
    public int cameras() {
        return pairs.length;
    }

    /**
     * Number of steps.
     *
     * @return at least 1
     */
    public int steps() {
        return steps.length;
    }

    /**
     * The number of a step, as its files name it.
     *
     * @param index 0 to steps - 1
     * @return the number
     */
    public long step(final int index) {
        return steps[index];
    }

    /**
     * A picture.
     *
     * @param step   index of the step
     * @param camera index of the camera
     * @return its file, null when the camera has none
     */
    public Path file(final int step, final int camera) {
        return files[step][camera];
    }

    /** What a pixel of a camera's pictures takes at most: colour, or sixteen bits of grey. */
    int bytesPerPixel(final int camera) {
        for (final Path[] step : files) {
            if (step[camera] != null) {
                return step[camera]
                                .toString()
                                .toLowerCase(java.util.Locale.ROOT)
                                .endsWith(".pgm")
                        ? 2
                        : 3;
            }
        }
        return 1;
    }

    /**
     * The background of a camera.
     *
     * @param camera index of the camera
     * @return its file, null when there is none
     */
    public Path background(final int camera) {
        return backgrounds[camera];
    }

    /**
     * Whether all cameras stand still.
     *
     * @return false when the rig changes from step to step
     */
    public boolean isStill() {
        return still;
    }

    /**
     * The cameras of a step.
     *
     * @param step index of the step
     * @return the same instance for all steps when cameras stand still
     */
    public Rig rig(final int step) {
        try {
            return new Rig(List.of(cameras[still ? 0 : step]), pairs);
        } catch (final IllegalArgumentException e) {
            throw new DragonException(DragonException.WRONG_USAGE, folder + ": " + e.getMessage() + ".");
        }
    }
}
