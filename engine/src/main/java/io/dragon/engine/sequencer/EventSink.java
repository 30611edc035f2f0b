package io.dragon.engine.sequencer;

import org.agrona.MutableDirectBuffer;

/**
 * Where events and replies leave the core. The core never learns what became of them: what a recipient missed is emitted
 * again from state. Called on the thread that calls the {@link Sequencer}.
 */
public interface EventSink {
    /**
     * A scratch buffer to encode one message into, from its index 0 on, header included. Only one is in use at a time.
     *
     * @param maxLength the most bytes the message can take, at most {@link Sequencer#MAX_MESSAGE_LENGTH}
     * @return the buffer
     */
    MutableDirectBuffer claim(int maxLength);

    /**
     * The buffer claimed last holds an event for a party.
     *
     * @param partyId whom it is for
     * @param length  bytes of the message with its header
     */
    void emit(int partyId, int length);

    /**
     * The buffer claimed last holds a reply to the session whose command is being handled.
     *
     * @param sessionId as given to {@link Sequencer#onCommand}
     * @param length    bytes of the message with its header
     */
    void reply(long sessionId, int length);

    /**
     * A living party's command came over another session than its last one: events for it go there from now on. Called
     * before the first event of that step, and never for an incarnation that is fenced.
     *
     * @param partyId   the party
     * @param sessionId as given to {@link Sequencer#onCommand}
     */
    default void bound(int partyId, long sessionId) {}
}
