package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PresentFilterTest {
    private final PresentFilter filter = new PresentFilter();
    private final PlainPresentFilter plain = new PlainPresentFilter();

    @ParameterizedTest
    @EnumSource(PixelFormat.class)
    void shouldKeepWhatItsDefinitionKeeps(final PixelFormat format) {
        final Random random = new Random(format.ordinal());
        for (int i = 0; i < 150; i++) {
            final int width = 1 + random.nextInt(i % 3 == 0 ? 70 : 300);
            final int height = 1 + random.nextInt(120);
            final UnsafeBuffer frame = frame(format, width, height, random);
            final long[] bits = mask(width, height, random);
            compare(format, width, height, random.nextInt(60), frame, bits);
        }
    }

    private void compare(
            final PixelFormat format,
            final int width,
            final int height,
            final int threshold,
            final UnsafeBuffer frame,
            final long[] bits) {
        final int words = Bits.wordsPerRow(width);
        final long[] expected = bits.clone();
        final int[] counts = new int[height];
        for (int y = 0; y < height; y++) {
            counts[y] = Bits.count(bits, y * words, words);
        }
        plain.keepPresent(expected, width, height, threshold, format, frame);

        filter.keepPresent(bits, counts, width, height, threshold, format, frame);

        final String what = width + " x " + height + ", row ";
        for (int y = 0; y < height; y++) {
            assertEquals(Bits.count(expected, y * words, words), counts[y], what + y);
            for (int x = 0; x < width; x++) {
                final int word = y * words + (x >>> 6);
                assertEquals(expected[word] >>> x & 1, bits[word] >>> x & 1, what + y + ", column " + x);
                if ((bits[word] >>> x & 1) != 0) {
                    assertEquals(plain.background(x, y), filter.background(x, y), what + y + ", column " + x);
                }
            }
        }
    }

    /** Shapes of one luma each before a background that is plain here and there. */
    private static UnsafeBuffer frame(
            final PixelFormat format, final int width, final int height, final Random random) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[width * height * format.bytesPerPixel()]);
        final int noise = 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 9);
        for (int i = 0; i < width * height; i++) {
            paint(frame, format, i, 40 + random.nextInt(noise));
        }
        for (int shape = random.nextInt(12); shape > 0; shape--) {
            final int luma = random.nextInt(256);
            final int x0 = random.nextInt(width);
            final int y0 = random.nextInt(height);
            final int slant = random.nextInt(5) - 2;
            for (int y = y0; y < Math.min(height, y0 + 1 + random.nextInt(60)); y++) {
                final int from = Math.max(0, x0 + slant * (y - y0));
                for (int x = from; x < Math.min(width, from + 1 + random.nextInt(80)); x++) {
                    paint(frame, format, y * width + x, luma);
                }
            }
        }
        return frame;
    }

    private static void paint(final UnsafeBuffer frame, final PixelFormat format, final int index, final int luma) {
        switch (format) {
            case GREY8 -> frame.putByte(index, (byte) luma);
            case GREY16 -> frame.putShort(2 * index, (short) (luma << 8 | luma), Wire.ORDER);
            case RGB8 -> frame.setMemory(3 * index, 3, (byte) luma);
            default -> {
                for (int channel = 0; channel < 3; channel++) {
                    frame.putFloat(12 * index + 4 * channel, luma / 255.0f, Wire.ORDER);
                }
            }
        }
    }

    private static long[] mask(final int width, final int height, final Random random) {
        final int words = Bits.wordsPerRow(width);
        final long[] bits = new long[words * height];
        for (int blob = random.nextInt(20); blob > 0; blob--) {
            final int x0 = random.nextInt(width);
            final int y0 = random.nextInt(height);
            final int size = 1 + random.nextInt(25);
            for (int y = y0; y < Math.min(height, y0 + size); y++) {
                for (int x = x0; x < Math.min(width, x0 + size); x++) {
                    bits[y * words + (x >>> 6)] |= (random.nextInt(3) == 0 ? 0L : 1L) << x;
                }
            }
        }
        return bits;
    }
}
