package io.dragon.engine.transfer;

import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.media.ReceiveChannelEndpoint;
import io.aeron.driver.media.UdpChannel;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * Where packets come in. What the kernel has put together is taken apart, message by message: each says how long it is. The driver's receiver calls
 * it.
 */
class BatchedReceiveEndpoint extends ReceiveChannelEndpoint {
    private final UnsafeBuffer part = new UnsafeBuffer();
    private final DataHeaderFlyweight partHeader = new DataHeaderFlyweight();

    BatchedReceiveEndpoint(
            final UdpChannel channel,
            final DataPacketDispatcher dispatcher,
            final AtomicCounter statusIndicator,
            final MediaDriver.Context ctx) {
        super(channel, dispatcher, statusIndicator, ctx);
    }

    @Override
    public void openChannel() {
        super.openChannel();
        new SocketOffload(receiveDatagramChannel()).coalesce();
    }

    @Override
    public int onDataPacket(
            final DataHeaderFlyweight header,
            final UnsafeBuffer buffer,
            final int length,
            final InetSocketAddress source,
            final int transportIndex) {
        if (lengthOnWire(buffer, 0, length) >= length) {
            return super.onDataPacket(header, buffer, length, source, transportIndex);
        }
        int taken = 0;
        int at = 0;
        while (length - at >= DataHeaderFlyweight.HEADER_LENGTH && isData(buffer, at)) {
            final int own = Math.min(lengthOnWire(buffer, at, length - at), length - at);
            part.wrap(buffer, at, own);
            partHeader.wrap(part);
            taken += super.onDataPacket(partHeader, part, own, source, transportIndex);
            at += own;
        }
        return taken;
    }

    private static boolean isData(final UnsafeBuffer buffer, final int at) {
        final int type = FrameDescriptor.frameType(buffer, at);
        return type == DataHeaderFlyweight.HDR_TYPE_DATA || type == DataHeaderFlyweight.HDR_TYPE_PAD;
    }

    /** A heartbeat says that it has no length, and padding tells that of what it stands for: both are a header. */
    private static int lengthOnWire(final UnsafeBuffer buffer, final int at, final int available) {
        if (available < DataHeaderFlyweight.HEADER_LENGTH) {
            return available;
        }
        final int length = buffer.getInt(at, ByteOrder.LITTLE_ENDIAN);
        return length <= DataHeaderFlyweight.HEADER_LENGTH
                        || FrameDescriptor.frameType(buffer, at) == DataHeaderFlyweight.HDR_TYPE_PAD
                ? DataHeaderFlyweight.HEADER_LENGTH
                : BitUtil.align(length, FrameDescriptor.FRAME_ALIGNMENT);
    }
}
