package io.dragon.tools;

import org.slf4j.Logger;

/** The connection to the masters in a process's log: a line for each change of what is known of it, and none for each attempt. */
final class ConnectionLine {
    /** How the state of a session begins that reaches a master. */
    private static final String CONNECTED = "connected";

    /** How it begins when it has given up trying often. */
    private static final String OFFLINE = "offline";

    private final Logger log;
    private String last = "";
    private boolean wasConnected;
    private boolean isAwayTold;

    ConnectionLine(final Logger log) {
        this.log = log;
    }

    /** Takes the state in words as it is now. */
    void look(final String state) {
        if (state.equals(last)) {
            return;
        }
        final boolean isConnected = state.startsWith(CONNECTED);
        if (isConnected && isAwayTold) {
            log.info(wasConnected ? "{} again" : "{}", state);
            isAwayTold = false;
        } else if (isConnected && wasConnected) {
            log.info("{}", state); // another leader
        } else if (!isConnected && (wasConnected || state.startsWith(OFFLINE))) {
            log.warn("{}", state);
            isAwayTold = true;
        }
        wasConnected |= isConnected;
        last = state;
    }
}
