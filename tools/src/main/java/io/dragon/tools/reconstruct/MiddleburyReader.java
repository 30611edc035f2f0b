package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.Rig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads {@code *_par.txt} of the Middlebury multi-view benchmark: a count, then a line an image: name, K, R, t. One step. When
 * {@code *_good_silhouette_images.txt} lies beside it, only the images it names are used.
 */
final class MiddleburyReader {
    private static final int VALUES = 21;

    private MiddleburyReader() {}

    static Dataset read(final Path folder, final Path parameters) {
        final List<String> lines = lines(parameters);
        final Set<String> good = DatasetReader.list(folder)
                .filter(p -> DatasetReader.name(p).endsWith("_good_silhouette_images.txt"))
                .flatMap(p -> lines(p).stream())
                .map(String::trim)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.toSet());
        final List<Camera> cameras = new ArrayList<>();
        final List<Path> files = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            final String[] words = lines.get(i).trim().split("\\s+");
            if (words.length <= 1) {
                continue;
            }
            if (good.isEmpty() || good.contains(words[0])) {
                read(folder, parameters, i + 1, words, cameras, files);
            }
        }
        if (cameras.isEmpty() || cameras.size() > Rig.MAX_CAMERAS) {
            throw new DragonException(parameters + ": " + cameras.size() + " images, expected 1 to " + Rig.MAX_CAMERAS
                    + " (a rig's limit).");
        }
        final int[] pairs = new int[cameras.size()];
        Arrays.fill(pairs, Rig.NO_PAIR);
        return new Dataset(
                folder,
                Dataset.Kind.MIDDLEBURY,
                pairs,
                new long[] {0},
                new Path[][] {files.toArray(new Path[0])},
                new Camera[][] {cameras.toArray(new Camera[0])},
                new Path[cameras.size()]);
    }

    private static void read(
            final Path folder,
            final Path parameters,
            final int line,
            final String[] words,
            final List<Camera> cameras,
            final List<Path> files) {
        if (words.length != VALUES + 1) {
            throw wrong(parameters, line, (words.length - 1) + " numbers after the name, expected " + VALUES);
        }
        final double[] values = new double[VALUES];
        for (int i = 0; i < VALUES; i++) {
            try {
                values[i] = Double.parseDouble(words[i + 1]);
            } catch (final NumberFormatException e) {
                throw wrong(parameters, line, "'" + words[i + 1] + "' is not a number");
            }
        }
        final Path file = inside(folder, words[0], parameters + ":" + line);
        final int[] size = PictureReader.size(file);
        final int dot = words[0].lastIndexOf('.');
        try {
            cameras.add(new Camera(
                    dot > 0 ? words[0].substring(0, dot) : words[0],
                    size[0],
                    size[1],
                    Arrays.copyOf(values, 9),
                    new double[5],
                    Arrays.copyOfRange(values, 9, 18),
                    Arrays.copyOfRange(values, 18, 21)));
        } catch (final IllegalArgumentException e) {
            throw wrong(parameters, line, e.getMessage());
        }
        files.add(file);
    }

    /** A file that a dataset names must lie inside it. */
    static Path inside(final Path folder, final String name, final String where) {
        final Path file = folder.resolve(name).normalize();
        if (!file.startsWith(folder.normalize())) {
            throw new DragonException(where + ": '" + name + "' leads out of the dataset's folder.");
        }
        return file;
    }

    private static List<String> lines(final Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new DragonException(file + ": cannot be read as text: " + e.getMessage() + ".");
        }
    }

    private static DragonException wrong(final Path file, final int line, final String sentence) {
        return new DragonException(DragonException.WRONG_USAGE, file + ":" + line + ": " + sentence + ".");
    }
}
