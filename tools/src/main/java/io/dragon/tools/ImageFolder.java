package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The images of a folder in the order of their names, in which 10 comes after 2. */
final class ImageFolder implements FrameSource {
    private final List<Path> files;
    private final Shape shape;
    private int next;

    ImageFolder(final List<Path> files) {
        this.files = files;
        this.shape = ImageFile.shape(files.get(0));
    }

    static ImageFolder open(final Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            final List<Path> files = entries.filter(path -> ImageFile.isImage(path) && Files.isRegularFile(path))
                    .sorted((a, b) -> compareNatural(
                            a.getFileName().toString(), b.getFileName().toString()))
                    .toList();
            if (files.isEmpty()) {
                throw new DragonException(
                        DragonException.WRONG_USAGE,
                        "The folder " + folder + " has no images (PNG, JPEG, PGM, PPM, BMP, GIF, TIFF).");
            }
            return new ImageFolder(files);
        } catch (final IOException ex) {
            throw new DragonException("The folder " + folder + " cannot be read: " + FileErrors.inWords(ex) + ".");
        }
    }

    /** Runs of digits compare as numbers, everything else as text. */
    static int compareNatural(final String a, final String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            final int endA = digits(a, i);
            final int endB = digits(b, j);
            final int order;
            if (endA > i && endB > j) {
                final String numberA = a.substring(i, endA).replaceFirst("^0+(?!$)", "");
                final String numberB = b.substring(j, endB).replaceFirst("^0+(?!$)", "");
                order = numberA.length() != numberB.length()
                        ? Integer.compare(numberA.length(), numberB.length())
                        : numberA.compareTo(numberB);
                i = endA;
                j = endB;
            } else {
                order = Character.compare(a.charAt(i++), b.charAt(j++));
            }
            if (order != 0) {
                return order;
            }
        }
        final int rest = Integer.compare(a.length() - i, b.length() - j);
        return rest != 0 ? rest : a.compareTo(b);
    }

    private static int digits(final String text, final int from) {
        int end = from;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public boolean next(final ByteBuffer target) {
        if (next == files.size()) {
            return false;
        }
        ImageFile.read(files.get(next++), shape, target);
        return true;
    }

    @Override
    public void rewind() {
        next = 0;
    }

    @Override
    public long count() {
        return files.size();
    }

    @Override
    public void close() {
        next = files.size();
    }
}
