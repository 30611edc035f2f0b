package io.dragon.tools.reconstruct;

import io.dragon.worker.voxel.Camera;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Draws frames from the real pixel tracks of a drone: a dark disc before a grey background with noise of two levels. */
final class TrackFrames {
    private TrackFrames() {}

    static List<double[]> truth(final Path data) throws IOException {
        final List<double[]> truth = new ArrayList<>();
        for (final String line : Files.readAllLines(data.resolve("ground_truth.csv"))) {
            if (!line.startsWith("step")) {
                final String[] words = line.split(",");
                truth.add(new double[] {
                    Double.parseDouble(words[2]), Double.parseDouble(words[3]), Double.parseDouble(words[4])
                });
            }
        }
        return truth;
    }

    static double[] bounds(final List<double[]> truth, final double margin) {
        final double[] bounds = {1e9, 1e9, 1e9, -1e9, -1e9, -1e9};
        for (final double[] p : truth) {
            for (int i = 0; i < 3; i++) {
                bounds[i] = Math.min(bounds[i], Math.floor(p[i] - margin));
                bounds[i + 3] = Math.max(bounds[i + 3], Math.ceil(p[i] + margin));
            }
        }
        return bounds;
    }

    static double distance(final double[] truth, final ReconstructJob.Peak peak) {
        return Math.sqrt(
                Math.pow(peak.x() - truth[0], 2) + Math.pow(peak.y() - truth[1], 2) + Math.pow(peak.z() - truth[2], 2));
    }

    static void draw(final Path data, final Path folder, final int steps, final double scale, final double radius)
            throws IOException {
        final Map<String, double[]> tracks = new HashMap<>();
        for (final String line : Files.readAllLines(data.resolve("tracks.csv"))) {
            if (!line.startsWith("step")) {
                final String[] words = line.split(",");
                tracks.put(
                        words[2] + "_" + words[0],
                        new double[] {Double.parseDouble(words[3]) * scale, Double.parseDouble(words[4]) * scale});
            }
        }
        final List<Camera> cameras = new ArrayList<>();
        DatasetReader.readCameras(data.resolve("cameras.json"), cameras, new ArrayList<>());
        final Random random = new Random(1);
        for (final Camera camera : cameras) {
            final int width = (int) (camera.width() * scale);
            final int height = (int) (camera.height() * scale);
            final byte[] pixels = new byte[width * height];
            for (int step = 0; step < steps; step++) {
                random.nextBytes(pixels);
                for (int i = 0; i < pixels.length; i++) {
                    pixels[i] = (byte) (118 + (pixels[i] & 0xFF) % 5);
                }
                disc(pixels, width, height, tracks.get(camera.id() + "_" + step), radius);
                try (var out = Files.newOutputStream(folder.resolve(String.format("%s_%04d.pgm", camera.id(), step)))) {
                    out.write(("P5\n" + width + " " + height + "\n255\n").getBytes(StandardCharsets.US_ASCII));
                    out.write(pixels);
                }
            }
        }
    }

    private static void disc(
            final byte[] pixels, final int width, final int height, final double[] centre, final double radius) {
        for (int y = 0; centre != null && y < height; y++) {
            for (int x = 0; x < width; x++) {
                final double dx = x - centre[0];
                final double dy = y - centre[1];
                if (dx * dx + dy * dy <= radius * radius) {
                    pixels[y * width + x] = 20;
                }
            }
        }
    }
}
