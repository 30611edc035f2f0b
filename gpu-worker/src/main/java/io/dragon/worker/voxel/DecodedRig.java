package io.dragon.worker.voxel;

import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;

/** The rig of a job stays the same frame for all its steps, and is decoded once. */
final class DecodedRig {
    private final FrameRef ref = new FrameRef();
    private Rig rig;

    Rig of(final FrameLease frame) {
        final FrameRef newRef = frame.ref();
        if (rig == null
                || newRef.poolId() != ref.poolId()
                || newRef.sequence() != ref.sequence()
                || newRef.slot() != ref.slot()) {
            rig = Rig.decode(frame.buffer(), 0, newRef.length());
            ref.set(newRef);
        }
        return rig;
    }
}
