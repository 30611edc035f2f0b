package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.config.DragonException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every algorithm gives what the world's other programs give. */
class BlockHashTest {
    private static final int ALIGNMENT = 8;

    /** {@code b3sum}, {@code sha256sum}, and {@code xxhsum -H2}. */
    @ParameterizedTest
    @CsvSource({
        "BLAKE3, '', af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "BLAKE3, abc, 6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
        "SHA256, '', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "SHA256, abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "XXH3, '', 99aa06d3014798d86001c324468d497f",
        "XXH3, abc, 06b05ab6733a618578af5f94892f3950"
    })
    void shouldGiveKnownAnswers(final HashAlgorithm algorithm, final String text, final String expected) {
        assertEquals(expected, hash(algorithm, text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The library's own test: https://github.com/Cyan4973/xxHash/blob/v0.8.2/tests/sanity_test_vectors.h. */
    @ParameterizedTest
    @CsvSource({
        "1, a6cd5e9392000f6ac44bdff4074eecdb",
        "6, 082afe0b8162d12a3e7039bdda43cfc6",
        "403, 1b6de21e332dd73dcdeb804d65c6dea4",
        "512, 18d2d110dcc9bca1617e49599013cb6b",
        "2048, f736557fd47073a5dd59e2c3a5f038e0",
        "2240, ccb134fbfa7ce49d6e73a90539cf2948",
        "2367, e89c0f6ff369b427cb37aeb9e5d361ed"
    })
    void shouldGiveTheVectorsOfXxhash(final int length, final String expected) {
        final byte[] bytes = new byte[length];
        long generator = 2_654_435_761L;
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (generator >>> 56);
            generator *= 0x9E3779B185EBCA8DL;
        }
        assertEquals(expected, hash(HashAlgorithm.XXH3, bytes));
    }

    @Test
    void shouldGiveTheDigestsOfTheJdkAtAnyPlaceInDirectMemory() throws Exception {
        final Random random = new Random(5);
        final MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (final int length : new int[] {1, 55, 56, 64, 119, 120, 16_383, 16_384, 16_385, 100_001}) {
            final byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertEquals(HexFormat.of().formatHex(digest.digest(bytes)), hash(HashAlgorithm.SHA256, bytes));
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"SHA256", "XXH3"
            }) // vectors are objects until the virtual machine has compiled what BLAKE3 does with them
    void shouldAllocateNothing(final HashAlgorithm algorithm) {
        final BlockHash hash = BlockHash.of(algorithm);
        final UnsafeBuffer source = new UnsafeBuffer(ByteBuffer.allocateDirect(5_000));
        final UnsafeBuffer results = new UnsafeBuffer(ByteBuffer.allocateDirect(64));
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final int blocks = 2_000;
        run(hash, source, results, blocks);
        final long before = threads.getCurrentThreadAllocatedBytes();
        run(hash, source, results, blocks);
        final long perBlock = (threads.getCurrentThreadAllocatedBytes() - before) / blocks;
        // hash4j answers with an object of two numbers, which the compiler removes at times
        assertTrue(perBlock <= (algorithm == HashAlgorithm.XXH3 ? 32 : 0), perBlock + " bytes a block");
    }

    private static void run(
            final BlockHash hash, final UnsafeBuffer source, final UnsafeBuffer results, final int blocks) {
        hash.begin(source, results);
        for (int i = 0; i < blocks; i++) {
            hash.block(i & 63, 4_900, 8, false, 0);
        }
        hash.end();
    }

    @Test
    void shouldKnowItsNames() {
        for (final HashAlgorithm algorithm : HashAlgorithm.values()) {
            assertEquals(algorithm, HashAlgorithm.of(algorithm.words()));
        }
        final DragonException fault = assertThrows(DragonException.class, () -> HashAlgorithm.of("md5"));
        assertEquals("there is no hash 'md5': expected blake3, sha256 or xxh3", fault.getMessage());
    }

    /** At an odd place of direct memory and in an array. */
    private static String hash(final HashAlgorithm algorithm, final byte[] bytes) {
        final BlockHash hash = BlockHash.of(algorithm);
        final UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length + ALIGNMENT));
        String first = null;
        for (int offset = 0; offset < ALIGNMENT; offset++) {
            direct.putBytes(offset, bytes);
            final byte[] result = new byte[BlockTable.RESULT_LENGTH];
            new Random(offset).nextBytes(result);
            hash.begin(direct, new UnsafeBuffer(result));
            hash.block(offset, bytes.length, 0, true, 0);
            hash.end();
            final String text = HexFormat.of().formatHex(result);
            assertEquals(
                    "0".repeat(2 * (BlockTable.RESULT_LENGTH - algorithm.length())),
                    text.substring(2 * algorithm.length()));
            if (first != null) {
                assertEquals(first, text);
            }
            first = text;
        }
        final byte[] result = new byte[BlockTable.RESULT_LENGTH];
        hash.begin(new UnsafeBuffer(bytes), new UnsafeBuffer(result));
        hash.block(0, bytes.length, 0, true, 0);
        hash.end();
        assertEquals(first, HexFormat.of().formatHex(result));
        return first.substring(0, 2 * algorithm.length());
    }
}
