package io.dragon.engine.transfer;

import io.aeron.Image;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.PieceDecoder;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/** A stream of another node that comes in as an image: its pieces are copied once, from the term buffer to where they belong. */
final class UdpInlet {
    private static final int FRAGMENTS_A_CYCLE = 256;
    private static final int LONGEST_CYCLE = 512 * 1024;

    private final Image image;
    private final InletHandler handler;
    private final Inlet inlet;
    private final int limit;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FragmentHandler onFragment = this::onFragment;

    UdpInlet(final Image image, final InletHandler handler) {
        this.image = image;
        this.handler = handler;
        inlet = new Inlet(image.sourceIdentity());
        limit = Math.max(1, Math.min(FRAGMENTS_A_CYCLE, LONGEST_CYCLE / image.mtuLength()));
    }

    Image image() {
        return image;
    }

    Inlet inlet() {
        return inlet;
    }

    int poll() {
        return image.poll(onFragment, limit);
    }

    private void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header aeronHeader) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH
                || (aeronHeader.flags() & FrameDescriptor.UNFRAGMENTED) != FrameDescriptor.UNFRAGMENTED) {
            handler.onMalformed(inlet.source());
            return;
        }
        header.wrap(buffer, offset);
        if (header.templateId() != PieceDecoder.TEMPLATE_ID || header.schemaId() != PieceDecoder.SCHEMA_ID) {
            handler.onMessage(inlet, buffer, offset, length);
            return;
        }
        final int bytes = length - Transport.PIECE_HEAD_LENGTH;
        if (bytes < 1) {
            handler.onMalformed(inlet.source());
            return;
        }
        final PieceTarget target = inlet.target();
        target.discard();
        handler.onPieceBegins(inlet, buffer, offset, Transport.PIECE_HEAD_LENGTH, bytes);
        final ByteBuffer to = target.bytes();
        if (to != null) {
            buffer.getBytes(offset + Transport.PIECE_HEAD_LENGTH, to, target.index(), bytes);
            handler.onPieceArrived(inlet);
        }
    }
}
