package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Lz4BlockTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CHUNK = 65_536;
    private static final byte GUARD = (byte) 0xA5;
    private static final int MARGIN = 4096;

    /** What this machine takes, and what it takes where native code cannot be loaded. */
    static Stream<Lz4Block> blocks() {
        return List.<Supplier<Lz4Block>>of(
                        Lz4Block::new,
                        () -> new Lz4Block(LZ4Factory.fastestJavaInstance()),
                        () -> new Lz4Block(LZ4Factory.safeInstance()))
                .stream()
                .map(Supplier::get);
    }

    private static ByteBuffer noise(final int length, final long seed) {
        final byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.allocateDirect(length).put(bytes).clear();
    }

    /** Something like a camera's picture: slow changes with a little noise. */
    private static ByteBuffer picture(final int length) {
        final Random random = new Random(7);
        final ByteBuffer buffer = ByteBuffer.allocateDirect(length);
        for (int i = 0; i < length; i++) {
            buffer.put(i, (byte) (i / 64 + (random.nextInt(8) == 0 ? random.nextInt(4) : 0)));
        }
        return buffer;
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void shouldGiveBackWhatWasCompressed(final Lz4Block block) {
        final ByteBuffer plain = picture(CHUNK + 100);
        final ByteBuffer target = ByteBuffer.allocateDirect(Lz4Block.room(CHUNK) + 32);
        for (final int length : new int[] {256, 257, 1_000, 40_000, CHUNK}) {
            final int compressed = block.compress(plain, 100, length, target, 32);
            assertTrue(compressed > 0 && compressed < length, () -> length + " bytes did not shrink");
            final ByteBuffer back = ByteBuffer.allocateDirect(length + 8);
            assertEquals(0, block.decompress(target, 32, compressed, back, 8, length));
            assertEquals(plain.slice(100, length), back.slice(8, length));
        }
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void shouldSendPlainWhatDoesNotShrink(final Lz4Block block) {
        final ByteBuffer target = ByteBuffer.allocateDirect(Lz4Block.room(CHUNK));
        assertEquals(0, block.compress(noise(CHUNK, 1), 0, CHUNK, target, 0));
        for (int length = 0; length < 256; length++) {
            assertEquals(0, block.compress(picture(256), 0, length, target, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void shouldNeverWriteOutsideItsChunkWhateverComes(final Lz4Block block) {
        final ByteBuffer plain = picture(CHUNK);
        final ByteBuffer sent = ByteBuffer.allocateDirect(Lz4Block.room(CHUNK));
        final int compressed = block.compress(plain, 0, CHUNK, sent, 0);
        final ByteBuffer came = ByteBuffer.allocateDirect(sent.capacity());
        final ByteBuffer slot = ByteBuffer.allocateDirect(MARGIN + CHUNK + MARGIN);
        for (int i = 0; i < slot.capacity(); i++) {
            slot.put(i, GUARD);
        }
        final Random random = new Random(11);
        int refused = 0;
        for (int round = 0; round < 600; round++) {
            came.clear().put(sent.duplicate().clear()).clear();
            int cameLength = compressed;
            switch (round % 4) {
                case 0 -> came.put(random.nextInt(compressed), (byte) random.nextInt(256));
                case 1 -> cameLength = random.nextInt(compressed);
                case 2 -> {
                    for (int i = 0; i < 64; i++) {
                        came.put(random.nextInt(compressed), (byte) 0xff);
                    }
                }
                default -> {
                    cameLength = 1 + random.nextInt(Lz4Block.longest(CHUNK));
                    came.put(noise(cameLength, round)).clear();
                }
            }
            // Now and then for a chunk that is shorter than what it holds.
            final int plainLength = round % 3 == 0 ? CHUNK / 2 : CHUNK;
            final int result = block.decompress(came, 0, cameLength, slot, MARGIN, plainLength);
            assertTrue(result == 0 || result == Lz4Block.MALFORMED);
            refused += result == 0 ? 0 : 1;
            for (int i = 0; i < MARGIN; i++) {
                assertEquals(GUARD, slot.get(i));
                assertEquals(GUARD, slot.get(MARGIN + CHUNK + i));
            }
            if (plainLength < CHUNK && round == 0) {
                assertEquals(GUARD, slot.get(MARGIN + plainLength));
            }
        }
        assertTrue(refused > 400, () -> "damage was hardly noticed");
    }

    @Test
    void shouldRefuseLengthsThatCannotBe() {
        final Lz4Block block = new Lz4Block();
        final ByteBuffer came = noise(CHUNK, 3);
        final ByteBuffer slot = ByteBuffer.allocateDirect(CHUNK);
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, 0, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, -1, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, CHUNK, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, Integer.MAX_VALUE, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, CHUNK - 10, 100, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, -1, 100, slot, 0, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, 100, slot, 1, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, 100, slot, -1, CHUNK));
        assertEquals(Lz4Block.MALFORMED, block.decompress(came, 0, 10, slot, 0, -5));
    }

    @Test
    void shouldAllocateNothing() {
        final Lz4Block block = new Lz4Block();
        final ByteBuffer plain = picture(CHUNK).asReadOnlyBuffer();
        final ByteBuffer target = ByteBuffer.allocateDirect(Lz4Block.room(CHUNK));
        final ByteBuffer slot = ByteBuffer.allocateDirect(CHUNK);
        final long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            final long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 100; i++) {
                final int compressed = block.compress(plain, 0, CHUNK, target, 0);
                assertTrue(block.decompress(target, 0, compressed, slot, 0, CHUNK) == 0);
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        assertEquals(0, least);
    }
}
