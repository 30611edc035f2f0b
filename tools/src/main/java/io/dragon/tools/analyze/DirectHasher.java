package io.dragon.tools.analyze;

import io.dragon.tools.analyze.Analysis.WorkerShare;
import io.dragon.worker.hash.BlockHash;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Hashes in the reader's own thread, without any Dragon system: for tests. */
final class DirectHasher implements BlockHasher {
    private final HashAlgorithm algorithm;
    private final AtomicLong blocks = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong busyNs = new AtomicLong();

    DirectHasher(final HashAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    @Override
    public Lane lane(final int index, final int slotLength) {
        return new DirectLane(slotLength);
    }

    @Override
    public List<WorkerShare> shares() {
        return List.of(new WorkerShare("direct", "cpu", blocks.get(), bytes.get(), busyNs.get()));
    }

    @Override
    public void close() {}

    private final class DirectLane implements Lane {
        private final BlockHash hash = BlockHash.of(algorithm);
        private final ByteBuffer slot;
        private final UnsafeBuffer view = new UnsafeBuffer(0, 0);

        DirectLane(final int slotLength) {
            slot = ByteBuffer.allocateDirect(slotLength);
        }

        @Override
        public boolean claim(final int length) {
            slot.clear().limit(length);
            view.wrap(slot, 0, length);
            return true;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return view;
        }

        @Override
        public ByteBuffer byteBuffer() {
            return slot;
        }

        @Override
        public void submit(final Batch batch, final Results results) {
            final UnsafeBuffer out = new UnsafeBuffer(new byte[batch.count() * BlockTable.RESULT_LENGTH]);
            final long beginNs = System.nanoTime();
            try {
                hash.blocks(view, view.capacity(), out);
            } catch (final BlockTable.BadTableException ex) {
                results.onFailed(batch, ex.getMessage());
                return;
            }
            busyNs.addAndGet(System.nanoTime() - beginNs);
            blocks.addAndGet(batch.count());
            bytes.addAndGet(batch.bytes());
            results.onHashed(batch, out);
        }

        @Override
        public void abandon() {}

        @Override
        public void close() {}
    }
}
