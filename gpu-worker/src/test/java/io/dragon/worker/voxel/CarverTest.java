package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.worker.voxel.CarveRule.Method;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CarverTest {
    private static final MaskRule SILHOUETTE =
            new MaskRule(MaskRule.Kind.BACKGROUND, 40, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, -1);

    private final Pipeline pipeline = new Pipeline();
    private final SyntheticScene scene = new SyntheticScene(8, 320, 240, 3);

    private static CarveRule rule(final Grid grid, final Method method, final int minCameras) {
        return new CarveRule(grid, method, minCameras, CarveRule.MAX_PEAKS, true, 0, 0);
    }

    private UnsafeBuffer[] masks(final Method method) {
        if (method != Method.HULL) {
            return pipeline.masks(scene, PixelFormat.GREY8, MaskRule.difference(12), 3);
        }
        final UnsafeBuffer[] masks = new UnsafeBuffer[scene.rig().size()];
        final UnsafeBuffer empty = new UnsafeBuffer(new byte[320 * 240]);
        empty.setMemory(0, empty.capacity(), (byte) 120);
        for (int i = 0; i < masks.length; i++) {
            masks[i] = pipeline.mask(
                    SILHOUETTE, PixelFormat.GREY8, 320, 240, Pipeline.render(scene, PixelFormat.GREY8, i, 3), empty);
        }
        return masks;
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void shouldNotDependOnTheNumberOfSlabs(final Method method) {
        final UnsafeBuffer[] masks = masks(method);
        final CarveRule rule = rule(scene.grid(50), method, 2);
        final Pipeline.Outcome whole = pipeline.carve(scene.rig(), rule, masks, 1);
        assertTrue(whole.step().occupied() > 10, () -> "only " + whole.step().occupied() + " voxels");
        for (final int parts : new int[] {2, 3, 7, 50, 60}) {
            final Pipeline.Outcome slabs = pipeline.carve(scene.rig(), rule, masks, parts);
            assertArrayEquals(whole.bits(), slabs.bits(), parts + " slabs");
            assertArrayEquals(whole.sums(), slabs.sums(), parts + " slabs");
            assertEquals(whole.step().peaks(), slabs.step().peaks());
            assertEquals(whole.step().occupied(), slabs.step().occupied());
            assertArrayEquals(whole.step().bounds(), slabs.step().bounds());
            assertEquals(whole.step().kernel(), slabs.step().kernel());
        }
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void shouldNotDependOnTheNumberOfPiecesOfASlab(final Method method) {
        final UnsafeBuffer[] masks = masks(method);
        for (final boolean voxels : new boolean[] {true, false}) {
            final CarveRule rule = new CarveRule(scene.grid(50), method, 2, CarveRule.MAX_PEAKS, voxels, 0, 0);
            for (final int parts : new int[] {1, 3, 60}) {
                for (int part = 0; part < parts; part++) {
                    final byte[] whole = slab(rule, masks, part, parts, 1);
                    for (final int split : new int[] {2, 4, 7, 1_000}) {
                        assertArrayEquals(whole, slab(rule, masks, part, parts, split), split + " pieces");
                    }
                }
            }
        }
    }

    /** The inline result and the frame of a slab, one after the other. */
    private byte[] slab(
            final CarveRule rule, final UnsafeBuffer[] masks, final int part, final int parts, final int split) {
        final Carver carver = pipeline.carver();
        carver.begin(scene.rig(), rule, part, parts, split);
        for (int i = 0; i < masks.length; i++) {
            carver.mask(i, masks[i], 0, masks[i].capacity());
        }
        carver.carve();
        final int frameLength = carver.hasFrame() ? carver.frameLength() : 0;
        final UnsafeBuffer all = new UnsafeBuffer(new byte[512 + frameLength]);
        final int length = carver.encodeResult(all, 0);
        if (carver.hasFrame()) {
            assertEquals(frameLength, carver.encodeFrame(all, length));
        }
        final byte[] bytes = new byte[length + frameLength];
        all.getBytes(0, bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void shouldNeedLessMemoryInPieces(final Method method) {
        final UnsafeBuffer[] masks = masks(method);
        final CarveRule rule = rule(scene.grid(50), method, 2);
        slab(rule, masks, 0, 1, 10);
        // 50 layers in ten pieces: five of its own and two on either side.
        final int layer = rule.grid().ny() * rule.grid().nz();
        assertEquals(9 * layer, pipeline.carver().cells());
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void shouldNotDependOnTheOrderOfCameras(final Method method) {
        final UnsafeBuffer[] masks = masks(method);
        final CarveRule rule = rule(scene.grid(40), method, 3);
        final Pipeline.Outcome ordered = pipeline.carve(scene.rig(), rule, masks, 1);
        final List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        Collections.shuffle(order, new Random(9));
        final List<Camera> cameras = new ArrayList<>();
        final int[] pairs = new int[8];
        final UnsafeBuffer[] shuffled = new UnsafeBuffer[8];
        for (int i = 0; i < 8; i++) {
            cameras.add(scene.rig().camera(order.get(i)));
            pairs[i] = scene.rig().pair(order.get(i));
            shuffled[i] = masks[order.get(i)];
        }
        final Pipeline.Outcome other = pipeline.carve(new Rig(cameras, pairs), rule, shuffled, 2);
        assertArrayEquals(ordered.sums(), other.sums());
        for (int i = 0; i < ordered.bits().length; i++) {
            int expected = 0;
            for (int j = 0; j < 8; j++) {
                expected |= (ordered.bits()[i] >>> order.get(j) & 1) << j;
            }
            assertEquals(expected, other.bits()[i]);
        }
        final var expected = ordered.step().peaks();
        final var actual = other.step().peaks();
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            // Rays are summed in another order, so a place may differ in its last fraction.
            assertEquals(expected.get(i).x(), actual.get(i).x(), 2 * 0.8 / CarveResult.FRACTIONS);
            assertEquals(expected.get(i).votes(), actual.get(i).votes());
            assertEquals(expected.get(i).score(), actual.get(i).score());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"GATHER", "HULL"})
    void shouldNotChangeAnythingBySkippingBlocks(final Method method) {
        final UnsafeBuffer[] masks = masks(method);
        for (final int cells : new int[] {24, 53}) {
            // A grid that reaches behind the cameras and beyond their pictures.
            final Grid grid = new Grid(-60, -58, -31, 120.0 / cells, cells, cells, cells / 2);
            for (final int least : new int[] {1, 2, 5}) {
                final Pipeline.Outcome skipped = pipeline.carve(scene.rig(), rule(grid, method, least), masks, 1);
                pipeline.carver().gather().skipping(false);
                final Pipeline.Outcome looked = pipeline.carve(scene.rig(), rule(grid, method, least), masks, 1);
                pipeline.carver().gather().skipping(true);
                assertTrue(looked.step().occupied() > 0 || least == 5);
                assertArrayEquals(looked.bits(), skipped.bits());
                assertArrayEquals(looked.sums(), skipped.sums());
                assertEquals(looked.step().peaks(), skipped.step().peaks());
            }
        }
    }

    @Test
    void shouldCarveTheHullByItsDefinition() {
        final UnsafeBuffer[] masks = masks(Method.HULL);
        final Grid grid = scene.grid(32);
        final Pipeline.Outcome hull = pipeline.carve(scene.rig(), rule(grid, Method.HULL, 4), masks, 2);
        final double[] uv = new double[2];
        for (int x = 0; x < 32; x++) {
            for (int y = 0; y < 32; y++) {
                for (int z = 0; z < 32; z++) {
                    int bits = 0;
                    boolean inside = true;
                    for (int i = 0; i < 8; i++) {
                        final Camera camera = scene.rig().camera(i);
                        final boolean seen = camera.project(
                                        grid.originX() + (x + 0.5) * grid.voxel(),
                                        grid.originY() + (y + 0.5) * grid.voxel(),
                                        grid.originZ() + (z + 0.5) * grid.voxel(),
                                        uv)
                                && uv[0] >= -0.5
                                && uv[1] >= -0.5
                                && uv[0] < 319.5
                                && uv[1] < 239.5;
                        if (seen) {
                            final boolean set = new MaskFrame()
                                    .wrap(masks[i], 0, masks[i].capacity())
                                    .isSet((int) (uv[0] + 0.5), (int) (uv[1] + 0.5));
                            bits |= set ? 1 << i : 0;
                            inside &= set;
                        }
                    }
                    final int expected = inside && Integer.bitCount(bits) >= 4 ? bits : 0;
                    assertEquals(expected, hull.bits()[grid.index(x, y, z)], x + ", " + y + ", " + z);
                }
            }
        }
        assertTrue(hull.step().occupied() > 3);
    }

    /** Near cameras see each of two balls; their rays to different balls cross in front of them, where nothing is. */
    @Test
    void shouldNotTakeTheCrossingOfTwoCamerasRaysForAnObject() {
        final double[][] balls = {{-4, 8, 0}, {4, 8, 0}};
        final double[][] places = {{-20, -20, 0}, {20, -20, 0}, {0, 60, 0}, {60, 8, 0.1}};
        final double[] focal = {600, 600, 200, 200};
        final List<Camera> cameras = new ArrayList<>();
        final UnsafeBuffer[] masks = new UnsafeBuffer[places.length];
        for (int i = 0; i < places.length; i++) {
            cameras.add(looking("c" + i, places[i], new double[] {0, 8, 0}, focal[i]));
            masks[i] = draw(cameras.get(i), balls, 1.0);
        }
        final Rig rig = Rig.of(cameras);
        final Grid grid = new Grid(-16, -8, -8, 0.5, 64, 64, 32);
        final var whole = pipeline.carve(rig, rule(grid, Method.SCATTER, 2), masks, 1);
        int largest = 0;
        for (int i = 0; i < whole.sums().length; i++) {
            largest = whole.sums()[i] > whole.sums()[largest] ? i : largest;
        }
        final double[] peakOfSum = {
            -16 + 0.5 * (largest / (64 * 32) + 0.5),
            -8 + 0.5 * (largest / 32 % 64 + 0.5),
            -8 + 0.5 * (largest % 32 + 0.5)
        };
        assertTrue(nearest(balls, peakOfSum) > 3, "the plain sum has its peak where two cameras' rays cross");
        final var best =
                pipeline.carve(rig, CarveRule.motion(grid), masks, 2).step().peaks();
        for (int i = 0; i < 2; i++) {
            final double[] place = {
                best.get(i).x(), best.get(i).y(), best.get(i).z()
            };
            assertTrue(nearest(balls, place) < 0.25, "peak " + i + " lies " + nearest(balls, place) + " m beside");
            assertTrue(best.get(i).votes() >= 3);
        }
        final CarveRule three = rule(grid, Method.MOTION, 3);
        for (final var peak : pipeline.carve(rig, three, masks, 1).step().peaks()) {
            assertTrue(nearest(balls, new double[] {peak.x(), peak.y(), peak.z()}) < 0.5, "gone with three cameras");
        }
    }

    @Test
    void shouldNotTakeOnePairForTwoStations() {
        final List<Camera> cameras = new ArrayList<>();
        final double[][] places = {{-30, 0, 0}, {-30, 1, 0}, {0, -30, 0}, {1, -30, 0}};
        final double[][] ball = {{0, 0, 0}};
        final UnsafeBuffer[] masks = new UnsafeBuffer[4];
        for (int i = 0; i < 4; i++) {
            cameras.add(looking("c" + i, places[i], new double[] {0, 0, 0}, 500));
            masks[i] = i < 2 ? draw(cameras.get(i), ball, 1.0) : null;
        }
        final Rig rig = new Rig(cameras, new int[] {0, 0, 1, 1});
        final Grid grid = new Grid(-8, -8, -8, 0.5, 32, 32, 32);
        assertEquals(
                0, pipeline.carve(rig, CarveRule.motion(grid), masks, 1).step().occupied());
        masks[2] = draw(cameras.get(2), ball, 1.0);
        assertEquals(
                3,
                pipeline.carve(rig, CarveRule.motion(grid), masks, 1)
                        .step()
                        .peaks()
                        .get(0)
                        .votes());
    }

    @Test
    void shouldChooseGatherWhenAListIsMissingOrLong() {
        final UnsafeBuffer[] masks = masks(Method.MOTION);
        final Grid grid = scene.grid(64);
        assertEquals(
                CarveResult.Kernel.SCATTER,
                pipeline.carve(scene.rig(), CarveRule.motion(grid), masks, 2)
                        .step()
                        .kernel());
        final MaskRule unlisted = new MaskRule(MaskRule.Kind.DIFFERENCE, 12, false, 0, 0, 10, -1);
        masks[3] = pipeline.masks(scene, PixelFormat.GREY8, unlisted, 3)[3];
        final Pipeline.Outcome gathered = pipeline.carve(scene.rig(), CarveRule.motion(grid), masks, 2);
        assertEquals(CarveResult.Kernel.GATHER, gathered.step().kernel());
        final SceneJudge judge = new SceneJudge(scene, grid);
        judge.judge(3, gathered.step().peaks());
        assertEquals(0, judge.missed());
        assertThrows(
                IllegalArgumentException.class,
                () -> pipeline.carve(scene.rig(), rule(grid, Method.SCATTER, 2), masks, 1));
    }

    @Test
    void shouldFindAnObjectSmallerThanAVoxelByGather() {
        final double[][] ball = {{0.37, -1.2, 0.8}};
        final List<Camera> cameras = new ArrayList<>();
        final UnsafeBuffer[] masks = new UnsafeBuffer[3];
        final double[][] places = {{-30, 2, 3}, {1, -30, 5}, {20, 21, -9}};
        for (int i = 0; i < 3; i++) {
            cameras.add(looking("c" + i, places[i], new double[] {0, 0, 0}, 500));
            masks[i] = draw(cameras.get(i), ball, 0.05);
        }
        final Grid grid = new Grid(-16, -16, -16, 2, 16, 16, 16);
        final var peaks = pipeline.carve(Rig.of(cameras), rule(grid, Method.GATHER, 3), masks, 1)
                .step()
                .peaks();
        assertTrue(nearest(ball, new double[] {
                    peaks.get(0).x(), peaks.get(0).y(), peaks.get(0).z()
                })
                < 0.2);
    }

    @Test
    void shouldRefuseMasksThatDoNotFitInWords() {
        final UnsafeBuffer[] masks = masks(Method.MOTION);
        final Carver carver = pipeline.carver();
        carver.begin(scene.rig(), CarveRule.motion(scene.grid(8)), 0, 1);
        carver.mask(0, masks[0], 0, masks[0].capacity());
        assertThrows(IllegalArgumentException.class, () -> carver.mask(0, masks[0], 0, masks[0].capacity()));
        assertThrows(IllegalArgumentException.class, () -> carver.mask(8, masks[0], 0, masks[0].capacity()));
        final UnsafeBuffer other = pipeline.mask(
                MaskRule.difference(12), PixelFormat.GREY8, 10, 10, new UnsafeBuffer(new byte[100]), null);
        final var e = assertThrows(IllegalArgumentException.class, () -> carver.mask(1, other, 0, other.capacity()));
        assertTrue(e.getMessage().contains("10 x 10"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> carver.begin(scene.rig(), carveRule(), 2, 2));
    }

    private CarveRule carveRule() {
        return CarveRule.motion(scene.grid(8));
    }

    @Test
    void shouldSurviveDamagedRulesResultsAndVoxels() {
        final UnsafeBuffer rule = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        final CarveRule written = carveRule().forSlab(1, 3);
        written.encode(rule, 0);
        assertEquals(written, CarveRule.decode(rule, 0, rule.capacity()));
        Damage.inflict(rule, (buffer, length) -> CarveRule.decode(buffer, 0, length));
        final UnsafeBuffer[] masks = masks(Method.MOTION);
        pipeline.carve(scene.rig(), rule(scene.grid(32), Method.MOTION, 2), masks, 1);
        final UnsafeBuffer result = new UnsafeBuffer(new byte[512]);
        pipeline.carver().encodeResult(result, 0);
        Damage.inflict(result, (buffer, length) -> CarveResult.decode(buffer, 0, length));
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[pipeline.carver().frameLength()]);
        pipeline.carver().encodeFrame(frame, 0);
        Damage.inflict(frame, (buffer, length) -> {
            final VoxelFrame voxels = new VoxelFrame().wrap(buffer, 0, length);
            voxels.peaks();
            voxels.forEachRun((index, run, bits, sum) -> assertFalse(index < 0 || run < 0));
        });
        final UnsafeBuffer mask = masks[0];
        Damage.inflict(mask, (buffer, length) -> {
            final Carver carver = pipeline.carver();
            carver.begin(scene.rig(), carveRule(), 0, 1);
            carver.mask(0, buffer, 0, length);
            carver.mask(2, masks[2], 0, masks[2].capacity());
            carver.carve();
        });
    }

    @Test
    void shouldAllocateNothingForTheNextStep() {
        final UnsafeBuffer[] masks = masks(Method.MOTION);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final UnsafeBuffer result = new UnsafeBuffer(new byte[512]);
        final Carver carver = pipeline.carver();
        for (final Method method : new Method[] {Method.SCATTER, Method.GATHER}) {
            final CarveRule rule = new CarveRule(scene.grid(32), method, 2, CarveResult.INLINE_PEAKS, false, 0, 0);
            long allocated = 0;
            for (int i = 0; i < 20; i++) {
                final long start = threads.getCurrentThreadAllocatedBytes();
                carver.begin(scene.rig(), rule, 0, 2);
                for (int camera = 0; camera < masks.length; camera++) {
                    carver.mask(camera, masks[camera], 0, masks[camera].capacity());
                }
                carver.carve();
                carver.encodeResult(result, 0);
                allocated = threads.getCurrentThreadAllocatedBytes() - start;
            }
            assertEquals(0, allocated, method + ": bytes");
        }
    }

    private static double nearest(final double[][] balls, final double[] place) {
        double nearest = Double.POSITIVE_INFINITY;
        for (final double[] ball : balls) {
            nearest = Math.min(
                    nearest,
                    Math.sqrt(Math.pow(ball[0] - place[0], 2)
                            + Math.pow(ball[1] - place[1], 2)
                            + Math.pow(ball[2] - place[2], 2)));
        }
        return nearest;
    }

    private static Camera looking(final String id, final double[] from, final double[] to, final double focal) {
        final double[] f = {to[0] - from[0], to[1] - from[1], to[2] - from[2]};
        final double length = Math.sqrt(f[0] * f[0] + f[1] * f[1] + f[2] * f[2]);
        for (int i = 0; i < 3; i++) {
            f[i] /= length;
        }
        final double across = Math.hypot(f[0], f[1]);
        final double[] right = {f[1] / across, -f[0] / across, 0};
        final double[] r = {
            right[0],
            right[1],
            right[2],
            f[1] * right[2] - f[2] * right[1],
            f[2] * right[0] - f[0] * right[2],
            f[0] * right[1] - f[1] * right[0],
            f[0],
            f[1],
            f[2]
        };
        final double[] t = new double[3];
        for (int i = 0; i < 3; i++) {
            t[i] = -(r[3 * i] * from[0] + r[3 * i + 1] * from[1] + r[3 * i + 2] * from[2]);
        }
        return new Camera(id, 640, 480, new double[] {focal, 0, 320, 0, focal, 240, 0, 0, 1}, new double[5], r, t);
    }

    private UnsafeBuffer draw(final Camera camera, final double[][] balls, final double radius) {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[640 * 480]);
        final double[] uv = new double[2];
        for (final double[] ball : balls) {
            camera.project(ball[0], ball[1], ball[2], uv);
            final double r = Math.max(camera.focalLength() * radius / camera.depth(ball[0], ball[1], ball[2]), 0.7);
            for (int i = 0; i < 640 * 480; i++) {
                if (Math.hypot(i % 640 - uv[0], i / 640 - uv[1]) <= r) {
                    frame.putByte(i, (byte) 255);
                }
            }
        }
        final MaskRule rule = new MaskRule(MaskRule.Kind.THRESHOLD, 100, false, 0, 0, 1 << 20, -1);
        return pipeline.mask(rule, PixelFormat.GREY8, 640, 480, frame, null);
    }
}
