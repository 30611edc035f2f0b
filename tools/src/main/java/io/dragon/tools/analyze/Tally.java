package io.dragon.tools.analyze;

import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.Blake3Tree;
import io.dragon.worker.hash.BlockHash;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What comes out of the results of blocks: digests of files, and how many blocks there are more than once. One thread. */
final class Tally {
    private final HashAlgorithm algorithm;
    private final int blockLength;
    private final DigestTable table;
    private final Blake3Tree tree = new Blake3Tree();
    private final UnsafeBuffer values = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer root = new UnsafeBuffer(new byte[Blake3.DIGEST_LENGTH]);

    private final BlockHash identity = BlockHash.of(HashAlgorithm.SHA256);
    private final UnsafeBuffer identityResult = new UnsafeBuffer(new byte[BlockTable.RESULT_LENGTH]);

    private long blocks;
    private long bytes;
    private long duplicateBlocks;
    private long duplicateBytes;
    private long zeroBlocks;
    private long zeroBytes;

    Tally(final HashAlgorithm algorithm, final int blockLength, final long expectedBlocks) {
        this.algorithm = algorithm;
        this.blockLength = blockLength;
        table = new DigestTable(expectedBlocks);
    }

    void add(final Batch batch, final DirectBuffer results) {
        for (int i = 0; i < batch.count(); i++) {
            add(batch.file(i), batch.block(i), batch.length(i), batch.isZero(i), results, i * BlockTable.RESULT_LENGTH);
        }
    }

    private void add(
            final FoundFile file,
            final int block,
            final int length,
            final boolean zero,
            final DirectBuffer results,
            final int at) {
        final long a = word(results, at, 0);
        final long b = word(results, at, 1);
        final long c = word(results, at, 2);
        final long d = word(results, at, 3);
        if (length > 0) { // an empty file has no block
            blocks++;
            bytes += length;
            if (table.add(a, b, c, d) > 1) {
                duplicateBlocks++;
                duplicateBytes += length;
            }
            if (zero) {
                zeroBlocks++;
                zeroBytes += length;
            }
        }
        final int count = file.blocks(blockLength);
        if (count == 1) {
            file.digest(a, b, c, d);
            return;
        }
        if (file.chainingValues == null) {
            file.chainingValues = new byte[Math.multiplyExact(count, Blake3.DIGEST_LENGTH)];
            file.blocksLeft = count;
        }
        final int from = algorithm == HashAlgorithm.BLAKE3 ? at + Blake3.DIGEST_LENGTH : at;
        results.getBytes(from, file.chainingValues, block * Blake3.DIGEST_LENGTH, Blake3.DIGEST_LENGTH);
        if (--file.blocksLeft == 0) {
            assemble(file, count);
        }
    }

    private void assemble(final FoundFile file, final int count) {
        if (algorithm != HashAlgorithm.BLAKE3) {
            file.blockHashes = file.chainingValues;
            identity.begin(new UnsafeBuffer(file.blockHashes), identityResult);
            identity.block(0, file.blockHashes.length, 0, true, 0);
            identity.end();
            file.digest(
                    word(identityResult, 0, 0),
                    word(identityResult, 0, 1),
                    word(identityResult, 0, 2),
                    word(identityResult, 0, 3));
            return;
        }
        values.wrap(file.chainingValues);
        tree.reset();
        for (int i = 0; i < count; i++) {
            tree.add(values, i * Blake3.DIGEST_LENGTH);
        }
        tree.digest(root, 0);
        file.digest(word(root, 0, 0), word(root, 0, 1), word(root, 0, 2), word(root, 0, 3));
    }

    private static long word(final DirectBuffer buffer, final int at, final int index) {
        return buffer.getLong(at + index * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
    }

    long blocks() {
        return blocks;
    }

    long bytes() {
        return bytes;
    }

    long uniqueBlocks() {
        return table.size();
    }

    long duplicateBlocks() {
        return duplicateBlocks;
    }

    long duplicateBytes() {
        return duplicateBytes;
    }

    long zeroBlocks() {
        return zeroBlocks;
    }

    long zeroBytes() {
        return zeroBytes;
    }
}
