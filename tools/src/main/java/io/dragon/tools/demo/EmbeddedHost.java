package io.dragon.tools.demo;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import java.util.List;

/** Everything in this JVM: media driver, master, workers, and one thread for all cameras. */
final class EmbeddedHost implements DemoHost {
    private final DemoSettings settings;
    private final EmbeddedDragon dragon;
    private final DragonClient client;
    private final DragonClient cameraClient;
    private CameraGroup cameras;
    private Thread thread;
    private volatile boolean stopping;
    private volatile Throwable failure;

    EmbeddedHost(final DemoSettings settings) {
        this.settings = settings;
        dragon = EmbeddedDragon.launch(new EmbeddedContext().workers(settings.workers()));
        try {
            client = dragon.connect("demo");
            cameraClient = dragon.connect("cameras");
        } catch (final RuntimeException ex) {
            dragon.close();
            throw ex;
        }
    }

    @Override
    public DragonClient client() {
        return client;
    }

    @Override
    public int[] startCameras() {
        cameras = new CameraGroup(cameraClient, settings, 0, settings.cameras());
        return cameras.cameraIds();
    }

    @Override
    public void run(final long startNs) {
        thread = new Thread(
                () -> {
                    try {
                        cameras.run(startNs, () -> stopping);
                    } catch (final RuntimeException ex) {
                        failure = ex;
                    }
                },
                "cameras");
        thread.start();
    }

    @Override
    public boolean isRunning() {
        if (failure != null) {
            throw new DragonException("The cameras stopped: "
                    + (failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage()));
        }
        return thread.isAlive();
    }

    @Override
    public void stopCameras() {
        stopping = true;
        if (thread != null) {
            try {
                thread.join();
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String keepLogs() {
        return "";
    }

    @Override
    public List<CameraGroup.Counts> counts() {
        return List.of(cameras.counts());
    }

    @Override
    public long killWorker(final long processId) {
        throw new IllegalStateException("a worker of this JVM cannot be killed alone");
    }

    @Override
    public List<String> parts() {
        return List.of("everything in this process, " + ProcessHandle.current().pid());
    }

    @Override
    public void close() {
        stopCameras();
        if (cameras != null) {
            cameras.close();
        }
        cameraClient.close();
        client.close();
        dragon.close();
    }
}
