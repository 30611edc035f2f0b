package io.dragon.engine.cluster;

import io.aeron.logbuffer.FrameDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file of a recording, read piece by piece and not mapped: a page that was never written would have to be made for whoever touches it in
 * a map, and where the file system is memory and full, that is the end of the process (SIGBUS).
 */
final class SegmentWindow {
    /** Of a piece, bytes; no frame with data is as long. */
    static final int LENGTH = 1 << 20;

    private final FileChannel channel;
    private final int fileLength;
    private final ByteBuffer bytes;
    private final UnsafeBuffer buffer;
    private int start;
    private int end;

    /**
     * @param channel    of the file, at least as long.
     * @param fileLength of the file, bytes.
     * @param bytes      direct, of {@link #LENGTH}, used by this window alone from now on.
     */
    SegmentWindow(final FileChannel channel, final int fileLength, final ByteBuffer bytes) {
        this.channel = channel;
        this.fileLength = fileLength;
        this.bytes = bytes;
        buffer = new UnsafeBuffer(bytes);
    }

    /** The present piece. */
    UnsafeBuffer buffer() {
        return buffer;
    }

    /** Where a byte of the file is in the buffer, with so many from it on, as far as the file reaches; the piece may be another one then. */
    int at(final int offset, final int length) throws IOException {
        if (offset < start || Math.min(fileLength, offset + length) > end) {
            load(offset);
        }
        return offset - start;
    }

    private void load(final int offset) throws IOException {
        start = offset;
        end = offset;
        bytes.clear().limit(Math.min(LENGTH, fileLength - offset));
        while (bytes.hasRemaining()) {
            final int read = channel.read(bytes, end);
            if (read < 0) {
                throw new IOException("the file has become shorter");
            }
            end += read;
        }
    }

    /** Of the first frame; the file's length when nothing was ever written. */
    int beginOfData() throws IOException {
        int offset = 0;
        while (offset < fileLength && buffer.getLong(at(offset, Long.BYTES)) == 0) {
            offset += FrameDescriptor.FRAME_ALIGNMENT;
        }
        return offset;
    }

    /** Behind the last byte that was written, a multiple of 8, or from where it was looked for. */
    int endOfData(final int from) throws IOException {
        int behind = from;
        for (int offset = from; offset < fileLength; offset += Long.BYTES) {
            if (buffer.getLong(at(offset, Long.BYTES)) != 0) {
                behind = offset + Long.BYTES;
            }
        }
        return behind;
    }

    boolean isEmptyFrom(final int from) throws IOException {
        for (int offset = from; offset < fileLength; offset += Long.BYTES) {
            if (buffer.getLong(at(offset, Long.BYTES)) != 0) {
                return false;
            }
        }
        return true;
    }
}
