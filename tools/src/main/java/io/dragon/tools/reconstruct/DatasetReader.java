package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.Rig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads datasets, recognised by the files in them. */
public final class DatasetReader {
    private static final Pattern FRAME =
            Pattern.compile("(.+)_(\\d{1,18})\\.(pgm|ppm|png|jpe?g)", Pattern.CASE_INSENSITIVE);
    private static final Pattern BACKGROUND =
            Pattern.compile("(.+)_background\\.(pgm|ppm|png|jpe?g)", Pattern.CASE_INSENSITIVE);

    private DatasetReader() {}

    /**
     * Read a dataset.
     *
     * @param folder with the frames, and the calibration when none is named
     * @param rig    calibration file in the form of {@code rig.json}; null to look for one in the folder
     * @return the dataset
     * @throws DragonException when there is none, or something in it is wrong; the message names the file
     */
    public static Dataset read(final Path folder, final Path rig) {
        if (!Files.isDirectory(folder)) {
            throw new DragonException(DragonException.WRONG_USAGE, "--dataset: there is no folder '" + folder + "'.");
        }
        if (rig != null) {
            return readRig(folder, rig);
        }
        for (final String name : List.of("rig.json", "cameras.json")) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return readRig(folder, folder.resolve(name));
            }
        }
        if (Files.isRegularFile(folder.resolve("metadata.json"))) {
            return MetadataReader.read(folder);
        }
        final List<Path> parameters =
                list(folder).filter(p -> name(p).endsWith("_par.txt")).sorted().toList();
        if (parameters.size() == 1) {
            return MiddleburyReader.read(folder, parameters.get(0));
        }
        throw new DragonException(
                DragonException.WRONG_USAGE,
                "--dataset: " + folder + " holds "
                        + (parameters.isEmpty() ? "no calibration" : parameters.size() + " files *_par.txt")
                        + "; expected rig.json, cameras.json, metadata.json or one *_par.txt, or name one with --rig.");
    }

    static Stream<Path> list(final Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (final IOException e) {
            throw new DragonException(folder + ": cannot be listed: " + e.getMessage() + ".");
        }
    }

    static String name(final Path file) {
        return file.getFileName().toString();
    }

    private static Dataset readRig(final Path folder, final Path rigFile) {
        final List<Camera> all = new ArrayList<>();
        final List<Integer> pairs = new ArrayList<>();
        readCameras(rigFile, all, pairs);
        final Map<String, TreeMap<Long, Path>> frames = new LinkedHashMap<>();
        final Map<String, Path> backgrounds = new LinkedHashMap<>();
        findFrames(folder, frames, backgrounds);
        final List<Camera> cameras = new ArrayList<>();
        final List<Integer> kept = new ArrayList<>();
        final TreeMap<Long, Path[]> steps = new TreeMap<>();
        for (int i = 0; i < all.size(); i++) {
            final TreeMap<Long, Path> own = frames.get(all.get(i).id());
            if (own != null) {
                final int[] size = PictureReader.size(own.firstEntry().getValue());
                cameras.add(scaled(all.get(i), size));
                kept.add(pairs.get(i));
                final int index = cameras.size() - 1;
                own.forEach((step, file) -> steps.computeIfAbsent(step, s -> new Path[all.size()])[index] = file);
            }
        }
        if (cameras.isEmpty()) {
            throw new DragonException("--dataset: no frame <id>_<step>.(pgm|ppm|png|jpg) of a camera in " + rigFile
                    + " lies in " + folder + " or its folder frames.");
        }
        return new Dataset(
                folder,
                Dataset.Kind.RIG,
                kept.stream().mapToInt(Integer::intValue).toArray(),
                steps.keySet().stream().mapToLong(Long::longValue).toArray(),
                steps.values().toArray(new Path[0][]),
                new Camera[][] {cameras.toArray(new Camera[0])},
                cameras.stream().map(c -> backgrounds.get(c.id())).toArray(Path[]::new));
    }

    private static Camera scaled(final Camera camera, final int[] size) {
        return camera.scaledTo(size[0], size[1]);
    }

    private static void findFrames(
            final Path folder, final Map<String, TreeMap<Long, Path>> frames, final Map<String, Path> backgrounds) {
        final Path inner = folder.resolve("frames");
        final Stream<Path> files = Files.isDirectory(inner) ? Stream.concat(list(folder), list(inner)) : list(folder);
        files.forEach(file -> {
            final Matcher background = BACKGROUND.matcher(name(file));
            final Matcher frame = FRAME.matcher(name(file));
            if (background.matches()) {
                backgrounds.put(background.group(1), file);
            } else if (frame.matches()) {
                final Path before = frames.computeIfAbsent(frame.group(1), id -> new TreeMap<>())
                        .put(Long.parseLong(frame.group(2)), file);
                if (before != null) {
                    throw new DragonException(before + " and " + file + " are the same step of the same camera.");
                }
            }
        });
    }

    static void readCameras(final Path file, final List<Camera> cameras, final List<Integer> pairs) {
        final JsonFile json = JsonFile.read(file);
        int index = 0;
        for (final JsonNode node : json.array(json.root(), "cameras", "cameras")) {
            final String path = "cameras[" + index++ + "]";
            try {
                cameras.add(new Camera(
                        json.text(node, "id", path),
                        json.integer(node, "width", path),
                        json.integer(node, "height", path),
                        json.numbers(node, "K", 9, path),
                        node.has("dist") ? distortion(json, node, path) : new double[5],
                        json.numbers(node, "R", 9, path),
                        json.numbers(node, "t", 3, path)));
                pairs.add(node.has("pair") ? json.integer(node, "pair", path) : Rig.NO_PAIR);
            } catch (final IllegalArgumentException e) {
                throw json.wrong("'" + path + "': " + e.getMessage());
            }
        }
        checkRig(file, cameras, pairs);
    }

    /** Four terms stand for five with k3 zero, as in OpenCV. */
    private static double[] distortion(final JsonFile json, final JsonNode node, final String path) {
        final int count = node.path("dist").size();
        if (count != 4 && count != 5) {
            throw json.wrong("'" + path + ".dist' has " + count + " numbers, expected k1, k2, p1, p2 and k3");
        }
        return java.util.Arrays.copyOf(json.numbers(node, "dist", count, path), 5);
    }

    private static void checkRig(final Path file, final List<Camera> cameras, final List<Integer> pairs) {
        try {
            final Rig checked =
                    new Rig(cameras, pairs.stream().mapToInt(Integer::intValue).toArray());
            if (checked.size() == 0) {
                throw new IllegalArgumentException("no cameras");
            }
        } catch (final IllegalArgumentException e) {
            throw new DragonException(DragonException.WRONG_USAGE, file + ": " + e.getMessage() + ".");
        }
    }

    static boolean isPicture(final Path file) {
        return name(file).toLowerCase(Locale.ROOT).matches(".+\\.(pgm|ppm|png|jpe?g)");
    }
}
