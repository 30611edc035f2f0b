package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.engine.frame.FrameFormat;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** One still image: PGM and PPM (binary, 8 bits) by hand, everything else by the JDK. Grey stays grey, the rest is RGB. */
final class ImageFile {
    private static final String[] ENDINGS = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".bmp", ".gif", ".tif", ".tiff"};

    private ImageFile() {}

    static boolean isImage(final Path path) {
        final String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        for (final String ending : ENDINGS) {
            if (name.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    /** The shape of an image, read from its header; nothing large is decoded. */
    static FrameSource.Shape shape(final Path path) {
        try {
            if (isNetpbm(path)) {
                return new Netpbm(path, Files.readAllBytes(path)).shape;
            }
            return decode(path, null, null);
        } catch (final IOException | RuntimeException ex) {
            throw unreadable(path, ex);
        }
    }

    /**
     * Decodes an image into a frame.
     *
     * @throws DragonException where it is damaged or has another shape than expected.
     */
    static void read(final Path path, final FrameSource.Shape expected, final ByteBuffer target) {
        try {
            if (isNetpbm(path)) {
                final Netpbm image = new Netpbm(path, Files.readAllBytes(path));
                check(path, expected, image.shape);
                target.put(0, image.bytes, image.offset, expected.bytes());
            } else {
                decode(path, expected, target);
            }
        } catch (final IOException | RuntimeException ex) {
            throw unreadable(path, ex);
        }
    }

    private static DragonException unreadable(final Path path, final Exception ex) {
        return ex instanceof DragonException known
                ? known
                : new DragonException("The image " + path + " cannot be read: " + FileErrors.inWords(ex) + ".");
    }

    private static void check(final Path path, final FrameSource.Shape expected, final FrameSource.Shape found) {
        if (!expected.equals(found)) {
            throw new DragonException("The image " + path + " is " + found + ", but the first one is " + expected
                    + ": all images of a folder must be alike.");
        }
    }

    private static boolean isNetpbm(final Path path) {
        final String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".pgm") || name.endsWith(".ppm");
    }

    private static FrameSource.Shape decode(final Path path, final FrameSource.Shape expected, final ByteBuffer target)
            throws IOException {
        ImageIO.setUseCache(false);
        try (ImageInputStream stream = ImageIO.createImageInputStream(path.toFile())) {
            final Iterator<ImageReader> readers = stream == null ? null : ImageIO.getImageReaders(stream);
            if (readers == null || !readers.hasNext()) {
                throw new DragonException("The file " + path
                        + " is not an image that can be read (PNG, JPEG, PGM, PPM, BMP, GIF, TIFF).");
            }
            final ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                final FrameSource.Shape size = FrameSource.Shape.of(
                        reader.getWidth(0), reader.getHeight(0), FrameFormat.RGB8, "The image " + path);
                if (expected != null && (size.width() != expected.width() || size.height() != expected.height())) {
                    check(path, expected, new FrameSource.Shape(size.width(), size.height(), expected.format()));
                }
                // The JPEG reader paints what is missing grey and only warns.
                final boolean[] cutOff = new boolean[1];
                reader.addIIOReadWarningListener((who, warning) ->
                        cutOff[0] |= warning.startsWith("Truncated") || warning.startsWith("Corrupt"));
                final BufferedImage image = reader.read(0);
                if (cutOff[0]) {
                    throw new DragonException("The image " + path + " is damaged or cut off.");
                }
                final boolean grey = image.getColorModel().getNumComponents() == 1
                        && image.getRaster().getNumBands() == 1
                        && image.getType() == BufferedImage.TYPE_BYTE_GRAY;
                final FrameSource.Shape shape =
                        new FrameSource.Shape(size.width(), size.height(), grey ? FrameFormat.GREY8 : FrameFormat.RGB8);
                if (target != null) {
                    fill(path, image, shape, expected, target);
                }
                return shape;
            } finally {
                reader.dispose();
            }
        }
    }

    private static void fill(
            final Path path,
            final BufferedImage image,
            final FrameSource.Shape shape,
            final FrameSource.Shape expected,
            final ByteBuffer target) {
        final int width = shape.width();
        if (expected.format() == FrameFormat.GREY8) {
            check(path, expected, shape);
            final Raster raster = image.getRaster();
            final byte[] row = new byte[width];
            for (int y = 0; y < shape.height(); y++) {
                raster.getDataElements(0, y, width, 1, row);
                target.put(y * width, row, 0, width);
            }
            return;
        }
        final int[] colours = new int[width];
        final byte[] row = new byte[3 * width];
        final boolean grey = shape.format() == FrameFormat.GREY8;
        for (int y = 0; y < shape.height(); y++) {
            if (grey) { // getRGB would take grey values for linear light and brighten them
                image.getRaster().getSamples(0, y, width, 1, 0, colours);
                for (int x = 0; x < width; x++) {
                    colours[x] *= 0x010101;
                }
            } else {
                image.getRGB(0, y, width, 1, colours, 0, width);
            }
            for (int x = 0; x < width; x++) {
                row[3 * x] = (byte) (colours[x] >> 16);
                row[3 * x + 1] = (byte) (colours[x] >> 8);
                row[3 * x + 2] = (byte) colours[x];
            }
            target.put(3 * y * width, row, 0, row.length);
        }
    }

    /** A binary PGM or PPM of 8 bits. */
    private static final class Netpbm {
        private final Path path;
        private final byte[] bytes;
        private final FrameSource.Shape shape;
        private int offset;

        Netpbm(final Path path, final byte[] bytes) {
            this.path = path;
            this.bytes = bytes;
            final String magic = bytes.length < 2 ? "" : new String(bytes, 0, 2, StandardCharsets.US_ASCII);
            if (!magic.equals("P5") && !magic.equals("P6")) {
                throw new DragonException(
                        "The image " + path + " is not a binary PGM or PPM: it does not begin with P5 or P6.");
            }
            offset = 2;
            final long width = number();
            final long height = number();
            final long maximum = number();
            if (maximum != 255) {
                throw new DragonException(
                        "The image " + path + " has " + maximum + " as its brightest value, expected 255.");
            }
            offset++; // the one blank after the header
            shape = FrameSource.Shape.of(
                    width, height, magic.equals("P5") ? FrameFormat.GREY8 : FrameFormat.RGB8, "The image " + path);
            if (bytes.length - offset < shape.bytes()) {
                throw new DragonException("The image " + path + " is cut off: it has "
                        + Math.max(0, bytes.length - offset) + " of " + shape.bytes() + " bytes of pixels.");
            }
        }

        private long number() {
            while (offset < bytes.length && (Character.isWhitespace(bytes[offset]) || bytes[offset] == '#')) {
                if (bytes[offset] == '#') {
                    while (offset < bytes.length && bytes[offset] != '\n') {
                        offset++;
                    }
                } else {
                    offset++;
                }
            }
            long value = 0;
            final int start = offset;
            while (offset < bytes.length && bytes[offset] >= '0' && bytes[offset] <= '9' && offset - start < 10) {
                value = 10 * value + bytes[offset++] - '0';
            }
            if (offset == start) {
                throw new DragonException("The image " + path + " has a damaged header at byte " + offset + ".");
            }
            return value;
        }
    }
}
