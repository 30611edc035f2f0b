package io.dragon.engine.sequencer;

/** What one node measured of the way to another, and by which node the frames of that other come to it. */
final class Link {
    static final int UNKNOWN = 0;
    static final int UP = 1;
    static final int DEGRADED = 2;
    static final int DOWN = 3;

    /** In place of a hop: no way is known. */
    static final int NONE = -1;

    int state;

    /** Which of the other's addresses is in use. */
    int address;

    int lossPermille;

    /** Smoothed; 0 unknown. */
    long roundTripNs;

    /** The longest of the spikes that made it degraded; 0 when it is not, or for another reason. */
    long spikeNs;

    /** The round trip that those were compared with. */
    long usualNs;

    /** Payload that came from the other; 0 unknown. */
    long bytesPerSecond;

    /** One way, as routes are computed with: follows the measurement only when that has changed by much. */
    long countedNs;

    /** Up time since when it is in this state. */
    long sinceMs;

    /** Place of the node that is asked for the other's frames: the other itself, or the next one on the way to it. */
    int hop = NONE;

    /** The one that measured is another now, or the other is. */
    void forget() {
        state = UNKNOWN;
        address = 0;
        lossPermille = 0;
        roundTripNs = 0;
        spikeNs = 0;
        usualNs = 0;
        bytesPerSecond = 0;
        countedNs = 0;
        sinceMs = 0;
    }

    /** Whether anybody has said anything of it. */
    boolean isTold() {
        return state != UNKNOWN
                || sinceMs != 0
                || roundTripNs != 0
                || countedNs != 0
                || bytesPerSecond != 0
                || lossPermille != 0
                || address != 0;
    }
}
