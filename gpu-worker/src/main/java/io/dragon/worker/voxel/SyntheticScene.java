package io.dragon.worker.voxel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Dark balls that move on known paths before a bright, slightly noisy background, and pairs of cameras around them.
 * Everything follows from the arguments, so that any process can draw its own cameras' frames. Immutable but for the
 * background rows; {@link #render} may be called by one thread per instance.
 */
public final class SyntheticScene {
    /** Edge of the volume in metres; its middle is the origin. */
    public static final double SIDE = 32.0;

    private static final double DISTANCE = 45.0;
    private static final double PAIR_DISTANCE = 1.5;
    private static final double BALL_RADIUS = 0.75;
    private static final double PATH_RADIUS = 0.36 * SIDE;
    private static final double[] DISTORTION = {-0.08, 0.02, 0.0005, -0.0004, 0.0};
    private static final int BACKGROUND = 120;
    private static final int BALL = 24;
    private static final int NOISE = 2;
    private static final int NOISE_SHIFTS = 64;

    private final Rig rig;
    private final int width;
    private final int height;
    private final int balls;
    private final PixelFormat[] rowFormats = PixelFormat.values();
    private final UnsafeBuffer[] rows = new UnsafeBuffer[rowFormats.length];
    private final double[] uv = new double[2];
    private final double[] centre = new double[3];

    /**
     * A scene.
     *
     * @param cameras 2 to {@link Rig#MAX_CAMERAS}; two by two they make pairs
     * @param width   of their pictures, pixels
     * @param height  of their pictures, pixels
     * @param balls   1 to 16
     * @throws IllegalArgumentException when a number is out of range
     */
    public SyntheticScene(final int cameras, final int width, final int height, final int balls) {
        if (cameras < 2 || cameras > Rig.MAX_CAMERAS) {
            throw new IllegalArgumentException("a scene needs 2 to " + Rig.MAX_CAMERAS + " cameras, not " + cameras);
        }
        if (balls < 1 || balls > 16) {
            throw new IllegalArgumentException("a scene has 1 to 16 balls, not " + balls);
        }
        this.width = width;
        this.height = height;
        this.balls = balls;
        final List<Camera> list = new ArrayList<>();
        final int[] pairs = new int[cameras];
        final int stations = (cameras + 1) / 2;
        for (int i = 0; i < cameras; i++) {
            list.add(camera(i, stations));
            pairs[i] = i == cameras - 1 && cameras % 2 == 1 ? Rig.NO_PAIR : i / 2;
        }
        rig = new Rig(list, pairs);
    }

    /** Stations stand on a circle, at three heights in turn; both cameras of a pair look at the middle. */
    private Camera camera(final int index, final int stations) {
        final double side = (index % 2 == 0 ? -0.5 : 0.5) * PAIR_DISTANCE / DISTANCE;
        final double angle = 2 * Math.PI * (index / 2) / (stations == 2 ? 3.7 : stations) + side;
        final double elevation = (index / 2 % 3 - 1) * 0.3;
        final double[] position = {
            DISTANCE * Math.cos(elevation) * Math.cos(angle),
            DISTANCE * Math.cos(elevation) * Math.sin(angle),
            DISTANCE * Math.sin(elevation)
        };
        final double focal = 0.5 * Math.min(width, height) * DISTANCE / (0.62 * SIDE);
        final double[] k = {focal, 0, (width - 1) / 2.0, 0, focal, (height - 1) / 2.0, 0, 0, 1};
        final double[] r = lookingAtOrigin(position);
        final double[] t = new double[3];
        for (int row = 0; row < 3; row++) {
            t[row] = -(r[3 * row] * position[0] + r[3 * row + 1] * position[1] + r[3 * row + 2] * position[2]);
        }
        return new Camera(String.format("cam%02d", index), width, height, k, DISTORTION, r, t);
    }

    private static double[] lookingAtOrigin(final double[] position) {
        final double length =
                Math.sqrt(position[0] * position[0] + position[1] * position[1] + position[2] * position[2]);
        final double[] forward = {-position[0] / length, -position[1] / length, -position[2] / length};
        final double across = Math.sqrt(forward[0] * forward[0] + forward[1] * forward[1]);
        final double[] right = {forward[1] / across, -forward[0] / across, 0};
        final double[] down = {
            forward[1] * right[2] - forward[2] * right[1],
            forward[2] * right[0] - forward[0] * right[2],
            forward[0] * right[1] - forward[1] * right[0]
        };
        return new double[] {right[0], right[1], right[2], down[0], down[1], down[2], forward[0], forward[1], forward[2]
        };
    }

    /**
     * The cameras.
     *
     * @return pairs at known places
     */
    public Rig rig() {
        return rig;
    }

    /**
     * Number of balls.
     *
     * @return 1 to 16
     */
    public int balls() {
        return balls;
    }

    /**
     * The volume as a grid.
     *
     * @param cells voxels along each axis
     * @return a cube around the origin
     */
    public Grid grid(final int cells) {
        return new Grid(-SIDE / 2, -SIDE / 2, -SIDE / 2, SIDE / cells, cells, cells, cells);
    }

    /**
     * What to carve to find the balls.
     *
     * @param cells voxels along each axis
     * @return a rule for moving things that a quarter of the cameras must see
     */
    public CarveRule rule(final int cells) {
        return new CarveRule(
                grid(cells),
                CarveRule.Method.MOTION,
                Math.max(2, rig.size() / 4),
                CarveResult.INLINE_PEAKS,
                false,
                0,
                0);
    }

    /**
     * Where the centre of a ball is.
     *
     * @param ball     0 to balls - 1
     * @param step     the step
     * @param position receives x, y, z in metres
     */
    public void position(final int ball, final long step, final double[] position) {
        final double time = 0.2 * step;
        final double phase = 2.399963 * ball;
        position[0] = PATH_RADIUS * Math.sin((0.31 + 0.03 * ball) * time + phase);
        position[1] = PATH_RADIUS * Math.sin((0.37 - 0.02 * ball) * time + 2.1 * phase + 0.7);
        position[2] = PATH_RADIUS * Math.sin((0.23 + 0.05 * ball) * time + 3.3 * phase + 1.9);
    }

    /**
     * Draw a frame.
     *
     * @param camera index in the rig
     * @param step   the step
     * @param format of the pixels
     * @param buffer receives width x height pixels
     * @param offset where they begin
     */
    public void render(
            final int camera,
            final long step,
            final PixelFormat format,
            final MutableDirectBuffer buffer,
            final int offset) {
        final UnsafeBuffer noise = noiseRow(format);
        final int pixel = format.bytesPerPixel();
        final int stride = width * pixel;
        long state = 0x9E3779B97F4A7C15L * (camera + 1) + 0xD1B54A32D192ED03L * (step + 1);
        for (int y = 0; y < height; y++) {
            state = state * 0x5851F42D4C957F2DL + 0x14057B7EF767814FL;
            final int shift = (int) (state >>> 58);
            buffer.putBytes(offset + y * stride, noise, shift * pixel, stride);
        }
        for (int ball = 0; ball < balls; ball++) {
            drawBall(rig.camera(camera), ball, step, format, buffer, offset);
        }
    }

    private UnsafeBuffer noiseRow(final PixelFormat format) {
        UnsafeBuffer row = rows[format.ordinal()];
        if (row == null) {
            final int pixels = width + NOISE_SHIFTS;
            row = new UnsafeBuffer(new byte[pixels * format.bytesPerPixel()]);
            long state = 42;
            for (int i = 0; i < pixels; i++) {
                state = state * 0x5851F42D4C957F2DL + 0x14057B7EF767814FL;
                put(format, row, 0, i, BACKGROUND + (int) ((state >>> 33) % (2 * NOISE + 1)) - NOISE);
            }
            rows[format.ordinal()] = row;
        }
        return row;
    }

    private void drawBall(
            final Camera camera,
            final int ball,
            final long step,
            final PixelFormat format,
            final MutableDirectBuffer buffer,
            final int offset) {
        position(ball, step, centre);
        if (!camera.project(centre[0], centre[1], centre[2], uv)) {
            return;
        }
        final double radius = camera.focalLength() * BALL_RADIUS / camera.depth(centre[0], centre[1], centre[2]);
        final int top = (int) Math.max(Math.ceil(uv[1] - radius), 0);
        final int bottom = (int) Math.min(Math.floor(uv[1] + radius), height - 1.0);
        for (int y = top; y <= bottom; y++) {
            final double half = Math.sqrt(Math.max(radius * radius - (y - uv[1]) * (y - uv[1]), 0));
            final int right = (int) Math.min(Math.floor(uv[0] + half), width - 1.0);
            for (int x = (int) Math.max(Math.ceil(uv[0] - half), 0); x <= right; x++) {
                put(format, buffer, offset, y * width + x, BALL);
            }
        }
    }

    private static void put(
            final PixelFormat format,
            final MutableDirectBuffer buffer,
            final int offset,
            final int index,
            final int luma) {
        switch (format) {
            case GREY8 -> buffer.putByte(offset + index, (byte) luma);
            case GREY16 -> buffer.putShort(offset + 2 * index, (short) (luma << 8), Wire.ORDER);
            case RGB8 -> {
                for (int i = 0; i < 3; i++) {
                    buffer.putByte(offset + 3 * index + i, (byte) luma);
                }
            }
            case RGB32F -> {
                for (int i = 0; i < 3; i++) {
                    buffer.putFloat(offset + 12 * index + 4 * i, luma / 255.0f, Wire.ORDER);
                }
            }
            default -> throw new IllegalArgumentException("no way to draw " + format);
        }
    }
}
