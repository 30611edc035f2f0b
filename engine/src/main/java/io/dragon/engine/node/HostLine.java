package io.dragon.engine.node;

import org.agrona.MutableDirectBuffer;

/** The way of a host's reports to the sequencer: numbered commands of the node's party. One thread. */
public interface HostLine {
    /**
     * Where a command is encoded, from offset 0, its Sender left as it is.
     *
     * @return a buffer that every offer reuses.
     */
    MutableDirectBuffer scratch();

    /**
     * Sends the command in {@link #scratch()}, again and again until it is acknowledged.
     *
     * @param length of the message with its header, bytes.
     * @return its number, more than 0; or a negative code when it was not taken.
     */
    long offer(int length);

    /**
     * Sends the command in {@link #scratch()} once, without a number: lost, it is told again by the next of its kind.
     *
     * @param length of the message with its header, bytes.
     * @return false when it was not taken.
     */
    boolean tell(int length);

    /**
     * The number up to which every command has been sequenced.
     *
     * @return 0 when none has.
     */
    long acknowledgedSeq();

    /**
     * Which incarnation of which party its commands are of: one more than that of the incarnation right before it. Numbers go on over
     * incarnations, so that those of an earlier one may have been used by another process of the same name, which came between.
     *
     * @return 0 before the first registration.
     */
    long incarnation();
}
