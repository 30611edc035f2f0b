package io.dragon.tools;

import io.dragon.tools.output.OutputFile;
import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.reconstruct.ReconstructJob;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon reconstruct}. */
@Command(
        name = "reconstruct",
        description = "Makes voxels from recorded frames of calibrated cameras.",
        footer = {
            "",
            "A dataset is a folder with rig.json or cameras.json (OpenCV model) and frames"
                    + " <id>_<step>.(pgm|ppm|png|jpg), or metadata.json, or a Middlebury *_par.txt. Pictures may be smaller"
                    + " or larger than the calibration says: focal lengths and centre are scaled with them.",
            "",
            "--foreground takes items with commas between them: diff:T (0-254, from the frame before, or from the"
                    + " background), background:FILE ({id} stands for the camera), threshold:T, dilate:R, erode:R (pixels),"
                    + " both (keep the place that a moving thing has left). Default: diff:12 for motion; for hull the"
                    + " dataset's own <id>_background pictures with diff:20, or Middlebury's recipe"
                    + " threshold:48,dilate:10,erode:7."
        })
final class ReconstructCommand extends DragonCommand {
    /** How voxels come about. */
    enum Method {
        /** Inside all silhouettes. */
        HULL,
        /** Seen moving by several cameras. */
        MOTION
    }

    @Option(
            names = "--dataset",
            paramLabel = "DIR",
            required = true,
            description = "folder with frames and calibration")
    Path dataset;

    @Option(names = "--rig", paramLabel = "FILE", description = "calibration as in rig.json, for frames that have none")
    Path rig;

    @Option(names = "--method", paramLabel = "hull|motion", defaultValue = "motion", description = "default: motion")
    Method method;

    @Option(
            names = "--bounds",
            paramLabel = "x0,y0,z0,x1,y1,z1",
            description = "the volume in metres (default: found by a coarse look)")
    String bounds;

    @Option(
            names = "--voxel",
            paramLabel = "METRES",
            description = "edge of a voxel (default: 128 along the longest side)")
    Double voxel;

    @Option(
            names = "--min-cameras",
            paramLabel = "K",
            description = "a voxel needs so many cameras (default: 2 for motion, two thirds of them for hull)")
    Integer minCameras;

    @Option(names = "--foreground", paramLabel = "RULE", description = "what counts as foreground, see below")
    String foreground;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "ends in .ply, .npy, .vti or .bin")
    Path out;

    @Mixin
    JsonOutput json;

    private ProgressBar look;

    @Override
    protected int run() {
        final StopSignal stop = StopSignal.install();
        DeadSystems.sweep();
        final ReconstructJob job = new ReconstructJob(
                dataset,
                rig,
                method == Method.HULL,
                bounds == null ? null : parsedBounds(),
                checkedVoxel(),
                checkedMinCameras(),
                foreground,
                out,
                this::say,
                this::looked,
                stop::isRequested);
        OutputFile.requireWritable("the volume", out.toString());
        try (ProgressBar bar = new ProgressBar("reconstruct", job.steps(), "steps")) {
            job.run((done, all) -> bar.update(done), stop::isRequested);
        }
        report(job);
        return ExitCode.OK;
    }

    /** The coarse look has a bar of its own, gone before it says what it found. */
    private void looked(final int done, final int all) {
        if (done == 0) {
            look = new ProgressBar("coarse look", all, "looks");
        }
        look.update(done);
        if (done == all) {
            look.close();
        }
    }

    private double[] parsedBounds() {
        final String[] words = bounds.split(",", -1);
        final double[] box = new double[6];
        for (int i = 0; i < 6; i++) {
            try {
                box[i] = Double.parseDouble(words[i].trim());
            } catch (final NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw wrongUsage("--bounds: '" + bounds + "' is not six numbers x0,y0,z0,x1,y1,z1 in metres");
            }
        }
        for (int axis = 0; axis < 3; axis++) {
            if (words.length != 6 || !(box[axis] < box[axis + 3]) || !Double.isFinite(box[axis + 3] - box[axis])) {
                throw wrongUsage("--bounds: '" + bounds
                        + "' is not six numbers x0,y0,z0,x1,y1,z1 in metres, the second corner beyond the first");
            }
        }
        return box;
    }

    private double checkedVoxel() {
        if (voxel != null && !(voxel > 0 && Double.isFinite(voxel))) {
            throw wrongUsage("--voxel: " + voxel + " is no edge of a voxel in metres");
        }
        return voxel == null ? 0 : voxel;
    }

    private int checkedMinCameras() {
        if (minCameras != null && (minCameras < 1 || minCameras > 32)) {
            throw wrongUsage("--min-cameras: " + minCameras + ", expected 1 to 32");
        }
        return minCameras == null ? 0 : minCameras;
    }

    private void report(final ReconstructJob job) {
        final long seen = job.peaks().stream()
                .mapToLong(ReconstructJob.Peak::step)
                .distinct()
                .count();
        final String summary = job.occupied() + " voxels"
                + (method == Method.HULL ? "" : ", peaks in " + seen + " of " + job.steps() + " steps") + ", "
                + String.format(java.util.Locale.ROOT, "%.1f s", job.seconds()) + ", written to " + out;
        if (json.isStandardOutput()) {
            say(summary);
        } else {
            super.out.println(summary);
        }
        json.write(super.out, result(job));
    }

    private static ObjectNode result(final ReconstructJob job) {
        final ObjectNode root = JsonOutput.object();
        final ObjectNode grid = root.putObject("grid");
        grid.putArray("origin")
                .add(job.grid().originX())
                .add(job.grid().originY())
                .add(job.grid().originZ());
        grid.put("voxel", job.grid().voxel());
        grid.putArray("shape")
                .add(job.grid().nx())
                .add(job.grid().ny())
                .add(job.grid().nz());
        root.put("occupied", job.occupied());
        final double[] box = job.bounds();
        if (box == null) {
            root.putNull("bounds");
        } else {
            final ArrayNode corners = root.putArray("bounds");
            corners.addArray().add(box[0]).add(box[1]).add(box[2]);
            corners.addArray().add(box[3]).add(box[4]).add(box[5]);
        }
        final ArrayNode peaks = root.putArray("peaks");
        for (final ReconstructJob.Peak peak : job.peaks()) {
            peaks.addObject()
                    .put("step", peak.step())
                    .put("x", peak.x())
                    .put("y", peak.y())
                    .put("z", peak.z())
                    .put("votes", peak.votes())
                    .put("score", peak.score());
        }
        root.put("seconds", job.seconds());
        return root;
    }
}
