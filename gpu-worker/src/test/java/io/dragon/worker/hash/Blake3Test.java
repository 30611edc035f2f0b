package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Blake3Test {
    /** Lengths and digests of the bytes of {@link #pattern}, computed once with b3sum 1.2.0. */
    private static final String[] KNOWN = {
        "0 af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "1 e1e0e81d6ea39b0cf8b86ffd440921011f57400cbc3f76a8a171906a9b8d7505",
        "63 219becffb7558f0b650e8f581342202eb2ab1ccde5b23f602d7fe8e36ea99c2e",
        "64 fa86934a415f2cfcae57046b540dbe4a10e2fefb00a31317d2de7710a4e55dd5",
        "65 d055772e30b66ea50457d39035901f643dbb0872c4def1d596cd2604b0babd90",
        "1023 76591ceb48160db58c97f03b12e1faf908cfb6e0664aa7fdb39c256a94ed59a9",
        "1024 4ac700364dacfca05f792f65f9c61a04e6e1ea3831c10c69cb96ddab772c49e0",
        "1025 76473c20b1ff6b4d3c5fb0402c50d4a1de957f3238733184925c7f531f2c241f",
        "2048 e5d905a0c841c9a69490aa133117c29e95cdfd96a7c8a6d41d791530de5865cf",
        "2049 8f68428ea36993b0de058eb0147d47d1a68b0cdf03d297e7ac4ad6b0039df240",
        "16384 e6ae9855dac436fe387f6cb9727da0a01955cc1b04ac1ba7519ca7bd54735dd8",
        "16385 e04f8e46fccee7b5321c8c1fa81400074fd1b94d1d4a3bc48b86ffc377e02978",
        "31744 9c9d2d949e417539d66f2d12b45d5575896eca70a8aab12226dd066f23cd51b1",
        "102400 77e717572543c07598f0d48a7636a409a00943cf20649d428be70e1e94e59521",
        "1048576 f9bea9525e39df576bc8c0af67bc47c5177d6710d709974869e00f1c9f54a1c8",
        "1048577 f4605d914028868d7c623f28ecfdcad75702e8cb9de7a40a32e67ea4f2b5746f",
        "4194303 6d4d97bce06bca1bf8f6862d053c65fdf943a5c1654f0653668b0e1aa7604f78",
        "4194304 de3578cdbf237971f1e8c9ecd413f96b6db707b2afcb205dbf02ac8667d924c7",
        "4194305 adfd06b1f8829d6ac39e6c77a8d67e066a92b779efc1b5ddf5da1c81b6a32cec"
    };

    static Stream<Blake3> kinds() throws ReflectiveOperationException {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? Stream.of(Blake3.scalar(), Blake3.fastest(), Blake3.vector())
                : Stream.of(Blake3.scalar(), Blake3.fastest());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldAgreeWithB3sumOnKnownBytes(final Blake3 blake3) {
        for (final String row : KNOWN) {
            final int length = Integer.parseInt(row.substring(0, row.indexOf(' ')));
            assertEquals(
                    row.substring(row.indexOf(' ') + 1),
                    HexFormat.of().formatHex(blake3.digest(pattern(length))),
                    () -> blake3.description() + ", length " + length);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldAgreeWithTheOfficialVectors(final Blake3 blake3) throws Exception {
        final Path file = officialVectors();
        assumeTrue(
                file != null,
                "skipped: the official vectors are not at shared/data/blake3-vectors beside the repository");
        final Matcher cases = Pattern.compile("\"input_len\":\\s*(\\d+),\\s*\"hash\":\\s*\"([0-9a-f]{64})")
                .matcher(Files.readString(file));
        int count = 0;
        while (cases.find()) {
            final byte[] input = new byte[Integer.parseInt(cases.group(1))];
            for (int i = 0; i < input.length; i++) {
                input[i] = (byte) (i % 251);
            }
            assertEquals(cases.group(2), HexFormat.of().formatHex(blake3.digest(input)), "length " + input.length);
            count++;
        }
        assertTrue(count >= 30, "only " + count + " vectors in " + file);
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 16384, 65536, 1 << 20, 2 << 20})
    void shouldGiveTheSameFileDigestHoweverItIsCut(final int blockLength) throws Exception {
        final Blake3 blake3 = kinds().reduce((before, last) -> last).orElseThrow();
        final Blake3 reference = Blake3.scalar();
        final Random random = new Random(blockLength);
        for (final int length : lengths(blockLength, random)) {
            final byte[] file = new byte[length];
            random.nextBytes(file);
            final byte[] expected = reference.digest(file);
            assertArrayEquals(expected, assembled(blake3, file, blockLength), "length " + length);
            assertArrayEquals(expected, blake3.digest(file), "length " + length);
        }
    }

    @Test
    void shouldGiveBothValuesOfABlockAtItsPlace() {
        final Random random = new Random(7);
        final Blake3 fast = Blake3.fastest();
        final Blake3 scalar = Blake3.scalar();
        for (final int length : new int[] {1, 1024, 1025, 5000, 16384, 70_001, 1 << 20, (1 << 20) + 1, 3_000_000}) {
            final byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            for (final long counter : new long[] {0, 4096, 1L << 33, (1L << 50) + (1L << 12)}) {
                final byte[] a = results(fast, bytes, counter);
                assertArrayEquals(results(scalar, bytes, counter), a, "length " + length + " counter " + counter);
                assertArrayEquals(
                        scalar.digest(bytes), Arrays.copyOf(a, 32), "the digest does not depend on the place");
            }
        }
    }

    @Test
    void shouldHashManySmallFilesAndBlocksInOneRunWhereverTheyLie() {
        final Random random = new Random(11);
        final Blake3 scalar = Blake3.scalar();
        for (final Blake3 blake3 : new Blake3[] {Blake3.fastest(), Blake3.scalar()}) {
            for (final UnsafeBuffer source : new UnsafeBuffer[] {
                new UnsafeBuffer(new byte[3 << 20]),
                new UnsafeBuffer(new byte[(3 << 20) + 5], 5, 3 << 20),
                new UnsafeBuffer(ByteBuffer.allocateDirect(3 << 20))
            }) {
                for (int i = 0; i < source.capacity(); i += 8) {
                    source.putLong(i, random.nextLong());
                }
                final int count = 600;
                final int[] offsets = new int[count];
                final int[] lengths = new int[count];
                final long[] counters = new long[count];
                final UnsafeBuffer results = new UnsafeBuffer(new byte[count * Blake3.RESULT_LENGTH]);
                results.setMemory(0, results.capacity(), (byte) 0x5A);
                blake3.begin(source, results);
                for (int i = 0; i < count; i++) {
                    lengths[i] = random.nextInt(10) == 0
                            ? random.nextInt(1 << 18)
                            : random.nextInt(i % 3 == 0 ? 1100 : 40_000);
                    offsets[i] = random.nextInt(source.capacity() - lengths[i] + 1);
                    counters[i] = i % 4 == 0 ? 0 : (long) random.nextInt(1 << 20) << 10;
                    blake3.block(offsets[i], lengths[i], counters[i], i % 8 == 0, i * Blake3.RESULT_LENGTH);
                }
                blake3.end();
                for (int i = 0; i < count; i++) {
                    final byte[] bytes = new byte[lengths[i]];
                    source.getBytes(offsets[i], bytes);
                    final byte[] actual = new byte[Blake3.RESULT_LENGTH];
                    results.getBytes(i * Blake3.RESULT_LENGTH, actual);
                    final byte[] expected = results(scalar, bytes, counters[i]);
                    if (i % 8 == 0) {
                        Arrays.fill(expected, 32, 64, (byte) 0);
                    }
                    assertArrayEquals(expected, actual, "block " + i + " of " + lengths[i] + " bytes");
                }
            }
        }
    }

    @Test
    void shouldRefuseABlockOutsideItsBuffer() {
        final Blake3 blake3 = Blake3.fastest();
        blake3.begin(new UnsafeBuffer(new byte[100]), new UnsafeBuffer(new byte[64]));
        assertThrows(IndexOutOfBoundsException.class, () -> blake3.block(90, 11, 0, true, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> blake3.block(-1, 1, 0, true, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> blake3.block(0, -1, 0, true, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> blake3.block(0, Integer.MAX_VALUE, 0, true, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> blake3.block(0, 100, 0, true, 1));
    }

    @Test
    void shouldRefuseADigestOfFewerThanTwoBlocks() {
        final Blake3Tree tree = new Blake3Tree();
        final UnsafeBuffer value = new UnsafeBuffer(new byte[32]);
        assertThrows(IllegalStateException.class, () -> tree.digest(value, 0));
        tree.add(value, 0);
        assertThrows(IllegalStateException.class, () -> tree.digest(value, 0));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGiveTheSameValuesDuringAndAfterAWarmUp(final Blake3 blake3) throws Exception {
        final Random random = new Random(13);
        final byte[] bytes = new byte[100_000];
        random.nextBytes(bytes);
        final byte[] expected = results(Blake3.scalar(), bytes, 4096);
        final Thread warmUp = new Thread(() -> blake3.warmUp(50_000_000));
        warmUp.start();
        do {
            assertArrayEquals(expected, results(Blake3.fastest(), bytes, 4096));
        } while (warmUp.isAlive());
        warmUp.join();
        assertArrayEquals(expected, results(blake3, bytes, 4096));
    }

    @Test
    void shouldNotAllocateWhileItHashes() {
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final Blake3 blake3 = Blake3.scalar();
        final UnsafeBuffer source = new UnsafeBuffer(ByteBuffer.allocateDirect(3 << 20));
        final UnsafeBuffer results = new UnsafeBuffer(new byte[256]);
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            blake3.begin(source, results);
            blake3.block(0, 3 << 20, 4096, false, 0);
            blake3.block(1, 5000, 0, true, 64);
            blake3.block(2, 500, 0, false, 128);
            blake3.end();
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, allocated);
    }

    private static int[] lengths(final int blockLength, final Random random) {
        return new int[] {
            0,
            1,
            1023,
            1024,
            1025,
            blockLength - 1,
            blockLength,
            blockLength + 1,
            2 * blockLength - 1,
            2 * blockLength,
            2 * blockLength + 1,
            3 * blockLength + random.nextInt(blockLength),
            blockLength > 1 << 18 ? 5 : 37 * blockLength + random.nextInt(blockLength)
        };
    }

    private static byte[] assembled(final Blake3 blake3, final byte[] file, final int blockLength) {
        final int blocks = Math.max(1, (file.length + blockLength - 1) / blockLength);
        final UnsafeBuffer results = new UnsafeBuffer(new byte[blocks * Blake3.RESULT_LENGTH]);
        blake3.begin(new UnsafeBuffer(file), results);
        for (int i = blocks - 1; i >= 0; i--) {
            final int offset = i * blockLength;
            final int length = Math.min(blockLength, file.length - offset);
            blake3.block(offset, length, offset / Blake3.CHUNK_LENGTH, blocks == 1, i * Blake3.RESULT_LENGTH);
        }
        blake3.end();
        if (blocks > 1) {
            final Blake3Tree tree = new Blake3Tree();
            for (int i = 0; i < blocks; i++) {
                tree.add(results, i * Blake3.RESULT_LENGTH + Blake3.DIGEST_LENGTH);
            }
            tree.digest(results, 0);
        }
        final byte[] digest = new byte[Blake3.DIGEST_LENGTH];
        results.getBytes(0, digest);
        return digest;
    }

    private static byte[] results(final Blake3 blake3, final byte[] bytes, final long counter) {
        final byte[] both = new byte[Blake3.RESULT_LENGTH];
        blake3.begin(new UnsafeBuffer(bytes), new UnsafeBuffer(both));
        blake3.block(0, bytes.length, counter, false, 0);
        blake3.end();
        return both;
    }

    private static byte[] pattern(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (((long) i * i >> 3) + i * 7L + 3);
        }
        return bytes;
    }

    private static Path officialVectors() {
        for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
            final Path file = dir.resolve("shared/data/blake3-vectors/test_vectors.json");
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }
}
