package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.REGISTER_RETRY;

import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterEncoder;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.PartyCard;
import java.io.IOException;
import java.nio.file.Files;
import org.agrona.MutableDirectBuffer;

/** How a party registers, and when again; the card that it leaves beside its lock. */
final class Registration {
    /** Registrations back off up to so many times the first retry, so that two holders of one name do not fight hot. */
    private static final int MAX_RETRY_FACTOR = 8;

    /** An incarnation fenced earlier than this was fenced by a rival of the same name. */
    private static final long RIVAL_NS = 10_000_000_000L;

    private final ClusterSession session;
    private final PartyKind kind;
    private final String name;
    private final PartyOptions options;
    private final long retryNs;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    /** Of the registration under way, through all its retries, so that one whose reply was lost is known; 0 without one. */
    private long correlationId;

    private long dueAtNs;
    private long registeredNs;
    private int retryFactor = 1;
    private boolean isDue = true;

    /** Since it was registered there was no connection for a while: whoever is fenced after that was given up, and has no rival. */
    private boolean wasAway;

    Registration(
            final ClusterSession session,
            final PartyKind kind,
            final String name,
            final PartyOptions options,
            final Timeouts timeouts) {
        this.session = session;
        this.kind = kind;
        this.name = name;
        this.options = options;
        retryNs = timeouts.ns(REGISTER_RETRY);
    }

    boolean awaits(final long replyCorrelationId) {
        return correlationId == replyCorrelationId;
    }

    boolean isDue(final long nowNs) {
        return isDue || nowNs - dueAtNs >= 0;
    }

    /** Without a wait: there is a new connection, or no rival. */
    void atOnce() {
        isDue = true;
    }

    /** Sends it; true when Aeron has taken it. */
    boolean send(final MutableDirectBuffer buffer, final long nowNs) {
        if (correlationId == 0) {
            correlationId = session.nextCorrelationId();
        }
        final RegisterEncoder register = new RegisterEncoder();
        register.wrapAndApplyHeader(buffer, 0, header)
                .correlationId(correlationId)
                .kind(kind)
                .window(options.window())
                .nodeId(options.nodeId() & 0xFFFF_FFFFL)
                .processId(options.processId())
                .memoryBytes(options.memoryBytes())
                .name(name)
                .host(options.host() == null ? session.host() : options.host())
                .device(options.device());
        final boolean isSent = session.send(buffer, 0, ControlMessages.HEADER + register.encodedLength());
        if (isSent) {
            later(nowNs);
        }
        return isSent;
    }

    /** Backs off. */
    void later(final long nowNs) {
        isDue = false;
        dueAtNs = nowNs + retryFactor * retryNs;
        retryFactor = Math.min(2 * retryFactor, MAX_RETRY_FACTOR);
    }

    void onReconnected() {
        wasAway = true;
    }

    void onAnswered() {
        correlationId = 0;
    }

    void onRegistered(final int id, final int incarnation, final long nowNs) {
        registeredNs = nowNs;
        wasAway = false;
        if (options.lockFile() != null) {
            try {
                new PartyCard(id, incarnation).write(options.lockFile());
            } catch (final IOException ex) {
                session.onError(ex);
            }
        }
    }

    /** The incarnation is over: registers anew, later when a rival of the same name seems to have done so. */
    void onFenced(final long nowNs) {
        if (!wasAway && nowNs - registeredNs < RIVAL_NS) {
            later(nowNs);
        } else {
            retryFactor = 1;
            isDue = true;
        }
    }

    /** No rival has come for so long that there is none. */
    void onTime(final long nowNs) {
        if (retryFactor > 1 && nowNs - registeredNs >= RIVAL_NS) {
            retryFactor = 1;
        }
    }

    /** The party has gone: nothing is left to be probed. */
    void onEnded() {
        if (options.lockFile() != null) {
            try {
                Files.deleteIfExists(PartyCard.beside(options.lockFile()));
            } catch (final IOException ex) {
                session.onError(ex);
            }
        }
    }
}
