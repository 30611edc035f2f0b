package io.dragon.engine.transfer;

import io.aeron.Aeron;
import java.util.Locale;

/** The transports there are. */
public enum TransportKind {
    /** Aeron over UDP: one stream for each ordered pair of nodes. */
    UDP,

    /** Plain sockets; frames go from the pool's file into the socket without a copy in this process. */
    TCP,

    /** Plain sockets that copy, for comparison. */
    TCP_COPY;

    /**
     * The kind as configuration files write it.
     *
     * @return in lower case, words joined by hyphens
     */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Transport create(final TransferContext ctx, final Aeron aeron) {
        return switch (this) {
            case UDP -> new UdpTransport(ctx, aeron);
            case TCP -> tcp(ctx, TcpTransport.Sending.BY_DISTANCE);
            case TCP_COPY -> tcp(ctx, TcpTransport.Sending.FROM_MEMORY);
        };
    }

    private static Transport tcp(final TransferContext ctx, final TcpTransport.Sending sending) {
        return new TcpTransport(ctx.bindAddress(), ctx.port(), ctx.window(), sending, new KnownSources(ctx)::isKnown);
    }
}
