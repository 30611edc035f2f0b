package io.dragon.worker.check;

import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashAlgorithm;
import io.dragon.worker.voxel.CarveRule;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SyntheticScene;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Random work for the comparison of a device with the processor: odd sizes, odd values, everything that a handler can be asked. */
final class Comparisons {
    /** A case: what a task reads and how it is asked. */
    record Case(String words, List<FrameLease> inputs, UnsafeBuffer parameters, int part, int parts, int split) {}

    private static final int[] BLOCK_LENGTHS = {
        0, 1, 3, 63, 64, 65, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 3_072, 5_127, 31_744, 131_072, 132_097
    };
    private static final int[][] SIZES = {
        {1, 1}, {3, 2}, {63, 5}, {65, 4}, {130, 7}, {640, 11}, {1_001, 3}, {5, 1_030}, {321, 243}
    };
    private static final FrameFormat[] PIXELS = {
        FrameFormat.GREY8, FrameFormat.BAYER_RGGB8, FrameFormat.RGB8, FrameFormat.GREY16, FrameFormat.RGB32F
    };
    private static final float[] ODD_FLOATS = {
        Float.NaN, -1, 2, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.0f, 1e30f
    };
    private static final int LIKE_BLOCKS = 300;
    private static final long STEP = 3;
    private static final int CAMERAS = 6;

    /** The processor takes its time. */
    private static final int MOST_CELLS = 129;

    private final CheckFrames frames;
    private final Random random;
    private final CheckPlan plan;

    Comparisons(final CheckFrames frames, final long seed, final CheckPlan plan) {
        this.frames = frames;
        this.random = new Random(seed);
        this.plan = plan;
    }

    /** Tables of blocks: the lengths where the tree changes its shape first, then random ones. */
    List<Case> hash() {
        final List<Case> cases = new ArrayList<>();
        for (int i = 0; i < plan.comparisons(); i++) {
            final int[] lengths = i == 0 ? BLOCK_LENGTHS : new int[1 + random.nextInt(i == 1 ? 300 : 40)];
            final int longest = i == 2 ? plan.longest() : Math.min(plan.longest(), 1 << 18);
            for (int j = 0; i != 0 && j < lengths.length; j++) {
                lengths[j] = i == 2 && j == 0 ? longest - 1 : random.nextInt(1 << random.nextInt(15));
            }
            final int alignment = 1 << random.nextInt(7);
            cases.add(new Case(lengths.length + " blocks", List.of(blocks(lengths, alignment)), none(), 0, 1, 1));
        }
        return cases;
    }

    /** Tables of so many blocks that the device is worth while: all lengths about the ends of its steps, then random ones. */
    List<Case> sha256() {
        final UnsafeBuffer parameters = new UnsafeBuffer(HashAlgorithm.SHA256.parameters());
        final List<Case> cases = new ArrayList<>();
        for (int i = 0; i < plan.comparisons(); i++) {
            final int[] lengths = new int[LIKE_BLOCKS + random.nextInt(LIKE_BLOCKS)];
            final int longest = 1 << 7 + random.nextInt(8);
            for (int j = 0; j < lengths.length; j++) {
                lengths[j] = i == 0 ? j : random.nextInt(longest);
            }
            final int alignment = 1 << random.nextInt(7);
            final int split = 1 << i % 3;
            cases.add(
                    new Case(lengths.length + " blocks", List.of(blocks(lengths, alignment)), parameters, 0, 1, split));
        }
        return cases;
    }

    private FrameLease blocks(final int[] lengths, final int alignment) {
        int whole = BlockTable.dataOffset(lengths.length);
        for (final int length : lengths) {
            whole += length + alignment - 1 & -alignment;
        }
        return frames.put(frames.pool(1, whole), FrameFormat.BLOCKS, 0, 0, 0, whole, frame -> {
            fill(frame);
            BlockTable.header(frame, lengths.length);
            int offset = BlockTable.dataOffset(lengths.length);
            for (int i = 0; i < lengths.length; i++) {
                final long counter = random.nextBoolean() ? 0 : (long) random.nextInt(1 << 30) << 12;
                BlockTable.entry(frame, i, offset, lengths[i], counter, counter == 0 && random.nextBoolean());
                offset += lengths[i] + alignment - 1 & -alignment;
            }
        });
    }

    /** Frames of every format and odd sizes, beside the frame before, a background or nothing, with every rule. */
    List<Case> mask() {
        final List<Case> cases = new ArrayList<>();
        for (final FrameFormat format : PIXELS) {
            for (int i = 0; i < Math.max(1, plan.comparisons() / 2); i++) {
                final int[] size = SIZES[random.nextInt(SIZES.length)];
                final MaskRule.Kind kind = MaskRule.Kind.values()[i % MaskRule.Kind.values().length];
                final MaskRule rule = new MaskRule(
                        kind,
                        i % 3 == 0 ? 254 : random.nextInt(40),
                        i % 4 == 3 && kind == MaskRule.Kind.DIFFERENCE,
                        i % 5 == 4 ? 1 : 0,
                        i % 6 == 5 ? 1 : 0,
                        random.nextInt(3) == 0 ? 3 : MaskRule.DEFAULT_LIST_LIMIT,
                        random.nextInt(3) - 1);
                cases.add(mask(format, size[0], size[1], rule));
            }
            cases.add(mask(
                    format,
                    plan.width(),
                    plan.height(),
                    new MaskRule(MaskRule.Kind.DIFFERENCE, 200, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, 0)));
        }
        return cases;
    }

