package io.dragon.engine.transfer;

/** When a peer is called again that was not reached, or was lost: at once, after 1, 2, 4, 8 s, then every 30 s. One thread. */
final class RedialSchedule {
    private static final long[] DELAYS_MS = {0, 1_000, 2_000, 4_000, 8_000};
    private static final long LAST_DELAY_MS = 30_000;

    /** A connection that ends sooner counts as a call that failed: somebody accepts, and then hangs up. */
    private static final long LASTING_MS = 1_000;

    private int failures;
    private long dueNs;
    private boolean isWaiting;
    private long connectedNs;

    RedialSchedule() {}

    /** Whether it is time to call. */
    boolean isDue(final long nowNs) {
        return !isWaiting || nowNs - dueNs >= 0;
    }

    void onFailed(final long nowNs) {
        failures++;
        isWaiting = true;
        dueNs = nowNs + 1_000_000L * (failures < DELAYS_MS.length ? DELAYS_MS[failures] : LAST_DELAY_MS);
    }

    void onConnected(final long nowNs) {
        connectedNs = nowNs;
        isWaiting = false;
    }

    /** A connection that had been made ended. */
    void onLost(final long nowNs) {
        if (nowNs - connectedNs < 1_000_000L * LASTING_MS) {
            onFailed(nowNs);
        } else {
            callNow();
        }
    }

    /** The peer is there: it has called. */
    void callNow() {
        failures = 0;
        isWaiting = false;
    }
}
