package io.dragon.engine.transfer;

import org.agrona.DirectBuffer;

/** What a {@link Transport} calls while it is polled, on the thread that polls. */
public interface InletHandler {
    /**
     * A stream began.
     *
     * @param inlet of the stream
     */
    void onOpened(Inlet inlet);

    /**
     * A stream ended; a piece that was on its way will not be completed.
     *
     * @param inlet of the stream
     */
    void onClosed(Inlet inlet);

    /**
     * A whole message other than a piece.
     *
     * @param inlet it came by
     * @param buffer with the message
     * @param offset where it begins
     * @param length of the message
     */
    void onMessage(Inlet inlet, DirectBuffer buffer, int offset, int length);

    /**
     * A piece begins: says by {@link Inlet#target()} where its bytes shall go.
     *
     * @param inlet it comes by
     * @param head with the head
     * @param offset where the head begins
     * @param headLength {@link Transport#PIECE_HEAD_LENGTH}
     * @param length of the bytes that follow
     */
    void onPieceBegins(Inlet inlet, DirectBuffer head, int offset, int headLength, int length);

    /**
     * The bytes of the piece that began are all where they should be.
     *
     * @param inlet it came by
     */
    void onPieceArrived(Inlet inlet);

    /**
     * Something came that no agent sends; it was ignored.
     *
     * @param source where it came from, for people
     */
    void onMalformed(String source);
}
