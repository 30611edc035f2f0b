package io.dragon.engine.node;

import java.util.ArrayDeque;

/** What a node's agent has sent: of its present process every number once, and nothing of its processes before. One thread. */
final class ProbeSenders {
    private static final int WAYS = 8;
    private static final int MAX_FORMER = 16;

    private final ArrayDeque<Long> former = new ArrayDeque<>();
    private ReplayWindow[] windows;
    private long senderId;

    /** Whether a probe is new; its number names the way in its low three bits. */
    boolean isNew(final long sender, final long number) {
        if (windows == null || sender != senderId) {
            if (windows != null && former.contains(sender)) {
                return false;
            }
            succeed(sender);
        }
        return windows[(int) number & WAYS - 1].isNew(number >>> 3);
    }

    private void succeed(final long sender) {
        if (windows != null) {
            if (former.size() == MAX_FORMER) {
                former.poll();
            }
            former.add(senderId);
        }
        senderId = sender;
        windows = new ReplayWindow[WAYS];
        for (int i = 0; i < WAYS; i++) {
            windows[i] = new ReplayWindow();
        }
    }
}
