package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.tools.demo.Demo;
import io.dragon.tools.demo.DemoReport;
import io.dragon.tools.demo.DemoSettings;
import io.dragon.tools.demo.Narrator;
import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.process.WorkerDevice;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon demo}. */
@Command(
        name = "demo",
        description = "Shows the main job end to end: cameras, pools, sequencer, workers, voxels, judged by the truth.",
        footer = {
            "",
            "Exit code 0: nothing lost, duplicated or failed, at most 5 %% of the frames dropped, and the truth found.",
            "Exit code 3: the run ended, but one of these does not hold."
        })
final class DemoCommand extends DragonCommand {
    /** The largest memory that frame pools of a demo may take. */
    private static final long MAX_POOL_BYTES = 8L << 30;

    private static final int SLOTS = 16;

    @Option(
            names = "--cameras",
            paramLabel = "N",
            description = "4 to 32 cameras, in pairs (default: ${DEFAULT-VALUE})")
    int cameras = 20;

    @Option(names = "--frame", paramLabel = "WxH", description = "pixels of a frame (default: ${DEFAULT-VALUE})")
    String frame = "960x540";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "grey8, rgb8 or rgb32f (default: ${DEFAULT-VALUE})")
    String format = "grey8";

    @Option(
            names = "--fps",
            paramLabel = "N",
            description = "frames a second of each camera (default: ${DEFAULT-VALUE})")
    double fps = 5;

    @Option(names = "--seconds", paramLabel = "N", description = "how long the cameras run (default: ${DEFAULT-VALUE})")
    int seconds = 10;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description =
                    "1 to 64 workers; with --processes each GPU of this host has one, and the others work on the CPU"
                            + " (default: one for each GPU, otherwise 2)")
    Integer workers;

    @Option(
            names = "--voxels",
            paramLabel = "N",
            description = "voxels along each side of the volume (default: ${DEFAULT-VALUE})")
    int voxels = 64;

    @Option(
            names = "--processes",
            description = "a process each for media driver, master, every worker and every group of ten cameras")
    boolean processes;

    @Option(
            names = "--kill",
            paramLabel = "WHAT",
            description = "kill -9 half-way of a worker, or of the leading one of three masters; implies --processes")
    String kill;

    @Option(
            names = "--picture",
            paramLabel = "FILE",
            description = "where the picture goes (default: the folder for temporary files)")
    Path picture;

    @Option(
            names = "--histograms",
            paramLabel = "FILE",
            description = "every latency as a log of HdrHistogram, one interval for each stage (nanoseconds)")
    Path histograms;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() {
        final DemoSettings settings = settings();
        final StopSignal stop = StopSignal.install();
        DeadSystems.sweep();
        final DemoReport report;
        try (ProgressBar bar = new ProgressBar("steps", settings.steps(), "")) {
            report = Demo.run(settings, new Voice(bar), stop::isRequested);
        }
        if (json.isStandardOutput()) {
            err.print(report.text());
        } else {
            out.print(report.text());
        }
        json.write(out, report.json());
        if (histograms != null) {
            write(report, histograms);
        }
        return report.isGood() ? ExitCode.OK : ExitCode.DEGRADED;
    }

    private DemoSettings settings() {
        check(
                cameras >= 4 && cameras <= 32 && cameras % 2 == 0,
                "--cameras is " + cameras
                        + ", expected an even number from 4 to 32: two pairs see where a ball is, one does not.");
        check(fps > 0 && fps <= 1000, "--fps is " + fps + ", expected more than 0 and at most 1000.");
        check(seconds >= 1 && seconds <= 86_400, "--seconds is " + seconds + ", expected 1 to 86400.");
        check(workers == null || workers >= 1 && workers <= 64, "--workers is " + workers + ", expected 1 to 64.");
        check(voxels >= 16 && voxels <= 512, "--voxels is " + voxels + ", expected 16 to 512.");
        final FrameFormat pixels =
                switch (format) {
                    case "grey8" -> FrameFormat.GREY8;
                    case "rgb8" -> FrameFormat.RGB8;
                    case "rgb32f" -> FrameFormat.RGB32F;
                    default -> throw wrongUsage("--format is '" + format + "', expected grey8, rgb8 or rgb32f.");
                };
        if (kill != null && !kill.equals("worker") && !kill.equals("master")) {
            throw wrongUsage("--kill is '" + kill + "', expected worker or master.");
        }
        check(
                !"worker".equals(kill) || workers == null || workers >= 2,
                "--kill worker needs a second worker to go on: --workers is " + workers + '.');
        final int[] size = FrameSize.parse(frame);
        check(size != null, "--frame is '" + frame + "', expected WIDTHxHEIGHT, both from 16 to 16384.");
        final long bytes = pixels.bytes(size[0], size[1]) * SLOTS * cameras;
        check(
                bytes <= MAX_POOL_BYTES,
                "--frame " + frame + " in " + format + " takes " + Tables.bytes(bytes) + " of shared memory for "
                        + cameras + " pools of " + SLOTS + " frames, expected at most " + Tables.bytes(MAX_POOL_BYTES)
                        + '.');
        final Path file = picture != null
                ? picture
                : Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "dragon-demo-" + System.getProperty("user.name") + ".png"); // the folder is everybody's
        check(
                file.toString().toLowerCase(Locale.ROOT).endsWith(".png"),
                "--picture is '" + file + "', expected a name that ends in .png.");
        check(canWrite(file), "--picture: " + file + " cannot be written.");
        check(histograms == null || canWrite(histograms), "--histograms: " + histograms + " cannot be written.");
        final List<WorkerDevice> gpus = processes || kill != null
                ? Devices.gpus().values().stream().map(WorkerDevice::gpu).toList()
                : List.of(); // one process has one GPU at most, and the embedded workers share theirs
        final int count = workers != null
                ? workers
                : gpus.isEmpty() || "worker".equals(kill) ? Math.max(2, gpus.size()) : gpus.size();
        return new DemoSettings(
                cameras,
                size[0],
                size[1],
                pixels,
                fps,
                seconds,
                count,
                gpus.subList(0, Math.min(count, gpus.size())),
                voxels,
                processes || kill != null,
                kill == null ? "" : kill,
                file);
    }

    private static void write(final DemoReport report, final Path file) {
        try (PrintStream log = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            report.writeHistograms(log);
            if (log.checkError()) {
                throw new IOException("the disk may be full");
            }
        } catch (final IOException ex) {
            throw new DragonException("--histograms: " + file + " cannot be written: " + ex.getMessage());
        }
    }

    /** Told before the run, not after it. */
    private static boolean canWrite(final Path file) {
        if (Files.exists(file)) {
            return Files.isRegularFile(file) && Files.isWritable(file);
        }
        final Path folder = file.toAbsolutePath().getParent();
        return folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
    }

    private void check(final boolean holds, final String sentence) {
        if (!holds) {
            throw wrongUsage(sentence);
        }
    }

    /** Lines and progress on standard error, so that standard output holds the result alone. */
    private record Voice(ProgressBar bar) implements Narrator {
        @Override
        public void line(final String text) {
            bar.line(text);
        }

        @Override
        public void progress(final long steps) {
            bar.update(steps);
        }
    }
}
