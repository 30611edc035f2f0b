package io.dragon.worker.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.worker.HandlerContext;
import io.dragon.worker.LoneTask;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.device.GpuException;
import io.dragon.worker.device.GpuInfo;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.hash.HashHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check on an emulated GPU: what it reports of a GPU that is right, one that is wrong, and one that is lost. */
final class GpuCheckTest {
    @TempDir
    Path folder;

    private final List<String> progress = new ArrayList<>();

    private GpuReport check(final EmulatedDriver driver, final BiFunction<TaskHandler, Device, TaskHandler> onDevice) {
        return check(driver, null, onDevice);
    }

    private GpuReport check(
            final EmulatedDriver driver,
            final EmulatedDriver second,
            final BiFunction<TaskHandler, Device, TaskHandler> onDevice) {
        final GpuFacts facts = new GpuFacts(folder, folder.resolve("version"), needed -> List.of());
        return new GpuCheck(
                        driver,
                        second == null ? null : () -> second,
                        DragonDirectory.of(folder.resolve("dragon")),
                        CheckPlan.SMALL,
                        progress::add,
                        onDevice,
                        facts)
                .run(List.of(new GpuReport.Start("first start", Map.of("blake3", 12.5))));
    }

    private List<String> poolsLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("dragon/pools"))) {
            return files.map(Path::toString).toList();
        }
    }

    @Test
    void shouldFindTheHandlersOfWorkersRightAndSayHowFastTheyAre() throws Exception {
        final EmulatedDriver driver = new EmulatedDriver(5);
        final GpuReport report = check(driver, TaskHandler::on);
        assertEquals(List.of(), report.faults());
        for (final GpuReport.Comparison each : report.comparisons()) {
            assertEquals("", each.first(), each.work());
            assertTrue(each.isOnDevice() && each.cases() > 0, each.work());
        }
        assertTrue(report.isRight());
        assertEquals(6, report.rates().size());
        final GpuReport.RateRow sha256 = report.rates().get(5);
        assertTrue(sha256.work().startsWith("sha256, 1024 blocks"), sha256.work());
        assertEquals(1, sha256.kernels().size(), "the device does it: " + sha256);
        assertTrue(sha256.kernels().containsKey("sha256_blocks"), sha256.toString());
        final GpuReport.RateRow hash = report.rates().get(0);
        assertTrue(hash.kernels().keySet().stream().anyMatch(name -> name.startsWith("blake3_")), hash.toString());
        for (final GpuReport.RateRow row : report.rates().subList(0, 3)) {
            assertTrue(row.copiedBytes() >= row.bytes(), row.toString());
            assertTrue(row.copiedBytes() < 2 * row.bytes(), row + ": the frame before is on the device");
        }
        assertEquals("", driver.leaks());
        assertEquals(List.of(), poolsLeft());
    }

    @Test
    void shouldMeasureCopiesAndWorkBesideThem() throws Exception {
        final EmulatedDriver driver = new EmulatedDriver(6);
        final GpuReport report =
                check(driver, (handler, device) -> new CopyingHandler(handler, (CudaDevice) device, false));
        assertEquals(List.of(), report.faults());
        assertTrue(report.isRight());
        assertEquals(
                List.of(
                        "hash",
                        "hash, sha256",
                        "mask",
                        "carve, gather and peaks",
                        "carve, scatter and peaks",
                        "carve, hull and peaks"),
                report.comparisons().stream().map(GpuReport.Comparison::work).toList());
        assertEquals(8, report.copies().size(), "four ways, two lengths");
        report.copies().forEach(row -> assertTrue(row.gigabytesPerSecond().least() > 0, row.toString()));
        assertTrue(report.pinning().millis() > 0 && report.pinning().refusal().isEmpty());
        final GpuReport.RateRow mask = report.rates().get(1);
        assertTrue(mask.work().startsWith("mask, RGB8 64 x 48"), mask.work());
        assertEquals(64 * 48 * 3, mask.bytes());
        assertEquals(2 * mask.bytes(), mask.copiedBytes(), "this handler copies the frame before as well");
        assertTrue(mask.ceiling().median() > 0 && mask.shareOfCopy().median() > 0);
        assertTrue(mask.largestGap() >= 0 && mask.idleShare() >= 0 && mask.idleShare() <= 1, mask.toString());
        assertEquals(8, report.targets().size());
        assertEquals("not measured", report.targets().get(6).state(), "a grid of 512 was not tried");
        assertEquals(
                List.of("first start", "this process"),
                report.starts().stream().map(GpuReport.Start::when).toList());
        assertEquals("", driver.leaks());
        assertEquals(List.of(), poolsLeft());

        final String text = ReportText.plain(report);
        assertTrue(text.contains("Answers, against the processor") && text.contains("pool to device"), text);
        text.lines().forEach(line -> assertEquals(line.stripTrailing(), line));
        assertTrue(ReportText.markdown(report, "A GPU")
                .startsWith("# A GPU\n\n## The GPU\n\n| what | is |\n| --- | --- |"));
    }

    @Test
    void shouldMeasureTwoGpusBesideEachOtherAndSayWhenThereIsOne() throws Exception {
        final EmulatedDriver first = new EmulatedDriver(15);
        final EmulatedDriver second = new EmulatedDriver(16);
        final GpuReport report = check(first, second, TaskHandler::on);
        assertEquals(List.of(), report.faults());
        final GpuReport.Target target = report.targets().get(7);
        assertTrue(target.words().startsWith("two GPUs over one"), target.words());
        assertTrue(target.measured().matches("\\d\\.\\d\\d \\(.* to .*\\)"), target.measured());
        assertFalse(target.state().equals("not measured"));
        assertTrue(second.launches() > 0, "the second has worked");
        assertEquals("", first.leaks());
        assertEquals("", second.leaks());
        assertTrue(second.isClosed());
        assertEquals(List.of(), poolsLeft());
        final GpuReport.Target one = Targets.of(List.of(), "", null).get(7);
        assertEquals("there is no second GPU here", one.measured());
        assertEquals("not measured", one.state());
    }

    @Test
    void shouldTellWhatWentWrongOnTheSecondGpu() throws Exception {
        final EmulatedDriver first = new EmulatedDriver(17);
        final EmulatedDriver second = new EmulatedDriver(18).failLaunch(2, GpuException.ILLEGAL_ADDRESS);
        final GpuReport report = check(first, second, TaskHandler::on);
        assertFalse(report.isRight());
        assertTrue(report.faults().get(0).startsWith("two GPUs: the GPU reports error 700"), report.faults()::toString);
        assertEquals("not measured", report.targets().get(7).state());
        assertEquals(List.of(), poolsLeft());
    }

    @Test
    void shouldShowTheFirstByteThatDiffers() {
        final GpuReport report = check(
                new EmulatedDriver(7),
                (handler, device) -> new CopyingHandler(
                        handler, (CudaDevice) device, handler.taskType().equals("mask")));
        assertFalse(report.isRight());
        final GpuReport.Comparison hash = report.comparisons().get(0);
        final GpuReport.Comparison mask = report.comparisons().get(2);
        assertEquals(0, hash.different());
        assertEquals(mask.cases(), mask.different());
        assertTrue(
                mask.first().matches(".*: byte 0 of the inline result is 0x.. on the processor and 0x.. on the GPU"),
                mask.first());
    }

    @Test
    void shouldGiveTheRingBackWhenAHandlerFails() {
        final EmulatedDriver driver = new EmulatedDriver(11);
        final GpuReport report = check(driver, (handler, device) -> {
            final CopyingHandler copying = new CopyingHandler(handler, (CudaDevice) device, false);
            return handler.taskType().equals("hash") ? copying.failAt(20) : copying;
        });
        assertEquals(List.of("rate of hash: made up", "rate of hash, sha256: made up"), report.faults());
        assertTrue(report.rates().stream().noneMatch(row -> row.work().startsWith("hash")));
        assertEquals(4, report.rates().size(), "the others find the ring free");
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldFindAMissingWaitWhileSeveralTasksAreOnTheirWay() {
        final EmulatedDriver driver = new EmulatedDriver(13);
        final GpuFacts facts = new GpuFacts(folder, folder.resolve("version"), needed -> List.of());
        final GpuReport report = new GpuCheck(
                        driver,
                        null,
                        DragonDirectory.of(folder.resolve("dragon")),
                        CheckPlan.SMALL,
                        part -> driver.loseWaits(part.equals("rate of mask, GREY8")),
                        TaskHandler::on,
                        facts)
                .run(List.of());
        assertTrue(
                report.comparisons().stream().allMatch(each -> each.different() == 0),
                report.comparisons().toString());
        assertFalse(report.isRight());
        assertEquals(1, report.faults().size(), report.faults().toString());
        assertTrue(
                report.faults()
                        .get(0)
                        .matches("rate of mask, GREY8: with 3 tasks on their way the GPU answers another thing than the"
                                + " processor: task \\d of a run, from byte \\d+ of its answer"),
                report.faults().get(0));
        assertTrue(report.rates().stream().noneMatch(row -> row.work().startsWith("mask, GREY8")));
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldNotTakeTheProcessorForTheGpu() {
        final GpuReport report = check(new EmulatedDriver(8), (handler, device) -> handler);
        assertFalse(report.isRight());
        assertTrue(report.comparisons().stream().noneMatch(GpuReport.Comparison::isOnDevice));
        assertEquals(List.of(), report.rates());
        assertTrue(ReportText.plain(report).contains("not done by the GPU"));
    }

    @Test
    void shouldReportWhatItHasWhenTheGpuIsLost() throws Exception {
        final EmulatedDriver driver = new EmulatedDriver(9).failCopy(20, GpuException.ECC_UNCORRECTABLE);
        final GpuReport report =
                check(driver, (handler, device) -> new CopyingHandler(handler, (CudaDevice) device, false));
        assertFalse(report.isRight());
        assertTrue(report.faults().get(0).contains("error 214"), report.faults().toString());
        assertEquals(
                1,
                report.faults().stream()
                        .filter(fault -> !fault.startsWith("closing"))
                        .count());
        assertEquals(List.of(), poolsLeft());
    }

    @Test
    void shouldNotWaitForeverForATaskThatTheGpuDoesNotEnd() throws Exception {
        final EmulatedDriver driver = new EmulatedDriver(12).hangAtLaunch(0);
        final CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT, 1_000_000);
        final DragonDirectory directory =
                DragonDirectory.of(folder.resolve("dragon")).create();
        try (CheckFrames frames = new CheckFrames(directory)) {
            final Comparisons.Case first =
                    new Comparisons(frames, 1, CheckPlan.SMALL).hash().get(0);
            final LoneTask task = new LoneTask(device, frames.pool(1, 1 << 20), first.inputs(), first.parameters());
            final PipelinedHandler handler = (PipelinedHandler) new HashHandler().on(device);
            handler.open(new HandlerContext() {
                @Override
                public String workerName() {
                    return "check";
                }

                @Override
                public Device device() {
                    return device;
                }

                @Override
                public DragonDirectory directory() {
                    return directory;
                }
            });
            final GpuException error =
                    assertThrows(GpuException.class, () -> PipelinedRun.run(handler, task, 50_000_000));
            assertEquals(GpuException.NO_ANSWER, error.code());
            device.failed(error);
        }
        device.close();
        driver.close();
    }

    @Test
    void shouldGoOnWithoutWhatFailed() {
        final EmulatedDriver driver = new EmulatedDriver(10).refuseRegistration(GpuException.NOT_PERMITTED);
        final GpuReport report =
                check(driver, (handler, device) -> new CopyingHandler(handler, (CudaDevice) device, false));
        assertEquals(List.of(), report.faults());
        final String refusal = report.pinning().refusal();
        assertFalse(refusal.isEmpty());
        for (final int target : new int[] {0, 2, 4}) {
            assertEquals("missed", report.targets().get(target).state());
            assertTrue(
                    report.targets().get(target).measured().endsWith("; frame pools are not pinned: " + refusal),
                    report.targets().get(target).toString());
        }
        assertTrue(report.isSlow());
        assertEquals(6, report.copies().size(), "no copies from a pool that cannot be pinned");
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldDivideByCopiesOfPinnedMemoryAndCountWhatIsMadeZero() {
        final GpuReport report = check(new EmulatedDriver(14), TaskHandler::on);
        final double pinned = report.copies().stream()
                .filter(row -> row.way().equals("pinned to device"))
                .mapToDouble(row -> row.gigabytesPerSecond().median())
                .max()
                .orElseThrow();
        report.rates().subList(0, 3).forEach(row -> assertTrue(row.ceiling().least() >= pinned, row.toString()));
        final GpuReport.RateRow gather = report.rates().get(3);
        assertTrue(gather.kernels().get("fill") > 0, gather.toString());
        assertEquals(
                gather.computeMs(),
                gather.kernels().values().stream().mapToDouble(each -> each).sum(),
                1e-9);

        final GpuReport.RateRow slow = new GpuReport.RateRow(
                "gather, 512 voxels",
                1,
                gather.tasksPerSecond(),
                gather.gigabytesPerSecond(),
                null,
                null,
                Map.of("levels_first", 1.0, "gather", 8.5, "fill", 0.75, "peaks", 9.0),
                19.25,
                1,
                -1,
                -1);
        final GpuReport.Target target = Targets.of(List.of(slow), "", null).get(6);
        assertEquals("missed", target.state());
        assertEquals("10.25 ms", target.measured());
    }

    @Test
    void shouldFindGapsBetweenCopies() {
        final List<Timeline.Span> spans = new ArrayList<>();
        double at = 0;
        for (int i = 0; i < 16; i++) {
            at += i == 9 ? 0.5 : 0;
            spans.add(new Timeline.Span(GpuStream.COPY, Timeline.Span.COPY_IN, 100, at, at + 1));
            spans.add(new Timeline.Span(GpuStream.COMPUTE, "kernel", 0, at, at + 5));
            at += 1;
        }
        final double[] gaps = WorkRates.gaps(spans);
        assertEquals(0.5, gaps[0], 1e-9);
        assertEquals(0.5 / 13.5, gaps[1], 1e-9);
    }

    @Test
    void shouldReadWhatTheHostSaysOfTheGpu() throws Exception {
        final GpuInfo info = new GpuInfo(0, "H", "GPU-1", "0000:1B:00.0", 9, 0, 132, 3L << 30, 12_080);
        final Path device = Files.createDirectories(folder.resolve("0000:1b:00.0"));
        Files.writeString(device.resolve("current_link_speed"), "32.0 GT/s PCIe\n");
        Files.writeString(device.resolve("current_link_width"), "16\n");
        Files.writeString(device.resolve("numa_node"), "1\n");
        Files.writeString(folder.resolve("version"), "NVRM version: 1\nGCC\n");
        final Map<String, String> facts =
                new GpuFacts(folder, folder.resolve("version"), needed -> needed.subList(0, 2)).of(info);
        assertEquals("32.0 GT/s PCIe x16", facts.get("link"));
        assertEquals("not known", facts.get("linkAtMost"));
        assertEquals("1", facts.get("numaNode"));
        assertEquals("NVRM version: 1", facts.get("driver"));
        assertEquals("9.0", facts.get("computeCapability"));
        assertTrue(facts.get("symbols").startsWith("2 of the 312 that JCuda calls are missing: cu"), facts.toString());
    }

    @Test
    void shouldKnowEveryFunctionThatJCudaTakesFromTheDriver() throws Exception {
        final List<String> needed = NeededSymbols.all();
        assertEquals(312, needed.size());
        assertTrue(needed.containsAll(List.of("cuInit", "cuMemHostRegister_v2", "cuLaunchKernel")));
        assertEquals("not a library of this system", message(ByteBuffer.allocate(100)));
    }

    private static String message(final ByteBuffer bytes) {
        try {
            return NeededSymbols.undefined(bytes).toString();
        } catch (final IOException ex) {
            return ex.getMessage();
        }
    }

    @Test
    void shouldTellMedianAndEnds() {
        assertEquals(new Spread(2, 1, 9), Spread.of(9, 1, 2));
        assertEquals(new Spread(2.5, 1, 4), Spread.of(4, 1, 2, 3));
        assertEquals("2.50 (1.00 to 4.00)", Spread.of(4, 1, 2, 3).words("%.2f"));
    }
}
