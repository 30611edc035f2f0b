package io.dragon.engine.cluster.replay;

import static io.aeron.protocol.DataHeaderFlyweight.BEGIN_FLAG;
import static io.aeron.protocol.DataHeaderFlyweight.END_FLAG;
import static io.aeron.protocol.DataHeaderFlyweight.HEADER_LENGTH;

import io.aeron.archive.client.AeronArchive;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.HeaderFlyweight;
import io.dragon.engine.cluster.FrameCheck;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The messages of a recording, one after the other, straight from the archive's files, each frame held against its checksum
 * ({@link FrameCheck}). Their layout is Aeron's: each frame begins
 * with a header of 32 bytes and is padded to 32, a message of several frames carries flags at its first and its last one, and what
 * was never written is zero.
 */
final class RecordedMessages implements AutoCloseable {
    private final Recording recording;
    private final FrameCheck check = new FrameCheck();
    private final UnsafeBuffer segment = new UnsafeBuffer(0, 0);
    private final ExpandableArrayBuffer assembly = new ExpandableArrayBuffer();
    private MappedByteBuffer mapped;
    private long segmentPosition;
    private long position;
    private DirectBuffer buffer = segment;
    private int offset;
    private int length;

    RecordedMessages(final Recording recording, final long fromPosition) {
        this.recording = recording;
        position = fromPosition;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** Behind the present message. */
    long position() {
        return position;
    }

    /** Goes to the next message; false at the end of what was recorded. */
    boolean next() {
        length = 0;
        boolean isAssembling = false;
        while (recording.stopPosition() == AeronArchive.NULL_POSITION || position < recording.stopPosition()) {
            final int at = frame();
            final int frameLength = at < 0 ? 0 : segment.getInt(at, ByteOrder.LITTLE_ENDIAN);
            if (frameLength <= 0) {
                return false;
            }
            final int aligned = BitUtil.align(frameLength, FrameDescriptor.FRAME_ALIGNMENT);
            if (frameLength < HEADER_LENGTH || aligned > segment.capacity() - at) {
                throw damaged("a frame of " + frameLength + " bytes");
            }
            if (!check.isWhole(segment, at, aligned)) {
                if (FrameCheck.isEmptyFrom(segment, at + aligned)) {
                    return false; // it was being written when its writer was killed, or when it was copied
                }
                throw damaged("a frame that is not what was written");
            }
            final int type = segment.getShort(at + HeaderFlyweight.TYPE_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
            final int flags = segment.getByte(at + HeaderFlyweight.FLAGS_FIELD_OFFSET) & 0xFF;
            position += aligned;
            if (type == HeaderFlyweight.HDR_TYPE_PAD) {
                continue;
            }
            final int bytes = frameLength - HEADER_LENGTH;
            final boolean begins = (flags & BEGIN_FLAG) != 0;
            final boolean ends = (flags & END_FLAG) != 0;
            if (begins && ends) {
                buffer = segment;
                offset = at + HEADER_LENGTH;
                length = bytes;
                return true;
            }
            if (begins != !isAssembling) {
                throw damaged("a frame with flags " + Integer.toHexString(flags) + " where none such can be");
            }
            isAssembling = true;
            assembly.putBytes(length, segment, at + HEADER_LENGTH, bytes);
            length += bytes;
            if (ends) {
                buffer = assembly;
                offset = 0;
                return true;
            }
        }
        return false;
    }

    /** Where the frame at the present position lies in the segment, which is mapped; negative when its file is not there. */
    private int frame() {
        final long needed = recording.segmentPosition(position);
        if (mapped == null || needed != segmentPosition) {
            unmap();
            final Path file = recording.segment(needed);
            if (!Files.isRegularFile(file)) {
                return -1;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            } catch (final IOException ex) {
                throw new DragonException("Cannot read " + file + ": " + ex.getMessage() + ".");
            }
            segment.wrap(mapped);
            segmentPosition = needed;
        }
        final long at = position - segmentPosition;
        return at + HEADER_LENGTH > segment.capacity() ? -1 : (int) at;
    }

    private DragonException damaged(final String what) {
        return new DragonException("Recording " + recording.recordingId() + " is damaged at position " + position
                + ": there is " + what + ".");
    }

    private void unmap() {
        segment.wrap(0, 0);
        IoUtil.unmap(mapped);
        mapped = null;
    }

    @Override
    public void close() {
        unmap();
    }
}
