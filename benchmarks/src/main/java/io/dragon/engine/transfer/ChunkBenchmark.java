package io.dragon.engine.transfer;

import io.dragon.codecs.frame.Integrity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What is done with each chunk of a frame that travels: its checksum, and LZ4 where that pays. The baseline copies the chunk. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChunkBenchmark {
    private static final int LENGTH = 64 << 10;
    private static final int PIXELS_A_STEP = 8;

    /** A chunk of a picture: it shrinks, but not to nothing. */
    @State(Scope.Thread)
    public static class Chunk {
        final ByteBuffer bytes = direct(LENGTH);
        final ByteBuffer packed = direct(Lz4Block.room(LENGTH));
        final ByteBuffer copy = direct(LENGTH);
        final ChunkCodec crc32c = ChunkCodecs.of(Integrity.CRC32C, Compression.OFF);
        final ChunkCodec md5 = ChunkCodecs.of(Integrity.MD5, Compression.OFF);
        final ChunkCodec lz4 = ChunkCodecs.of(Integrity.NONE, Compression.ON);
        final int packedLength;

        public Chunk() {
            for (int i = 0; i < LENGTH; i++) {
                bytes.put(i, (byte) (i / PIXELS_A_STEP * 37 >>> 3));
            }
            packedLength = lz4.encode(bytes.clear(), packed.clear(), 0);
            if (packedLength == 0) {
                throw new IllegalStateException("the chunk does not shrink");
            }
        }

        private static ByteBuffer direct(final int length) {
            return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /**
     * The checksum by default.
     *
     * @param chunk the bytes
     * @return the checksum
     */
    @Benchmark
    public long crc32c(final Chunk chunk) {
        chunk.crc32c.digest(chunk.bytes.clear());
        return chunk.crc32c.checksumLow();
    }

    /**
     * The checksum that the source documents name.
     *
     * @param chunk the bytes
     * @return a part of the checksum
     */
    @Benchmark
    public long md5(final Chunk chunk) {
        chunk.md5.digest(chunk.bytes.clear());
        return chunk.md5.checksumLow();
    }

    /**
     * Made smaller.
     *
     * @param chunk the bytes
     * @return how long it is then
     */
    @Benchmark
    public int lz4(final Chunk chunk) {
        return chunk.lz4.encode(chunk.bytes.clear(), chunk.packed.clear(), 0);
    }

    /**
     * Restored.
     *
     * @param chunk the bytes
     * @return the last of them
     */
    @Benchmark
    public byte fromLz4(final Chunk chunk) {
        if (!chunk.lz4.decode(chunk.packed.clear().limit(chunk.packedLength), chunk.copy.clear())) {
            throw new IllegalStateException("the chunk is damaged");
        }
        return chunk.copy.get(LENGTH - 1);
    }

    /**
     * Copied.
     *
     * @param chunk the bytes
     * @return the last of them
     */
    @Benchmark
    public byte copy(final Chunk chunk) {
        chunk.copy.put(0, chunk.bytes, 0, LENGTH);
        return chunk.copy.get(LENGTH - 1);
    }
}
