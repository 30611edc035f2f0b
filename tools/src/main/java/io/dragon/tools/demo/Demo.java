package io.dragon.tools.demo;

import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.voxel.CarveHandler;
import io.dragon.worker.voxel.MaskHandler;
import io.dragon.worker.voxel.MaskRule;
import io.dragon.worker.voxel.Rig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The main job, end to end: cameras write frames into pools, the sequencer schedules mask and carve tasks, workers
 * compute, objects come out as voxel peaks, and the truth judges them. One thread.
 */
public final class Demo {
    private static final int DIFFERENCE_THRESHOLD = 24;
    private static final long START_DELAY_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long HAND_OVER_NS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration SETTLE = Duration.ofSeconds(30);

    private final DemoSettings settings;
    private final Narrator narrator;
    private final BooleanSupplier stop;

    private Demo(final DemoSettings settings, final Narrator narrator, final BooleanSupplier stop) {
        this.settings = settings;
        this.narrator = narrator;
        this.stop = stop;
    }

    /**
     * Runs the demo.
     *
     * @param settings what to show.
     * @param narrator told what happens.
     * @param stop     true once it should end early.
     * @return what came out.
     * @throws DragonException in one sentence, when a part cannot start or dies by itself.
     */
    public static DemoReport run(final DemoSettings settings, final Narrator narrator, final BooleanSupplier stop) {
        return new Demo(settings, narrator, stop).run();
    }

    /** With a system that is there already, and closed by the caller. */
    static DemoReport run(
            final DemoSettings settings, final Narrator narrator, final BooleanSupplier stop, final DemoHost host) {
        return new Demo(settings, narrator, stop).run(host, System.nanoTime());
    }

    /**
     * Runs the cameras of one group, told what to do on standard input; for the demo's own processes.
     *
     * @param settings what the demo shows.
     * @param client   of this process, closed by the caller.
     * @param first    index of the group's first camera.
     * @param count    number of its cameras.
     * @param stop     true once it should end.
     * @throws InterruptedException when the thread is interrupted.
     */
    public static void runCameras(
            final DemoSettings settings,
            final DragonClient client,
            final int first,
            final int count,
            final BooleanSupplier stop)
            throws InterruptedException {
        try (CameraGroup group = new CameraGroup(client, settings, first, count)) {
            CameraConsole.serve(group, System.in, System.out, stop);
        }
    }

    private DemoReport run() {
        final long beganNs = System.nanoTime();
        narrator.line("Starting "
                + (settings.processes()
                        ? "media driver, " + (settings.masters() == 1 ? "master" : "three masters")
                        : "media driver and master in this process")
                + ", "
                + settings.workers() + (settings.workers() == 1 ? " worker" : " workers") + settings.deviceWords()
                + " ...");
        try (DemoHost host = settings.processes() ? new ProcessHost(settings, stop) : new EmbeddedHost(settings)) {
            return run(host, beganNs);
        }
    }

    private DemoReport run(final DemoHost host, final long beganNs) {
        try {
            final int[] cameraIds = host.startCameras();
            narrator.line(String.format(
                    java.util.Locale.ROOT,
                    "Initialised in %.1f s: %s",
                    (System.nanoTime() - beganNs) / 1e9,
                    String.join(", ", host.parts())));
            tellNodes(host.client().status());
            tellAllocation(host.client(), cameraIds);
            final DemoReport report = runJob(host, cameraIds);
            final String logs = report.isGood() || stop.getAsBoolean() ? "" : host.keepLogs();
            if (!logs.isEmpty()) {
                narrator.line(logs);
            }
            return report;
        } catch (final DragonException ex) {
            if (stop.getAsBoolean()) {
                throw new DragonException("The demo was stopped before its end.");
            }
            final String logs = host.keepLogs();
            throw new DragonException(
                    ex.exitCode(),
                    logs.isEmpty() ? ex.getMessage() : ProcessHost.sentence(ex.getMessage()) + ' ' + logs);
        }
    }

    private DemoReport runJob(final DemoHost host, final int[] cameraIds) {
        try (Kill kill = kill(host)) {
            return runJob(host, cameraIds, kill);
        }
    }

    private Kill kill(final DemoHost host) {
        return switch (settings.kill()) {
            case "worker" -> new WorkerKill(host, narrator);
            case "master" -> new MasterKill(host, narrator);
            default -> null;
        };
    }

