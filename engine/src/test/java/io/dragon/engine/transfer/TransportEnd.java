package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.dragon.codecs.frame.LeaveDecoder;
import io.dragon.codecs.frame.LeaveEncoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.PieceDecoder;
import io.dragon.codecs.frame.PieceEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A transport with a frame to send and a place for one that comes: what an agent makes of it, in a few lines. A number says where
 * each piece belongs, so that what is missing, doubled or out of order is seen.
 */
final class TransportEnd implements InletHandler, FrameSource, AutoCloseable {
    final Transport transport;
    private final Aeron aeron;
    final ByteBuffer arrived;
    final List<Inlet> inlets = new ArrayList<>();
    long piecesArrived;
    long bytesArrived;
    long messagesArrived;
    long lastMessage;
    int closed;
    int malformed;
    boolean inOrder = true;

    private final UnsafeBuffer frame;
    private final FileChannel file;
    private final UnsafeBuffer message = new UnsafeBuffer(ByteBuffer.allocateDirect(Transport.LONGEST_MESSAGE));
    private final UnsafeBuffer head = new UnsafeBuffer(ByteBuffer.allocateDirect(Transport.PIECE_HEAD_LENGTH));
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final PieceEncoder pieceEncoder = new PieceEncoder();
    private final PieceDecoder pieceDecoder = new PieceDecoder();
    private final LeaveEncoder leaveEncoder = new LeaveEncoder();
    private final LeaveDecoder leaveDecoder = new LeaveDecoder();
    private long arrivingNumber;
    private int arrivingLength;
    private long lastNumber = -1;
    private int sentTo;
    private long sendNumber;

    /**
     * An end.
     *
     * @param aeron whose conductor it runs, closed with it; or null
     * @param frame what it sends, or null
     * @param file with the same bytes, or null
     * @param room for what comes
     */
    TransportEnd(
            final Transport transport,
            final Aeron aeron,
            final ByteBuffer frame,
            final FileChannel file,
            final int room) {
        this.aeron = aeron;
        this.transport = transport;
        this.frame = frame == null ? null : new UnsafeBuffer(frame);
        this.file = file;
        arrived = ByteBuffer.allocateDirect(room);
    }

    /** Where the transport listens, when it is {@code tcp}. */
    int port() {
        return ((TcpTransport) transport).port();
    }

    int poll() {
        final int work = aeron == null ? 0 : aeron.conductorAgentInvoker().invoke();
        return work + transport.poll(this, System.nanoTime());
    }

    /** Bytes of the frame that the lane has taken. */
    int sent() {
        return sentTo;
    }

    /** Whether the last piece is here that the other end has sent: others of a stream that has ended may have come before. */
    boolean hasLastOf(final TransportEnd from) {
        return lastNumber == from.sendNumber - 1;
    }

    /** Begins the frame anew. */
    void rewind() {
        sentTo = 0;
    }

    /** Sends the next pieces of the first bytes of the frame; true when all of it is gone. */
    boolean sendPieces(final Lane lane, final int length, final int longest) {
        while (sentTo < length) {
            final int piece = Math.min(longest, length - sentTo);
            pieceEncoder
                    .wrapAndApplyHeader(head, 0, headerEncoder)
                    .requestId(sendNumber)
                    .chunk(0)
                    .at(sentTo);
            if (lane.sendPiece(head, 0, Transport.PIECE_HEAD_LENGTH, this, sentTo, piece) < 0) {
                return false;
            }
            sendNumber++;
            sentTo += piece;
        }
        return true;
    }

    /** Sends a message with a number, as long as is wanted. */
    int sendMessage(final Lane lane, final long number, final int length) {
        leaveEncoder.wrapAndApplyHeader(message, 0, headerEncoder).requestId(number);
        return lane.send(message, 0, Math.max(length, MessageHeaderEncoder.ENCODED_LENGTH + LeaveEncoder.BLOCK_LENGTH));
    }

    @Override
    public void onOpened(final Inlet inlet) {
        inlets.add(inlet);
        // Another sender, or the same one anew: it counts from wherever it is.
        lastNumber = -1;
    }

    @Override
    public void onClosed(final Inlet inlet) {
        inlets.remove(inlet);
        closed++;
    }

    @Override
    public void onMessage(final Inlet inlet, final DirectBuffer buffer, final int offset, final int length) {
        headerDecoder.wrap(buffer, offset);
        if (headerDecoder.templateId() == LeaveDecoder.TEMPLATE_ID) {
            final long number = leaveDecoder
                    .wrapAndApplyHeader(buffer, offset, headerDecoder)
                    .requestId();
            inOrder &= number == lastMessage + 1;
            lastMessage = number;
            messagesArrived++;
        }
    }

    @Override
    public void onPieceBegins(
            final Inlet inlet, final DirectBuffer buffer, final int offset, final int headLength, final int length) {
        pieceDecoder.wrapAndApplyHeader(buffer, offset, headerDecoder);
        arrivingNumber = pieceDecoder.requestId();
        arrivingLength = length;
        inlet.target().to(arrived, (int) pieceDecoder.at());
    }

    @Override
    public void onPieceArrived(final Inlet inlet) {
        inOrder &= lastNumber < 0 || arrivingNumber == lastNumber + 1;
        lastNumber = arrivingNumber;
        piecesArrived++;
        bytesArrived += arrivingLength;
    }

    @Override
    public void onMalformed(final String source) {
        malformed++;
    }

    @Override
    public DirectBuffer buffer() {
        return frame;
    }

    @Override
    public FileChannel channel() {
        return file;
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    public void close() {
        transport.close();
        CloseHelper.close(aeron);
    }
}
