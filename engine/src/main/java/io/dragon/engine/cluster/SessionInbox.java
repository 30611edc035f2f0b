package io.dragon.engine.cluster;

import io.dragon.codecs.control.PoolPlaceDecoder;
import io.dragon.codecs.control.RoutePageDecoder;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;

/** What a session hears of its connection and from the cluster: told to its parties, to whoever asked, or to the host agent. */
final class SessionInbox implements ClusterConnection.Handler {
    private final PartyTable parties;
    private final PendingReplies replies;
    private final DriverLossReport driverLoss;
    private final NanoClock nanoClock;
    private final ErrorHandler errorHandler;
    private ReplyListener hostReplies;
    private long malformed;

    SessionInbox(
            final ClusterSession.Context ctx,
            final PartyTable parties,
            final PendingReplies replies,
            final DriverLossReport driverLoss) {
        this.parties = parties;
        this.replies = replies;
        this.driverLoss = driverLoss;
        nanoClock = ctx.nanoClock();
        errorHandler = ctx.errorHandler();
    }

    void hostReplies(final ReplyListener listener) {
        hostReplies = listener;
    }

    /** Messages that could not be read. */
    long malformed() {
        return malformed;
    }

    @Override
    public void onConnected() {
        parties.onConnected(nanoClock.nanoTime());
    }

    @Override
    public void onDisconnected() {
        parties.onDisconnected();
    }

    @Override
    public void onDriverLost(final DriverWatch.Loss loss, final long detectedMs) {
        driverLoss.onLost(loss, detectedMs, nanoClock.nanoTime());
    }

    @Override
    public void onNewLeader() {
        parties.onNewLeader(nanoClock.nanoTime());
    }

    @Override
    public void onAdminResponse(final long correlationId, final String refusal) {
        replies.onAdminResponse(correlationId, refusal);
    }

    @Override
    public void onMessage(final DirectBuffer buffer, final int offset, final int length) {
        try {
            if (ControlMessages.isWellFormed(buffer, offset, length)) {
                dispatch(buffer, offset, length);
            } else {
                malformed++;
            }
        } catch (final IndexOutOfBoundsException ex) {
            malformed++;
            errorHandler.onError(ex);
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
        }
    }

    private void dispatch(final DirectBuffer buffer, final int offset, final int length) {
        final int templateId = ControlMessages.templateId(buffer, offset);
        if (templateId == RoutePageDecoder.TEMPLATE_ID || templateId == PoolPlaceDecoder.TEMPLATE_ID) {
            if (hostReplies != null) {
                hostReplies.onReply(templateId, buffer, offset, length);
            }
        } else if (PendingReplies.isReply(templateId)) {
            replies.onReply(templateId, buffer, offset, length);
        } else if (!parties.onMessage(templateId, buffer, offset, length)) {
            malformed++;
        }
    }
}
