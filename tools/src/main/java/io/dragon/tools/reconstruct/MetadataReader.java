package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.Rig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code metadata.json}: a flat array with the camera's pose for every image. R = Rz(yaw) Ry(roll) Rx(pitch) turns the
 * camera's axes into the world's; the camera looks along -Z, y is up, the field of view is horizontal, and the middle of the picture is
 * (width / 2, height / 2). A camera may have another pose in every frame.
 */
final class MetadataReader {
    private MetadataReader() {}

    private record Entry(Path file, double[] position, double yaw, double pitch, double roll, double fov) {}

    static Dataset read(final Path folder) {
        final Path file = folder.resolve("metadata.json");
        final JsonFile json = JsonFile.read(file);
        final TreeMap<Integer, TreeMap<Long, Entry>> entries = new TreeMap<>();
        int index = 0;
        for (final JsonNode node : json.array(json.root(), null, "the file")) {
            final String path = "[" + index++ + "]";
            final Entry entry = new Entry(
                    MiddleburyReader.inside(folder, json.text(node, "image_file", path), file + ": " + path),
                    json.numbers(node, "camera_position", 3, path),
                    json.number(node, "yaw", path),
                    json.number(node, "pitch", path),
                    json.number(node, "roll", path),
                    json.number(node, "fov_degrees", path));
            if (!(entry.fov > 0 && entry.fov < 180)) {
                throw json.wrong(
                        "'" + path + ".fov_degrees' is " + entry.fov + ", expected more than 0 and less than 180");
            }
            final int camera = json.integer(node, "camera_index", path);
            final long step = json.integer(node, "frame_index", path);
            if (entries.computeIfAbsent(camera, c -> new TreeMap<>()).put(step, entry) != null) {
                throw json.wrong("'" + path + "': frame " + step + " of camera " + camera + " is there twice");
            }
        }
        if (entries.isEmpty() || entries.size() > Rig.MAX_CAMERAS) {
            throw json.wrong(entries.size() + " cameras, expected 1 to " + Rig.MAX_CAMERAS);
        }
        return dataset(folder, file, entries);
    }

    private static Dataset dataset(
            final Path folder, final Path file, final TreeMap<Integer, TreeMap<Long, Entry>> entries) {
        final TreeSet<Long> steps = new TreeSet<>();
        entries.values().forEach(own -> steps.addAll(own.keySet()));
        final int count = entries.size();
        final Path[][] files = new Path[steps.size()][count];
        final Camera[][] cameras = new Camera[steps.size()][count];
        int c = 0;
        for (final var own : entries.entrySet()) {
            final int[] size = PictureReader.size(own.getValue().firstEntry().getValue().file);
            Entry entry = own.getValue().firstEntry().getValue();
            int s = 0;
            for (final long step : steps) {
                final Entry here = own.getValue().get(step);
                entry = here == null ? entry : here;
                files[s][c] = here == null ? null : here.file;
                cameras[s++][c] = camera(file, own.getKey(), entry, size);
            }
            c++;
        }
        final int[] pairs = new int[count];
        Arrays.fill(pairs, Rig.NO_PAIR);
        return new Dataset(
                folder,
                Dataset.Kind.METADATA,
                pairs,
                steps.stream().mapToLong(Long::longValue).toArray(),
                files,
                isStill(entries) ? new Camera[][] {cameras[0]} : cameras,
                new Path[count]);
    }

    private static boolean isStill(final TreeMap<Integer, TreeMap<Long, Entry>> entries) {
        return entries.values().stream().allMatch(own -> own.values().stream()
                .allMatch(e -> samePose(e, own.firstEntry().getValue())));
    }

    private static boolean samePose(final Entry a, final Entry b) {
        return Arrays.equals(a.position, b.position)
                && a.yaw == b.yaw
                && a.pitch == b.pitch
                && a.roll == b.roll
                && a.fov == b.fov;
    }

    private static Camera camera(final Path file, final int index, final Entry entry, final int[] size) {
        final double[] world = multiply(
                multiply(aboutZ(Math.toRadians(entry.yaw)), aboutY(Math.toRadians(entry.roll))),
                aboutX(Math.toRadians(entry.pitch)));
        // World to camera is the transpose; OpenCV's y looks down and its z ahead, so those two rows change sign.
        final double[] r = new double[9];
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column < 3; column++) {
                r[3 * row + column] = (row == 0 ? 1 : -1) * world[3 * column + row];
            }
        }
        final double[] t = new double[3];
        for (int row = 0; row < 3; row++) {
            t[row] = -(r[3 * row] * entry.position[0]
                    + r[3 * row + 1] * entry.position[1]
                    + r[3 * row + 2] * entry.position[2]);
        }
        final double focal = size[0] / 2.0 / Math.tan(Math.toRadians(entry.fov) / 2);
        final double[] k = {focal, 0, size[0] / 2.0, 0, focal, size[1] / 2.0, 0, 0, 1};
        try {
            return new Camera("camera" + index, size[0], size[1], k, new double[5], r, t);
        } catch (final IllegalArgumentException e) {
            throw new DragonException(DragonException.WRONG_USAGE, file + ": " + e.getMessage() + ".");
        }
    }

    private static double[] aboutX(final double a) {
        return new double[] {1, 0, 0, 0, Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a)};
    }

    private static double[] aboutY(final double a) {
        return new double[] {Math.cos(a), 0, Math.sin(a), 0, 1, 0, -Math.sin(a), 0, Math.cos(a)};
    }

    private static double[] aboutZ(final double a) {
        return new double[] {Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a), 0, 0, 0, 1};
    }

    private static double[] multiply(final double[] a, final double[] b) {
        final double[] product = new double[9];
        for (int i = 0; i < 9; i++) {
            for (int j = 0; j < 3; j++) {
                product[i] += a[i / 3 * 3 + j] * b[3 * j + i % 3];
            }
        }
        return product;
    }
}
