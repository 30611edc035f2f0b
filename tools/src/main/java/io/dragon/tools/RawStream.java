package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Frames without headers, one after the other. */
final class RawStream implements FrameSource {
    private final ByteStream stream;
    private final Shape shape;

    RawStream(final Path path, final Shape shape) {
        this.stream = new ByteStream(path);
        this.shape = shape;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public boolean next(final ByteBuffer target) {
        final int read = stream.read(target, 0, shape.bytes());
        if (read > 0 && read < shape.bytes()) {
            throw new DragonException(stream.name() + " ends in the middle of a frame: its last one has " + read
                    + " of " + shape.bytes() + " bytes.");
        }
        return read > 0;
    }

    @Override
    public void rewind() {
        stream.rewind();
    }

    @Override
    public long count() {
        return stream.length() < 0 ? -1 : stream.length() / shape.bytes();
    }

    @Override
    public void close() {
        stream.close();
    }
}
