package io.dragon.engine.frame;

import org.agrona.UnsafeApi;

/** The counters in the header of a pool; its one producer writes them, anyone may read. */
enum PoolCounter {
    PUBLISHED(PoolLayout.PUBLISHED_OFFSET),
    BACK_PRESSURED(PoolLayout.BACK_PRESSURED_OFFSET),
    OVERWRITTEN(PoolLayout.OVERWRITTEN_OFFSET),
    TIMED_OUT(PoolLayout.TIMED_OUT_OFFSET),
    TOO_LARGE(PoolLayout.TOO_LARGE_OFFSET);

    private final int offset;

    PoolCounter(final int offset) {
        this.offset = offset;
    }

    void increment(final PoolFile file) {
        // One thread writes it: no need for an atomic addition.
        final long at = file.address + offset;
        UnsafeApi.putLongRelease(null, at, UnsafeApi.getLong(at) + 1);
    }

    long read(final PoolFile file) {
        return file.header.getLongVolatile(offset);
    }
}
