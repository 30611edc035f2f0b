package io.dragon.tools.analyze;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * A regular file of the data set. Readers only ever set its fault; everything else belongs to the thread of the analysis.
 */
final class FoundFile {
    final Path path;
    final long size;
    final long modifiedNs;

    /** Most blocks of one file: their chaining values lie in one array. */
    static final int MAX_BLOCKS = (1 << 26) - 1;

    /**
     * The digest as four little-endian words, once {@link #isHashed}. Where {@link #blockHashes} are kept it is one of them, and only good for
     * comparing files within an analysis.
     */
    long d0;

    long d1;
    long d2;
    long d3;

    /** Chaining values of its blocks, while it has more than one and not all are known. */
    byte[] chainingValues;

    int blocksLeft;

    /** Hashes of its blocks, 32 bytes each, where there are several and no digest of the file is made of them. */
    byte[] blockHashes;

    /** Hashes of its blocks, 32 bytes each, while it has more than one, a journal is written and they are not its chaining values. */
    byte[] journalledHashes;

    /** Its blocks of zeros so far, and their bytes. */
    int zeroBlocks;

    long zeroBytes;

    private boolean hashed;
    private volatile String fault;

    FoundFile(final Path path, final BasicFileAttributes attributes) {
        this.path = path;
        size = attributes.size();
        modifiedNs = modifiedNs(attributes);
    }

    static long modifiedNs(final BasicFileAttributes attributes) {
        return attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
    }

    /** The number of its blocks; an empty file counts as one, so that it has a digest. */
    int blocks(final int blockLength) {
        return (int) Math.max(1, (size + blockLength - 1) / blockLength);
    }

    void fail(final String words) {
        if (fault == null) {
            fault = words;
        }
    }

    /** Why it has no digest, or null. */
    String fault() {
        return fault;
    }

    void digest(final long a, final long b, final long c, final long d) {
        d0 = a;
        d1 = b;
        d2 = c;
        d3 = d;
        hashed = true;
        chainingValues = null;
    }

    boolean isHashed() {
        return hashed && fault == null;
    }

    boolean hasDigestOf(final FoundFile other) {
        return size == other.size && d0 == other.d0 && d1 == other.d1 && d2 == other.d2 && d3 == other.d3;
    }
}