    private Case mask(final FrameFormat format, final int width, final int height, final MaskRule rule) {
        final int length = (int) format.bytes(width, height);
        final List<FrameLease> inputs = new ArrayList<>();
        final FrameLease before = frames.put(
                frames.pool(1, length), format, width, height, 1, length, frame -> pixels(frame, format, length));
        inputs.add(frames.put(frames.pool(1, length), format, width, height, 2, length, frame -> {
            frame.putBytes(0, before.buffer(), 0, length);
            change(frame, format, length);
        }));
        if (rule.kind() != MaskRule.Kind.THRESHOLD) {
            inputs.add(before);
        }
        final UnsafeBuffer parameters = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        rule.encode(parameters, 0);
        return new Case(format + ", " + width + " x " + height + ", " + rule, inputs, parameters, 0, 1, 1);
    }

    /** Scenes as grids of odd sizes, in one slab and in two as for two devices, in one piece and in two. */
    List<Case> carve(final CarveRule.Method method, final MaskMaker masks) throws Exception {
        final List<Case> cases = new ArrayList<>();
        final int scenes = Math.max(1, plan.comparisons() / 4);
        for (int i = 0; i <= scenes; i++) {
            final SyntheticScene scene = i < scenes
                    ? new SyntheticScene(CAMERAS + i, 161 + 17 * i, 121 + i, 1 + i)
                    : new SyntheticScene(plan.cameras(), Math.min(641, plan.width()), Math.min(363, plan.height()), 5);
            final List<FrameLease> inputs = new ArrayList<>();
            final int rigLength = scene.rig().encodedLength();
            inputs.add(frames.put(frames.pool(1, rigLength), FrameFormat.RIG, 0, 0, 0, rigLength, to -> scene.rig()
                    .encode(to, 0)));
            for (int camera = 0; camera < scene.rig().size(); camera++) {
                // one camera was silent
                inputs.add(camera == i ? null : mask(scene, camera, method, masks));
            }
            final int cells = i < scenes ? 21 + 12 * i : Math.min(plan.cells(), MOST_CELLS);
            final CarveRule rule = new CarveRule(scene.grid(cells), method, 2, CarveRule.MAX_PEAKS, true, 0, 0);
            final UnsafeBuffer parameters = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
            rule.encode(parameters, 0);
            for (final int[] cut : new int[][] {{0, 1, 1}, {0, 2, 1}, {1, 2, 1}, {0, 1, 2}}) {
                cases.add(new Case(
                        method + ", " + cells + " voxels along each axis, slab " + cut[0] + " of " + cut[1] + " in "
                                + cut[2] + (cut[2] == 1 ? " piece" : " pieces"),
                        inputs,
                        parameters,
                        cut[0],
                        cut[1],
                        cut[2]));
            }
        }
        return cases;
    }

    /** Makes masks with the handler of the processor. */
    @FunctionalInterface
    interface MaskMaker {
        FrameLease mask(List<FrameLease> inputs, MaskRule rule) throws Exception;
    }

    private FrameLease mask(
            final SyntheticScene scene, final int camera, final CarveRule.Method method, final MaskMaker masks)
            throws Exception {
        final boolean isHull = method == CarveRule.Method.HULL;
        final MaskRule rule = isHull
                ? new MaskRule(MaskRule.Kind.BACKGROUND, 40, false, 0, 0, MaskRule.DEFAULT_LIST_LIMIT, camera)
                : MaskRule.difference(12).forCamera(camera);
        return masks.mask(List.of(picture(scene, camera, STEP, false), picture(scene, camera, STEP - 1, isHull)), rule);
    }

    /** A picture of a scene, or the empty background. */
    FrameLease picture(final SyntheticScene scene, final int camera, final long step, final boolean isEmpty) {
        final int width = scene.rig().camera(camera).width();
        final int height = scene.rig().camera(camera).height();
        final int length = width * height;
        return frames.put(frames.pool(1, length), FrameFormat.GREY8, width, height, step, length, to -> {
            if (isEmpty) {
                to.setMemory(0, length, (byte) 120);
            } else {
                scene.render(camera, step, PixelFormat.GREY8, to, 0);
            }
        });
    }

    private void pixels(final MutableDirectBuffer frame, final FrameFormat format, final int length) {
        if (format != FrameFormat.RGB32F) {
            fill(frame);
            return;
        }
        for (int i = 0; i < length; i += Float.BYTES) {
            frame.putFloat(i, odd(), ByteOrder.LITTLE_ENDIAN);
        }
    }

    private float odd() {
        return random.nextInt(20) == 0 ? ODD_FLOATS[random.nextInt(ODD_FLOATS.length)] : random.nextFloat();
    }

    /** About a quarter of the pixels. */
    private void change(final MutableDirectBuffer frame, final FrameFormat format, final int length) {
        final int pixel = (int) format.bytes(1, 1);
        for (int i = 0; i < length; i += pixel) {
            if (random.nextInt(4) == 0) {
                for (int j = 0; j < pixel; j += format == FrameFormat.RGB32F ? Float.BYTES : 1) {
                    if (format == FrameFormat.RGB32F) {
                        frame.putFloat(i + j, odd(), ByteOrder.LITTLE_ENDIAN);
                    } else {
                        frame.putByte(i + j, (byte) random.nextInt());
                    }
                }
            }
        }
    }

    /** Random bytes; zeros hide what was not written. */
    private void fill(final MutableDirectBuffer frame) {
        noise(frame, random.nextLong());
    }

    /** Random bytes, fast. */
    static void noise(final MutableDirectBuffer to, final long seed) {
        long state = seed | 1;
        final int words = to.capacity() & -Long.BYTES;
        for (int i = 0; i < words; i += Long.BYTES) {
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            to.putLong(i, state);
        }
        for (int i = words; i < to.capacity(); i++) {
            to.putByte(i, (byte) (state >>> i));
        }
    }

    private static UnsafeBuffer none() {
        return new UnsafeBuffer(new byte[0]);
    }
}
