package io.dragon.engine.node;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Knows which beacons are new: recent by their sender's clock, and with a number that this sender did not use before. Two ways may
 * bring them in another order than they were sent in. One thread.
 */
final class ReplayGuard {
    /** A beacon whose clock is further from ours is old, or its host's clock is wrong. */
    static final long WINDOW_MS = 30_000;

    static final int MAX_SENDERS = 1_024;

    enum Verdict {
        NEW,
        /** The same once more, at once. */
        TWICE,
        USED_BEFORE,
        WRONG_TIME
    }

    private final Map<Long, ReplayWindow> senders = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<Long, ReplayWindow> eldest) {
            return size() > MAX_SENDERS;
        }
    };

    Verdict judge(final long senderId, final long number, final long epochMs, final long nowEpochMs) {
        final long age = nowEpochMs - epochMs;
        if (age > WINDOW_MS || age < -WINDOW_MS) {
            return Verdict.WRONG_TIME;
        }
        return switch (senders.computeIfAbsent(senderId, id -> new ReplayWindow())
                .judge(number, nowEpochMs)) {
            case NEW -> Verdict.NEW;
            case TWICE -> Verdict.TWICE;
            case USED_BEFORE -> Verdict.USED_BEFORE;
        };
    }
}
