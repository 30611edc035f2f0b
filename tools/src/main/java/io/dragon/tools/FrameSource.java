package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Frames one after the other, all of one shape. One thread. */
interface FrameSource extends AutoCloseable {
    /** What every frame of a source is. */
    record Shape(int width, int height, FrameFormat format) {
        /** More pixels than this are refused before any memory is taken for them. */
        static final long MAX_PIXELS = 1L << 29;

        /** The bytes of one frame. */
        int bytes() {
            return Math.toIntExact(format.bytes(width, height));
        }

        /** Checks a size that somebody else wrote. */
        static Shape of(final long width, final long height, final FrameFormat format, final String whose) {
            if (width <= 0 || height <= 0 || width > MAX_PIXELS || height > MAX_PIXELS || width * height > MAX_PIXELS) {
                throw new DragonException(
                        whose + " says its frames have " + width + "x" + height + " pixels: that is impossible.");
            }
            final Shape shape = new Shape((int) width, (int) height, format);
            if (format.bytes(shape.width, shape.height) > Integer.MAX_VALUE) {
                throw new DragonException(whose + " has frames of more than 2 GiB: they do not fit into a slot.");
            }
            return shape;
        }

        @Override
        public String toString() {
            return width + "x" + height + " " + format.name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The shape of every frame. */
    Shape shape();

    /**
     * Fills the next frame in.
     *
     * @param target at least {@link Shape#bytes()} long; filled from its index 0.
     * @return false at the end, with nothing filled in.
     * @throws DragonException where the source is damaged, saying where.
     */
    boolean next(ByteBuffer target);

    /** Begins again; refused where a source can be read only once. */
    void rewind();

    /** How many frames there are; -1 where nobody knows. */
    long count();

    @Override
    void close();

    /** How many bytes can be told in words: {@code raw:WxH:format}. */
    Pattern RAW = Pattern.compile("raw:([1-9][0-9]{0,6})x([1-9][0-9]{0,6}):(grey8|rgb8|rgb32f)");

    /**
     * Opens a source as the command line names it.
     *
     * @param source a file, a folder of images, or {@code -} for standard input.
     * @param format {@code y4m}, {@code raw:WxH:FORMAT}, or null to tell by the name.
     */
    static FrameSource open(final String source, final String format) {
        final boolean standardInput = source.equals("-");
        final Path path = standardInput ? null : Path.of(source);
        if (path != null && !Files.exists(path)) {
            throw new DragonException(DragonException.WRONG_USAGE, "There is no file or folder " + source + ".");
        }
        if (path != null && Files.isDirectory(path)) {
            if (format != null) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "--format is for streams, but " + source + " is a folder of images: leave it out.");
            }
            return ImageFolder.open(path);
        }
        if (format == null && path != null && ImageFile.isImage(path)) {
            return new ImageFolder(List.of(path));
        }
        final String chosen = format != null ? format : source.endsWith(".y4m") ? "y4m" : "";
        if (chosen.equals("y4m")) {
            return new Y4mStream(path);
        }
        final Matcher raw = RAW.matcher(chosen);
        if (!raw.matches()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    (chosen.isEmpty()
                                    ? "The format of " + (standardInput ? "standard input" : source)
                                            + " cannot be told by its name"
                                    : "'--format " + chosen + "' is not known")
                            + ", expected --format y4m or raw:WIDTHxHEIGHT:(grey8|rgb8|rgb32f).");
        }
        final FrameFormat pixels = FrameFormat.valueOf(raw.group(3).toUpperCase(java.util.Locale.ROOT));
        return new RawStream(
                path,
                Shape.of(
                        Long.parseLong(raw.group(1)),
                        Long.parseLong(raw.group(2)),
                        pixels,
                        "'--format " + chosen + "'"));
    }
}
