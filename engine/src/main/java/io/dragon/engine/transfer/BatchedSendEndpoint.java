package io.dragon.engine.transfer;

import io.aeron.driver.DriverConductorProxy;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.NetworkPublication;
import io.aeron.driver.media.SendChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.LogBufferDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import io.aeron.protocol.NakFlyweight;
import io.aeron.protocol.SetupFlyweight;
import io.aeron.protocol.StatusMessageFlyweight;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import org.agrona.collections.Hashing;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Where packets go out, many with one call. The driver hands over one packet after the other, each a part of a term in memory. When one of full length
 * comes, the packets of full length that lie behind it in the term, and that the receiver has room for, go with it; when the driver
 * comes to those, they are passed over, because they have been sent.
 *
 * <pre>
 *   term  | sent before | packet | packet | packet | packet | shorter | ...
 *                       ^ at, handed over                   ^ end of what goes with it
 * </pre>
 *
 * <p>Cutting is asked for with each such call and given up after it: while a socket has that option, the kernel refuses even a single packet that the
 * way would have to take in fragments, and there is no telling that from other refusals. A call with many that is refused is the last.
 *
 * <p>What is sent again, because it was lost, lies before what the driver has come to, and is sent as it is handed over. The driver's sender calls it.
 */
final class BatchedSendEndpoint extends SendChannelEndpoint {
    private static final int MOST_PACKETS = 64;

    /** What fits into the buffer of a driver that receives. */
    private static final int MOST_BYTES = 65_504;

    /** Of one batch: whoever wants more asks the driver. */
    private static final int MOST_REPEATS = 8;

    private static final int UNKNOWN = 0;
    private static final int NEVER = -1;

    private final boolean isUnicast;
    private final Long2ObjectHashMap<Stream> streams = new Long2ObjectHashMap<>();
    private final UnsafeBuffer memory = new UnsafeBuffer();
    private final SetupFlyweight setup = new SetupFlyweight();
    private SocketOffload socket;
    private int packet = UNKNOWN;

    /** A publication, as far as its receiver has told, and how far it was sent ahead of what the driver knows. */
    private static final class Stream {
        boolean isKnown;
        int limitTermId;
        int limitOffset;
        int termId;
        /** Where the driver is. */
        int next;
        /** Up to where it has been sent. */
        int end;

        ByteBuffer term;
        int repeats;
    }

    BatchedSendEndpoint(final UdpChannel channel, final AtomicCounter statusIndicator, final MediaDriver.Context ctx) {
        super(channel, statusIndicator, ctx);
        isUnicast = !channel.isMulticast()
                && !channel.isManualControlMode()
                && !channel.isDynamicControlMode()
                && !channel.isResponseControlMode()
                && !channel.isChannelSendTimestampEnabled();
    }

    @Override
    public int send(final ByteBuffer buffer) {
        if (buffer.capacity() >= LogBufferDescriptor.TERM_MIN_LENGTH) {
            return packet > 0 ? sendOfTerm(buffer, buffer.remaining()) : super.send(buffer);
        }
        lookAtSetup(buffer, buffer.remaining());
        return super.send(buffer);
    }

    /** Every stream begins with a message that tells the length of its packets. Streams of several lengths are not sent so. */
    private void lookAtSetup(final ByteBuffer buffer, final int length) {
        if (length != SetupFlyweight.HEADER_LENGTH || !isUnicast || packet == NEVER) {
            return;
        }
        setup.wrap(buffer);
        if (setup.headerType() == SetupFlyweight.HDR_TYPE_SETUP) {
            final int mtu = setup.mtuLength();
            if (packet == UNKNOWN) {
                socket = new SocketOffload(sendDatagramChannel);
                packet = 2 * mtu <= MOST_BYTES && socket.segment(mtu) && socket.segment(0) ? mtu : NEVER;
            } else if (packet != mtu) {
                packet = NEVER;
            }
        }
    }

    /** Everything up to the limit of a buffer, in packets; what was sent of it, bytes. */
    private int write(final ByteBuffer packets) throws IOException {
        if (!sendDatagramChannel.isConnected()) {
            return 0;
        }
        socket.segment(packet);
        try {
            return sendDatagramChannel.write(packets);
        } finally {
            socket.segment(0);
        }
    }

