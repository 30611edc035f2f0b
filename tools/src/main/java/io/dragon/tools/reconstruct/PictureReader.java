package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.voxel.Camera;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Reads PGM and PPM (binary, 8 and 16 bit), PNG and JPEG. Sizes are checked before memory is taken. */
public final class PictureReader {
    private static final long MAX_PIXELS = 1L << 27;
    private static final int MAX_HEADER = 4096;

    private PictureReader() {}

    /**
     * Read a picture.
     *
     * @param file ends in .pgm, .ppm, .png, .jpg or .jpeg
     * @return the picture
     * @throws DragonException when it is none; the message names the file and says why
     */
    public static Picture read(final Path file) {
        try {
            return isPnm(file) ? readPnm(file) : readWithImageIo(file);
        } catch (final IOException | RuntimeException | OutOfMemoryError e) {
            throw failure(file, e);
        }
    }

    /**
     * Read the size of a picture only.
     *
     * @param file as for {@link #read}
     * @return width and height in pixels
     * @throws DragonException when it is none; the message names the file and says why
     */
    public static int[] size(final Path file) {
        try {
            if (isPnm(file)) {
                final PnmHeader header = pnmHeader(file);
                return new int[] {header.width, header.height};
            }
            return withReader(file, reader -> checkedSize(reader));
        } catch (final IOException | RuntimeException e) {
            throw failure(file, e);
        }
    }

