package io.dragon.engine.cluster;

import static io.aeron.logbuffer.FrameDescriptor.BEGIN_FRAG_FLAG;
import static io.aeron.logbuffer.FrameDescriptor.END_FRAG_FLAG;
import static io.aeron.logbuffer.FrameDescriptor.PADDING_FRAME_TYPE;
import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.aeron.archive.checksum.Checksum;
import io.aeron.archive.checksum.Checksums;
import io.aeron.protocol.DataHeaderFlyweight;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Whether the frames of a recording, one after the other, are what was written: each against the checksum that the archive keeps in the
 * place of its session id, and its header, which no checksum covers, against the one before. One thread, one recording.
 */
public final class FrameCheck {
    /** Bits of a frame's flags that nothing sets. */
    private static final int RESERVED_FLAGS = 0x1F;

    private final Checksum checksum = Checksums.crc32c();
    private int streamId;
    private int lastTermId;
    private int nextTermOffset = -1;
    private boolean isInside;

    /** Before the first frame, which may be any of the recording that begins a message. */
    public FrameCheck() {}

    /**
     * Takes the next frame.
     *
     * @param buffer  holds it; of mapped or direct memory.
     * @param offset  of its header.
     * @param aligned its length with header and padding, all of it in the buffer.
     * @return false when it is not what was written, or does not follow the one before.
     */
    public boolean isWhole(final UnsafeBuffer buffer, final int offset, final int aligned) {
        final int type = type(buffer, offset);
        final int flags = buffer.getByte(offset + DataHeaderFlyweight.FLAGS_FIELD_OFFSET) & 0xFF;
        final int termOffset = buffer.getInt(offset + DataHeaderFlyweight.TERM_OFFSET_FIELD_OFFSET, LITTLE_ENDIAN);
        final int termId = buffer.getInt(offset + DataHeaderFlyweight.TERM_ID_FIELD_OFFSET, LITTLE_ENDIAN);
        final int stream = buffer.getInt(offset + DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET, LITTLE_ENDIAN);
        final boolean isFirst = nextTermOffset < 0;
        final boolean follows = isFirst
                || (stream == streamId
                        && ((termId == lastTermId && termOffset == nextTermOffset)
                                || (termId == lastTermId + 1 && termOffset == 0)));
        final boolean isPadding = type == PADDING_FRAME_TYPE;
        if (!follows
                || buffer.getByte(offset + DataHeaderFlyweight.VERSION_FIELD_OFFSET)
                        != DataHeaderFlyweight.CURRENT_VERSION
                || (!isPadding && type != DataHeaderFlyweight.HDR_TYPE_DATA)
                || (flags & RESERVED_FLAGS) != 0
                || (!isPadding && !isFirst && ((flags & BEGIN_FRAG_FLAG) != 0) == isInside)
                || (!isPadding
                        && checksum.compute(buffer.addressOffset(), offset + HEADER_LENGTH, aligned - HEADER_LENGTH)
                                != buffer.getInt(
                                        offset + DataHeaderFlyweight.SESSION_ID_FIELD_OFFSET, LITTLE_ENDIAN))) {
            return false;
        }
        isInside = isPadding ? isInside : (flags & END_FRAG_FLAG) == 0;
        streamId = stream;
        lastTermId = termId;
        nextTermOffset = termOffset + aligned;
        return true;
    }

    /**
     * Whether nothing was ever written from here to the end, as behind the frame that a kill tore.
     *
     * @param buffer a whole file of the recording.
     * @param from   a multiple of 8.
     * @return true when all of it is zero.
     */
    public static boolean isEmptyFrom(final UnsafeBuffer buffer, final int from) {
        for (int offset = from; offset < buffer.capacity(); offset += Long.BYTES) {
            if (buffer.getLong(offset) != 0) {
                return false;
            }
        }
        return true;
    }

    static int type(final UnsafeBuffer buffer, final int offset) {
        return buffer.getShort(offset + DataHeaderFlyweight.TYPE_FIELD_OFFSET, LITTLE_ENDIAN) & 0xFFFF;
    }
}
