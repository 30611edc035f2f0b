package io.dragon.engine.cluster;

import io.dragon.codecs.control.PartyKind;
import org.agrona.MutableDirectBuffer;

/** One named participant: client, worker, camera or node agent. Used on its session's thread only. */
public final class Party {
    /** Answer to an offer before the party is registered, or after it was fenced or has left. */
    public static final int NOT_ACTIVE = -1;

    /** Answer to an offer when nothing more can be taken now: try again after the next duty cycle. */
    public static final int BACK_PRESSURED = -2;

    /** Answer to an offer that is longer than {@link #MAX_LENGTH}. */
    public static final int TOO_LARGE = -5;

    /** The longest message with its header, bytes: what one Aeron fragment carries beside the cluster's header. */
    public static final int MAX_LENGTH = 1_344;

    /** Commands that may be unacknowledged. */
    public static final int WINDOW = 256;

    Party() {}

    /**
     * The party's id.
     *
     * @return 0 before it is registered.
     */
    public int id() {
        throw new UnsupportedOperationException();
    }

    /**
     * The present incarnation.
     *
     * @return 0 before it is registered.
     */
    public int incarnation() {
        throw new UnsupportedOperationException();
    }

    /**
     * The kind it registered as.
     *
     * @return the kind.
     */
    public PartyKind kind() {
        throw new UnsupportedOperationException();
    }

    /**
     * The name it registered with.
     *
     * @return the name.
     */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether commands are taken. They are also taken while the cluster is away, and sent when it is back.
     *
     * @return true between registration and the end of the incarnation.
     */
    public boolean isActive() {
        throw new UnsupportedOperationException();
    }

    /**
     * The number that the next offered command gets; with {@link #id()} the id of what it creates.
     *
     * @return 1 or more.
     */
    public long nextSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * Where a command is encoded: header and body from offset 0, its Sender left as it is (an offer fills it in).
     *
     * @return a buffer of {@link #MAX_LENGTH} bytes, the party's own, reused by every offer.
     */
    public MutableDirectBuffer scratch() {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends the command in {@link #scratch()}, numbered, and sends it again until it is acknowledged.
     *
     * @param length of the message with its header, bytes.
     * @return its number, or {@link #NOT_ACTIVE}, {@link #BACK_PRESSURED}, {@link #TOO_LARGE}.
     */
    public long offer(final int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sends the message in {@link #scratch()} once, without a number.
     *
     * @param length of the message with its header, bytes.
     * @return 1, or {@link #NOT_ACTIVE}, {@link #BACK_PRESSURED}, {@link #TOO_LARGE}.
     */
    public long offerUnsequenced(final int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * The number up to which every command has been sequenced.
     *
     * @return 0 when none has.
     */
    public long acknowledgedSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * How many open tasks the sequencer grants a client.
     *
     * @return 0 before it is registered.
     */
    public int maxOpenTasks() {
        throw new UnsupportedOperationException();
    }

    /** Leaves in order: the last command of this party. It is inactive at once. */
    public void unregister() {
        throw new UnsupportedOperationException();
    }

    /**
     * What its next heartbeats tell: see the Heartbeat message.
     *
     * @param progress        tasks finished by a worker, frames published by a camera.
     * @param errors          errors so far.
     * @param dropped         frames dropped so far.
     * @param freeBytes       free memory of a worker's device; -1 unknown.
     * @param computingTaskId the task being computed; 0 when idle.
     */
    public void health(
            final long progress,
            final long errors,
            final long dropped,
            final long freeBytes,
            final long computingTaskId) {
        throw new UnsupportedOperationException();
    }
}
