package io.dragon.engine.node;

import java.util.LinkedHashMap;
import java.util.Map;

/** Knows which beacons are new: recent by their sender's clock, and with a larger number than any before of that sender. One thread. */
final class ReplayGuard {
    /** A beacon whose clock is further from ours is old, or its host's clock is wrong. */
    static final long WINDOW_MS = 30_000;

    static final int MAX_SENDERS = 1_024;

    /** A host with two interfaces on a network hears each broadcast of it twice. */
    static final long TWICE_MS = 100;

    enum Verdict {
        NEW,
        /** The same once more, at once. */
        TWICE,
        USED_BEFORE,
        WRONG_TIME
    }

    private static final class Last {
        private long number = Long.MIN_VALUE;
        private long heardMs;
    }

    private final Map<Long, Last> senders = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<Long, Last> eldest) {
            return size() > MAX_SENDERS;
        }
    };

    Verdict judge(final long senderId, final long number, final long epochMs, final long nowEpochMs) {
        final long age = nowEpochMs - epochMs;
        if (age > WINDOW_MS || age < -WINDOW_MS) {
            return Verdict.WRONG_TIME;
        }
        final Last last = senders.computeIfAbsent(senderId, id -> new Last());
        if (number == last.number && nowEpochMs - last.heardMs <= TWICE_MS) {
            return Verdict.TWICE;
        }
        if (number <= last.number) {
            return Verdict.USED_BEFORE;
        }
        last.number = number;
        last.heardMs = nowEpochMs;
        return Verdict.NEW;
    }
}
