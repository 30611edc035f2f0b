package io.dragon.tools.demo;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.cluster.CommandPulse;
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

    /** The number of the master that leads; -1 when none does. */
    default int leader() {
        throw new IllegalStateException("the master of this JVM has no others beside it");
    }

    /** Kills a master with -9; answers {@link System#nanoTime} of the kill. */
    default long killMaster(int member) {
        throw new IllegalStateException("the master of this JVM cannot be killed alone");
    }

    /** Whether a master other than this one elects a leader, or is one. */
    default boolean isElecting(int without) {
        return false;
    }

    /** Commands at a steady rate, to see when they are sequenced. */
    default CommandPulse pulse() {
        throw new IllegalStateException("the master of this JVM cannot be killed alone");
    }

    /** What runs where, a line each. */
    List<String> parts();

    @Override
    void close();

    /** How long any part may take to start on a busy machine. */
    long START_SECONDS = TimeUnit.MINUTES.toSeconds(1);
}
