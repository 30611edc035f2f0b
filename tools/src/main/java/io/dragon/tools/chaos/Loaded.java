package io.dragon.tools.chaos;

import io.dragon.engine.client.DragonClient;

/** A cluster as far as the load on it needs it. One thread. */
interface Loaded {
    /** Who submits. */
    DragonClient client();

    /** Starts the cameras; answers their ids in order. */
    int[] startCameras();

    /** The cameras publish from now on; steps are counted from a moment in milliseconds since 1970. */
    void runCameras(long startMs);

    /** Returns once no camera publishes any more. */
    void pauseCameras();

    /** Starts again what ended by itself; answers its name, or null. */
    String mend();
}
