package io.dragon.engine.cluster;

import io.dragon.engine.node.MasterSearch;
import org.agrona.CloseHelper;

/**
 * Which way a session takes to the masters: that of its context; where it may look for them, over the host's shared memory when one is
 * on its media driver, and otherwise to those that it finds. One thread.
 */
final class MasterWay {
    private final ClusterSession.Context ctx;
    private final boolean maySearch;
    private MasterSearch search;
    private String endpoints;
    private boolean isOfThisHost;

    /** An attempt with these endpoints was begun. */
    private boolean isTried;

    MasterWay(final ClusterSession.Context ctx) {
        this.ctx = ctx;
        endpoints = ctx.ingressEndpoints();
        maySearch = endpoints == null && ctx.discovery() != null;
    }

    /** Over UDP; null for IPC. */
    String endpoints() {
        return endpoints;
    }

    boolean isIpc() {
        return endpoints == null;
    }

    /** While there is no media driver: masters of other hosts can be looked for without one, so that they are known when it comes. */
    void lookAhead() {
        if (maySearch && !isOfThisHost && endpoints == null) {
            if (search == null) {
                search = new MasterSearch(ctx.discovery());
            }
            search.poll();
        }
    }

    /** Before each attempt; false while there is no way, and one is looked for. A master of this host that we knew will be back. */
    boolean choose(final boolean isMasterHere) {
        if (!maySearch || isOfThisHost) {
            return true;
        }
        if (isMasterHere) {
            endpoints = null;
            return true;
        }
        if (search == null) {
            search = new MasterSearch(ctx.discovery());
        } else if (isTried) {
            search.again(); // what was found does not answer: whatever is heard now may be better
        }
        isNew();
        isTried = endpoints != null;
        return isTried;
    }

    /** Whether others were found than those that are tried now. */
    boolean isNew() {
        final String found = search == null ? null : search.poll();
        if (found == null || found.equals(endpoints)) {
            return false;
        }
        endpoints = found;
        isTried = false;
        return true;
    }

    /**
     * While the masters are not heard though they should be: whether their own host can be heard on another of our networks. They were found
     * by one of its addresses, and that network may be gone.
     */
    boolean hasAnother() {
        if (!maySearch || endpoints == null) {
            return false;
        }
        if (search == null) {
            search = new MasterSearch(ctx.discovery()).otherThan(endpoints, true);
        }
        return search.poll() != null;
    }

    /** They are heard. */
    void onHeard() {
        if (search != null) {
            close();
        }
    }

    /** The connection was lost: those that are gone are tried again, and any others at once that are heard of. */
    void onLost() {
        if (maySearch && endpoints != null) {
            if (search == null) {
                search = new MasterSearch(ctx.discovery());
            }
            search.otherThan(endpoints, false);
            isTried = search.poll() == null;
        }
    }

    void onConnected() {
        isOfThisHost |= endpoints == null;
        close();
    }

    /** What it looks for, in words; only while {@link #choose} finds no way. */
    String state() {
        return search.state();
    }

    void close() {
        CloseHelper.quietClose(search);
        search = null;
    }
}
