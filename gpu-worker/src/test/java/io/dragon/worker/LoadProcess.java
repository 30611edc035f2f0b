package io.dragon.worker;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.client.JobHandle;
import io.dragon.engine.client.JobSpec;
import io.dragon.engine.client.StepResult;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FullPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A client, or with {@code camera} a publisher, that works steadily and says what it sees: directory, driver, masters ("-" for those on the
 * driver), number of tasks or frames, milliseconds between two, {@code tasks} or {@code camera}. Lines: {@code LOST nanos}, {@code BACK nanos},
 * {@code FIRST nanos} (of the first result after a connection came back) and {@code SUM ...} at the end.
 */
final class LoadProcess {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private LoadProcess() {}

    public static void main(final String[] args) throws Exception {
        final int count = Integer.parseInt(args[3]);
        final long pauseNs = Long.parseLong(args[4]) * 1_000_000;
        try (DragonClient client = DragonClient.connect(new ClientContext()
                .directory(DragonDirectory.of(Path.of(args[0])))
                .aeronDirectoryName(args[1])
                .ingressEndpoints(args[2].equals("-") ? null : args[2])
                .name(args[5])
                .timeouts(MasterProcess.TIMEOUTS)
                .errorHandler(error -> System.out.println("ERROR " + error)))) {
            final Thread watch = new Thread(() -> watch(client));
            watch.setDaemon(true);
            watch.start();
            if (args[5].equals("camera")) {
                publish(client, count, pauseNs);
            } else {
                submit(client, count, pauseNs);
            }
            System.out.println("RESTS " + client.openTasks());
            watch.interrupt(); // what it would see next is this process's own leave
            watch.join();
        }
        System.out.println("ENDED");
    }

    private static void submit(final DragonClient client, final int count, final long pauseNs) {
        final AtomicIntegerArray results = new AtomicIntegerArray(count);
        final AtomicInteger failed = new AtomicInteger();
        final AtomicInteger finished = new AtomicInteger();
        System.out.println("ready");
        for (int i = 0; i < count; i++) {
            final int number = i;
            client.submit(
                    TaskRequest.of(EchoHandler.TYPE).input(new byte[1000]).onDone(outcome -> {
                        results.incrementAndGet(number);
                        if (!outcome.isCompleted()) {
                            failed.incrementAndGet();
                            System.out.println("FAILED " + outcome);
                        }
                        outcome.close();
                        onFinished(finished.incrementAndGet());
                    }),
                    TIMEOUT);
            LockSupport.parkNanos(pauseNs);
        }
        Tests.await(() -> finished.get() >= count, TIMEOUT, () -> finished + " of " + count + "; " + client);
        LockSupport.parkNanos(500_000_000); // for results that come once too often
        int lost = 0;
        int duplicated = 0;
        for (int i = 0; i < count; i++) {
            lost += results.get(i) == 0 ? 1 : 0;
            duplicated += results.get(i) > 1 ? 1 : 0;
        }
        System.out.println("SUM tasks " + count + " lost " + lost + " duplicated " + duplicated + " failed " + failed);
    }

    private static void publish(final DragonClient client, final int count, final long pauseNs)
            throws InterruptedException {
        final FramePublisher camera = client.addPublisher(
                "camera",
                new FramePublisher.Config()
                        .slotCount(16)
                        .slotLength(10_000)
                        .fullPolicy(FullPolicy.WAIT)
                        .claimTimeoutNs(TIMEOUT.toNanos()));
        final JobHandle job = client.startJob(new JobSpec()
                .camera(camera.cameraId())
                .perFrame(EchoHandler.TYPE, 1)
                .perStep("slow", 1)
                .stepDeadline(Duration.ofSeconds(60)));
        final AtomicIntegerArray steps = new AtomicIntegerArray(count + 1);
        final AtomicInteger finished = new AtomicInteger();
        final AtomicInteger failed = new AtomicInteger();
        System.out.println("ready");
        final Thread publisher = new Thread(() -> {
            for (int step = 1; step <= count; step++) {
                if (camera.claim(10_000) < 0 || camera.publish(step, 0) <= 0) {
                    System.out.println("DROPPED " + camera.drops());
                }
                LockSupport.parkNanos(pauseNs);
            }
        });
        publisher.setDaemon(true);
        publisher.start();
        while (finished.get() < count) {
            try (StepResult result = job.poll(TIMEOUT)) {
                if (result == null) {
                    System.out.println("MISSING after " + finished + ", " + camera);
                    break;
                }
                if (!result.isCompleted()) {
                    failed.incrementAndGet();
                }
                steps.incrementAndGet((int) result.step());
                onFinished(finished.incrementAndGet());
            }
        }
        int lost = 0;
        int duplicated = 0;
        for (int step = 1; step <= count; step++) {
            lost += steps.get(step) == 0 ? 1 : 0;
            duplicated += steps.get(step) > 1 ? 1 : 0;
        }
        Tests.await(() -> camera.released(io.dragon.codecs.control.Reason.NONE) == count, TIMEOUT, camera::toString);
        System.out.println("SUM steps " + count + " lost " + lost + " duplicated " + duplicated + " failed " + failed
                + " dropped " + camera.drops().total());
    }

    private static volatile boolean isBack;

    private static void onFinished(final int finished) {
        if (isBack) {
            isBack = false;
            System.out.println("FIRST " + System.nanoTime());
        }
        if (finished % 20 == 0) {
            System.out.println("DONE " + finished);
        }
    }

    private static void watch(final DragonClient client) {
        boolean was = true;
        while (!Thread.currentThread().isInterrupted()) {
            final boolean is = client.isConnected();
            if (is != was) {
                was = is;
                isBack = is;
                System.out.println((is ? "BACK " : "LOST ") + System.nanoTime() + ' ' + client);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
