package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskLanesTest {
    private static final int MOST_WORDS = 150;
    private static final long[] KEPT = {-1L, 0xFF00_FF00_FF00_FF00L, 0x00FF_00FF_00FF_00FFL, 0xFFL};

    static Stream<MaskLanes> kinds() throws ReflectiveOperationException {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? Stream.of(new LongLanes(), MaskLanes.vectors(), MaskLanes.fastest())
                : Stream.of(new LongLanes(), MaskLanes.fastest());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldEqualTheDefinitionByteByByte(final MaskLanes lanes) {
        final Random random = new Random(11);
        for (int run = 0; run < 600; run++) {
            final int words = 1 + random.nextInt(run % 10 == 0 ? MOST_WORDS : 3);
            final int threshold = run % 3 == 0 ? new int[] {0, 1, 2, 254, 255}[random.nextInt(5)] : random.nextInt(256);
            final long kept = KEPT[run % 2 == 0 ? 0 : random.nextInt(KEPT.length)];
            final UnsafeBuffer one = bytes(words, random);
            final UnsafeBuffer other = near(one, threshold, random);
            final long[] bits = new long[words + 2];
            Arrays.fill(bits, 5);

            final int count = lanes.differing(
                    one.byteArray(),
                    one.addressOffset(),
                    other.byteArray(),
                    other.addressOffset(),
                    words,
                    threshold,
                    kept,
                    bits,
                    1);

            int expectedCount = 0;
            for (int i = 0; i < words; i++) {
                long expected = 0;
                for (int k = 0; k < 64; k++) {
                    final boolean isKept = (kept >>> 8 * (k & 7) & 0xFF) != 0;
                    final int at = 64 * i + k;
                    final int difference = Math.abs((one.getByte(at) & 0xFF) - (other.getByte(at) & 0xFF));
                    expected |= (isKept && difference > threshold ? 1L : 0L) << k;
                }
                assertEquals(expected, bits[1 + i], lanes.description() + ", threshold " + threshold + ", word " + i);
                expectedCount += Long.bitCount(expected);
            }
            assertEquals(expectedCount, count);
            assertEquals(5, bits[0]);
            assertEquals(5, bits[words + 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTellEveryPairOfBytes(final MaskLanes lanes) {
        final UnsafeBuffer one = new UnsafeBuffer(new byte[65536]);
        final UnsafeBuffer other = new UnsafeBuffer(ByteBuffer.allocateDirect(65536));
        for (int i = 0; i < 65536; i++) {
            one.putByte(i, (byte) i);
            other.putByte(i, (byte) (i >>> 8));
        }
        final long[] bits = new long[1024];
        for (final int threshold : new int[] {0, 1, 2, 3, 12, 63, 126, 127, 128, 129, 130, 200, 254, 255}) {
            lanes.differing(
                    one.byteArray(),
                    one.addressOffset(),
                    other.byteArray(),
                    other.addressOffset(),
                    1024,
                    threshold,
                    -1L,
                    bits,
                    0);
            for (int i = 0; i < 65536; i++) {
                final boolean expected = Math.abs((i & 0xFF) - (i >>> 8)) > threshold;
                assertEquals(
                        expected,
                        (bits[i >>> 6] >>> i & 1) != 0,
                        (i & 0xFF) + " and " + (i >>> 8) + ", threshold " + threshold);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldMakeTheSameMasks(final MaskLanes lanes) {
        final Random random = new Random(5);
        final Masker masker = new Masker(lanes);
        final Masker scalar = Masker.scalar();
        for (int run = 0; run < 120; run++) {
            final PixelFormat format = PixelFormat.values()[run % 4];
            final int width = 1 + random.nextInt(run % 5 == 0 ? 4500 : 200);
            final int height = 1 + random.nextInt(12);
            final int length = width * height * format.bytesPerPixel();
            final UnsafeBuffer one = bytes((length + 63) / 64, random);
            final UnsafeBuffer other = near(one, 20, random);
            final MaskRule rule = new MaskRule(
                    MaskRule.Kind.values()[random.nextInt(3)],
                    random.nextInt(40),
                    random.nextBoolean(),
                    random.nextInt(4),
                    random.nextInt(3),
                    1 << 20,
                    MaskRule.NO_CAMERA);
            assertEquals(
                    encoded(scalar, rule, format, width, height, one, other, length),
                    encoded(masker, rule, format, width, height, one, other, length),
                    lanes.description() + ", " + format + ", " + width + " x " + height + ", " + rule);
        }
    }

    private static UnsafeBuffer encoded(
            final Masker masker,
            final MaskRule rule,
            final PixelFormat format,
            final int width,
            final int height,
            final UnsafeBuffer one,
            final UnsafeBuffer other,
            final int length) {
        masker.mask(rule, format, width, height, one, 0, length, other, 0, length);
        final UnsafeBuffer encoded = new UnsafeBuffer(new byte[masker.encodedLength()]);
        masker.encode(encoded, 0);
        return encoded;
    }

    /** Once vectors are compiled, which takes some thousand words, nothing is allocated by them either. */
    @ParameterizedTest
    @MethodSource("kinds")
    void shouldAllocateNothing(final MaskLanes lanes) {
        final UnsafeBuffer one = bytes(MOST_WORDS, new Random(1));
        final UnsafeBuffer other = near(one, 12, new Random(2));
        final long[] bits = new long[MOST_WORDS];
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long deadlineNs = System.nanoTime() + 20_000_000_000L;
        long allocated;
        do {
            final long before = threads.getCurrentThreadAllocatedBytes();
            lanes.differing(
                    one.byteArray(),
                    one.addressOffset(),
                    other.byteArray(),
                    other.addressOffset(),
                    MOST_WORDS,
                    12,
                    -1L,
                    bits,
                    0);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        } while (allocated > 0 && System.nanoTime() < deadlineNs);
        assertEquals(0, allocated, lanes.description());
    }

    /** In an array or beside it, and seldom where a word begins. */
    private static UnsafeBuffer bytes(final int words, final Random random) {
        final int offset = random.nextInt(9);
        final UnsafeBuffer bytes = random.nextBoolean()
                ? new UnsafeBuffer(new byte[64 * words + 9], offset, 64 * words)
                : new UnsafeBuffer(ByteBuffer.allocateDirect(64 * words + 9), offset, 64 * words);
        for (int i = 0; i < 64 * words; i++) {
            bytes.putByte(i, (byte) random.nextInt());
        }
        return bytes;
    }

    /** Most bytes differ by about the threshold, some by anything, and many words by nothing. */
    private static UnsafeBuffer near(final UnsafeBuffer bytes, final int threshold, final Random random) {
        final UnsafeBuffer near = bytes(bytes.capacity() / 64, random);
        final int calm = random.nextInt(4);
        for (int i = 0; i < bytes.capacity(); i++) {
            final int value = bytes.getByte(i) & 0xFF;
            if ((i >>> 6 & 3) < calm) {
                near.putByte(i, (byte) value);
            } else if (random.nextInt(40) != 0) {
                final int by = Math.max(0, threshold + random.nextInt(4) - 2) * (random.nextBoolean() ? 1 : -1);
                near.putByte(i, (byte) Math.min(255, Math.max(0, value + by)));
            }
        }
        return near;
    }
}
