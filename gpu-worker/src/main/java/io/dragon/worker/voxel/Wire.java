package io.dragon.worker.voxel;

import java.nio.ByteOrder;

/** The byte order of everything this package writes. */
final class Wire {
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private Wire() {}
}
