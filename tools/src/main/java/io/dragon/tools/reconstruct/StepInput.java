package io.dragon.tools.reconstruct;

import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Rig;

/**
 * One step to be reconstructed.
 *
 * @param index    of the step in its dataset
 * @param step     its number
 * @param rig      the cameras
 * @param current  picture of each camera, null where there is none
 * @param compared what each is compared with; null where there is nothing
 * @param mask     the rule of all masks
 * @param carve    the rule of all slabs
 */
record StepInput(int index, long step, Rig rig, Picture[] current, Picture[] compared, MaskRule mask, CarveRule carve) {
    /** Whether a camera takes part: it has a picture and, for a difference, something to compare it with. */
    boolean takesPart(final int camera) {
        return current[camera] != null && (mask.kind() == MaskRule.Kind.THRESHOLD || compared[camera] != null);
    }
}
