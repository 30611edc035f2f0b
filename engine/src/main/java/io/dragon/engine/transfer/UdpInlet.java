package io.dragon.engine.transfer;

import io.aeron.Image;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.ChunkDecoder;
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
    private final int unhurried;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FragmentHandler onFragment = this::onFragment;
    private int messages;

    /**
     * The stream of an image.
     *
     * @param unhurried so many bytes may have come since the last poll without a need to look again at once
     */
    UdpInlet(final Image image, final InletHandler handler, final int unhurried) {
        this.image = image;
        this.handler = handler;
        this.unhurried = unhurried;
        inlet = new Inlet(image.sourceIdentity());
        limit = Math.max(1, Math.min(FRAGMENTS_A_CYCLE, LONGEST_CYCLE / image.mtuLength()));
    }

    Image image() {
        return image;
    }

    Inlet inlet() {
        return inlet;
    }

    /** Takes in what has come; gives the amount of work that more of the same kind may follow at once. */
    int poll() {
        messages = 0;
        final long before = image.position();
        final int fragments = image.poll(onFragment, limit);
        return fragments == limit || image.position() - before >= unhurried ? fragments : messages;
    }

    private void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header aeronHeader) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH
                || (aeronHeader.flags() & FrameDescriptor.UNFRAGMENTED) != FrameDescriptor.UNFRAGMENTED) {
            handler.onMalformed(inlet.source());
            return;
        }
        header.wrap(buffer, offset);
        if (header.templateId() != PieceDecoder.TEMPLATE_ID || header.schemaId() != PieceDecoder.SCHEMA_ID) {
            messages += header.templateId() == ChunkDecoder.TEMPLATE_ID ? 0 : 1;
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
