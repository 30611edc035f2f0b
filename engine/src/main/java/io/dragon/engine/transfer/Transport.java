package io.dragon.engine.transfer;

import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.PieceDecoder;

/**
 * How frames travel: lanes out to other nodes, and what comes in from them. One thread calls everything; nothing blocks.
 *
 * <p>A message is one of {@code frame.xml} with its header. A message whose template is {@code Piece} is followed by bytes of a frame.
 */
public interface Transport extends AutoCloseable {
    /** Bytes of the head of a piece: the message header and the block of {@code Piece}. */
    int PIECE_HEAD_LENGTH = MessageHeaderDecoder.ENCODED_LENGTH + PieceDecoder.BLOCK_LENGTH;

    /** The longest message but a piece that any agent sends. */
    int LONGEST_MESSAGE = 1024;

    /**
     * Opens a lane to another node; it connects while the transport is polled.
     *
     * @param address IP address or host name of the node
     * @param port of its transport
     * @return the lane, not connected yet
     */
    Lane open(String address, int port);

    /**
     * Opens a lane with packets of a size of its own, where there are packets.
     *
     * @param address IP address or host name of the node
     * @param port of its transport
     * @param mtu bytes of a packet at most
     * @return the lane, not connected yet
     */
    default Lane open(final String address, final int port, final int mtu) {
        return open(address, port);
    }

    /**
     * Connects, takes in what has come, and does what else is due. A part of a duty cycle.
     *
     * @param handler of what comes in
     * @param nowNs of the agent's clock
     * @return the amount of work done
     */
    int poll(InletHandler handler, long nowNs);

    /**
     * The most bytes of a frame in one piece: chunks are made of whole ones.
     *
     * @return bytes, without the head
     */
    int longestPiece();

    /** Ends every lane and every stream. */
    @Override
    void close();
}
