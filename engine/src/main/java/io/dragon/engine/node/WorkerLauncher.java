package io.dragon.engine.node;

import java.io.IOException;

/** Starts worker processes. */
public interface WorkerLauncher {
    /**
     * Starts the process of one worker. Returns without waiting for it to be ready.
     *
     * @param name the worker's name.
     * @return the running process.
     * @throws IOException when it cannot be started.
     */
    WorkerProcess launch(String name) throws IOException;
}
