package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskerTest {
    private final Pipeline pipeline = new Pipeline();

    private static MaskRule plain(final MaskRule.Kind kind, final int threshold, final int limit) {
        return new MaskRule(kind, threshold, false, 0, 0, limit, MaskRule.NO_CAMERA);
    }

    private static UnsafeBuffer noise(final PixelFormat format, final int pixels, final Random random) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[pixels * format.bytesPerPixel()]);
        if (format == PixelFormat.RGB32F) {
            for (int i = 0; i < 3 * pixels; i++) {
                final float value = random.nextInt(50) == 0
                        ? new float[] {Float.NaN, -1, 2, Float.POSITIVE_INFINITY}[random.nextInt(4)]
                        : random.nextFloat();
                frame.putFloat(4 * i, value, Wire.ORDER);
            }
        } else {
            random.nextBytes(frame.byteArray());
        }
        return frame;
    }

    /** Part of the pixels stay alike, so that every shortcut is taken too. */
    private static UnsafeBuffer changed(final UnsafeBuffer frame, final PixelFormat format, final Random random) {
        final UnsafeBuffer other = new UnsafeBuffer(frame.byteArray().clone());
        final UnsafeBuffer fresh = noise(format, frame.capacity() / format.bytesPerPixel(), random);
        final int size = format.bytesPerPixel();
        for (int i = 0; i < frame.capacity() / size; i++) {
            if (random.nextInt(20) == 0) {
                other.putBytes(i * size, fresh, i * size, size);
            } else if (format != PixelFormat.RGB32F && random.nextInt(3) == 0) {
                other.putByte(i * size, (byte) (other.getByte(i * size) + random.nextInt(5) - 2));
            }
        }
        return other;
    }

    @ParameterizedTest
    @EnumSource(PixelFormat.class)
    void shouldEqualTheDefinitionPixelByPixel(final PixelFormat format) {
        final Random random = new Random(7);
        for (final int[] size : new int[][] {{1, 1}, {7, 3}, {8, 2}, {64, 5}, {65, 4}, {130, 9}, {200, 33}}) {
            for (final int threshold : new int[] {0, 1, 12, 100, 254}) {
                final UnsafeBuffer before = noise(format, size[0] * size[1], random);
                final UnsafeBuffer now = changed(before, format, random);
                for (final MaskRule.Kind kind : MaskRule.Kind.values()) {
                    final UnsafeBuffer frame =
                            pipeline.mask(plain(kind, threshold, 1 << 20), format, size[0], size[1], now, before);
                    check(format, size, threshold, kind == MaskRule.Kind.THRESHOLD ? null : before, now, frame);
                }
            }
        }
    }

    private static void check(
            final PixelFormat format,
            final int[] size,
            final int threshold,
            final UnsafeBuffer before,
            final UnsafeBuffer now,
            final UnsafeBuffer encoded) {
        final MaskFrame mask = new MaskFrame().wrap(encoded, 0, encoded.capacity());
        int listed = 0;
        for (int y = 0; y < size[1]; y++) {
            for (int x = 0; x < size[0]; x++) {
                final int index = y * size[0] + x;
                final int luma = format.luma(now, index);
                final int difference = before == null ? luma : Math.abs(luma - format.luma(before, index));
                assertEquals(difference > threshold, mask.isSet(x, y), "pixel " + x + ", " + y);
                if (difference > threshold) {
                    assertEquals(y << 16 | x, mask.listedPixel(listed));
                    assertEquals(difference, mask.listedWeight(listed++));
                }
            }
        }
        assertEquals(listed, mask.count());
    }

    @Test
    void shouldComputeLumaInIntegers() {
        final UnsafeBuffer pixel = new UnsafeBuffer(new byte[] {(byte) 200, 100, 50});
        assertEquals((77 * 200 + 150 * 100 + 29 * 50) >> 8, PixelFormat.RGB8.luma(pixel, 0));
    }

    @Test
    void shouldDropTheListBeyondItsLimitAndSaySo() {
        final UnsafeBuffer bright = new UnsafeBuffer(new byte[100 * 100]);
        bright.setMemory(0, 5050, (byte) 255);
        for (final int limit : new int[] {5049, 5050}) {
            final UnsafeBuffer encoded =
                    pipeline.mask(plain(MaskRule.Kind.THRESHOLD, 48, limit), PixelFormat.GREY8, 100, 100, bright, null);
            final MaskFrame mask = new MaskFrame().wrap(encoded, 0, encoded.capacity());
            assertEquals(5050, mask.count());
            assertEquals(limit == 5050, mask.hasList());
        }
    }

    @Test
    void shouldSayThatThereWasNothingBefore() {
        final UnsafeBuffer encoded = pipeline.mask(
                MaskRule.difference(12), PixelFormat.GREY8, 10, 10, new UnsafeBuffer(new byte[100]), null);
        final MaskFrame mask = new MaskFrame().wrap(encoded, 0, encoded.capacity());
        assertTrue(mask.nothingBefore());
        assertEquals(0, mask.count());
    }

    @Test
    void shouldGrowAndShrinkByDiscs() {
        final int width = 150;
        final int height = 60;
        final Random random = new Random(3);
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[width * height]);
        for (int i = 0; i < width * height; i++) {
            frame.putByte(i, (byte) (random.nextInt(90) == 0 ? 255 : 0));
        }
        for (final int[] radii : new int[][] {{3, 0}, {10, 7}, {0, 2}, {1, 1}, {64, 64}}) {
            final MaskRule rule = new MaskRule(MaskRule.Kind.THRESHOLD, 48, false, radii[0], radii[1], 1 << 20, -1);
            final UnsafeBuffer encoded = pipeline.mask(rule, PixelFormat.GREY8, width, height, frame, null);
            final MaskFrame mask = new MaskFrame().wrap(encoded, 0, encoded.capacity());
            boolean[] expected = new boolean[width * height];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = frame.getByte(i) != 0;
            }
            expected = disc(expected, width, height, radii[0], true);
            expected = disc(expected, width, height, radii[1], false);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], mask.isSet(i % width, i / width), radii[0] + " " + radii[1] + " at " + i);
            }
        }
    }

    private static boolean[] disc(
            final boolean[] bits, final int width, final int height, final int radius, final boolean grow) {
        final boolean[] result = new boolean[bits.length];
        for (int i = 0; i < bits.length; i++) {
            boolean found = false;
            for (int y = Math.max(i / width - radius, 0);
                    y <= Math.min(i / width + radius, height - 1) && !found;
                    y++) {
                for (int x = Math.max(i % width - radius, 0); x <= Math.min(i % width + radius, width - 1); x++) {
                    final int dx = x - i % width;
                    final int dy = y - i / width;
                    found |= dx * dx + dy * dy <= radius * radius && bits[y * width + x] == grow;
                }
            }
            result[i] = found == grow;
        }
        return result;
    }

    @Test
    void shouldKeepWhatIsThereNowAndNotWhereItWas() {
        for (final int shift : new int[] {1, 3, 9, 60}) {
            final UnsafeBuffer before = discAt(100, 50, 6);
            final UnsafeBuffer now = discAt(100 + shift, 50, 6);
            final UnsafeBuffer encoded =
                    pipeline.mask(MaskRule.difference(12), PixelFormat.GREY8, 300, 100, now, before);
            final MaskFrame mask = new MaskFrame().wrap(encoded, 0, encoded.capacity());
            for (int y = 0; y < 100; y++) {
                for (int x = 0; x < 300; x++) {
                    assertEquals(now.getByte(y * 300 + x) == 20, mask.isSet(x, y), shift + ": pixel " + x + ", " + y);
                }
            }
            assertEquals(100, mask.listedWeight(0), "the weight is the difference from the background");
        }
    }

    @Test
    void shouldKeepBothPlacesBeforeATexture() {
        final UnsafeBuffer before = new UnsafeBuffer(new byte[300 * 100]);
        new Random(1).nextBytes(before.byteArray());
        final UnsafeBuffer now = new UnsafeBuffer(before.byteArray().clone());
        now.putByte(50 * 300 + 100, (byte) (before.getByte(50 * 300 + 100) + 100));
        final UnsafeBuffer encoded = pipeline.mask(MaskRule.difference(12), PixelFormat.GREY8, 300, 100, now, before);
        assertEquals(1, new MaskFrame().wrap(encoded, 0, encoded.capacity()).count());
    }

    private static UnsafeBuffer discAt(final int cx, final int cy, final int radius) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[300 * 100]);
        for (int y = 0; y < 100; y++) {
            for (int x = 0; x < 300; x++) {
                final boolean inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius * radius;
                frame.putByte(y * 300 + x, (byte) (inside ? 20 : 120));
            }
        }
        return frame;
    }

    @Test
    void shouldRefuseFramesShorterThanTheirSize() {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[99]);
        final var e = assertThrows(
                IllegalArgumentException.class,
                () -> pipeline.mask(MaskRule.difference(12), PixelFormat.GREY8, 10, 10, frame, null));
        assertTrue(e.getMessage().contains("99"), e.getMessage());
        final UnsafeBuffer whole = new UnsafeBuffer(new byte[100]);
        assertThrows(
                IllegalArgumentException.class,
                () -> pipeline.mask(MaskRule.difference(12), PixelFormat.GREY8, 10, 10, whole, frame));
        assertThrows(
                IllegalArgumentException.class,
                () -> pipeline.mask(plain(MaskRule.Kind.BACKGROUND, 9, 9), PixelFormat.GREY8, 10, 10, whole, null));
    }

    @Test
    void shouldSurviveDamagedMasksAndRules() {
        final UnsafeBuffer encoded = pipeline.mask(
                plain(MaskRule.Kind.THRESHOLD, 1, 1000),
                PixelFormat.GREY8,
                70,
                10,
                noise(PixelFormat.GREY8, 700, new Random(2)),
                null);
        Damage.inflict(encoded, (buffer, length) -> {
            final MaskFrame mask = new MaskFrame().wrap(buffer, 0, length);
            for (int i = 0; mask.hasList() && i < mask.count(); i++) {
                mask.listedPixel(i);
                mask.listedWeight(i);
            }
            assertFalse(mask.isSet(mask.width() - 1, mask.height() - 1) && mask.count() < 0);
        });
        final UnsafeBuffer rule = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        MaskRule.difference(12).forCamera(4).encode(rule, 0);
        assertEquals(MaskRule.difference(12).forCamera(4), MaskRule.decode(rule, 0, rule.capacity()));
        Damage.inflict(rule, (buffer, length) -> MaskRule.decode(buffer, 0, length));
    }

    @Test
    void shouldAllocateNothingForTheNextFrame() {
        final SyntheticScene scene = new SyntheticScene(2, 320, 240, 3);
        final UnsafeBuffer before = Pipeline.render(scene, PixelFormat.GREY8, 0, 1);
        final UnsafeBuffer now = Pipeline.render(scene, PixelFormat.GREY8, 0, 2);
        final UnsafeBuffer out = new UnsafeBuffer(new byte[1 << 20]);
        final Masker masker = Masker.scalar();
        final MaskRule rule = MaskRule.difference(12);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (int i = 0; i < 30; i++) {
            final long start = threads.getCurrentThreadAllocatedBytes();
            masker.mask(rule, PixelFormat.GREY8, 320, 240, now, 0, now.capacity(), before, 0, before.capacity());
            masker.encode(out, 0);
            allocated = threads.getCurrentThreadAllocatedBytes() - start;
        }
        assertEquals(0, allocated, "bytes");
    }
}
