package io.dragon.tools.analyze;

import java.util.List;

/** Cuts files into blocks and fills batches with them, in order. Called by every reader. */
final class BatchPlan {
    private final List<FoundFile> files;
    private final int blockLength;
    private final int capacity;
    private int next;
    private int block;

    BatchPlan(final List<FoundFile> files, final int blockLength, final int capacity) {
        this.files = files;
        this.blockLength = blockLength;
        this.capacity = capacity;
    }

    /** The next batch, or null when nothing is left. */
    synchronized Batch next() {
        if (next == files.size()) {
            return null;
        }
        final Batch batch = new Batch();
        while (next < files.size()) {
            final FoundFile file = files.get(next);
            if (block == 0 && (file.fault() != null || file.isHashed())) { // hashed: an earlier run did it
                next++;
                continue;
            }
            final int length = (int) Math.min(blockLength, file.size - (long) block * blockLength);
            if (!batch.hasRoom(length, capacity)) {
                break;
            }
            batch.add(file, block, length);
            if (++block == file.blocks(blockLength)) {
                next++;
                block = 0;
            }
        }
        return batch.count() == 0 ? null : batch;
    }

    /** Ends the plan early. */
    synchronized void cancel() {
        next = files.size();
    }
}
