package io.dragon.engine.transfer;

import org.agrona.DirectBuffer;

/**
 * The way out to one other node: messages and pieces of frames arrive there in the order of sending, or the lane is closed. Nothing
 * blocks; what cannot be taken now is offered again. One thread, that of its {@link Transport}.
 */
public interface Lane extends AutoCloseable {
    /** Nobody is at the other end, not yet or not any more. */
    int NOT_CONNECTED = -1;

    /** Full for now. */
    int BACK_PRESSURED = -2;

    /** Closed for good: open another one. */
    int CLOSED = -4;

    /**
     * Sends a message.
     *
     * @param buffer with the message
     * @param offset where it begins
     * @param length at most {@link #longestMessage()}
     * @return a positive number when it was taken, or one of the codes
     */
    int send(DirectBuffer buffer, int offset, int length);

    /**
     * Sends a piece of a frame: a message whose head is followed by bytes of a frame.
     *
     * <p>A lane may have begun with a piece and yet answer {@link #BACK_PRESSURED}. So a piece that was offered is offered again, unchanged,
     * until it is taken or the lane is closed, and nothing else meanwhile.
     *
     * @param head with the encoded head
     * @param headOffset where the head begins
     * @param headLength its length, always the same
     * @param source of the bytes
     * @param offset of the first byte in the source's buffer
     * @param length 1 to {@link #longestPiece()}
     * @return a positive number when it was taken, or one of the codes
     */
    int sendPiece(DirectBuffer head, int headOffset, int headLength, FrameSource source, int offset, int length);

    /**
     * The longest message.
     *
     * @return bytes; at least 1,024
     */
    int longestMessage();

    /**
     * The most bytes of a frame in one piece.
     *
     * @return bytes, without the head
     */
    int longestPiece();

    /**
     * Whether a hello should be padded to {@link #longestMessage()}, because a full packet may not pass where a small one does.
     *
     * @return true for packets, false for a byte stream
     */
    boolean isPacketed();

    /**
     * Whether somebody is at the other end.
     *
     * @return false before and after
     */
    boolean isConnected();

    /**
     * Whether the lane has ended for good.
     *
     * @return true when another one must be opened
     */
    boolean isClosed();

    /** Ends the lane; what was not sent is lost. */
    @Override
    void close();
}
