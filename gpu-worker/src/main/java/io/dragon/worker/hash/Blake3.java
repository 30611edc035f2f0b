package io.dragon.worker.hash;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * BLAKE3 over blocks, two values each in one pass over the data:
 *
 * <ul>
 *   <li>the <b>digest</b> of the block alone: equal blocks are equal wherever they lie;
 *   <li>its <b>chaining value</b> at its place in its file, from which {@link Blake3Tree} assembles the file's digest.
 * </ul>
 *
 * <p>A result is 64 bytes, the digest and then the chaining value. A block that is a whole file needs only the first; its
 * chaining value is zero.
 *
 * <p>Usage: {@link #begin}, any number of {@link #block}, {@link #end}. The chunks of all blocks between fill the lanes of the
 * processor together, so that small files are not hashed one by one. Results are complete after {@link #end} only. One thread at a
 * time; no allocation after construction.
 */
public final class Blake3 extends BlockHash {
    /** Bytes of a digest, and of a chaining value. */
    public static final int DIGEST_LENGTH = 32;

    /** Bytes of a result: digest and chaining value. */
    public static final int RESULT_LENGTH = 2 * DIGEST_LENGTH;

    /** Bytes of a chunk, the leaf of BLAKE3's tree: blocks of a file are a power of two of them. */
    public static final int CHUNK_LENGTH = Compression.CHUNK_LENGTH;

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final String VECTOR_CLASS = "io.dragon.worker.hash.VectorBlake3";

    private final Blake3Lanes lanes;
    private final String description;
    private final ScalarLanes scalar = new ScalarLanes();
    private final ChunkBatch once;
    private final ChunkBatch twice;
    private final Blake3Tree ownTree = new Blake3Tree();
    private final Blake3Tree placeTree = new Blake3Tree();
    private final int[] words = new int[16];
    private final int[] value = new int[8];

    private DirectBuffer source;
    private MutableDirectBuffer results;

    private Blake3(final Blake3Lanes lanes, final String description) {
        this.lanes = lanes;
        this.description = description;
        once = new ChunkBatch(lanes, scalar, false);
        twice = new ChunkBatch(lanes, scalar, true);
    }

    /**
     * The fastest one this virtual machine can run: by the Vector API when the module {@code jdk.incubator.vector} was added at
     * its start, scalar otherwise.
     *
     * @return a new instance
     */
    public static Blake3 fastest() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return new Blake3(
                    new ScalarLanes(), "scalar: start Java with --add-modules " + VECTOR_MODULE + " for a faster one");
        }
        try {
            final Blake3Lanes vectors = vectors();
            return new Blake3(new AdaptiveLanes(vectors, new ScalarLanes()), vectors.description());
        } catch (final ReflectiveOperationException | LinkageError ex) {
            final Throwable cause = ex.getCause() == null ? ex : ex.getCause();
            return new Blake3(new ScalarLanes(), "scalar: the Vector API did not start: " + cause);
        }
    }

    private static Blake3Lanes vectors() throws ReflectiveOperationException {
        return (Blake3Lanes)
                Class.forName(VECTOR_CLASS).getDeclaredConstructor().newInstance();
    }

    /** One that uses vectors from the first chunk on, for tests. */
    static Blake3 vector() throws ReflectiveOperationException {
        final Blake3Lanes vectors = vectors();
        return new Blake3(vectors, "from the first chunk on: " + vectors.description());
    }

    /**
     * One that needs no module.
     *
     * @return a new instance
     */
    public static Blake3 scalar() {
        return new Blake3(new ScalarLanes(), "scalar");
    }

    /**
     * How it computes, in words.
     *
     * @return a phrase for a log line
     */
    public String description() {
        return description;
    }

    /**
     * How many chunks it compresses at once.
     *
     * @return 1 when it is scalar
     */
    public int lanes() {
        return lanes.lanes();
    }

    /**
     * Computes on the caller's thread until the virtual machine has compiled the vectors, which all instances then use from their first
     * block on; otherwise the first blocks are what they are compiled by, in scalar code for the most part. Returns at once
     * when that is done already, or when there are none.
     *
     * @param mostNs the longest it takes, in nanoseconds
     */
    public void warmUp(final long mostNs) {
        if (lanes instanceof AdaptiveLanes adaptive) {
            adaptive.warmUp(mostNs);
        }
    }

    /**
     * Starts a run over blocks of one buffer.
     *
     * @param source  where the blocks lie; it must stay as it is until {@link #end}
     * @param results receives the results
     */
    @Override
    public void begin(final DirectBuffer source, final MutableDirectBuffer results) {
        this.source = source;
        this.results = results;
        once.begin(source, results);
        twice.begin(source, results);
    }

    /**
     * Hashes one block, now or at the latest at {@link #end}.
     *
     * @param offset       of the block in the source
     * @param length       of the block in bytes
     * @param chunkCounter its offset in its file divided by {@value Compression#CHUNK_LENGTH}
     * @param wholeFile    whether it is all of its file: then only the digest is computed
     * @param resultOffset where in the results its {@value #RESULT_LENGTH} bytes go
     * @throws IndexOutOfBoundsException when the block does not lie in the source, or the result not in the results
     */
    @Override
    public void block(
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile,
            final int resultOffset) {
        source.boundsCheck(offset, length);
        results.boundsCheck(resultOffset, RESULT_LENGTH);
        final int chunks = chunks(length);
        if (chunks == 1) {
            oneChunk(offset, length, chunkCounter, wholeFile, resultOffset);
            return;
        }
        final ChunkBatch batch = chunkCounter == 0 ? once : twice;
        if (chunks <= ChunkBatch.CAPACITY) {
            if (!batch.hasRoom(chunks)) {
                batch.run();
            }
            addChunks(batch, offset, length, 0, chunkCounter);
            batch.closeBlock(chunks, wholeFile, resultOffset);
        } else {
            large(batch, offset, length, chunkCounter, wholeFile, resultOffset);
        }
    }

    /** Completes every result of this run. */
    @Override
    public void end() {
        once.run();
        twice.run();
        abandon();
    }

    /** Ends this run without completing its results. */
    @Override
    public void abandon() {
        source = null;
        results = null;
        once.forget();
        twice.forget();
    }

    /**
     * The BLAKE3 digest of some bytes, as {@code b3sum} prints it.
     *
     * @param bytes any number of them
     * @return 32 bytes
     */
    public byte[] digest(final byte[] bytes) {
        final UnsafeBuffer out = new UnsafeBuffer(new byte[RESULT_LENGTH]);
        begin(new UnsafeBuffer(bytes), out);
        block(0, bytes.length, 0, true, 0);
        end();
        final byte[] digest = new byte[DIGEST_LENGTH];
        out.getBytes(0, digest);
        return digest;
    }

    private static int chunks(final int length) {
        return length == 0 ? 1 : (int) ((length + (CHUNK_LENGTH - 1L)) / CHUNK_LENGTH);
    }

    /** More chunks than a batch takes: full batches are subtrees of their own, above which a tree grows. */
    private void large(
            final ChunkBatch batch,
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile,
            final int resultOffset) {
        final int part = ChunkBatch.CAPACITY * CHUNK_LENGTH;
        batch.run();
        ownTree.reset();
        placeTree.reset();
        for (long done = 0; done < length; done += part) {
            final int partLength = (int) Math.min(part, length - done);
            final long first = done / CHUNK_LENGTH;
            addChunks(batch, offset + (int) done, partLength, first, chunkCounter + first);
            batch.runSubtree(chunks(partLength), ownTree, placeTree);
        }
        if (wholeFile) {
            results.setMemory(resultOffset + DIGEST_LENGTH, DIGEST_LENGTH, (byte) 0);
        } else {
            (batch == once ? ownTree : placeTree).chainingValue(results, resultOffset + DIGEST_LENGTH);
        }
        ownTree.digest(results, resultOffset);
    }

    private void addChunks(
            final ChunkBatch batch, final int offset, final int length, final long own, final long place) {
        final long address = source.addressOffset() + offset;
        final int full = length / CHUNK_LENGTH;
        for (int i = 0; i < full; i++) {
            batch.add(address + (long) i * CHUNK_LENGTH, own + i, place + i);
        }
        final int rest = length - full * CHUNK_LENGTH;
        if (rest > 0) {
            chunk(address + (long) full * CHUNK_LENGTH, rest, own + full, 0);
            batch.addValue(value);
            if (batch == twice) {
                chunk(address + (long) full * CHUNK_LENGTH, rest, place + full, 0);
                batch.addOtherValue(value);
            }
        }
    }

    private void oneChunk(
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile,
            final int resultOffset) {
        final long address = source.addressOffset() + offset;
        chunk(address, length, 0, Compression.ROOT);
        Blake3Tree.put(value, 0, results, resultOffset);
        if (wholeFile) {
            results.setMemory(resultOffset + DIGEST_LENGTH, DIGEST_LENGTH, (byte) 0);
        } else {
            chunk(address, length, chunkCounter, 0);
            Blake3Tree.put(value, 0, results, resultOffset + DIGEST_LENGTH);
        }
    }

    /** A chunk of 0 to 1,024 bytes, with the flags of its last block. */
    private void chunk(final long address, final int length, final long counter, final int lastFlags) {
        final Object base = source.byteArray();
        Compression.initialise(value, 0);
        int done = 0;
        int flags = Compression.CHUNK_START;
        while (length - done > Compression.BLOCK_LENGTH) {
            ScalarLanes.load(words, base, address + done);
            Compression.compress(value, 0, words, counter, Compression.BLOCK_LENGTH, flags);
            done += Compression.BLOCK_LENGTH;
            flags = 0;
        }
        final int rest = length - done;
        for (int word = 0; word < 16; word++) {
            int bits = 0;
            for (int i = Math.min(3, rest - word * 4 - 1); i >= 0; i--) {
                bits = bits << 8 | UnsafeApi.getByte(base, address + done + word * 4 + i) & 0xFF;
            }
            words[word] = bits;
        }
        Compression.compress(value, 0, words, counter, rest, flags | Compression.CHUNK_END | lastFlags);
    }
}
