package io.dragon.tools.chaos;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A cluster of processes that this run started. One thread. */
abstract class LoadedParts implements Loaded, AutoCloseable {
    final SystemAccess access;
    final Parts parts;
    private DragonClient client;

    LoadedParts(final SystemAccess access) {
        this.access = access;
        try {
            parts = new Parts(access);
        } catch (final IOException ex) {
            throw unwritable(ex);
        }
    }

    static DragonException unwritable(final IOException ex) {
        return new DragonException("Cannot write to the folder for temporary files: " + ex.getMessage() + '.');
    }

    /** Connects this run's own client; returns once work can be done. */
    final void connect(final Path config, final long seconds) {
        client = DragonClient.connect(access.client(config).name("chaos").connectTimeout(Duration.ofSeconds(seconds)));
        parts.await("masters and workers", () -> {
            parts.checkAlive();
            return isWhole();
        });
    }

    /** Whether every process that was started does its work, as the system itself says. */
    abstract boolean isWhole();

    /** Waits until the system is whole. */
    final void awaitWhole() {
        parts.await("every process in its place", () -> {
            mend();
            return isWhole();
        });
    }

    @Override
    public final DragonClient client() {
        return client;
    }

    @Override
    public final int[] startCameras() {
        return parts.startCameras();
    }

    @Override
    public final void runCameras(final long startMs) {
        parts.runCameras(startMs);
    }

    @Override
    public final void pauseCameras() {
        parts.pauseCameras();
    }

    @Override
    public final String mend() {
        return parts.mend();
    }

    final Path state() {
        return parts.state();
    }

    /** Leaves the logs where they are. */
    final void keepState() {
        parts.keepState();
    }

    @Override
    public void close() {
        parts.end(client);
        parts.close();
    }
}
