package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.dragon.worker.kernels.KernelsOnHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Blake3KernelTest {
    private static final int[] LENGTHS = {
        0,
        1,
        3,
        63,
        64,
        65,
        1023,
        1024,
        1025,
        2047,
        2048,
        2049,
        3 * 1024,
        5 * 1024 + 7,
        31 * 1024,
        128 * 1024,
        129 * 1024 + 1
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveTheSameTwoValuesAsTheProcessor(final boolean isBackwards) throws Exception {
        final Random random = new Random(7);
        try (KernelsOnHost kernels = new KernelsOnHost(isBackwards)) {
            compare(kernels, random, LENGTHS, 64);
            for (int run = 0; run < 20; run++) {
                final int[] lengths = new int[1 + random.nextInt(40)];
                for (int i = 0; i < lengths.length; i++) {
                    lengths[i] = random.nextInt(1 << random.nextInt(18));
                }
                compare(kernels, random, lengths, 1 << random.nextInt(7));
            }
        }
    }

    private static void compare(
            final KernelsOnHost kernels, final Random random, final int[] lengths, final int alignment)
            throws IOException, BlockTable.BadTableException {
        int length = BlockTable.dataOffset(lengths.length);
        for (final int block : lengths) {
            length += block + alignment - 1 & -alignment;
        }
        final ByteBuffer request = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        final UnsafeBuffer frame = new UnsafeBuffer(bytes);
        BlockTable.header(frame, lengths.length);
        int offset = BlockTable.dataOffset(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            final long counter = random.nextBoolean() ? 0 : (long) random.nextInt() << 12 & 0x1F_FFFF_FFFF_FFFFL;
            BlockTable.entry(frame, i, offset, lengths[i], counter, counter == 0 && random.nextBoolean());
            offset += lengths[i] + alignment - 1 & -alignment;
        }
        final byte[] expected = new byte[64 * lengths.length];
        Blake3.scalar().blocks(frame, length, new UnsafeBuffer(expected));

        request.putInt(lengths.length).putInt(length).put(bytes);

        assertArrayEquals(
                expected, kernels.ask(KernelsOnHost.BLAKE3, request).array(), () -> lengths.length + " blocks");
    }
}
