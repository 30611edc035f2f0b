package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.dragon.worker.kernels.KernelsOnHost;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Random;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Sha256KernelTest {
    private static final int[] LENGTHS = {
        0, 1, 2, 3, 4, 54, 55, 56, 57, 59, 60, 61, 63, 64, 65, 118, 119, 120, 121, 127, 128, 129, 1_023, 1_024, 1_025,
        1_079, 1_080, 1_081, 2_047, 2_048, 2_049, 4_096, 9_999
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveTheDigestsOfTheJdk(final boolean isBackwards) throws Exception {
        final Random random = new Random(11);
        try (KernelsOnHost kernels = new KernelsOnHost(isBackwards)) {
            compare(kernels, random, LENGTHS, 64, 1_000);
            compare(kernels, random, LENGTHS, 1, 1);
            compare(kernels, random, IntStream.range(0, 300).toArray(), 1, 7);
            for (int run = 0; run < 15; run++) {
                final int[] lengths = new int[1 + random.nextInt(70)];
                for (int i = 0; i < lengths.length; i++) {
                    lengths[i] = random.nextInt(1 << random.nextInt(15));
                }
                compare(kernels, random, lengths, 1 << random.nextInt(7), 1 + random.nextInt(60));
            }
        }
    }

    /** In pieces of so many chunks, as the frame comes. */
    private static void compare(
            final KernelsOnHost kernels,
            final Random random,
            final int[] lengths,
            final int alignment,
            final int pieceChunks)
            throws Exception {
        int length = BlockTable.dataOffset(lengths.length);
        for (final int block : lengths) {
            length += block + alignment - 1 & -alignment;
        }
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        final UnsafeBuffer frame = new UnsafeBuffer(bytes);
        BlockTable.header(frame, lengths.length);
        final MessageDigest digest = MessageDigest.getInstance("SHA-256");
        final ByteBuffer expected = ByteBuffer.allocate(BlockTable.RESULT_LENGTH * lengths.length);
        int offset = BlockTable.dataOffset(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            BlockTable.entry(frame, i, offset, lengths[i], i * 8L, i == 0);
            digest.update(bytes, offset, lengths[i]);
            expected.put(digest.digest()).put(new byte[32]);
            offset += lengths[i] + alignment - 1 & -alignment;
        }
        final ByteBuffer request = ByteBuffer.allocate(12 + length).order(ByteOrder.LITTLE_ENDIAN);
        request.putInt(lengths.length).putInt(pieceChunks).putInt(length).put(bytes);

        assertArrayEquals(
                expected.array(),
                kernels.ask(KernelsOnHost.SHA256, request).array(),
                () -> lengths.length + " blocks in pieces of " + pieceChunks + " chunks");
    }
}
