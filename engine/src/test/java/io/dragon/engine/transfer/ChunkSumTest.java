package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.frame.Integrity;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChunkSumTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CHUNK = 65_536;

    private static ByteBuffer of(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length + 10)
                .put(5, bytes)
                .limit(5 + bytes.length)
                .position(5);
    }

    @Test
    void shouldBeCrc32cAsTheWorldKnowsIt() {
        final ChunkSum sum = new ChunkSum(Integrity.CRC32C);
        sum.of(of("123456789"));
        assertEquals(0xE3069283L, sum.low());
        assertEquals(0, sum.high());
    }

    @Test
    void shouldBeMd5AsTheWorldKnowsIt() {
        final ChunkSum sum = new ChunkSum(Integrity.MD5);
        sum.of(of("abc"));
        assertEquals("900150983cd24fb0", String.format("%016x", Long.reverseBytes(sum.low())));
        assertEquals("d6963f7d28e17f72", String.format("%016x", Long.reverseBytes(sum.high())));
    }

    @ParameterizedTest
    @EnumSource(
            value = Integrity.class,
            names = {"CRC32C", "MD5"})
    void shouldSeeFlippedBits(final Integrity integrity) {
        final ChunkSum sum = new ChunkSum(integrity);
        final ByteBuffer chunk = ByteBuffer.allocateDirect(1_000);
        final Random random = new Random(1);
        for (int i = 0; i < chunk.capacity(); i++) {
            chunk.put(i, (byte) random.nextInt());
        }
        sum.of(chunk.clear());
        final long low = sum.low();
        final long high = sum.high();
        for (int bit = 0; bit < 8_000; bit += 7) {
            chunk.put(bit / 8, (byte) (chunk.get(bit / 8) ^ 1 << bit % 8));
            sum.of(chunk.clear());
            assertFalse(sum.low() == low && sum.high() == high);
            chunk.put(bit / 8, (byte) (chunk.get(bit / 8) ^ 1 << bit % 8));
        }
        sum.of(chunk.clear());
        assertTrue(sum.low() == low && sum.high() == high);
    }

    @Test
    void shouldBeZeroWithoutIntegrity() {
        final ChunkSum sum = new ChunkSum(Integrity.NONE);
        sum.of(of("abc"));
        assertEquals(0, sum.low());
        assertEquals(0, sum.high());
    }

    @ParameterizedTest
    @EnumSource(
            value = Integrity.class,
            names = {"NONE", "CRC32C", "MD5"})
    void shouldAllocateNothing(final Integrity integrity) {
        final ChunkSum sum = new ChunkSum(integrity);
        final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).asReadOnlyBuffer();
        final long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            final long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 50; i++) {
                sum.of(chunk.clear());
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }
}
