package io.dragon.worker.voxel;

/**
 * A calibrated camera: OpenCV's pinhole model with five distortion terms, world to camera, in metres. Pixel (0, 0) is the
 * centre of the top left pixel. Immutable.
 *
 * <p>Every operation is in double precision and in one fixed order, without fused multiply-add, so that another device
 * can compute the same bits.
 */
public final class Camera {
    /** The largest width and height of an image in pixels. */
    public static final int MAX_SIDE = 32768;

    /** The largest length of an id in bytes of UTF-8. */
    public static final int MAX_ID_LENGTH = 48;

    private static final int UNDISTORT_ITERATIONS = 12;
    private static final double MAX_UNDISTORT_ERROR = 1e-4;
    private static final double MAX_RADIUS_SQUARED = 100.0;
    private static final double VIEW_MARGIN = 1.1;
    private static final double STRETCH_MARGIN = 1.05;

    private final String id;
    private final int width;
    private final int height;
    private final double[] k;
    private final double[] distortion;
    private final double[] r;
    private final double[] t;
    private final double[] position = new double[3];
    private final double maxRadiusSquared;
    private final double viewRadius;
    private final double stretch;

    /**
     * A camera.
     *
     * @param id         name, 1 to {@link #MAX_ID_LENGTH} bytes of UTF-8
     * @param width      image width in pixels
     * @param height     image height in pixels
     * @param k          the camera matrix, 9 values row by row
     * @param distortion k1, k2, p1, p2, k3
     * @param r          rotation from world to camera, 9 values row by row
     * @param t          translation from world to camera, metres
     * @throws IllegalArgumentException when a value is out of range; the message names it
     */
    public Camera(
            final String id,
            final int width,
            final int height,
            final double[] k,
            final double[] distortion,
            final double[] r,
            final double[] t) {
        this.id = id;
        this.width = width;
        this.height = height;
        this.k = checked("K", k, 9);
        this.distortion = checked("dist", distortion, 5);
        this.r = checked("R", r, 9);
        this.t = checked("t", t, 3);
        final int idLength = id.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (idLength < 1 || idLength > MAX_ID_LENGTH) {
            throw new IllegalArgumentException(
                    "camera '" + id + "': an id has 1 to " + MAX_ID_LENGTH + " bytes, this one has " + idLength);
        }
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
            throw new IllegalArgumentException("camera '" + id + "': an image of " + width + " x " + height
                    + " pixels; expected 1 to " + MAX_SIDE + " each way");
        }
        if (!(k[0] > 0 && k[4] > 0) || k[3] != 0 || k[6] != 0 || k[7] != 0 || k[8] != 1) {
            throw new IllegalArgumentException(
                    "camera '" + id + "': K must be [fx s cx; 0 fy cy; 0 0 1] with positive focal lengths in pixels");
        }
        checkRotation();
        for (int i = 0; i < 3; i++) {
            position[i] = -((r[i] * t[0] + r[3 + i] * t[1]) + r[6 + i] * t[2]);
        }
        maxRadiusSquared = Math.min(foldRadiusSquared(), MAX_RADIUS_SQUARED);
        final double viewSquared = Math.min(maxRadiusSquared, viewRadiusSquared());
        viewRadius = Math.sqrt(viewSquared);
        stretch = computeStretch(viewSquared);
    }

    private double[] checked(final String name, final double[] values, final int length) {
        if (values.length != length) {
            throw new IllegalArgumentException(
                    "camera '" + id + "': " + name + " has " + values.length + " values, expected " + length);
        }
        for (final double value : values) {
            if (!Double.isFinite(value) || Math.abs(value) > 1e12) {
                throw new IllegalArgumentException("camera '" + id + "': " + name + " holds " + value);
            }
        }
        return values.clone();
    }

    private void checkRotation() {
        for (int i = 0; i < 3; i++) {
            for (int j = i; j < 3; j++) {
                final double dot = r[3 * i] * r[3 * j] + r[3 * i + 1] * r[3 * j + 1] + r[3 * i + 2] * r[3 * j + 2];
                if (Math.abs(dot - (i == j ? 1 : 0)) > 1e-3) {
                    throw new IllegalArgumentException(
                            "camera '" + id + "': R is not a rotation (its rows are not orthonormal)");
                }
            }
        }
        final double determinant = r[0] * (r[4] * r[8] - r[5] * r[7])
                - r[1] * (r[3] * r[8] - r[5] * r[6])
                + r[2] * (r[3] * r[7] - r[4] * r[6]);
        if (determinant < 0) {
            throw new IllegalArgumentException("camera '" + id + "': R is a reflection, expected a rotation");
        }
    }

    /** The smallest squared radius at which the radial polynomial stops growing. */
    private double foldRadiusSquared() {
        final int steps = 10_000;
        for (int i = 1; i <= steps; i++) {
            final double q = MAX_RADIUS_SQUARED * i / steps;
            if (1 + q * (3 * distortion[0] + q * (5 * distortion[1] + q * (7 * distortion[4]))) <= 0) {
                return MAX_RADIUS_SQUARED * (i - 1) / steps;
            }
        }
        return MAX_RADIUS_SQUARED;
    }

    /** How many pixels a point may move at most, within the view, when it moves by one in normalised coordinates. */
    private double computeStretch(final double limit) {
        final int steps = 256;
        double largest = 1;
        for (int i = 0; i <= steps; i++) {
            final double q = limit * i / steps;
            final double along = 1 + q * (3 * distortion[0] + q * (5 * distortion[1] + q * (7 * distortion[4])));
            final double across = 1 + q * (distortion[0] + q * (distortion[1] + q * distortion[4]));
            final double tangential = 8 * Math.sqrt(q) * (Math.abs(distortion[2]) + Math.abs(distortion[3]));
            largest = Math.max(largest, Math.max(Math.abs(along), Math.abs(across)) + tangential);
        }
        return largest * STRETCH_MARGIN * (Math.max(k[0] + Math.abs(k[1]), k[4]));
    }

    /** The squared radius, in normalised coordinates, beyond which nothing falls into the image. */
    private double viewRadiusSquared() {
        double largest = 0;
        final double[] xy = new double[2];
        for (int i = 0; i <= 16; i++) {
            final double a = -0.5 + (double) width * i / 16;
            final double b = -0.5 + (double) height * i / 16;
            final double[][] border = {{a, -0.5}, {a, height - 0.5}, {-0.5, b}, {width - 0.5, b}};
            for (final double[] p : border) {
                if (!undistort(p[0], p[1], xy)) {
                    return maxRadiusSquared;
                }
                largest = Math.max(largest, xy[0] * xy[0] + xy[1] * xy[1]);
            }
        }
        return largest * VIEW_MARGIN;
    }

    /**
     * The pixel that a point of the world falls on.
     *
     * @param x  metres
     * @param y  metres
     * @param z  metres
     * @param uv receives the pixel's coordinates
     * @return false when the point is behind the camera or where the distortion folds back; it may still be outside the image
     */
    public boolean project(final double x, final double y, final double z, final double[] uv) {
        return projectCamera(
                ((r[0] * x + r[1] * y) + r[2] * z) + t[0],
                ((r[3] * x + r[4] * y) + r[5] * z) + t[1],
                ((r[6] * x + r[7] * y) + r[8] * z) + t[2],
                uv);
    }

    /** As {@link #project}, from camera coordinates. */
    boolean projectCamera(final double cameraX, final double cameraY, final double depth, final double[] uv) {
        if (!(depth > 1e-9)) {
            return false;
        }
        final double inverse = 1.0 / depth;
        final double x = cameraX * inverse;
        final double y = cameraY * inverse;
        final double q = x * x + y * y;
        if (!(q <= maxRadiusSquared)) {
            return false;
        }
        final double radial = 1.0 + q * (distortion[0] + q * (distortion[1] + q * distortion[4]));
        final double xy = x * y;
        final double dx = (x * radial + 2.0 * distortion[2] * xy) + distortion[3] * (q + 2.0 * (x * x));
        final double dy = (y * radial + distortion[2] * (q + 2.0 * (y * y))) + 2.0 * distortion[3] * xy;
        uv[0] = (k[0] * dx + k[1] * dy) + k[2];
        uv[1] = k[4] * dy + k[5];
        return true;
    }

    /**
     * The direction, in the world, that a pixel looks to; its third camera coordinate is 1, so it is not a unit vector.
     *
     * @param u         pixel column
     * @param v         pixel row
     * @param direction receives x, y, z
     * @return false where the lens shows nothing that the model can explain (the distortion folds back)
     */
    public boolean ray(final double u, final double v, final double[] direction) {
        if (!undistort(u, v, direction)) {
            return false;
        }
        final double x = direction[0];
        final double y = direction[1];
        direction[0] = (r[0] * x + r[3] * y) + r[6];
        direction[1] = (r[1] * x + r[4] * y) + r[7];
        direction[2] = (r[2] * x + r[5] * y) + r[8];
        return true;
    }

    /**
     * Newton's method with a fixed number of steps from the distorted point. Soon the point stays, or goes to and fro between two; then
     * it is known where the last step leads, and those in between are left out.
     */
    private boolean undistort(final double u, final double v, final double[] xy) {
        final double dy = (v - k[5]) / k[4];
        final double dx = ((u - k[2]) - k[1] * dy) / k[0];
        final double k1 = distortion[0];
        final double k2 = distortion[1];
        final double p1 = distortion[2];
        final double p2 = distortion[3];
        final double k3 = distortion[4];
        double x = dx;
        double y = dy;
        double beforeX = Double.NaN;
        double beforeY = Double.NaN;
        double errorX = 0;
        double errorY = 0;
        for (int i = 0; i <= UNDISTORT_ITERATIONS; i++) {
            final double q = x * x + y * y;
            final double radial = 1.0 + q * (k1 + q * (k2 + q * k3));
            final double slope = k1 + q * (2.0 * k2 + q * (3.0 * k3));
            errorX = ((x * radial + 2.0 * p1 * (x * y)) + p2 * (q + 2.0 * (x * x))) - dx;
            errorY = ((y * radial + p1 * (q + 2.0 * (y * y))) + 2.0 * p2 * (x * y)) - dy;
            if (i == UNDISTORT_ITERATIONS) {
                break;
            }
            final double xx = ((radial + 2.0 * (x * x) * slope) + 2.0 * p1 * y) + 6.0 * p2 * x;
            final double xy2 = (2.0 * (x * y) * slope + 2.0 * p1 * x) + 2.0 * p2 * y;
            final double yy = ((radial + 2.0 * (y * y) * slope) + 6.0 * p1 * y) + 2.0 * p2 * x;
            final double determinant = xx * yy - xy2 * xy2;
            if (!(Math.abs(determinant) > 1e-9)) {
                return false;
            }
            final double nextX = x - (yy * errorX - xy2 * errorY) / determinant;
            final double nextY = y - (xx * errorY - xy2 * errorX) / determinant;
            final boolean stays = isSame(nextX, x) && isSame(nextY, y);
            if (stays || isSame(nextX, beforeX) && isSame(nextY, beforeY)) {
                // From here on every second point is the same: only whether the last step is an even number away
                // matters.
                i = UNDISTORT_ITERATIONS - 1 - (UNDISTORT_ITERATIONS - 1 - i) % 2;
            }
            beforeX = x;
            beforeY = y;
            x = nextX;
            y = nextY;
        }
        xy[0] = x;
        xy[1] = y;
        return Math.abs(errorX) <= MAX_UNDISTORT_ERROR
                && Math.abs(errorY) <= MAX_UNDISTORT_ERROR
                && x * x + y * y <= maxRadiusSquared;
    }

    private static boolean isSame(final double a, final double b) {
        return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
    }

    /**
     * The same camera with images of another size: focal lengths and principal point scale with them.
     *
     * @param newWidth  pixels
     * @param newHeight pixels
     * @return this when the size is the same
     */
    public Camera scaledTo(final int newWidth, final int newHeight) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        final double sx = (double) newWidth / width;
        final double sy = (double) newHeight / height;
        final double[] scaled = k.clone();
        scaled[0] *= sx;
        scaled[1] *= sx;
        scaled[2] *= sx;
        scaled[4] *= sy;
        scaled[5] *= sy;
        return new Camera(id, newWidth, newHeight, scaled, distortion, r, t);
    }

    /**
     * The name.
     *
     * @return 1 to {@link #MAX_ID_LENGTH} bytes of UTF-8
     */
    public String id() {
        return id;
    }

    /**
     * Width of the images.
     *
     * @return pixels
     */
    public int width() {
        return width;
    }

    /**
     * Height of the images.
     *
     * @return pixels
     */
    public int height() {
        return height;
    }

    /**
     * One coordinate of the camera's place in the world.
     *
     * @param axis 0 to 2
     * @return metres
     */
    public double position(final int axis) {
        return position[axis];
    }

    /**
     * One coordinate of the direction the camera looks to.
     *
     * @param axis 0 to 2
     * @return part of a unit vector
     */
    public double axis(final int axis) {
        return r[6 + axis];
    }

    /**
     * The larger focal length.
     *
     * @return pixels
     */
    public double focalLength() {
        return Math.max(k[0], k[4]);
    }

    /** Depth of a point in front of the camera, metres. */
    double depth(final double x, final double y, final double z) {
        return ((r[6] * x + r[7] * y) + r[8] * z) + t[2];
    }

    double rotation(final int index) {
        return r[index];
    }

    double translation(final int index) {
        return t[index];
    }

    double matrix(final int index) {
        return k[index];
    }

    double distortion(final int index) {
        return distortion[index];
    }

    /** Radius, in normalised coordinates, that holds everything the image shows. */
    double maxRadiusSquared() {
        return maxRadiusSquared;
    }

    double viewRadius() {
        return viewRadius;
    }

    /** Pixels per unit of normalised coordinates, at most, within the view radius. */
    double stretch() {
        return stretch;
    }
}
