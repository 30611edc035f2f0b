package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.RECONNECT_OFFLINE;

import io.dragon.engine.config.Timeouts;
import org.agrona.ErrorHandler;

/** What a connection is doing, in words, and its errors: what is tried in vain for the same reason is told once. */
final class ConnectionWords {
    private final Timeouts timeouts;
    private final ErrorHandler errorHandler;

    /** Why there is no connection. */
    private String trouble;

    /** The error that was told last. */
    private String told;

    private volatile String state = "not started";

    ConnectionWords(final Timeouts timeouts, final ErrorHandler errorHandler) {
        this.timeouts = timeouts;
        this.errorHandler = errorHandler;
    }

    /** One line. Any thread. */
    String state() {
        return state;
    }

    void state(final String text) {
        state = text;
    }

    /** The state changes with what is known, not with each attempt. */
    void onAttempt(final int attempt) {
        final long offlineNs = timeouts.ns(RECONNECT_OFFLINE);
        if (timeouts.reconnectDelayNs(attempt) >= offlineNs) {
            state = "offline: " + (trouble == null ? "no master answers" : trouble) + ", trying every "
                    + offlineNs / 1_000_000_000 + " s";
        } else {
            state = trouble == null ? "connecting" : trouble + ", connecting again";
        }
    }

    void onConnected(final int leaderMemberId) {
        trouble = null;
        onLeader(leaderMemberId);
    }

    void onLeader(final int memberId) {
        state = "connected to member " + memberId;
    }

    void onNoAnswer() {
        trouble = "no master answers";
    }

    void onNoDriver(final String reason) {
        trouble = reason;
        state = "offline: " + reason;
    }

    void onDropped(final String reason) {
        trouble = reason;
        state = reason + ", connecting again";
    }

    /** Once for each reason of an outage. */
    void onError(final Throwable error, final boolean isConnected) {
        final String text = String.valueOf(error.getMessage());
        if (isConnected || !text.equals(told)) {
            told = text;
            errorHandler.onError(error);
        }
    }
}
