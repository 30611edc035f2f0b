package io.dragon.tools.demo;

import io.dragon.engine.client.DragonClient;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Where the demo's parts run: all in this JVM, or a process each. Used by the demo's thread alone. */
interface DemoHost extends AutoCloseable {
    /** A client of the running system, made once. */
    DragonClient client();

    /** Party ids of all cameras, in the order of the rig; they are registered by then. */
    int[] startCameras();

    /** Lets every camera run from a moment of {@link System#nanoTime} on. */
    void run(long startNs);

    /** Whether cameras are still publishing; throws when one of the parts has died by itself. */
    boolean isRunning();

    /** Ends the cameras before their time and waits until they have ended. */
    void stopCameras();

    /** Keeps what tells why something went wrong beyond {@link #close}; where that is, in a sentence, or nothing. */
    String keepLogs();

    /** What the camera groups have done; only after they ended. */
    List<CameraGroup.Counts> counts();

    /** Kills a worker with -9. */
    long killWorker(long processId);

    /** What runs where, a line each. */
    List<String> parts();

    @Override
    void close();

    /** How long any part may take to start on a busy machine. */
    long START_SECONDS = TimeUnit.MINUTES.toSeconds(1);
}
