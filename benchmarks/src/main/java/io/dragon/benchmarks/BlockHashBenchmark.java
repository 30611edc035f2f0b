package io.dragon.benchmarks;

import io.dragon.worker.hash.Blake3;
import io.dragon.worker.hash.BlockHash;
import io.dragon.worker.hash.HashAlgorithm;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The hashes of a small block, so that there are operations enough to see whether each of them allocates; {@link Blake3Benchmark} has a block of
 * the usual length.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BlockHashBenchmark {
    static final String BLAKE3_SCALAR = "BLAKE3 scalar";
    static final String BLAKE3_VECTOR = "BLAKE3 vector";
    static final String SHA256 = "SHA-256";
    static final String XXH3 = "XXH3";
    static final int BLOCK_LENGTH = 64 << 10;

    /** Not the first of its file: there, both values of BLAKE3 come from the same compressions. */
    static final long CHUNK_COUNTER = BLOCK_LENGTH / Blake3.CHUNK_LENGTH;

    /** Bytes that are the same in every run, and room for a copy. */
    @State(Scope.Thread)
    public static class Block {
        final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(BLOCK_LENGTH));
        final UnsafeBuffer copy = new UnsafeBuffer(ByteBuffer.allocateDirect(BLOCK_LENGTH));
        final UnsafeBuffer result = new UnsafeBuffer(new byte[Blake3.RESULT_LENGTH]);

        public Block() {
            final Random random = new Random(7);
            for (int i = 0; i < BLOCK_LENGTH; i += Long.BYTES) {
                buffer.putLong(i, random.nextLong());
            }
        }
    }

    /** The hash. */
    @State(Scope.Thread)
    public static class Hash {
        @Param({BLAKE3_SCALAR, BLAKE3_VECTOR, SHA256, XXH3})
        public String kind;

        private BlockHash hash;

        @Setup
        public void open() {
            hash = switch (kind) {
                case BLAKE3_SCALAR -> Blake3.scalar();
                case BLAKE3_VECTOR -> Blake3.fastest();
                case SHA256 -> BlockHash.of(HashAlgorithm.SHA256);
                case XXH3 -> BlockHash.of(HashAlgorithm.XXH3);
                default -> throw new IllegalArgumentException(kind);
            };
            if (kind.equals(BLAKE3_VECTOR) && ((Blake3) hash).lanes() == 1) {
                throw new IllegalStateException("no vectors: " + ((Blake3) hash).description());
            }
        }
    }

    /**
     * One block.
     *
     * @param block the bytes
     * @param hash  what hashes them
     * @return a part of the digest
     */
    @Benchmark
    public long hash(final Block block, final Hash hash) {
        hash.hash.begin(block.buffer, block.result);
        hash.hash.block(0, BLOCK_LENGTH, CHUNK_COUNTER, false, 0);
        hash.hash.end();
        return block.result.getLong(0);
    }

    /**
     * The block copied.
     *
     * @param block the bytes
     * @return a byte of the copy
     */
    @Benchmark
    public byte copy(final Block block) {
        block.copy.putBytes(0, block.buffer, 0, BLOCK_LENGTH);
        return block.copy.getByte(BLOCK_LENGTH - 1);
    }
}
