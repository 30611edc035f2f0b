package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.kernels.KernelsOnHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CarveKernelTest {
    private static final int PEAKS = 4096;

    private final Pipeline pipeline = new Pipeline();

    /** In the order of PeakFinder: the better score first, among equals the lower index. */
    private record Peak(int votes, int sum, int index, int bits, int x, int y, int z) {}

    @ParameterizedTest
    @EnumSource(
            value = CarveRule.Method.class,
            names = {"SCATTER", "GATHER", "HULL"})
    void shouldGiveTheSameVotesAndPeaksAsTheProcessor(final CarveRule.Method method) throws Exception {
        try (KernelsOnHost kernels = new KernelsOnHost(method == CarveRule.Method.GATHER)) {
            for (int seed = 1; seed <= (method == CarveRule.Method.HULL ? 1 : 3); seed++) {
                final SyntheticScene scene = new SyntheticScene(4 + 2 * seed, 160 + 17 * seed, 120 + seed, seed);
                final UnsafeBuffer[] masks = masks(scene, method);
                masks[seed] = null; // a camera that was silent
                final CarveRule rule = new CarveRule(
                        scene.grid(method == CarveRule.Method.HULL ? 90 + seed : 21 + 5 * seed),
                        method,
                        2,
                        CarveRule.MAX_PEAKS,
                        true,
                        0,
                        0);
                final int whole = compare(kernels, scene.rig(), rule, masks, 0, 1);
                assertTrue(whole > 10, () -> "only " + whole + " voxels");
                // Over two devices: the halves together are the whole.
                final int halves = compare(kernels, scene.rig(), rule, masks, 0, 2)
                        + compare(kernels, scene.rig(), rule, masks, 1, 2);
                assertEquals(whole, halves);
            }
        }
    }

    @Test
    void shouldGiveTheSameVotesWithLensesThatDistort() throws Exception {
        final SyntheticScene scene = new SyntheticScene(8, 200, 150, 5);
        final List<Camera> cameras = new ArrayList<>();
        final int[] pairs = new int[scene.rig().size()];
        for (int i = 0; i < pairs.length; i++) {
            final Camera c = scene.rig().camera(i);
            final double[] r = new double[9];
            final double[] t = new double[3];
            final double[] k = new double[9];
            for (int j = 0; j < 9; j++) {
                r[j] = c.rotation(j);
                k[j] = c.matrix(j);
            }
            for (int j = 0; j < 3; j++) {
                t[j] = c.translation(j);
            }
            k[1] = 0.3;
            final double[] distortion = {-0.28 + 0.1 * i, 0.07, 0.002, -0.001, 0.01 * i};
            cameras.add(new Camera(c.id(), c.width(), c.height(), k, distortion, r, t));
            pairs[i] = scene.rig().pair(i);
        }
        final Rig rig = new Rig(cameras, pairs);
        for (final CarveRule.Method method :
                new CarveRule.Method[] {CarveRule.Method.SCATTER, CarveRule.Method.GATHER, CarveRule.Method.HULL}) {
            final CarveRule rule = new CarveRule(scene.grid(33), method, 2, CarveRule.MAX_PEAKS, true, 0, 0);
            try (KernelsOnHost kernels = new KernelsOnHost(false)) {
                compare(kernels, rig, rule, masks(scene, method), 0, 1);
            }
        }
    }

    private UnsafeBuffer[] masks(final SyntheticScene scene, final CarveRule.Method method) {
        if (method != CarveRule.Method.HULL) {
            return pipeline.masks(scene, PixelFormat.GREY8, MaskRule.difference(12), 3);
        }
        final MaskRule silhouette =
                new MaskRule(MaskRule.Kind.BACKGROUND, 40, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, -1);
        final UnsafeBuffer[] masks = new UnsafeBuffer[scene.rig().size()];
        for (int i = 0; i < masks.length; i++) {
            final Camera c = scene.rig().camera(i);
            final UnsafeBuffer empty = new UnsafeBuffer(new byte[c.width() * c.height()]);
            empty.setMemory(0, empty.capacity(), (byte) 120);
            masks[i] = pipeline.mask(
                    silhouette,
                    PixelFormat.GREY8,
                    c.width(),
                    c.height(),
                    Pipeline.render(scene, PixelFormat.GREY8, i, 3),
                    empty);
        }
        return masks;
    }

    /** How many voxels count. */
    private static int compare(
            final KernelsOnHost kernels,
            final Rig rig,
            final CarveRule rule,
            final UnsafeBuffer[] encoded,
            final int part,
            final int parts)
            throws IOException {
        final MaskFrame[] masks = new MaskFrame[rig.size()];
        int cameraBits = 0;
        for (int i = 0; i < masks.length; i++) {
            if (encoded[i] != null) {
                masks[i] = new MaskFrame().wrap(encoded[i], 0, encoded[i].capacity());
                cameraBits |= 1 << i;
            }
        }
        final Grid grid = rule.grid();
        final SlabVotes votes = new SlabVotes();
        votes.reset(grid, grid.slabBegin(part, parts), grid.slabBegin(part + 1, parts));
        final boolean isScatter = rule.method() == CarveRule.Method.SCATTER;
        vote(votes, rig, rule, masks);
        votes.sortTouched();
        final PeakFinder finder = new PeakFinder();
        finder.begin(rig, rule, rule.method() == CarveRule.Method.HULL ? 0 : PEAKS);
        finder.add(votes);

        final ByteBuffer answer =
                kernels.ask(KernelsOnHost.CARVE, request(votes, rig, rule, masks, cameraBits, isScatter));

        final int layer = grid.ny() * grid.nz();
        int occupied = 0;
        for (int i = 0; i < votes.touchedCount(); i++) {
            final int x = votes.base() + votes.touched(i) / layer;
            occupied += x >= votes.begin() && x < votes.end() && Carver.counts(rig, rule, votes.bits(votes.touched(i)))
                    ? 1
                    : 0;
        }
        assertEquals(occupied, answer.getInt());
        answer.position(7 * 4);
        final int found = answer.getInt();
        assertEquals(finder.found(), found);
        final List<Peak> peaks = new ArrayList<>();
        for (int i = 0; i < found; i++) {
            peaks.add(new Peak(
                    answer.getInt(),
                    answer.getInt(),
                    answer.getInt(),
                    answer.getInt(),
                    answer.getInt(),
                    answer.getInt(),
                    answer.getInt()));
            answer.getInt();
        }
        peaks.sort(Comparator.comparingInt(Peak::votes)
                .thenComparing(Peak::sum, Integer::compareUnsigned)
                .reversed()
                .thenComparingInt(Peak::index));
        final UnsafeBuffer expected = new UnsafeBuffer(new byte[Math.max(1, found) * CarveResult.PEAK_LENGTH]);
        finder.encode(expected, 0, found);
        final List<CarveResult.Peak> expectedPeaks = CarveResult.peaks(expected, 0, found);
        for (int i = 0; i < found; i++) {
            final Peak peak = peaks.get(i);
            assertEquals(
                    expectedPeaks.get(i),
                    new CarveResult.Peak(peak.x, peak.y, peak.z, peak.bits, peak.sum),
                    "peak " + i);
        }
        final int cells = votes.layers() * layer;
        for (int i = 0; i < cells; i++) {
            assertEquals(votes.bits(i), answer.getInt(), "bits of voxel " + i);
        }
        for (int i = 0; i < cells; i++) {
            assertEquals(votes.sum(i), answer.getInt(), "sum of voxel " + i);
        }
        compareRuns(votes, rig, rule, answer);
        return occupied;
    }

    /** Runs of equal voxels along z, in the order of memory. */
    private static void compareRuns(
            final SlabVotes votes, final Rig rig, final CarveRule rule, final ByteBuffer answer) {
        final int nz = rule.grid().nz();
        final int layer = rule.grid().ny() * nz;
        final int runs = answer.getInt();
        int run = 0;
        for (int i = (votes.begin() - votes.base()) * layer; i < (votes.end() - votes.base()) * layer; ) {
            if (!Carver.counts(rig, rule, votes.bits(i))) {
                i++;
                continue;
            }
            int end = i + 1;
            while (end % nz != 0 && votes.bits(end) == votes.bits(i) && votes.sum(end) == votes.sum(i)) {
                end++;
            }
            assertTrue(run < runs, "only " + runs + " runs");
            assertEquals(votes.base() * layer + i, answer.getInt(), "run " + run);
            assertEquals(end - i, answer.getInt(), "length of run " + run);
            assertEquals(votes.bits(i), answer.getInt(), "bits of run " + run);
            assertEquals(votes.sum(i), answer.getInt(), "sum of run " + run);
            run++;
            i = end;
        }
        assertEquals(run, runs);
    }

    private static void vote(final SlabVotes votes, final Rig rig, final CarveRule rule, final MaskFrame[] masks) {
        if (rule.method() == CarveRule.Method.SCATTER) {
            final Scatter scatter = new Scatter();
            scatter.begin(votes);
            for (int i = 0; i < masks.length; i++) {
                if (masks[i] != null) {
                    scatter.add(rig.camera(i), 1 << i, masks[i]);
                }
            }
            return;
        }
        final MaskLevels[] levels = new MaskLevels[masks.length];
        for (int i = 0; i < masks.length; i++) {
            if (masks[i] != null) {
                levels[i] = new MaskLevels();
                levels[i].load(masks[i]);
            }
        }
        new Gather().carve(votes, rig, levels, rule.minCameras(), rule.method() == CarveRule.Method.HULL);
    }

    private static ByteBuffer request(
            final SlabVotes votes,
            final Rig rig,
            final CarveRule rule,
            final MaskFrame[] masks,
            final int cameraBits,
            final boolean isScatter) {
        final UnsafeBuffer structs =
                new UnsafeBuffer(new byte[KernelStructs.SLAB_LENGTH + rig.size() * KernelStructs.CAMERA_LENGTH]);
        KernelStructs.slab(votes, rule, rig.size(), structs, 0);
        final long levelWords = KernelStructs.cameras(rig, cameraBits, structs, KernelStructs.SLAB_LENGTH);
        final ByteBuffer request = ByteBuffer.allocate(1 << 22).order(ByteOrder.LITTLE_ENDIAN);
        request.putInt(isScatter ? 1 : 0)
                .putInt(rule.method() == CarveRule.Method.HULL ? 0 : PEAKS)
                .putInt((int) levelWords)
                .putInt(0)
                .put(structs.byteArray());
        for (final MaskFrame mask : masks) {
            if (mask == null) {
                continue;
            }
            for (int i = 0; i < mask.wordsPerRow() * mask.height(); i++) {
                request.putLong(mask.word(i));
            }
            final int listed = mask.hasList() ? mask.count() : 0;
            request.putInt(listed);
            for (int i = 0; i < listed; i++) {
                request.putInt(mask.listedPixel(i));
            }
            for (int i = 0; i < listed; i++) {
                request.put((byte) mask.listedWeight(i));
            }
            request.position(request.position() + 7 & -8);
        }
        return request;
    }
}