    private DemoReport runJob(final DemoHost host, final int[] cameraIds, final Kill kill) {
        final DemoScene.Judge judge = new DemoScene.Judge(settings);
        final Ledger ledger = new Ledger(settings.cameras(), judge);
        final long startNs;
        final JobHandle.Report report;
        final JobHandle job = host.client().startJob(jobSpec(judge, cameraIds), ledger.listener());
        narrator.line(String.format(
                java.util.Locale.ROOT,
                "Running %d cameras of %d x %d %s at %.3g frames a second for %d s: %d frames, %.1f MB/s into shared"
                        + " memory",
                settings.cameras(),
                settings.width(),
                settings.height(),
                settings.format().name().toLowerCase(java.util.Locale.ROOT),
                settings.fps(),
                settings.seconds(),
                (long) settings.steps() * settings.cameras(),
                settings.frameLength() * settings.fps() * settings.cameras() / 1e6));
        startNs = System.nanoTime() + START_DELAY_NS;
        host.run(startNs);
        final long killAtNs = startNs + TimeUnit.SECONDS.toNanos(settings.seconds()) / 2;
        while (!stop.getAsBoolean() && host.isRunning()) {
            ledger.drain();
            narrator.progress(ledger.steps());
            if (kill != null && System.nanoTime() - killAtNs >= 0) {
                kill.poll();
            }
            LockSupport.parkNanos(POLL_NS);
        }
        if (stop.getAsBoolean()) {
            host.stopCameras();
        }
        awaitFrames(host, ledger, kill);
        report = job.close(SETTLE);
        awaitSteps(ledger, report);
        narrator.progress(ledger.steps());
        final ClusterStatus status = host.client().status();
        final List<CameraGroup.Counts> counts = host.counts();
        drawPicture(judge);
        return new DemoReport(settings, ledger, judge, report, status, counts, kill, stop.getAsBoolean());
    }

    /** The last frames are still on their way when the cameras end; a job that is closed takes no more. */
    private void awaitFrames(final DemoHost host, final Ledger ledger, final Kill kill) {
        final long deadlineNs = System.nanoTime() + SETTLE.toNanos();
        long due = Long.MAX_VALUE;
        while (due > ledger.framesCompleted() + ledger.framesFailed()
                && !stop.getAsBoolean()
                && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(10 * POLL_NS);
            ledger.drain();
            if (kill != null && kill.killedNs() != 0) {
                kill.poll();
            }
            narrator.progress(ledger.steps());
            due = 0;
            for (final CameraGroup.Counts group : host.counts()) {
                due += group.published();
                due -= group.refused().values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
            }
        }
    }

    /** The client may hear of the end before it has handed over the last step. */
    private void awaitSteps(final Ledger ledger, final JobHandle.Report report) {
        final long deadlineNs = System.nanoTime() + HAND_OVER_NS;
        ledger.drain();
        while (report != null && ledger.steps() < report.steps() && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(10 * POLL_NS);
            ledger.drain();
        }
    }

    /** The picture is the lesser part of what came out: without it the run still counts. */
    private void drawPicture(final DemoScene.Judge judge) {
        try {
            judge.picture().write(settings.picture());
        } catch (final DragonException ex) {
            narrator.line(ex.getMessage());
        }
    }

    private JobSpec jobSpec(final DemoScene.Judge judge, final int[] cameraIds) {
        final Rig rig = DemoScene.of(settings).rig();
        final UnsafeBuffer rigBytes = new UnsafeBuffer(new byte[rig.encodedLength()]);
        rig.encode(rigBytes, 0);
        final UnsafeBuffer mask = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        MaskRule.difference(DIFFERENCE_THRESHOLD).encode(mask, 0);
        final UnsafeBuffer carve = new UnsafeBuffer(new byte[io.dragon.worker.voxel.CarveRule.ENCODED_LENGTH]);
        judge.rule().encode(carve, 0);
        final JobSpec spec = new JobSpec()
                .perFrame(MaskHandler.TYPE, 2)
                .frameParameters(mask.byteArray())
                .perStep(CarveHandler.TYPE, settings.slabs())
                .stepParameters(carve.byteArray())
                .stepInput(FrameFormat.RIG, rigBytes.byteArray())
                .pairSkew(Duration.ofMillis(100))
                .stepDeadline(Duration.ofSeconds(5))
                .deliverFrameResults(true);
        for (int i = 0; i < cameraIds.length; i++) {
            spec.camera(cameraIds[i], rig.pair(i) == Rig.NO_PAIR ? JobSpec.NO_PAIR : rig.pair(i));
        }
        return spec;
    }

    private void tellNodes(final ClusterStatus status) {
        for (final ClusterStatus.Node node : status.nodes()) {
            narrator.line("Node " + node.name() + " on " + node.host() + ": " + node.workers() + " workers, "
                    + node.cameras() + " cameras");
        }
        for (final ClusterStatus.Worker worker : status.workers()) {
            narrator.line("  " + worker.name() + ": " + worker.device()
                    + (worker.state() == WorkerState.ALIVE ? "" : ", " + worker.state()));
        }
    }

    private void tellAllocation(final DragonClient client, final int[] cameraIds) {
        final Rig rig = DemoScene.of(settings).rig();
        final Map<Integer, Integer> pairs = new LinkedHashMap<>();
        for (int i = 0; i < cameraIds.length; i++) {
            pairs.put(cameraIds[i], rig.pair(i) == Rig.NO_PAIR ? JobSpec.NO_PAIR : rig.pair(i));
        }
        final Map<Integer, Integer> byNode = new LinkedHashMap<>();
        client.allocateCameras(pairs).values().forEach(node -> byNode.merge(node, 1, Integer::sum));
        final Map<Integer, String> names = new LinkedHashMap<>();
        client.status().nodes().forEach(node -> names.put(node.id(), node.name()));
        byNode.forEach(
                (node, cameras) -> narrator.line("Camera allocation: " + cameras + " cameras, pairs together, on "
                        + (node == 0 ? "no node in particular" : names.getOrDefault(node, "node " + node))));
    }
}
