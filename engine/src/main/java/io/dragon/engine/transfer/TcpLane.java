package io.dragon.engine.transfer;

import io.dragon.codecs.frame.ChunkDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/**
 * A connection to another node, which only this end writes to. Messages are gathered in a small buffer and go out at once, but for Chunk, which
 * goes with the piece that follows it. Of a piece that does not fit, the lane remembers how much has gone.
 */
final class TcpLane implements Lane {
    private static final int WAITING = 0;
    private static final int CONNECTING = 1;
    private static final int CONNECTED = 2;
    private static final int ENDED = 3;

    /** After so long with nothing to send it says so. */
    static final long LONGEST_SILENCE_NS = 15_000_000_000L;

    private static final int HEADS_LENGTH = 4_096;
    private static final int TAKEN = 1;
    private static final long CONNECT_TIMEOUT_NS = 3_000_000_000L;

    private final TcpTransport transport;
    private final InetSocketAddress peer;
    private final RedialSchedule schedule;
    private final ByteBuffer heads = ByteBuffer.allocateDirect(HEADS_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer[] both = {heads, null};
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private SocketChannel channel;
    private SelectionKey key;
    private int state = WAITING;
    private long calledNs;
    private boolean copies;
    private boolean isInPiece;
    private long saidNs;
    private int pieceAt;

    TcpLane(final TcpTransport transport, final InetSocketAddress peer, final RedialSchedule schedule) {
        this.transport = transport;
        this.peer = peer;
        this.schedule = schedule;
    }

    /** Calls when it is time, and sends what is left in the buffer. */
    int work(final long nowNs) {
        if (state == CONNECTED) {
            if (nowNs - saidNs >= LONGEST_SILENCE_NS && !isInPiece && heads.position() == 0) {
                saidNs = nowNs;
                heads.putInt(TcpTransport.NOTHING);
            }
            return heads.position() > 0 && flush() > 0 ? 1 : 0;
        }
        if (state == WAITING && schedule.isDue(nowNs)) {
            call(nowNs);
            return 1;
        }
        if (state == CONNECTING && nowNs - calledNs > CONNECT_TIMEOUT_NS) {
            fail(nowNs);
        }
        return 0;
    }

    private void call(final long nowNs) {
        calledNs = nowNs;
        try {
            if (peer.isUnresolved()) {
                throw new IOException("there is no host " + peer.getHostString());
            }
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, transport.window());
            state = CONNECTING;
            if (channel.connect(peer)) {
                connected(nowNs);
            } else {
                key = transport.register(channel, SelectionKey.OP_CONNECT, this);
            }
        } catch (final IOException e) {
            fail(nowNs);
        }
    }

    private void connected(final long nowNs) throws IOException {
        // Nothing ever comes back; that the peer hangs up is noticed by reading.
        if (key == null) {
            key = transport.register(channel, SelectionKey.OP_READ, this);
        } else {
            key.interestOps(SelectionKey.OP_READ);
        }
        copies = transport.copies(channel);
        state = CONNECTED;
        saidNs = nowNs;
        schedule.onConnected(nowNs);
        heads.putLong(TcpTransport.GREETING);
        flush();
    }

    void onReady(final long nowNs, final InletHandler handler) {
        try {
            if (state == CONNECTING) {
                if (channel.finishConnect()) {
                    connected(nowNs);
                }
            } else if (state == CONNECTED) {
                final int read = channel.read(transport.scratch().clear());
                if (read > 0) {
                    handler.onMalformed(peer.getHostString() + ":" + peer.getPort());
                }
                if (read != 0) {
                    close();
                }
            }
        } catch (final IOException e) {
            if (state == CONNECTING) {
                fail(nowNs);
            } else {
                close();
            }
        }
    }

    private void fail(final long nowNs) {
        schedule.onFailed(nowNs);
        end();
    }

    private void end() {
        state = ENDED;
        CloseHelper.quietClose(channel);
    }

