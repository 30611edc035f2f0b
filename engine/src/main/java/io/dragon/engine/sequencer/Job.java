package io.dragon.engine.sequencer;

import org.agrona.collections.Long2ObjectHashMap;

/** Steps of a rig of cameras, assembled from frames as they come. */
final class Job {
    static final int NO_PAIR = 65_534;
    static final int MAX_CAMERAS = 32;

    final long id;
    final Party client;
    TaskType frameType;
    TaskType stepType;
    int depth;
    int slabs;
    int priority;
    int flags;
    long pairSkewNs;
    long stepDeadlineMs;
    JobCamera[] cameras = new JobCamera[0];
    byte[] inputs = Bytes.NONE;
    byte[] frameParameters = Bytes.NONE;
    byte[] stepParameters = Bytes.NONE;
    boolean closing;
    long steps;
    long stepsIncomplete;
    long framesAccepted;
    long framesRefused;
    long highestClosedStep = -1;

    /** What other step numbers are measured by, and the last step that was refused for want of room; -1 none yet. */
    long newestStep = -1;

    long overloadedStep = -1;

    /** Steps that still collect frames, by the time of their first frame. */
    Step collectingFirst;

    Step collectingLast;
    int collecting;

    /** Every step that is not finished. */
    final Long2ObjectHashMap<Step> open = new Long2ObjectHashMap<>();

    Job(final long id, final Party client) {
        this.id = id;
        this.client = client;
    }

    int allBits() {
        return cameras.length == MAX_CAMERAS ? -1 : (1 << cameras.length) - 1;
    }
}
