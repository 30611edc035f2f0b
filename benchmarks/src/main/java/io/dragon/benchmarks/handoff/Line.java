package io.dragon.benchmarks.handoff;

import java.io.File;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file that both processes map: what the partner is to serve, and the cache line that goes back and forth.
 *
 * <pre>
 *   0    what the partner serves: 0 nothing, and it sleeps
 *   128  the line: odd, a question; even, its answer
 * </pre>
 */
final class Line implements AutoCloseable {
    static final int NOTHING = 0;
    static final int LINE = 1;
    static final int FRAMES = 2;
    static final int AERON = 3;

    private static final int LENGTH = 4096;
    private static final int LINE_OFFSET = 128;

    private final MappedByteBuffer mapped;
    private final UnsafeBuffer buffer;

    Line(final Path file) {
        final File there = file.toFile();
        mapped = there.exists() ? IoUtil.mapExistingFile(there, "line") : IoUtil.mapNewFile(there, LENGTH, true);
        buffer = new UnsafeBuffer(mapped, 0, LENGTH);
    }

    void serve(final int what) {
        buffer.putIntVolatile(0, what);
    }

    int served() {
        return buffer.getIntVolatile(0);
    }

    void put(final long value) {
        buffer.putLongRelease(LINE_OFFSET, value);
    }

    long get() {
        return buffer.getLongVolatile(LINE_OFFSET);
    }

    @Override
    public void close() {
        IoUtil.unmap(mapped);
    }
}
