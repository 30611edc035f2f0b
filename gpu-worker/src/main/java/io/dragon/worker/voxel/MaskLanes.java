package io.dragon.worker.voxel;

/** Compares many bytes at once. One thread at a time. */
interface MaskLanes {
    /** Bytes of a word of the result. */
    int WORD = 64;

    /** The fastest this virtual machine can run: scalar code, or vectors where the module was added at its start and they are the faster. */
    static MaskLanes fastest() {
        final MaskLanes scalar = new LongLanes();
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return scalar;
        }
        try {
            return new AdaptiveMaskLanes(vectors(), scalar);
        } catch (final ReflectiveOperationException | LinkageError ex) {
            return scalar;
        }
    }

    /** Vectors from the first byte on. */
    static MaskLanes vectors() throws ReflectiveOperationException {
        return (MaskLanes) Class.forName("io.dragon.worker.voxel.VectorMaskLanes")
                .getDeclaredConstructor()
                .newInstance();
    }

    /** What computes, in words. */
    String description();

    /**
     * Which bytes differ from others by more than a threshold.
     *
     * @param base         the array the address is an offset in, or null when it is one of memory
     * @param address      where the bytes begin
     * @param otherBase    as the base
     * @param otherAddress where those that they are compared with begin
     * @param words        words of the result; 64 times as many bytes are compared
     * @param threshold    0 to 254
     * @param kept         which of eight bytes that follow each other are compared: 0xFF in the place of each; others count as equal
     * @param bits         receives a bit a byte, the first in the lowest place of its word
     * @param at           the first word to write
     * @return number of bits set
     */
    int differing(
            Object base,
            long address,
            Object otherBase,
            long otherAddress,
            int words,
            int threshold,
            long kept,
            long[] bits,
            int at);
}
