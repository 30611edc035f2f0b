package io.dragon.engine.transfer;

import io.dragon.codecs.frame.ChunkDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.PieceDecoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A connection that another node made. The bytes of a piece are read into their place, and the heads that follow with the same call; only
 * what the socket gave beyond a head is copied.
 */
final class TcpInlet {
    private static final int HEADS_LENGTH = 4_096;

    /** What mostly lies between the bytes of two pieces: Chunk and the head of Piece, with their lengths. */
    private static final int HEADS_BETWEEN = TcpTransport.LENGTH_BYTES
            + MessageHeaderDecoder.ENCODED_LENGTH
            + ChunkDecoder.BLOCK_LENGTH
            + TcpTransport.LENGTH_BYTES
            + Transport.PIECE_HEAD_LENGTH;

    /** So that one connection does not keep the others waiting. */
    private static final int READS = 16;

    private static final long GREETING_TIMEOUT_NS = 3_000_000_000L;

    /** Longer than a lane says nothing for, four times over. */
    private static final long SILENCE_TIMEOUT_NS = 4 * TcpLane.LONGEST_SILENCE_NS;

    private static final int SHORTEST = MessageHeaderDecoder.ENCODED_LENGTH;

    private final SocketChannel channel;
    private final InetAddress address;
    private final Inlet inlet;
    private final ByteBuffer scratch;
    private final long acceptedNs;
    private final ByteBuffer heads = ByteBuffer.allocateDirect(HEADS_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final UnsafeBuffer view = new UnsafeBuffer(heads);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ByteBuffer[] both = {null, heads};
    private boolean isGreeted;
    private boolean isReady;
    private boolean isClosed;
    private int pieceLength;
    private int pieceAt;
    private long heardNs;

    TcpInlet(final SocketChannel channel, final InetSocketAddress peer, final ByteBuffer scratch, final long nowNs) {
        this.channel = channel;
        this.scratch = scratch;
        address = peer.getAddress();
        inlet = new Inlet(TcpTransport.text(peer));
        acceptedNs = nowNs;
        heardNs = nowNs;
    }

    /** Of the node at the other end. */
    InetAddress address() {
        return address;
    }

    boolean isReady() {
        return isReady;
    }

    void ready() {
        isReady = true;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Takes in what has come; gives the amount of work done. */
    int read(final InletHandler handler, final long nowNs) {
        int work = 0;
        try {
            while (work < READS && !isClosed) {
                final long read = pieceAt < pieceLength ? readPiece() : channel.read(heads);
                if (read <= 0) {
                    isReady = false;
                    if (read < 0) {
                        close(handler);
                    }
                    break;
                }
                work++;
                heardNs = nowNs;
                if (pieceAt == pieceLength && pieceLength > 0) {
                    pieceLength = 0;
                    pieceAt = 0;
                    handler.onPieceArrived(inlet);
                }
                takeHeads(handler);
            }
        } catch (final IOException e) {
            close(handler);
        }
        return work;
    }

    /** The socket's bytes to their place; when that is full, the next ones to the heads. */
    private long readPiece() throws IOException {
        final ByteBuffer target = place();
        both[0] = target;
        heads.clear().limit(HEADS_BETWEEN);
        final int before = target.remaining();
        final long read = channel.read(both);
        pieceAt += before - target.remaining();
        return read;
    }

    /** Where the rest of the piece goes, from position to limit. */
    private ByteBuffer place() {
        final ByteBuffer target = inlet.target().bytes();
        if (target == null) {
            return scratch.clear().limit(Math.min(scratch.capacity(), pieceLength - pieceAt));
        }
        final int at = inlet.target().index();
        return target.limit(at + pieceLength).position(at + pieceAt);
    }

    /** Everything that lies in the heads, as far as it is whole. */
    private void takeHeads(final InletHandler handler) {
        heads.flip();
        while (!isClosed && takeHead(handler)) {
            // The next one.
        }
        if (!isClosed) {
            heads.compact();
        }
    }

    private boolean takeHead(final InletHandler handler) {
        final int at = heads.position();
        final int available = heads.remaining();
        if (pieceLength > 0) {
            return available > 0 && copyPiece(handler, Math.min(available, pieceLength - pieceAt));
        }
        if (!isGreeted) {
            return available >= Long.BYTES && greet(handler);
        }
        if (available >= TcpTransport.LENGTH_BYTES && heads.getInt(at) == TcpTransport.NOTHING) {
            heads.position(at + TcpTransport.LENGTH_BYTES);
            return true;
        }
        if (available < TcpTransport.LENGTH_BYTES + SHORTEST) {
            return false;
        }
        final int length = heads.getInt(at);
        final int message = at + TcpTransport.LENGTH_BYTES;
        header.wrap(view, message);
        if (header.schemaId() != MessageHeaderDecoder.SCHEMA_ID || length < SHORTEST) {
            return refuse(handler);
        }
        if (header.templateId() == PieceDecoder.TEMPLATE_ID) {
            return takePieceHead(handler, message, length, available);
        }
        if (length > Transport.LONGEST_MESSAGE) {
            return refuse(handler);
        }
        if (available < TcpTransport.LENGTH_BYTES + length) {
            return false;
        }
        heads.position(message + length);
        handler.onMessage(inlet, view, message, length);
        return true;
    }

    private boolean takePieceHead(
            final InletHandler handler, final int message, final int length, final int available) {
        final int bytes = length - Transport.PIECE_HEAD_LENGTH;
        if (bytes < 1 || bytes > TcpTransport.LONGEST_PIECE) {
            return refuse(handler);
        }
        if (available < TcpTransport.LENGTH_BYTES + Transport.PIECE_HEAD_LENGTH) {
            return false;
        }
        heads.position(message + Transport.PIECE_HEAD_LENGTH);
        pieceLength = bytes;
        pieceAt = 0;
        handler.onPieceBegins(inlet, view, message, Transport.PIECE_HEAD_LENGTH, bytes);
        return true;
    }

    private boolean copyPiece(final InletHandler handler, final int length) {
        final ByteBuffer target = inlet.target().bytes();
        if (target != null) {
            target.clear().put(inlet.target().index() + pieceAt, heads, heads.position(), length);
        }
        heads.position(heads.position() + length);
        pieceAt += length;
        if (pieceAt < pieceLength) {
            return false;
        }
        pieceLength = 0;
        pieceAt = 0;
        handler.onPieceArrived(inlet);
        return true;
    }

    private boolean greet(final InletHandler handler) {
        if (heads.getLong() != TcpTransport.GREETING) {
            return refuse(handler);
        }
        isGreeted = true;
        handler.onOpened(inlet);
        return true;
    }

    private boolean refuse(final InletHandler handler) {
        handler.onMalformed(inlet.source());
        close(handler);
        return false;
    }

    /** Whoever connects and says nothing, or nothing more, does not keep a place for ever. */
    void checkSilence(final InletHandler handler, final long nowNs) {
        if (isClosed) {
            return;
        }
        if (!isGreeted && nowNs - acceptedNs > GREETING_TIMEOUT_NS) {
            refuse(handler);
        } else if (nowNs - heardNs > SILENCE_TIMEOUT_NS) {
            close(handler);
        }
    }

    void close(final InletHandler handler) {
        if (!isClosed) {
            isClosed = true;
            CloseHelper.quietClose(channel);
            if (isGreeted) {
                handler.onClosed(inlet);
            }
        }
    }
}
