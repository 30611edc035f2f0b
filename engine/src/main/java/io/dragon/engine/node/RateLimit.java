package io.dragon.engine.node;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** So many a second in all, and from one source. One thread. */
final class RateLimit {
    private static final long SECOND_NS = 1_000_000_000;

    private final int inAll;
    private final int fromOne;
    private final Map<InetAddress, Integer> bySource = new HashMap<>();
    private int taken;
    private long beganNs;

    RateLimit(final int inAll, final int fromOne, final long nowNs) {
        this.inAll = inAll;
        this.fromOne = fromOne;
        beganNs = nowNs;
    }

    /** Whether one more is within the limit. What is kept is bounded by the limit in all. */
    boolean isAllowed(final InetAddress source, final long nowNs) {
        if (nowNs - beganNs >= SECOND_NS) {
            beganNs = nowNs;
            taken = 0;
            bySource.clear();
        }
        if (taken >= inAll || bySource.getOrDefault(source, 0) >= fromOne) {
            return false;
        }
        taken++;
        bySource.merge(source, 1, Integer::sum);
        return true;
    }
}
