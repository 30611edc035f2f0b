package io.dragon.tools.demo;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.EmbeddedDragon;
import java.util.List;
import java.util.function.Function;
import org.agrona.CloseHelper;

/**
 * One thread for all cameras in this JVM, beside a system that is in this JVM too, or one that runs already, whose workers are on
 * whatever hosts.
 */
final class EmbeddedHost implements DemoHost {
    private final DemoSettings settings;
    private final AutoCloseable system;
    private final DragonClient client;
    private final DragonClient cameraClient;
    private final String part;
    private CameraGroup cameras;
    private Thread thread;
    private volatile boolean stopping;
    private volatile Throwable failure;

    private EmbeddedHost(
            final DemoSettings settings,
            final AutoCloseable system,
            final Function<String, DragonClient> clients,
            final String part) {
        this.settings = settings;
        this.system = system;
        this.part = part;
        DragonClient first = null;
        try {
            first = clients.apply("demo");
            cameraClient = clients.apply("demo-cameras");
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(first, system);
            throw ex;
        }
        client = first;
    }

    /** Media driver, master and workers in this JVM. */
    static EmbeddedHost embedded(final DemoSettings settings) {
        final EmbeddedDragon dragon = EmbeddedDragon.launch(new EmbeddedDragon.Context().workers(settings.workers()));
        return new EmbeddedHost(
                settings,
                dragon,
                dragon::connect,
                "everything in this process, " + ProcessHandle.current().pid());
    }

    /** The cameras alone; a client of the running system by its name. */
    static EmbeddedHost joined(final DemoSettings settings, final Function<String, DragonClient> clients) {
        return new EmbeddedHost(
                settings,
                () -> {},
                clients,
                "the cameras in this process, " + ProcessHandle.current().pid()
                        + ", everything else where it runs already");
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
        return List.of(part);
    }

    @Override
    public void close() {
        stopCameras();
        if (cameras != null) {
            cameras.close();
        }
        cameraClient.close();
        client.close();
        CloseHelper.quietClose(system);
    }
}
