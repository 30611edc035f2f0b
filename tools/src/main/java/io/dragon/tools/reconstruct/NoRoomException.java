package io.dragon.tools.reconstruct;

/** A slab has more voxels than an output slot holds, so it must be cut. */
final class NoRoomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoRoomException(final String message) {
        super(message);
    }
}
