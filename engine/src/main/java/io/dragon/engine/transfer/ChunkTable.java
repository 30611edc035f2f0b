package io.dragon.engine.transfer;

import java.util.Arrays;

/** Which chunks of a frame are there, and their checksums. Made for one frame and used again for others: it only ever grows. */
final class ChunkTable {
    private final ChunkGrid grid = new ChunkGrid();
    private long[] low = {};
    private long[] high = {};
    private byte[] tries = {};
    private long[] present = {};
    private int arrived;
    private int firstMissing;

    ChunkGrid grid() {
        return grid;
    }

    /** Begins anew with nothing there. */
    void reset(final int chunkLength, final int length, final int metadataLength) {
        grid.set(chunkLength, length, metadataLength);
        if (low.length < grid.count()) {
            low = new long[grid.count()];
            high = new long[grid.count()];
            tries = new byte[grid.count()];
            present = new long[(grid.count() >> 6) + 1];
        }
        Arrays.fill(tries, (byte) 0);
        Arrays.fill(present, 0);
        arrived = 0;
        firstMissing = 0;
    }

    int chunkLength() {
        return grid.chunkLength();
    }

    int count() {
        return grid.count();
    }

    boolean has(final int chunk) {
        return (present[chunk >> 6] & 1L << chunk) != 0;
    }

    boolean isComplete() {
        return arrived == grid.count();
    }

    int missing() {
        return grid.count() - arrived;
    }

    void put(final int chunk, final long checksumLow, final long checksumHigh) {
        low[chunk] = checksumLow;
        high[chunk] = checksumHigh;
        if (!has(chunk)) {
            present[chunk >> 6] |= 1L << chunk;
            arrived++;
        }
    }

    /** The first that is not there; the number of chunks when all are. */
    int firstMissing() {
        while (firstMissing < grid.count() && has(firstMissing)) {
            firstMissing++;
        }
        return firstMissing;
    }

    /** The next that is not there. */
    int missingFrom(final int chunk) {
        int next = chunk;
        while (next < grid.count() && has(next)) {
            next++;
        }
        return next;
    }

    /** How often a chunk has been asked for again, with this time. */
    int tryAgain(final int chunk) {
        return ++tries[chunk];
    }

    boolean wasTried(final int chunk) {
        return tries[chunk] != 0;
    }

    long low(final int chunk) {
        return low[chunk];
    }

    long high(final int chunk) {
        return high[chunk];
    }
}
