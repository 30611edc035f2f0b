package io.dragon.engine.frame;

/** The counters of a pool for whoever may still ask when its memory is unmapped. Any thread. */
final class PoolCounts {
    private final PoolFile file;
    private final long[] last = new long[PoolCounter.values().length];

    PoolCounts(final PoolFile file) {
        this.file = file;
    }

    /** Before the memory is unmapped. */
    void keep() {
        for (final PoolCounter counter : PoolCounter.values()) {
            last[counter.ordinal()] = counter.read(file);
        }
    }

    long read(final PoolCounter counter) {
        if (!file.retain()) {
            return last[counter.ordinal()];
        }
        try {
            return counter.read(file);
        } finally {
            file.release();
        }
    }

    /** Nothing when the memory is unmapped. */
    void increment(final PoolCounter counter) {
        if (file.retain()) {
            try {
                counter.increment(file);
            } finally {
                file.release();
            }
        }
    }
}