    @Override
    public int send(final DirectBuffer buffer, final int offset, final int length) {
        final int refusal = refusal();
        if (refusal != 0) {
            return refusal;
        }
        if (isInPiece) {
            throw new IllegalStateException("a piece has begun and is not sent yet");
        }
        if (!hasRoom(TcpTransport.LENGTH_BYTES + length)) {
            return state == ENDED ? CLOSED : BACK_PRESSURED;
        }
        saidNs = transport.nowNs();
        heads.putInt(length);
        buffer.getBytes(offset, heads, heads.position(), length);
        heads.position(heads.position() + length);
        if (header.wrap(buffer, offset).templateId() != ChunkDecoder.TEMPLATE_ID) {
            flush();
        }
        return TAKEN;
    }

    @Override
    public int sendPiece(
            final DirectBuffer head,
            final int headOffset,
            final int headLength,
            final FrameSource source,
            final int offset,
            final int length) {
        final int refusal = refusal();
        if (refusal != 0) {
            return refusal;
        }
        if (!isInPiece) {
            if (!hasRoom(TcpTransport.LENGTH_BYTES + headLength)) {
                return state == ENDED ? CLOSED : BACK_PRESSURED;
            }
            heads.putInt(headLength + length);
            head.getBytes(headOffset, heads, heads.position(), headLength);
            heads.position(heads.position() + headLength);
            isInPiece = true;
            pieceAt = 0;
        }
        try {
            write(source, offset, length);
        } catch (final IOException e) {
            close();
            return CLOSED;
        }
        if (pieceAt < length) {
            return BACK_PRESSURED;
        }
        isInPiece = false;
        return TAKEN;
    }

    private void write(final FrameSource source, final int offset, final int length) throws IOException {
        final FileChannel file = copies ? null : source.channel();
        if (file != null) {
            if (heads.position() == 0 || flush() == 0) {
                pieceAt += (int) file.transferTo(source.position() + offset + pieceAt, length - pieceAt, channel);
            }
            return;
        }
        final ByteBuffer bytes = memory(source.buffer(), offset + pieceAt, length - pieceAt);
        final int before = bytes.remaining();
        both[1] = bytes;
        heads.flip();
        try {
            channel.write(both);
        } finally {
            heads.compact();
        }
        pieceAt += before - bytes.remaining();
    }

    /** The bytes for the socket, from position to limit; copied where they are in no byte buffer. */
    private ByteBuffer memory(final DirectBuffer buffer, final int offset, final int length) {
        final ByteBuffer bytes = buffer.byteBuffer();
        if (bytes != null) {
            final int begin = buffer.wrapAdjustment() + offset;
            return bytes.limit(begin + length).position(begin);
        }
        final ByteBuffer copy = transport.scratch().clear().limit(length);
        buffer.getBytes(offset, copy, 0, length);
        return copy;
    }

    private int refusal() {
        return state == CONNECTED ? 0 : state == ENDED ? CLOSED : NOT_CONNECTED;
    }

    private boolean hasRoom(final int length) {
        if (heads.remaining() < length) {
            flush();
        }
        return state == CONNECTED && heads.remaining() >= length;
    }

    /** Writes what is in the buffer; gives what is left of it, and ends the lane where that fails. */
    private int flush() {
        heads.flip();
        try {
            channel.write(heads);
        } catch (final IOException e) {
            heads.clear();
            close();
            return 0;
        }
        heads.compact();
        return heads.position();
    }

    @Override
    public int longestMessage() {
        return Transport.LONGEST_MESSAGE;
    }

    @Override
    public int longestPiece() {
        return TcpTransport.LONGEST_PIECE;
    }

    @Override
    public boolean isPacketed() {
        return false;
    }

    @Override
    public boolean isConnected() {
        return state == CONNECTED;
    }

    @Override
    public boolean isClosed() {
        return state == ENDED;
    }

    @Override
    public void close() {
        if (state == CONNECTED) {
            schedule.onLost(transport.nowNs());
        }
        if (state != ENDED) {
            end();
        }
    }
}
