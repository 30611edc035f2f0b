package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.worker.kernels.KernelsOnHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MaskKernelTest {
    private static final int[][] SIZES = {
        {1, 1}, {3, 2}, {4, 1}, {63, 5}, {64, 3}, {65, 4}, {127, 2}, {128, 9}, {130, 7}, {640, 11}, {1001, 3}, {5, 1030}
    };

    private static final int[] RADII = {1, 2, 3, 5, 16, 31, 33, 63, 64};

    /** Few pixels, so that discs do not run into each other, and sizes about the words of a row. */
    @Test
    void shouldGrowAndShrinkAsTheProcessorDoes() throws Exception {
        final Random random = new Random(1);
        try (KernelsOnHost kernels = new KernelsOnHost(false)) {
            for (final int radius : RADII) {
                for (final int width : new int[] {1, 31, 32, 33, 64, 95, 97, 200}) {
                    final byte[] now = new byte[width * 40];
                    for (int i = random.nextInt(4); i > 0; i--) {
                        now[random.nextInt(now.length)] = 100;
                    }
                    final boolean isClosed = random.nextBoolean();
                    final int grow = isClosed || random.nextBoolean() ? radius : 0;
                    final int shrink = isClosed || grow == 0 ? radius : 0;
                    final MaskRule rule =
                            new MaskRule(MaskRule.Kind.THRESHOLD, 50, false, grow, shrink, 1 << 20, MaskRule.NO_CAMERA);
                    compare(kernels, rule, PixelFormat.GREY8, width, 40, now, now);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(PixelFormat.class)
    void shouldGiveTheSameBitsAndListAsTheProcessor(final PixelFormat format) throws Exception {
        final Random random = new Random(format.ordinal());
        for (final boolean isBackwards : new boolean[] {false, true}) {
            try (KernelsOnHost kernels = new KernelsOnHost(isBackwards)) {
                for (final int[] size : SIZES) {
                    for (final int threshold : new int[] {isBackwards ? 0 : 254, 12}) {
                        final MaskRule.Kind kind =
                                random.nextBoolean() ? MaskRule.Kind.BACKGROUND : MaskRule.Kind.THRESHOLD;
                        final int limit = random.nextInt(3) == 0 ? 3 : MaskRule.DEFAULT_LIST_LIMIT;
                        final int grow = random.nextBoolean() ? 0 : RADII[random.nextInt(RADII.length)];
                        final int shrink = random.nextBoolean() ? 0 : RADII[random.nextInt(RADII.length)];
                        final MaskRule rule =
                                new MaskRule(kind, threshold, false, grow, shrink, limit, MaskRule.NO_CAMERA);
                        compare(kernels, rule, format, size[0], size[1], random);
                    }
                }
            }
        }
    }

    private static void compare(
            final KernelsOnHost kernels,
            final MaskRule rule,
            final PixelFormat format,
            final int width,
            final int height,
            final Random random)
            throws IOException {
        final byte[] before = pixels(format, width * height, random);
        compare(kernels, rule, format, width, height, before, changed(format, before, random));
    }

    private static void compare(
            final KernelsOnHost kernels,
            final MaskRule rule,
            final PixelFormat format,
            final int width,
            final int height,
            final byte[] before,
            final byte[] now)
            throws IOException {
        final boolean hasReference = rule.kind() == MaskRule.Kind.BACKGROUND;
        final Masker masker = new Masker();
        masker.mask(
                rule,
                format,
                width,
                height,
                new UnsafeBuffer(now),
                0,
                now.length,
                hasReference ? new UnsafeBuffer(before) : null,
                0,
                before.length);
        final UnsafeBuffer encoded = new UnsafeBuffer(new byte[masker.encodedLength()]);
        masker.encode(encoded, 0);
        final MaskFrame expected = new MaskFrame().wrap(encoded, 0, encoded.capacity());
        final ByteBuffer request = ByteBuffer.allocate(36 + 2 * now.length).order(ByteOrder.LITTLE_ENDIAN);
        request.putInt(width).putInt(height).putInt(format.ordinal()).putInt(rule.threshold());
        request.putInt(hasReference ? 1 : 0)
                .putInt(rule.listLimit())
                .putInt(rule.grow())
                .putInt(rule.shrink())
                .putInt(now.length)
                .put(now);
        if (hasReference) {
            request.put(before);
        }

        final ByteBuffer answer = kernels.ask(KernelsOnHost.MASK, request);

        final String what = format + " " + width + " x " + height + " " + rule;
        assertEquals(expected.count(), answer.getInt(), what);
        for (int i = 0; i < expected.wordsPerRow() * height; i++) {
            assertEquals(expected.word(i), answer.getLong(), what + ", word " + i);
        }
        if (expected.hasList()) {
            for (int i = 0; i < expected.count(); i++) {
                assertEquals(expected.listedPixel(i), answer.getInt(), what + ", pixel " + i);
            }
            for (int i = 0; i < expected.count(); i++) {
                assertEquals(expected.listedWeight(i), answer.get() & 0xFF, what + ", weight " + i);
            }
        }
    }

    private static byte[] pixels(final PixelFormat format, final int count, final Random random) {
        final byte[] bytes = new byte[count * format.bytesPerPixel()];
        random.nextBytes(bytes);
        if (format == PixelFormat.RGB32F) {
            final float[] odd = {Float.NaN, -1, 2, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.0f, 1e30f};
            final ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (floats.hasRemaining()) {
                floats.putFloat(random.nextInt(20) == 0 ? odd[random.nextInt(odd.length)] : random.nextFloat());
            }
        }
        return bytes;
    }

    private static byte[] changed(final PixelFormat format, final byte[] before, final Random random) {
        final byte[] now = before.clone();
        final byte[] other = pixels(format, before.length / format.bytesPerPixel(), random);
        for (int i = 0; i < now.length; i += format.bytesPerPixel()) {
            if (random.nextInt(4) == 0) {
                System.arraycopy(other, i, now, i, format.bytesPerPixel());
            }
        }
        return now;
    }
}
