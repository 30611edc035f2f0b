package io.dragon.tools;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.worker.check.CheckPlan;
import io.dragon.worker.check.GpuCheck;
import io.dragon.worker.check.GpuReport;
import io.dragon.worker.check.ReportText;
import io.dragon.worker.device.CudaDriver;
import io.dragon.worker.device.DriverCall;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuException;
import io.dragon.worker.device.GpuInfo;
import io.dragon.worker.device.GpuProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dragon gpu-check}. */
@Command(
        name = "gpu-check",
        description =
                "Checks a GPU: whether it computes what the processor computes, and how fast, beside what its bus can"
                        + " carry.",
        footer = {
            "",
            "It takes about two minutes, and needs 700 MiB of shared memory. docs/gpu.md explains every figure.",
            "",
            "Exit codes: 0 all right, 3 right but slower than it should be, 1 wrong or not to be had, 2 wrong usage."
        })
final class GpuCheckCommand extends DragonCommand {
    private static final int LEAST_SECONDS = 1;
    private static final int MOST_SECONDS = 300;

    /** With its start and its end it is over within nine minutes, whatever happens. */
    private static final int LONGEST_SECONDS = 510;

    private volatile GpuCheck running;
    private volatile CheckGround ground;

    @Option(
            names = "--device",
            paramLabel = "N|UUID",
            defaultValue = "0",
            description = "the number of a GPU, or its UUID (default: 0)")
    String device;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "for the figures, about; comparisons come on top (default: 60)")
    int seconds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "also write gpu-check.md and gpu-check.json into DIR, which is made")
    Path folder;

    /** For a GPU that a processor plays, named by its UUID: nobody is asked whether it is there. */
    @Option(names = GpuStarts.SMALL, hidden = true)
    boolean isSmall;

    /** The UUID of a second GPU, where nobody is asked. */
    @Option(names = "--second", hidden = true)
    String second;

    /** What a process of its own does for this one: it makes the kernels ready, and tells how long each module took. */
    @Option(names = GpuStarts.OPTION, hidden = true)
    boolean startsOnly;

    @Mixin
    JsonOutput json;

    @Override
    protected int run() throws IOException, InterruptedException {
        if (seconds < LEAST_SECONDS || seconds > MOST_SECONDS) {
            throw wrongUsage("dragon gpu-check: '--seconds " + seconds + "' is out of range, expected " + LEAST_SECONDS
                    + " to " + MOST_SECONDS);
        }
        final CountDownLatch ended = new CountDownLatch(1);
        if (!startsOnly) {
            endAtLast(ended);
        }
        try {
            return checkOrStart();
        } finally {
            ended.countDown();
        }
    }

    private int checkOrStart() throws IOException, InterruptedException {
        final String uuid = isSmall ? device : chosen();
        if (startsOnly) {
            try (GpuDriver driver = open(uuid)) {
                out.println(GpuStarts.words(GpuCheck.start(driver)));
            }
            return ExitCode.OK;
        }
        if (folder != null) {
            makeFolder();
        }
        return tell(check(uuid));
    }

    /** A driver that does not answer keeps nobody waiting for ever: what is known until then is told. */
    private void endAtLast(final CountDownLatch ended) {
        final Thread thread = new Thread(
                () -> {
                    try {
                        if (!ended.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                            giveUp(LONGEST_SECONDS + " s");
                        }
                    } catch (final InterruptedException ex) {
                        Thread.currentThread().interrupt();
                    }
                },
                "gpu-check-limit");
        thread.setDaemon(true);
        thread.start();
    }

    private void giveUp(final String longest) {
        try {
            if (running == null) {
                say("The GPU cannot be checked: its driver has not answered within " + longest + '.');
            } else {
                tell(running.unfinished(longest));
            }
            out.flush();
            if (ground != null) {
                ground.close();
            }
        } catch (final RuntimeException ex) {
            say(String.valueOf(ex.getMessage()));
        } finally {
            DriverCall.endProcess(ExitCode.FAILED); // to end in order would wait for the driver
        }
    }

    private int tell(final GpuReport report) {
        if (!json.isStandardOutput()) {
            out.print(ReportText.plain(report));
        }
        json.write(out, report);
        if (folder != null) {
            write("gpu-check.md", ReportText.markdown(report, report.facts().get("gpu")));
            write("gpu-check.json", JsonOutput.text(report) + "\n");
        }
        return !report.isRight() ? ExitCode.FAILED : report.isSlow() ? ExitCode.DEGRADED : ExitCode.OK;
    }

    private String chosen() {
        final GpuProbe probe = GpuProbe.look();
        if (probe.gpus().isEmpty()) {
            throw new DragonException("No GPU can be checked, because " + probe.reason());
        }
        return probe.gpus().stream()
                .filter(gpu -> gpu.uuid().equals(device)
                        || Integer.toString(gpu.ordinal()).equals(device))
                .findFirst()
                .orElseThrow(() -> wrongUsage("dragon gpu-check: '--device " + device
                        + "' is not there: this machine has "
                        + String.join(
                                ", ",
                                probe.gpus().stream()
                                        .map(gpu -> gpu.ordinal() + " (" + gpu.uuid() + ")")
                                        .toList())))
                .uuid();
    }

    private GpuReport check(final String uuid) throws IOException, InterruptedException {
        try (CheckGround opened = CheckGround.open()) {
            ground = opened;
            if (!opened.remark().isEmpty()) {
                say(opened.remark());
            }
            say("how long kernels take to be ready ...");
            final List<GpuReport.Start> starts = GpuStarts.measure(uuid, isSmall, this::say);
            final GpuDriver driver = open(uuid); // which the check closes
            say("checking " + driver.info().words());
            final String other = other(uuid);
            final GpuCheck check = new GpuCheck(
                    driver,
                    other == null ? null : () -> open(other),
                    DragonDirectory.of(opened.path()),
                    isSmall ? CheckPlan.SMALL : CheckPlan.of(seconds),
                    words -> say(words + " ..."));
            running = check;
            return check.run(starts);
        }
    }

    /** The one that is measured beside it: the one that was named, or the next that is there; null where there is none. */
    private String other(final String uuid) {
        if (second != null || isSmall) {
            return second;
        }
        return GpuProbe.look().gpus().stream()
                .map(GpuInfo::uuid)
                .filter(each -> !each.equals(uuid))
                .findFirst()
                .orElse(null);
    }

    private static GpuDriver open(final String uuid) {
        try {
            return CudaDriver.open(uuid);
        } catch (final GpuException ex) {
            throw new DragonException("The GPU cannot be checked: " + ex.getMessage());
        }
    }

    private void makeFolder() {
        try {
            Files.createDirectories(folder);
        } catch (final IOException ex) {
            throw new DragonException("Cannot make the folder " + folder + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    private void write(final String name, final String text) {
        try {
            Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new DragonException("Cannot write " + folder.resolve(name) + ": " + FileErrors.inWords(ex) + ".");
        }
    }
}
