package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * What a pixel must do to be in the mask: the parameters of a {@code mask} task. Immutable.
 *
 * @param kind      what a pixel is compared with
 * @param threshold it is in the mask when its luma, or the difference of its luma, is larger: 0 to 254
 * @param present   with {@link Kind#DIFFERENCE}: keep what is there in the newer frame and drop the place it has left, told
 *                  by the background around it; where the background is not plain, both places stay
 * @param grow      radius of a disc by which the mask is dilated, pixels, 0 to {@link #MAX_RADIUS}
 * @param shrink    radius of a disc by which the dilated mask is then eroded, pixels, 0 to {@link #MAX_RADIUS}
 * @param listLimit with more pixels than this the mask comes without the list of its pixels
 * @param camera    index of the camera in its rig, written into the mask; {@link #NO_CAMERA} when the task's own order tells it
 */
public record MaskRule(Kind kind, int threshold, boolean present, int grow, int shrink, int listLimit, int camera) {
    /** The camera is told by the place of its mask among the inputs of a carve task. */
    public static final int NO_CAMERA = -1;

    /** Length of the encoding in bytes. */
    public static final int ENCODED_LENGTH = 16;

    /** The largest radius of a dilation or erosion in pixels. */
    public static final int MAX_RADIUS = 64;

    /** The number of pixels listed at most by default. */
    public static final int DEFAULT_LIST_LIMIT = 65_536;

    /** The largest number of pixels listed. */
    public static final int MAX_LIST_LIMIT = 1 << 24;

    private static final int VERSION = 1;

    /** What a pixel is compared with. */
    public enum Kind {
        /** The same pixel of the frame before; without one the mask is empty. */
        DIFFERENCE,
        /** The same pixel of a background picture, the task's second input. */
        BACKGROUND,
        /** The threshold alone. */
        THRESHOLD
    }

    /**
     * A rule.
     *
     * @param kind what a pixel is compared with
     * @param threshold it is in the mask when its luma, or the difference of its luma, is larger: 0 to 254
     * @param present with {@link Kind#DIFFERENCE}: keep what is there in the newer frame only
     * @param grow radius of a disc by which the mask is dilated, pixels, 0 to {@link #MAX_RADIUS}
     * @param shrink radius of a disc by which the dilated mask is then eroded, pixels, 0 to {@link #MAX_RADIUS}
     * @param listLimit with more pixels than this the mask comes without the list of its pixels
     * @param camera index of the camera in its rig, written into the mask; {@link #NO_CAMERA} when the task's own order tells it
     * @throws IllegalArgumentException when a value is out of range
     */
    public MaskRule {
        check("threshold", threshold, 0, 254);
        check("grow", grow, 0, MAX_RADIUS);
        check("shrink", shrink, 0, MAX_RADIUS);
        check("listLimit", listLimit, 0, MAX_LIST_LIMIT);
        check("camera", camera, NO_CAMERA, Rig.MAX_CAMERAS - 1);
    }

    /**
     * Moving pixels, by the difference from the frame before.
     *
     * @param threshold 0 to 254
     * @return a rule that keeps what is there now
     */
    public static MaskRule difference(final int threshold) {
        return new MaskRule(Kind.DIFFERENCE, threshold, true, 0, 0, DEFAULT_LIST_LIMIT, NO_CAMERA);
    }

    /**
     * The same rule for one camera of a rig.
     *
     * @param index of the camera in its rig
     * @return a rule whose masks say so
     */
    public MaskRule forCamera(final int index) {
        return new MaskRule(kind, threshold, present, grow, shrink, listLimit, index);
    }

    /** Whether what has left its place is dropped, before anything is grown or shrunk. */
    boolean dropsPixels() {
        return present && kind == Kind.DIFFERENCE;
    }

    private static void check(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "mask: '" + name + "' is " + value + ", expected " + least + " to " + most);
        }
    }

    /**
     * Write the rule.
     *
     * @param buffer at least {@link #ENCODED_LENGTH} bytes from the offset on
     * @param offset where to begin
     * @return bytes written
     */
    public int encode(final MutableDirectBuffer buffer, final int offset) {
        buffer.putByte(offset, (byte) VERSION);
        buffer.putByte(offset + 1, (byte) kind.ordinal());
        buffer.putShort(offset + 2, (short) threshold, Wire.ORDER);
        buffer.putByte(offset + 4, (byte) (present ? 1 : 0));
        buffer.putByte(offset + 5, (byte) grow);
        buffer.putByte(offset + 6, (byte) shrink);
        buffer.putByte(offset + 7, (byte) camera);
        buffer.putInt(offset + 8, listLimit, Wire.ORDER);
        buffer.putInt(offset + 12, 0, Wire.ORDER);
        return ENCODED_LENGTH;
    }

    /**
     * Read a rule.
     *
     * @param buffer where it lies
     * @param offset where it begins
     * @param length bytes there are
     * @return the rule
     * @throws IllegalArgumentException when it is not one; the message says why
     */
    public static MaskRule decode(final DirectBuffer buffer, final int offset, final int length) {
        if (length < ENCODED_LENGTH || buffer.getByte(offset) != VERSION) {
            throw new IllegalArgumentException(
                    "mask: parameters of " + length + " bytes are not a rule of version " + VERSION);
        }
        final int kind = buffer.getByte(offset + 1);
        if (kind < 0 || kind >= Kind.values().length) {
            throw new IllegalArgumentException("mask: unknown kind " + kind);
        }
        return new MaskRule(
                Kind.values()[kind],
                buffer.getShort(offset + 2, Wire.ORDER),
                buffer.getByte(offset + 4) != 0,
                buffer.getByte(offset + 5),
                buffer.getByte(offset + 6),
                buffer.getInt(offset + 8, Wire.ORDER),
                buffer.getByte(offset + 7));
    }
}
