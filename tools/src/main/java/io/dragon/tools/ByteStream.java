package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file or standard input as bytes with a small buffer for headers; large reads go straight into the frame. */
final class ByteStream implements AutoCloseable {
    private static final int BUFFER_BYTES = 8_192;

    private final Path path;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();
    private FileChannel channel;
    private long offset;

    /** @param path the file; null for standard input. */
    ByteStream(final Path path) {
        this.path = path;
        open();
    }

    private void open() {
        try {
            channel = path == null
                    ? new FileInputStream(FileDescriptor.in).getChannel()
                    : FileChannel.open(path, StandardOpenOption.READ);
        } catch (final IOException ex) {
            throw new DragonException(name() + " cannot be opened: " + FileErrors.inWords(ex) + ".");
        }
    }

    /** What to call it in a sentence. */
    String name() {
        return path == null ? "Standard input" : path.toString();
    }

    /** Bytes read so far. */
    long offset() {
        return offset;
    }

    /** The whole length; -1 where nobody knows. */
    long length() {
        try {
            return path == null || !java.nio.file.Files.isRegularFile(path) ? -1 : channel.size();
        } catch (final IOException ex) {
            return -1;
        }
    }

    void rewind() {
        if (path == null || !java.nio.file.Files.isRegularFile(path)) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, name() + " can be read only once: leave --loop out.");
        }
        close();
        buffer.clear().flip();
        offset = 0;
        open();
    }

    /** One byte, -1 at the end. */
    int read() {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            final int read = readInto(buffer);
            buffer.flip();
            if (read <= 0) {
                return -1;
            }
        }
        offset++;
        return buffer.get() & 0xFF;
    }

    /** Fills the range of a buffer; answers how many bytes there were before the end. */
    int read(final ByteBuffer target, final int index, final int length) {
        final ByteBuffer slice = target.duplicate().clear().position(index).limit(index + length);
        while (slice.hasRemaining() && buffer.hasRemaining()) {
            final ByteBuffer part = buffer.duplicate();
            part.limit(part.position() + Math.min(part.remaining(), slice.remaining()));
            buffer.position(part.limit());
            slice.put(part);
        }
        while (slice.hasRemaining() && readInto(slice) > 0) {
            // the rest, straight from the file
        }
        final int read = slice.position() - index;
        offset += read;
        return read;
    }

    private int readInto(final ByteBuffer target) {
        try {
            return channel.read(target);
        } catch (final IOException ex) {
            throw new DragonException(
                    name() + " cannot be read at byte " + offset + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    @Override
    public void close() {
        try {
            if (path != null) {
                channel.close();
            }
        } catch (final IOException ignored) { // nothing was written
            return;
        }
    }
}
