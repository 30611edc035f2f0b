package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A YUV4MPEG2 stream of 8 bits: {@code mono} gives grey frames, 4:2:0, 4:2:2 and 4:4:4 give red, green and blue by the
 * integer form of ITU-R BT.601 in the video range, each chroma sample standing for its whole block.
 */
final class Y4mStream implements FrameSource {
    private static final int MAX_HEADER = 512;

    private final ByteStream stream;
    private final Shape shape;
    private final int chromaWidth;
    private final int chromaHeight;
    private final int chromaShiftX;
    private final int chromaShiftY;
    private final ByteBuffer planes;
    private final byte[] row;

    Y4mStream(final Path path) {
        stream = new ByteStream(path);
        long width = 0;
        long height = 0;
        String chroma = "420";
        final String header = line(false);
        if (header == null || !header.startsWith("YUV4MPEG2")) {
            throw new DragonException(stream.name() + " is not a y4m stream: it does not begin with YUV4MPEG2.");
        }
        for (final String word : header.substring("YUV4MPEG2".length()).trim().split(" +")) {
            if (word.length() > 1) {
                switch (word.charAt(0)) {
                    case 'W' -> width = number(word.substring(1));
                    case 'H' -> height = number(word.substring(1));
                    case 'C' -> chroma = word.substring(1);
                    default -> {}
                }
            }
        }
        final boolean grey = chroma.equals("mono");
        final boolean known = grey || chroma.matches("420(jpeg|mpeg2|paldv)?|422|444");
        if (!known) {
            throw new DragonException(stream.name() + " has the colour space C" + KeyText.plain(chroma)
                    + ", expected mono, 420, 422 or 444 of 8 bits.");
        }
        shape = Shape.of(width, height, grey ? FrameFormat.GREY8 : FrameFormat.RGB8, stream.name());
        chromaShiftX = grey || chroma.equals("444") ? 0 : 1;
        chromaShiftY = chroma.startsWith("420") ? 1 : 0;
        chromaWidth = grey ? 0 : shape.width() + chromaShiftX >> chromaShiftX;
        chromaHeight = grey ? 0 : shape.height() + chromaShiftY >> chromaShiftY;
        final long bytes = (long) shape.width() * shape.height() + 2L * chromaWidth * chromaHeight;
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new DragonException(stream.name() + " has frames of more than 2 GiB: they do not fit into a slot.");
        }
        planes = grey ? null : ByteBuffer.allocate((int) bytes);
        row = new byte[3 * shape.width()];
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public boolean next(final ByteBuffer target) {
        final String header = line(true);
        if (header == null) {
            return false;
        }
        if (!header.equals("FRAME") && !header.startsWith("FRAME ")) {
            throw new DragonException(
                    stream.name() + " is damaged at byte " + stream.offset() + ": a frame must begin with FRAME.");
        }
        if (planes == null) {
            fill(target, shape.bytes());
        } else {
            fill(planes, planes.capacity());
            convert(target);
        }
        return true;
    }

    private void fill(final ByteBuffer target, final int length) {
        final int read = stream.read(target, 0, length);
        if (read < length) {
            throw new DragonException(stream.name() + " ends in the middle of a frame: its last one has " + read
                    + " of " + length + " bytes.");
        }
    }

    private void convert(final ByteBuffer target) {
        final byte[] source = planes.array();
        final int width = shape.width();
        final int lumaBytes = width * shape.height();
        final int chromaBytes = chromaWidth * chromaHeight;
        for (int y = 0; y < shape.height(); y++) {
            final int chromaRow = lumaBytes + (y >> chromaShiftY) * chromaWidth;
            for (int x = 0; x < width; x++) {
                final int c = 298 * ((source[y * width + x] & 0xFF) - 16) + 128;
                final int u = (source[chromaRow + (x >> chromaShiftX)] & 0xFF) - 128;
                final int v = (source[chromaRow + chromaBytes + (x >> chromaShiftX)] & 0xFF) - 128;
                row[3 * x] = clamp(c + 409 * v >> 8);
                row[3 * x + 1] = clamp(c - 100 * u - 208 * v >> 8);
                row[3 * x + 2] = clamp(c + 516 * u >> 8);
            }
            target.put(3 * y * width, row, 0, row.length);
        }
    }

    private static byte clamp(final int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /** A line of a header; null at the end of the stream, where that may be. */
    private String line(final boolean mayEnd) {
        final StringBuilder text = new StringBuilder();
        for (int b = stream.read(); b != '\n'; b = stream.read()) {
            if (b < 0) {
                if (mayEnd && text.length() == 0) {
                    return null;
                }
                throw new DragonException(stream.name() + " ends in the middle of a header.");
            }
            if (text.length() == MAX_HEADER) {
                throw new DragonException(
                        stream.name() + " is not a y4m stream: a header is longer than " + MAX_HEADER + " bytes.");
            }
            text.append((char) b);
        }
        return text.toString();
    }

    private static long number(final String text) {
        return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : -1;
    }

    @Override
    public void rewind() {
        stream.rewind();
        line(false);
    }

    @Override
    public long count() {
        return -1;
    }

    @Override
    public void close() {
        stream.close();
    }
}
