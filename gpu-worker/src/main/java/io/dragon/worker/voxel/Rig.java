package io.dragon.worker.voxel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Up to 32 cameras that watch the same volume, and which of them form pairs. Immutable.
 *
 * <p>A vote counts cameras; they must stand at two stations at least. The two cameras of a pair stand at one station, a
 * camera without a pair at its own; with fewer than two pairs every camera counts as a station.
 *
 * <pre>
 *   0  magic "DRIG"  4  version u16  6  cameras u16
 *   8  cameras: width i32, height i32, pair u16, idLength u16, K 9 x f64, dist 5 x f64, R 9 x f64, t 3 x f64, id bytes
 * </pre>
 */
public final class Rig {
    /** The largest number of cameras. */
    public static final int MAX_CAMERAS = 32;

    /** The pair number of a camera without a pair. */
    public static final int NO_PAIR = 65_534;

    private static final int MAGIC = 0x47495244;
    private static final int VERSION = 1;
    private static final int HEADER_LENGTH = 8;
    private static final int CAMERA_LENGTH = 12 + 26 * 8;

    private final Camera[] cameras;
    private final int[] pairs;
    private final int[] stations;

    /**
     * A rig.
     *
     * @param cameras 1 to {@link #MAX_CAMERAS}; their order gives the index that masks and votes refer to
     * @param pairs   the pair number of each camera, {@link #NO_PAIR} for none
     * @throws IllegalArgumentException when the numbers do not fit
     */
    public Rig(final List<Camera> cameras, final int[] pairs) {
        if (cameras.isEmpty() || cameras.size() > MAX_CAMERAS) {
            throw new IllegalArgumentException(
                    "a rig has 1 to " + MAX_CAMERAS + " cameras, this one has " + cameras.size());
        }
        if (pairs.length != cameras.size()) {
            throw new IllegalArgumentException(pairs.length + " pair numbers for " + cameras.size() + " cameras");
        }
        this.cameras = cameras.toArray(new Camera[0]);
        this.pairs = pairs.clone();
        stations = new int[cameras.size()];
        assignStations();
    }

    /**
     * A rig without pairs.
     *
     * @param cameras 1 to {@link #MAX_CAMERAS}
     * @return every camera is a station
     */
    public static Rig of(final List<Camera> cameras) {
        final int[] pairs = new int[cameras.size()];
        java.util.Arrays.fill(pairs, NO_PAIR);
        return new Rig(cameras, pairs);
    }

    private void assignStations() {
        int fullPairs = 0;
        for (int i = 0; i < pairs.length; i++) {
            if (pairs[i] < 0 || pairs[i] > NO_PAIR) {
                throw new IllegalArgumentException("camera '" + cameras[i].id() + "': pair " + pairs[i]
                        + ", expected 0 to " + (NO_PAIR - 1) + " or " + NO_PAIR + " for none");
            }
            int before = 0;
            for (int j = 0; j < i; j++) {
                if (cameras[j].id().equals(cameras[i].id())) {
                    throw new IllegalArgumentException("two cameras are called '" + cameras[i].id() + "'");
                }
                if (pairs[i] != NO_PAIR && pairs[i] == pairs[j]) {
                    before++;
                }
            }
            if (before > 1) {
                throw new IllegalArgumentException("more than two cameras belong to pair " + pairs[i]);
            }
            fullPairs += before;
        }
        for (int i = 0; i < pairs.length; i++) {
            stations[i] = 1 << i;
            for (int j = 0; fullPairs >= 2 && pairs[i] != NO_PAIR && j < pairs.length; j++) {
                if (pairs[j] == pairs[i]) {
                    stations[i] |= 1 << j;
                }
            }
        }
    }

    /**
     * Number of cameras.
     *
     * @return 1 to {@link #MAX_CAMERAS}
     */
    public int size() {
        return cameras.length;
    }

    /**
     * A camera.
     *
     * @param index 0 to size - 1
     * @return the camera
     */
    public Camera camera(final int index) {
        return cameras[index];
    }

    /**
     * The pair a camera belongs to.
     *
     * @param index 0 to size - 1
     * @return {@link #NO_PAIR} when it has none
     */
    public int pair(final int index) {
        return pairs[index];
    }

    /** Bits of the cameras at the station of one of them, itself among them. */
    int station(final int index) {
        return stations[index];
    }

    /**
     * Whether the cameras of a vote stand at two stations at least.
     *
     * @param cameraBits one bit a camera
     * @return false for no camera, one camera or one pair
     */
    public boolean spansStations(final int cameraBits) {
        if (cameraBits == 0) {
            return false;
        }
        return (cameraBits & ~stations[Integer.numberOfTrailingZeros(cameraBits)]) != 0;
    }

