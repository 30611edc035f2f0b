package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class CameraTest {
    static final double[] STRAIGHT = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    /** A wide-angle lens whose polynomial folds back beyond the corners of the picture. */
    private static final double[] WIDE = {-0.2607, 0.0749, -0.000136, 0.000175, -0.00906};

    static Camera camera(final String id, final double[] distortion) {
        return new Camera(
                id, 1920, 1080, new double[] {874, 0, 970, 0, 894, 531, 0, 0, 1}, distortion, STRAIGHT, new double[3]);
    }

    @Test
    void shouldProjectTheRayOfEveryPixelBackOntoIt() {
        final Camera camera = camera("wide", WIDE);
        final double[] direction = new double[3];
        final double[] uv = new double[2];
        // The extreme corners of this lens lie beyond the fold of its polynomial, where no point is shown.
        for (int v = 0; v < 1080; v += 27) {
            for (int u = 0; u < 1920; u += 32) {
                final boolean corner = Math.hypot((u - 970) / 874.0, (v - 531) / 894.0) > 1.15;
                if (!camera.ray(u, v, direction)) {
                    assertTrue(corner, "ray of " + u + ", " + v);
                    continue;
                }
                assertTrue(camera.project(7 * direction[0], 7 * direction[1], 7 * direction[2], uv));
                assertEquals(u, uv[0], 0.01);
                assertEquals(v, uv[1], 0.01);
            }
        }
    }

    @Test
    void shouldAgreeWithOpenCvsFormula() {
        final double[] uv = new double[2];
        assertTrue(camera("wide", WIDE).project(0.3, -0.2, 1, uv));
        final double q = 0.13;
        final double radial = 1 - 0.2607 * q + 0.0749 * q * q - 0.00906 * q * q * q;
        final double x = 0.3 * radial + 2 * -0.000136 * 0.3 * -0.2 + 0.000175 * (q + 2 * 0.09);
        final double y = -0.2 * radial + -0.000136 * (q + 2 * 0.04) + 2 * 0.000175 * 0.3 * -0.2;
        assertArrayEquals(new double[] {874 * x + 970, 894 * y + 531}, uv, 1e-9);
    }

    @Test
    void shouldSeeNothingBehindItselfOrBeyondTheFold() {
        final double[] uv = new double[2];
        assertFalse(camera("wide", WIDE).project(0, 0, -1, uv), "behind");
        final Camera barrel = camera("barrel", new double[] {-0.4, 0, 0, 0, 0});
        assertTrue(barrel.project(0.85, 0, 1, uv), "before the fold at 1 / sqrt(3 x 0.4) = 0.913");
        assertFalse(barrel.project(1.0, 0, 1, uv), "beyond the fold this point would come back into the picture");
        assertFalse(barrel.ray(1900, 531, new double[3]), "no point in front of the fold is shown there");
    }

    @Test
    void shouldScaleWithThePictures() {
        final double[] full = new double[2];
        final double[] half = new double[2];
        camera("a", WIDE).project(0.3, -0.2, 1, full);
        camera("a", WIDE).scaledTo(960, 540).project(0.3, -0.2, 1, half);
        assertArrayEquals(new double[] {full[0] / 2, full[1] / 2}, half, 1e-9);
    }

    @Test
    void shouldRefuseWhatIsNoCameraInWords() {
        final double[] k = {874, 0, 970, 0, 894, 531, 0, 0, 1};
        final double[] mirror = {-1, 0, 0, 0, 1, 0, 0, 0, 1};
        final double[] crooked = {1, 0.5, 0, 0, 1, 0, 0, 0, 1};
        for (final double[] r : List.of(mirror, crooked)) {
            final var e = assertThrows(
                    IllegalArgumentException.class, () -> new Camera("c", 10, 10, k, new double[5], r, new double[3]));
            assertTrue(e.getMessage().contains("'c'"), e.getMessage());
        }
        k[0] = -1;
        assertThrows(
                IllegalArgumentException.class,
                () -> new Camera("c", 10, 10, k, new double[5], STRAIGHT, new double[3]));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Camera("c", 0, 10, new double[9], new double[5], STRAIGHT, new double[3]));
    }

    @Test
    void shouldCountStations() {
        final List<Camera> four = List.of(camera("a", WIDE), camera("b", WIDE), camera("c", WIDE), camera("d", WIDE));
        final Rig pairs = new Rig(four, new int[] {0, 0, 1, 1});
        assertFalse(pairs.spansStations(0b0011), "one pair is one station");
        assertTrue(pairs.spansStations(0b0110));
        assertFalse(pairs.spansStations(0b0100));
        final Rig onePair = new Rig(four, new int[] {0, 0, Rig.NO_PAIR, Rig.NO_PAIR});
        assertTrue(onePair.spansStations(0b0011), "with fewer than two pairs every camera counts");
        assertFalse(onePair.spansStations(0));
    }

    @Test
    void shouldSurviveDamagedRigs() {
        final Rig rig = new Rig(List.of(camera("left", WIDE), camera("right", WIDE)), new int[] {3, 3});
        final UnsafeBuffer good = new UnsafeBuffer(new byte[rig.encodedLength()]);
        assertEquals(good.capacity(), rig.encode(good, 0));
        final Rig read = Rig.decode(good, 0, good.capacity());
        assertEquals("right", read.camera(1).id());
        assertEquals(3, read.pair(1));
        assertEquals(rig.camera(0).matrix(4), read.camera(0).matrix(4));
        Damage.inflict(good, (buffer, length) -> Rig.decode(buffer, 0, length));
        final Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            final byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            Damage.decode(new UnsafeBuffer(noise), noise.length, (b, n) -> Rig.decode(b, 0, n));
        }
    }
}
