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
    private final Journal journal;
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
    private long restoredFiles;
    private long restoredBlocks;
    private long restoredBytes;

    /** With a journal every file that is done is noted in it; it may be null. */
    Tally(final HashAlgorithm algorithm, final int blockLength, final long expectedBlocks, final Journal journal) {
        this.journal = journal;
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
        count(length, a, b, c, d);
        if (zero) {
            file.zeroBlocks++;
            file.zeroBytes += length;
            zeroBlocks++;
            zeroBytes += length;
        }
        final int count = file.blocks(blockLength);
        if (count == 1) {
            file.digest(a, b, c, d);
            done(file, null);
            return;
        }
        if (file.chainingValues == null) {
            file.chainingValues = new byte[Math.multiplyExact(count, Blake3.DIGEST_LENGTH)];
            file.journalledHashes =
                    journal != null && algorithm == HashAlgorithm.BLAKE3 ? new byte[file.chainingValues.length] : null;
            file.blocksLeft = count;
        }
        final int to = block * Blake3.DIGEST_LENGTH;
        final int from = algorithm == HashAlgorithm.BLAKE3 ? at + Blake3.DIGEST_LENGTH : at;
        results.getBytes(from, file.chainingValues, to, Blake3.DIGEST_LENGTH);
        if (file.journalledHashes != null) {
            results.getBytes(at, file.journalledHashes, to, Blake3.DIGEST_LENGTH);
        }
        if (--file.blocksLeft == 0) {
            assemble(file, count);
            done(file, algorithm == HashAlgorithm.BLAKE3 ? file.journalledHashes : file.blockHashes);
            file.journalledHashes = null;
        }
    }

    private void count(final int length, final long a, final long b, final long c, final long d) {
        if (length == 0) { // an empty file has no block
            return;
        }
        blocks++;
        bytes += length;
        if (table.add(a, b, c, d) > 1) {
            duplicateBlocks++;
            duplicateBytes += length;
        }
    }

    private void done(final FoundFile file, final byte[] blockHashes) {
        if (journal != null && file.isHashed()) {
            journal.add(file, blockHashes);
        }
    }

    /** Takes a file whose digest, and zeros, are known from an earlier run; with the hashes of its blocks where it has several. */
    void restore(final FoundFile file, final DirectBuffer blockHashes) {
        final int count = file.blocks(blockLength);
        restoredFiles++;
        restoredBytes += file.size;
        zeroBlocks += file.zeroBlocks;
        zeroBytes += file.zeroBytes;
        final long blocksBefore = blocks;
        if (count == 1) {
            count((int) file.size, file.d0, file.d1, file.d2, file.d3);
        } else {
            for (int i = 0; i < count; i++) {
                final int at = i * Blake3.DIGEST_LENGTH;
                count(
                        (int) Math.min(blockLength, file.size - (long) i * blockLength),
                        word(blockHashes, at, 0),
                        word(blockHashes, at, 1),
                        word(blockHashes, at, 2),
                        word(blockHashes, at, 3));
            }
            if (algorithm != HashAlgorithm.BLAKE3) {
                file.blockHashes = new byte[count * Blake3.DIGEST_LENGTH];
                blockHashes.getBytes(0, file.blockHashes);
            }
        }
        restoredBlocks += blocks - blocksBefore;
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

    /** Files that an earlier run hashed. */
    long restoredFiles() {
        return restoredFiles;
    }

    /** Blocks of these. */
    long restoredBlocks() {
        return restoredBlocks;
    }

    /** Bytes of these. */
    long restoredBytes() {
        return restoredBytes;
    }
}
