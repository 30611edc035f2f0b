package io.dragon.tools.reconstruct;

import io.dragon.worker.voxel.CarveStep;
import io.dragon.worker.voxel.VoxelFrame;

/** Carries out steps. Results come in the order in which steps were given. One thread. */
interface StepRunner extends AutoCloseable {
    /** Takes the results of steps. */
    interface Consumer {
        /** The voxels of one slab; the view is valid during the call. */
        void onVoxels(StepInput input, VoxelFrame voxels);

        /** All slabs of a step are there. */
        void onStep(StepInput input, CarveStep result);
    }

    /** Steps that may be on their way at once. */
    int window();

    /** Begin a step. */
    void submit(StepInput input);

    /** Wait for the earliest step that was begun. */
    void take(Consumer consumer);

    @Override
    void close();
}
