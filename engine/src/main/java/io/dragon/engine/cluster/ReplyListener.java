package io.dragon.engine.cluster;

import org.agrona.DirectBuffer;

/** Receives the answer to a query. Every method is called on the session's thread, and must not block. */
public interface ReplyListener {
    /**
     * A page of the answer.
     *
     * @param templateId the message.
     * @param buffer     holds it; valid during the call.
     * @param offset     of its SBE message header.
     * @param length     of the message with its header, bytes.
     */
    void onReply(int templateId, DirectBuffer buffer, int offset, int length);

    /**
     * No more comes.
     *
     * @param complete false when the answer, or a page of it, did not come in time.
     */
    default void onEnd(final boolean complete) {}
}
