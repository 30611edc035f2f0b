package io.dragon.engine.node;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the processes of a node have sent: every number once. Of several at a time, because somebody may send what a process of the
 * past had sent and signed: that one is not to take the place of the present one. One thread.
 */
final class ProbeSenders {
    static final int MAX_SENDERS = 4;

    private static final int WAYS = 8;
    private static final long NS_PER_MS = 1_000_000;

    private final Map<Long, ReplayWindow[]> senders = new LinkedHashMap<>(8, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<Long, ReplayWindow[]> eldest) {
            return size() > MAX_SENDERS;
        }
    };

    /** Whether a probe is new; its number names the way in its low three bits. */
    ReplayWindow.Verdict judge(final long sender, final long number, final long nowNs) {
        final ReplayWindow[] windows = senders.computeIfAbsent(sender, id -> new ReplayWindow[WAYS]);
        final int way = (int) number & WAYS - 1;
        if (windows[way] == null) {
            windows[way] = new ReplayWindow();
        }
        return windows[way].judge(number >>> 3, nowNs / NS_PER_MS);
    }
}