    /**
     * Length of the encoding.
     *
     * @return bytes
     */
    public int encodedLength() {
        int length = HEADER_LENGTH;
        for (final Camera camera : cameras) {
            length += CAMERA_LENGTH + camera.id().getBytes(StandardCharsets.UTF_8).length;
        }
        return length;
    }

    /**
     * Write the rig.
     *
     * @param buffer at least {@link #encodedLength()} bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encode(final MutableDirectBuffer buffer, final int offset) {
        buffer.putInt(offset, MAGIC, Wire.ORDER);
        buffer.putShort(offset + 4, (short) VERSION, Wire.ORDER);
        buffer.putShort(offset + 6, (short) cameras.length, Wire.ORDER);
        int at = offset + HEADER_LENGTH;
        for (int i = 0; i < cameras.length; i++) {
            final Camera camera = cameras[i];
            final byte[] id = camera.id().getBytes(StandardCharsets.UTF_8);
            buffer.putInt(at, camera.width(), Wire.ORDER);
            buffer.putInt(at + 4, camera.height(), Wire.ORDER);
            buffer.putShort(at + 8, (short) pairs[i], Wire.ORDER);
            buffer.putShort(at + 10, (short) id.length, Wire.ORDER);
            for (int j = 0; j < 26; j++) {
                final double value = j < 9
                        ? camera.matrix(j)
                        : j < 14
                                ? camera.distortion(j - 9)
                                : j < 23 ? camera.rotation(j - 14) : camera.translation(j - 23);
                buffer.putDouble(at + 12 + 8 * j, value, Wire.ORDER);
            }
            buffer.putBytes(at + CAMERA_LENGTH, id);
            at += CAMERA_LENGTH + id.length;
        }
        return at - offset;
    }

    /**
     * Read a rig; every length and value is checked before it is used.
     *
     * @param buffer where it lies
     * @param offset where it begins
     * @param length bytes there are
     * @return the rig
     * @throws IllegalArgumentException when it is not one; the message says why
     */
    public static Rig decode(final DirectBuffer buffer, final int offset, final int length) {
        if (length < HEADER_LENGTH || buffer.getInt(offset, Wire.ORDER) != MAGIC) {
            throw new IllegalArgumentException("this frame of " + length + " bytes holds no rig");
        }
        final int version = buffer.getShort(offset + 4, Wire.ORDER) & 0xFFFF;
        final int count = buffer.getShort(offset + 6, Wire.ORDER) & 0xFFFF;
        if (version != VERSION) {
            throw new IllegalArgumentException("rig of version " + version + ", expected " + VERSION);
        }
        if (count < 1 || count > MAX_CAMERAS) {
            throw new IllegalArgumentException("a rig has 1 to " + MAX_CAMERAS + " cameras, this one has " + count);
        }
        final Camera[] cameras = new Camera[count];
        final int[] pairs = new int[count];
        int at = offset + HEADER_LENGTH;
        for (int i = 0; i < count; i++) {
            if (offset + length - at < CAMERA_LENGTH) {
                throw new IllegalArgumentException("the rig ends within camera " + i + " of " + count);
            }
            final int idLength = buffer.getShort(at + 10, Wire.ORDER) & 0xFFFF;
            if (idLength > Camera.MAX_ID_LENGTH || offset + length - at - CAMERA_LENGTH < idLength) {
                throw new IllegalArgumentException("the rig ends within the id of camera " + i + " of " + count);
            }
            final byte[] id = new byte[idLength];
            buffer.getBytes(at + CAMERA_LENGTH, id);
            cameras[i] = new Camera(
                    new String(id, StandardCharsets.UTF_8),
                    buffer.getInt(at, Wire.ORDER),
                    buffer.getInt(at + 4, Wire.ORDER),
                    doubles(buffer, at + 12, 9),
                    doubles(buffer, at + 12 + 72, 5),
                    doubles(buffer, at + 12 + 112, 9),
                    doubles(buffer, at + 12 + 184, 3));
            pairs[i] = buffer.getShort(at + 8, Wire.ORDER) & 0xFFFF;
            at += CAMERA_LENGTH + idLength;
        }
        return new Rig(List.of(cameras), pairs);
    }

    private static double[] doubles(final DirectBuffer buffer, final int offset, final int count) {
        final double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = buffer.getDouble(offset + 8 * i, Wire.ORDER);
        }
        return values;
    }
}
