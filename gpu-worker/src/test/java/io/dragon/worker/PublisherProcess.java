package io.dragon.worker;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A camera as a process of its own: directory, driver, number of frames. It publishes for a job once a file {@code go} is there. */
final class PublisherProcess {
    private PublisherProcess() {}

    public static void main(final String[] args) throws InterruptedException {
        final int frames = Integer.parseInt(args[2]);
        final Path go = Path.of(args[0], "go");
        final DragonClient client = DragonClient.connect(new ClientContext()
                .directory(DragonDirectory.of(Path.of(args[0])))
                .aeronDirectoryName(args[1])
                .name("publisher")
                .timeouts(Timeouts.ci())
                .errorHandler(Throwable::printStackTrace));
        final FramePublisher camera = client.addPublisher(
                "camera", new FramePublisher.Config().slotCount(64).slotLength(10_000));
        System.out.println("camera " + camera.cameraId() + '.');
        while (!go.toFile().exists()) {
            Thread.sleep(5);
        }
        for (int i = 1; i <= frames; i++) {
            camera.claim(10_000);
            camera.publish(i, 0);
        }
        while (camera.sent() < frames) {
            Thread.sleep(1);
        }
        System.out.println("sent " + frames);
        new CountDownLatch(1).await();
    }
}
