package io.dragon.engine.sequencer;

import org.agrona.DirectBuffer;

/** The state machine that decides who works on what. Single-threaded and deterministic. */
public final class Sequencer {
    /** Changes with every change of the logic; a snapshot of another version is refused. */
    public static final int APP_VERSION = 1;

    /** No message in or out is longer, header included: bytes. */
    public static final int MAX_MESSAGE_LENGTH = 1344;

    /**
     * A sequencer without any state.
     *
     * @param config the same on every replica; concluded here
     * @param sink   where events and replies go
     */
    public Sequencer(final SequencerConfig config, final EventSink sink) {
        config.conclude();
    }

    /**
     * Takes one sequenced message. Malformed ones are counted and ignored; nothing is ever thrown because of a message's
     * content.
     *
     * @param sessionId     the session it came over, for replies
     * @param buffer        holds the message, SBE header included
     * @param offset        of the header
     * @param length        bytes with the header
     * @param clusterTimeMs cluster time, milliseconds
     */
    public void onCommand(
            final long sessionId,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long clusterTimeMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * The replicated tick: deadlines, timeouts, re-emission.
     *
     * @param clusterTimeMs cluster time, milliseconds
     */
    public void onTick(final long clusterTimeMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the tick timer is to be armed.
     *
     * @return true while a deadline or an unacknowledged event exists
     */
    public boolean needsTick() {
        throw new UnsupportedOperationException();
    }

    /** This replica became the leader. Changes no state: recipients ask for what they missed by Resume. */
    public void onLeader() {}

    /**
     * Writes the whole state in a fixed order.
     *
     * @param sink takes the records
     */
    public void snapshot(final RecordSink sink) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes the next record of a snapshot; the sequencer must be new.
     *
     * @param buffer holds the record, SBE header included
     * @param offset of the header
     * @param length bytes with the header
     * @return true when it was the last record, and the state is complete and proven equal to the one written
     * @throws IllegalStateException when the snapshot is of another version, damaged, or out of order; one plain sentence
     */
    public boolean load(final DirectBuffer buffer, final int offset, final int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * A hash over the bytes that {@link #snapshot} would write.
     *
     * @return equal on every replica after the same commands
     */
    public long stateHash() {
        throw new UnsupportedOperationException();
    }
}
