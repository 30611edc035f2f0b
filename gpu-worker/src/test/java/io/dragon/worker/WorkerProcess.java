package io.dragon.worker;

import io.dragon.engine.config.DragonDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A worker as a process of its own: directory, driver, name, where masters are when not on that driver. Its task type {@code slow} takes 10 s where a file {@code slow} tells it to. */
final class WorkerProcess {
    private WorkerProcess() {}

    public static void main(final String[] args) throws InterruptedException {
        final Path slow = Path.of(args[0], "slow-" + args[2]);
        final WorkerNode worker = WorkerNode.launch(new WorkerContext()
                .directory(DragonDirectory.of(Path.of(args[0])))
                .aeronDirectoryName(args[1])
                .ingressEndpoints(args.length > 3 ? args[3] : null)
                .name(args[2])
                .timeouts(MasterProcess.TIMEOUTS)
                .errorHandler(Throwable::printStackTrace)
                .loadHandlers(false)
                .handler(new EchoHandler())
                .handler(TaskHandler.of("slow", task -> {
                    System.out.println("begun " + task.taskId());
                    if (slow.toFile().exists()) {
                        Thread.sleep(10_000);
                    }
                    task.inlineResult().putStringWithoutLengthAscii(0, args[2]);
                    task.inlineResultLength(args[2].length());
                })));
        worker.awaitReady(Duration.ofSeconds(20));
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
