package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ChunkBenchmarkTest {
    private final ChunkBenchmark benchmark = new ChunkBenchmark();
    private final ChunkBenchmark.Chunk chunk = new ChunkBenchmark.Chunk();

    @Test
    void shouldComputeTheChecksumOfTheChunk() {
        final CRC32C crc = new CRC32C();
        crc.update(chunk.bytes.clear());
        assertEquals(crc.getValue(), benchmark.crc32c(chunk));
        assertEquals(benchmark.md5(chunk), benchmark.md5(chunk));
    }

    @Test
    void shouldRestoreTheChunk() {
        assertTrue(benchmark.lz4(chunk) < chunk.bytes.capacity());
        benchmark.fromLz4(chunk);
        assertEquals(chunk.bytes.clear(), chunk.copy.clear());
    }
}