    private static DragonException failure(final Path file, final Throwable e) {
        if (e instanceof DragonException known) {
            return known;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return new DragonException(
                        file + ": there is not enough memory for its pixels: give Java more (DRAGON_HEAP_OPTS).");
            }
        }
        final String why = e instanceof java.nio.file.NoSuchFileException ? "there is no such file" : e.getMessage();
        return new DragonException(file + ": " + (why == null ? "not a readable picture" : why));
    }

    private static boolean isPnm(final Path file) {
        final String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".pgm") || name.endsWith(".ppm");
    }

    private record PnmHeader(boolean colour, int width, int height, int largest, int length) {
        int samples() {
            return colour ? 3 : 1;
        }

        int bytesPerSample() {
            return largest < 256 ? 1 : 2;
        }
    }

    private static PnmHeader pnmHeader(final Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] bytes = in.readNBytes(MAX_HEADER);
            if (bytes.length < 2 || bytes[0] != 'P' || bytes[1] != '5' && bytes[1] != '6') {
                throw new IOException("not a binary PGM or PPM picture (it does not begin with P5 or P6)");
            }
            final int[] at = {2};
            final int width = pnmNumber(bytes, at, "width");
            final int height = pnmNumber(bytes, at, "height");
            final int largest = pnmNumber(bytes, at, "largest value");
            checkSize(width, height);
            if (largest < 1 || largest > 65_535) {
                throw new IOException("the largest value is " + largest + ", expected 1 to 65535");
            }
            return new PnmHeader(bytes[1] == '6', width, height, largest, at[0] + 1);
        }
    }

    private static int pnmNumber(final byte[] bytes, final int[] at, final String name) throws IOException {
        int i = at[0];
        while (i < bytes.length && (Character.isWhitespace(bytes[i]) || bytes[i] == '#')) {
            if (bytes[i] == '#') {
                while (i < bytes.length && bytes[i] != '\n') {
                    i++;
                }
            } else {
                i++;
            }
        }
        long value = 0;
        final int first = i;
        while (i < bytes.length && bytes[i] >= '0' && bytes[i] <= '9' && i - first < 9) {
            value = value * 10 + bytes[i++] - '0';
        }
        if (i == first || i >= bytes.length || !Character.isWhitespace(bytes[i])) {
            throw new IOException("the header's " + name + " is not a number");
        }
        at[0] = i;
        return (int) value;
    }

    private static void checkSize(final int width, final int height) throws IOException {
        if (width < 1 || height < 1 || width > Camera.MAX_SIDE || height > Camera.MAX_SIDE) {
            throw new IOException("the picture has " + width + " x " + height + " pixels, expected 1 to "
                    + Camera.MAX_SIDE + " each way");
        }
        if ((long) width * height > MAX_PIXELS) {
            throw new IOException("the picture has " + width + " x " + height + " pixels, at most " + MAX_PIXELS
                    + " in all are read");
        }
    }

    private static Picture readPnm(final Path file) throws IOException {
        final PnmHeader header = pnmHeader(file);
        final long length = (long) header.width * header.height * header.samples() * header.bytesPerSample();
        final long size = Files.size(file);
        if (size < header.length + length) {
            throw new IOException("cut short: " + header.width + " x " + header.height + " pixels need " + length
                    + " bytes after the header, there are " + Math.max(size - header.length, 0));
        }
        if (length > Integer.MAX_VALUE - 16) {
            throw new IOException("the picture has " + length + " bytes, which is more than 2 GiB");
        }
        final byte[] data;
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(header.length);
            data = in.readNBytes((int) length);
        }
        if (data.length < length) {
            throw new IOException("cut short while it was read");
        }
        return picture(header, data);
    }

    /** Values are stretched to the whole range; sixteen bits of a colour picture become eight. */
    private static Picture picture(final PnmHeader header, final byte[] data) {
        final int samples = header.width * header.height * header.samples();
        if (header.bytesPerSample() == 1) {
            for (int i = 0; header.largest != 255 && i < samples; i++) {
                data[i] = (byte) (Math.min(data[i] & 0xFF, header.largest) * 255 / header.largest);
            }
            return new Picture(header.colour ? FrameFormat.RGB8 : FrameFormat.GREY8, header.width, header.height, data);
        }
        final byte[] pixels = header.colour ? new byte[samples] : data;
        for (int i = 0; i < samples; i++) {
            final int raw = (data[2 * i] & 0xFF) << 8 | data[2 * i + 1] & 0xFF;
            final int value = (int) (Math.min(raw, header.largest) * 65_535L / header.largest);
            if (header.colour) {
                pixels[i] = (byte) (value >>> 8);
            } else {
                pixels[2 * i] = (byte) value;
                pixels[2 * i + 1] = (byte) (value >>> 8);
            }
        }
        return new Picture(header.colour ? FrameFormat.RGB8 : FrameFormat.GREY16, header.width, header.height, pixels);
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(ImageReader reader) throws IOException;
    }

    private static <T> T withReader(final Path file, final Reading<T> reading) throws IOException {
        ImageIO.setUseCache(false);
        try (InputStream in = Files.newInputStream(file);
                ImageInputStream stream = ImageIO.createImageInputStream(in)) {
            final Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new IOException("not a picture that can be read (PGM, PPM, PNG and JPEG can)");
            }
            final ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                return reading.from(reader);
            } finally {
                reader.dispose();
            }
        }
    }

    private static int[] checkedSize(final ImageReader reader) throws IOException {
        final int[] size = {reader.getWidth(0), reader.getHeight(0)};
        checkSize(size[0], size[1]);
        return size;
    }

    /** The samples as they are in the file: as a colour, Java would bend grey by a gamma curve. */
    private static Picture grey(final BufferedImage image) {
        final int width = image.getWidth();
        final int height = image.getHeight();
        final boolean wide = image.getSampleModel().getSampleSize(0) > 8;
        final byte[] pixels = new byte[(wide ? 2 : 1) * width * height];
        final int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            image.getRaster().getSamples(0, y, width, 1, 0, row);
            for (int x = 0; x < width; x++) {
                pixels[at++] = (byte) row[x];
                if (wide) {
                    pixels[at++] = (byte) (row[x] >>> 8);
                }
            }
        }
        return new Picture(wide ? FrameFormat.GREY16 : FrameFormat.GREY8, width, height, pixels);
    }

    private static Picture readWithImageIo(final Path file) throws IOException {
        final BufferedImage image = withReader(file, reader -> {
            checkedSize(reader);
            // The JPEG reader paints what is missing grey and only warns.
            final boolean[] damaged = new boolean[1];
            reader.addIIOReadWarningListener(
                    (who, warning) -> damaged[0] |= warning.startsWith("Truncated") || warning.startsWith("Corrupt"));
            final BufferedImage read = reader.read(0);
            if (damaged[0]) {
                throw new IOException("damaged or cut off");
            }
            return read;
        });
        final int width = image.getWidth();
        final int height = image.getHeight();
        final byte[] pixels;
        if (image.getType() == BufferedImage.TYPE_BYTE_GRAY) {
            pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
            return new Picture(FrameFormat.GREY8, width, height, pixels);
        }
        if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
                && image.getColorModel() instanceof ComponentColorModel) {
            return grey(image);
        }
        pixels = new byte[3 * width * height];
        final int[] row = new int[width];
        for (int y = 0, at = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int x = 0; x < width; x++) {
                pixels[at++] = (byte) (row[x] >> 16);
                pixels[at++] = (byte) (row[x] >> 8);
                pixels[at++] = (byte) row[x];
            }
        }
        return new Picture(FrameFormat.RGB8, width, height, pixels);
    }
}