    private int sendOfTerm(final ByteBuffer term, final int length) {
        final int at = term.position();
        memory.wrap(term);
        final Stream stream = streams.get(key(
                memory.getInt(at + DataHeaderFlyweight.SESSION_ID_FIELD_OFFSET),
                memory.getInt(at + DataHeaderFlyweight.STREAM_ID_FIELD_OFFSET)));
        if (stream == null) {
            return super.send(term);
        }
        final int termId = memory.getInt(at + DataHeaderFlyweight.TERM_ID_FIELD_OFFSET);
        final int terms = termId - stream.termId;
        if (stream.isKnown && (terms < 0 || terms == 0 && at < stream.next)) {
            return super.send(term); // once more
        }
        if (stream.isKnown && terms == 0 && at + length <= stream.end) {
            stream.next = at + length;
            term.position(at + length);
            return length;
        }
        final boolean isFull = length == packet && FrameDescriptor.frameLength(memory, at) == length;
        final int end = isFull ? endOfBatch(stream, term.capacity(), termId, at) : at + length;
        final int sent = end > at + length ? sendBatch(term, at, end) : super.send(term);
        if (sent == length) {
            stream.isKnown = true;
            stream.termId = termId;
            stream.next = at + length;
            stream.end = packet > 0 ? end : stream.next;
            stream.term = term;
            stream.repeats = MOST_REPEATS;
        }
        return sent;
    }

    /** Full packets that are there, as far as the receiver has room for them. */
    private int endOfBatch(final Stream stream, final int termLength, final int termId, final int at) {
        final long room = (long) (stream.limitTermId - termId) * termLength + stream.limitOffset - at;
        final long limit = Math.min(
                Math.min(at + room, termLength), at + (long) packet * Math.min(MOST_PACKETS, MOST_BYTES / packet));
        int end = at + packet;
        while (end + packet <= limit
                && FrameDescriptor.frameLengthVolatile(memory, end) == packet
                && FrameDescriptor.frameType(memory, end) == DataHeaderFlyweight.HDR_TYPE_DATA) {
            end += packet;
        }
        return end;
    }

    /** Gives what the driver has handed over, when that and all behind it was sent. */
    private int sendBatch(final ByteBuffer term, final int at, final int end) {
        final int length = packet;
        int sent = 0;
        try {
            sent = write(term.limit(end));
        } catch (final PortUnreachableException ignored) {
            // The answer to what was sent before: whoever was there will be again, or not.
            sent = 0;
        } catch (final IOException ex) {
            packet = NEVER; // the way does not take it
        }
        term.limit(at + length);
        if (sent == end - at) {
            term.position(at + length);
            return length;
        }
        term.position(at);
        return packet == NEVER ? super.send(term) : 0;
    }

    @Override
    public void onStatusMessage(
            final StatusMessageFlyweight message,
            final UnsafeBuffer buffer,
            final int length,
            final InetSocketAddress source,
            final DriverConductorProxy conductorProxy) {
        final Stream stream = streams.get(key(message.sessionId(), message.streamId()));
        if (stream != null && (message.flags() & StatusMessageFlyweight.SEND_SETUP_FLAG) == 0) { // that tells no room
            stream.limitTermId = message.consumptionTermId();
            stream.limitOffset = message.consumptionTermOffset() + message.receiverWindowLength();
        }
        super.onStatusMessage(message, buffer, length, source, conductorProxy);
    }

    @Override
    public void onNakMessage(
            final NakFlyweight message, final UnsafeBuffer buffer, final int length, final InetSocketAddress source) {
        final Stream stream = packet > 0 ? streams.get(key(message.sessionId(), message.streamId())) : null;
        if (stream == null || message.termId() != stream.termId || !repeat(stream, message)) {
            super.onNakMessage(message, buffer, length, source);
        }
    }

    /** What was lost before the driver came to it: the driver would not send it, and not listen to that question for a while. */
    private boolean repeat(final Stream stream, final NakFlyweight message) {
        final int at = message.termOffset();
        if (at < stream.next || at >= stream.end || (stream.end - at) % packet != 0 || stream.repeats == 0) {
            return false;
        }
        stream.repeats--;
        final int packets = Math.max(1, (message.length() + packet - 1) / packet);
        final int end = (int) Math.min(stream.end, at + (long) packets * packet);
        try {
            write(stream.term.limit(end).position(at));
        } catch (final PortUnreachableException ignored) {
            return true;
        } catch (final IOException ex) {
            packet = NEVER;
        }
        return true;
    }

    @Override
    public void registerForSend(final NetworkPublication publication) {
        streams.put(key(publication.sessionId(), publication.streamId()), new Stream());
        super.registerForSend(publication);
    }

    @Override
    public void unregisterForSend(final NetworkPublication publication) {
        streams.remove(key(publication.sessionId(), publication.streamId()));
        super.unregisterForSend(publication);
    }

    private static long key(final int sessionId, final int streamId) {
        return Hashing.compoundKey(sessionId, streamId);
    }
}
