package io.dragon.tools.analyze;

import io.dragon.tools.analyze.BlockHasher.Lane;
import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.BlockTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.agrona.DirectBuffer;

/**
 * Fills slots: takes batches from the plan, reads their files straight into the slot, writes the table, submits. What
 * cannot be read, or is no longer what the walk saw, is left out of the batch and noted at its file.
 */
final class BlockReader {
    private final BatchPlan plan;
    private final Lane lane;
    private final int blockLength;
    private final Outcome outcome;
    private final ByteBuffer oneMore = ByteBuffer.allocateDirect(1);

    BlockReader(final BatchPlan plan, final Lane lane, final int blockLength, final Outcome outcome) {
        this.plan = plan;
        this.lane = lane;
        this.blockLength = blockLength;
        this.outcome = outcome;
    }

    /** Where a reader tells what it does. */
    interface Outcome extends BlockHasher.Results {
        /** Whether to end early. */
        boolean isStopped();

        /** A batch will be submitted: one answer more is to come. */
        void onSubmit();

        /** Bytes that nobody will hash. */
        void onSkipped(long bytes);
    }

    void run() throws InterruptedException {
        for (Batch batch = plan.next(); batch != null && !outcome.isStopped(); batch = plan.next()) {
            final int planned = batch.count();
            final int dataOffset = BlockTable.dataOffset(planned);
            while (!lane.claim(dataOffset + batch.bytes())) {
                if (outcome.isStopped()) {
                    return;
                }
            }
            final int kept = fillOrAbandon(batch, dataOffset);
            if (kept == 0) {
                lane.abandon();
                continue;
            }
            BlockTable.header(lane.buffer(), kept);
            outcome.onSubmit();
            lane.submit(batch, outcome);
        }
    }

    private int fillOrAbandon(final Batch batch, final int dataOffset) {
        try {
            return fill(batch, dataOffset);
        } catch (final RuntimeException | Error ex) {
            lane.abandon();
            throw ex;
        }
    }

    /** Reads run by run: neighbouring blocks of one file at once. */
    private int fill(final Batch batch, final int dataOffset) {
        int kept = 0;
        int offset = dataOffset;
        for (int first = 0, end; first < batch.count(); first = end) {
            final FoundFile file = batch.file(first);
            int length = 0;
            for (end = first; end < batch.count() && batch.file(end) == file; end++) {
                length += batch.length(end);
            }
            if (file.fault() == null) {
                final String fault = read(file, (long) batch.block(first) * blockLength, length, offset);
                if (fault != null) {
                    file.fail(fault);
                }
            }
            if (file.fault() != null) {
                outcome.onSkipped(length);
            } else {
                kept = describe(batch, first, end, offset, kept);
            }
            offset += length;
        }
        batch.truncate(kept);
        return kept;
    }

    private int describe(final Batch batch, final int first, final int end, final int runOffset, final int keptBefore) {
        final boolean whole = batch.file(first).blocks(blockLength) == 1;
        int offset = runOffset;
        int kept = keptBefore;
        for (int i = first; i < end; i++) {
            final int length = batch.length(i);
            final long chunk = (long) batch.block(i) * (blockLength / Blake3.CHUNK_LENGTH);
            BlockTable.entry(lane.buffer(), kept, offset, length, chunk, whole);
            batch.move(i, kept);
            batch.zero(kept, isZero(lane.buffer(), offset, length));
            offset += length;
            kept++;
        }
        return kept;
    }

    /** Reads a part of a file; null when it is there and as the walk saw it, otherwise what is wrong. */
    private String read(final FoundFile file, final long position, final int length, final int slotOffset) {
        try {
            if (!Files.readAttributes(file.path, BasicFileAttributes.class)
                    .isRegularFile()) { // opening a pipe would wait
                return "changed while it was read: it is no regular file any more";
            }
        } catch (final IOException ex) {
            return FileFaults.inWords(ex);
        }
        try (FileChannel channel = FileChannel.open(file.path, StandardOpenOption.READ)) {
            final ByteBuffer slot = lane.byteBuffer();
            slot.limit(slotOffset + length).position(slotOffset);
            long at = position;
            while (slot.hasRemaining()) {
                final int read = channel.read(slot, at);
                if (read < 0) {
                    return "changed while it was read: it ends after " + at + " of " + file.size + " bytes";
                }
                at += read;
            }
            if (at == file.size) {
                oneMore.clear();
                if (channel.read(oneMore, at) > 0) {
                    return "changed while it was read: it goes on after its " + file.size + " bytes";
                }
            }
            final BasicFileAttributes now = Files.readAttributes(file.path, BasicFileAttributes.class);
            if (now.size() != file.size || FoundFile.modifiedNs(now) != file.modifiedNs) {
                return "changed while it was read";
            }
            return null;
        } catch (final IOException ex) {
            return FileFaults.inWords(ex);
        }
    }

    private static boolean isZero(final DirectBuffer buffer, final int offset, final int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (buffer.getLong(offset + i) != 0) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (buffer.getByte(offset + i) != 0) {
                return false;
            }
        }
        return length > 0;
    }
}
