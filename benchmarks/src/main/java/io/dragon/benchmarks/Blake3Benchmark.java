package io.dragon.benchmarks;

import io.dragon.worker.hash.Blake3;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
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
 * Both values of the second block of a file, 4 MiB. The baseline is CRC32C over the same bytes, which the processor computes
 * in hardware: a mark of how fast memory is read, not a rival of a cryptographic hash.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Blake3Benchmark {
    static final int BLOCK_LENGTH = 4 << 20;

    /** Place of the block in its file in chunks. Not the first: there, both values come from the same compressions. */
    static final long CHUNK_COUNTER = BLOCK_LENGTH / Blake3.CHUNK_LENGTH;

    /** Bytes that are the same in every run. */
    @State(Scope.Thread)
    public static class Block {
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK_LENGTH);
        private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        private final UnsafeBuffer result = new UnsafeBuffer(new byte[Blake3.RESULT_LENGTH]);
        private final CRC32C crc = new CRC32C();

        public Block() {
            final Random random = new Random(7);
            for (int i = 0; i < BLOCK_LENGTH; i += Long.BYTES) {
                buffer.putLong(i, random.nextLong());
            }
        }

        UnsafeBuffer buffer() {
            return buffer;
        }

        UnsafeBuffer result() {
            return result;
        }
    }

    /** The hash. */
    @State(Scope.Thread)
    public static class Hash {
        @Param({"scalar", "vector"})
        public String kind;

        private Blake3 blake3;

        @Setup
        public void open() {
            blake3 = "vector".equals(kind) ? Blake3.fastest() : Blake3.scalar();
            if ("vector".equals(kind) && blake3.lanes() == 1) {
                throw new IllegalStateException("no vectors: " + blake3.description());
            }
        }
    }

    /**
     * Digest and chaining value.
     *
     * @param block the bytes
     * @param hash  what hashes them
     * @return a part of the digest
     */
    @Benchmark
    public long bothValues(final Block block, final Hash hash) {
        hash.blake3.begin(block.buffer, block.result);
        hash.blake3.block(0, BLOCK_LENGTH, CHUNK_COUNTER, false, 0);
        hash.blake3.end();
        return block.result.getLong(0);
    }

    /**
     * CRC32C, the mark of memory speed.
     *
     * @param block the bytes
     * @return the checksum
     */
    @Benchmark
    public long crc32cMemoryMark(final Block block) {
        block.crc.reset();
        block.crc.update(block.bytes.clear());
        return block.crc.getValue();
    }
}
