package io.dragon.engine.cluster;

import org.agrona.DirectBuffer;

/**
 * What happens to a party. Every method is called on its session's thread, and must not block. What a method throws goes to
 * the session's error handler, and the session goes on.
 */
public interface PartyListener {
    /**
     * The party has an id and an incarnation and may send commands. Called again after every new registration.
     *
     * @param party the party.
     */
    void onRegistered(Party party);

    /**
     * The party's incarnation is not the present one any more: what it worked on is lost to it and must be dropped. It
     * registers anew by itself afterwards.
     *
     * @param party the party.
     */
    void onFenced(Party party);

    /**
     * An event, in order and once. When this method ends the event counts as taken and is acknowledged, also when it ends by
     * throwing: delivered again it would only fail again, and hold up every event behind it. A listener that can fail after
     * it has done half must see to the other half itself.
     *
     * @param party      the party.
     * @param templateId the message.
     * @param buffer     holds it; valid during the call.
     * @param offset     of its SBE message header.
     * @param length     of the message with its header, bytes.
     */
    void onEvent(Party party, int templateId, DirectBuffer buffer, int offset, int length);

    /**
     * The sequencer will not have this party. It is not tried again.
     *
     * @param party the party.
     * @param text  why, in words.
     */
    default void onRefused(final Party party, final String text) {}

    /** The session is connected to the cluster, for the first time or again. */
    default void onConnected() {}

    /** The session has lost the cluster. Commands are kept and sent again. */
    default void onDisconnected() {}
}
