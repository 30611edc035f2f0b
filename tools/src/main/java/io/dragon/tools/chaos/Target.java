package io.dragon.tools.chaos;

import java.util.List;
import java.util.Locale;

/** What a fault befalls. */
enum Target {
    /** The master that leads. */
    LEADER,
    /** A master that follows. */
    FOLLOWER,
    /** The busiest worker. */
    WORKER,
    /** A process of cameras. */
    PUBLISHER,
    /** The media driver that the host's processes share. */
    MEDIA_DRIVER,
    /** The node agent, which starts and watches the workers. */
    GPU_SERVER,
    /** The folder of shared memory. */
    MEMORY,
    /** The network between the masters and everybody else. */
    NETWORK;

    /** Those that are processes. */
    static final List<Target> PROCESSES = List.of(LEADER, FOLLOWER, WORKER, PUBLISHER, MEDIA_DRIVER, GPU_SERVER);

    /** As options and tables write it. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
