package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.EVENT_ACKNOWLEDGE;
import static io.dragon.engine.config.Timeouts.Key.RESUME_RETRY;

import io.dragon.engine.config.Timeouts;
import org.agrona.collections.LongArrayList;

/**
 * The counted events of a party: which is the next one, up to which they count as taken, when that is to be told, and when what was
 * lost is to be asked for.
 *
 * <pre>
 *        taken             last
 *   -------|-----------------|-----------------
 *          | passed on, held | lost, or to come
 * </pre>
 */
final class EventWindow {
    /** So many events are acknowledged at once, however fast they came. */
    private static final int MAX_UNACKNOWLEDGED = 32;

    private final long acknowledgeNs;
    private final long resumeRetryNs;

    /** Events that were passed on and do not count as taken yet, in their order. */
    private final LongArrayList held = new LongArrayList();

    private long last;
    private long oldestUnacknowledgedNs;
    private int unacknowledged;
    private long resumeSentNs;
    private boolean isResuming;
    private long duplicates;
    private long gaps;

    EventWindow(final Timeouts timeouts) {
        acknowledgeNs = timeouts.ns(EVENT_ACKNOWLEDGE);
        resumeRetryNs = timeouts.ns(RESUME_RETRY);
    }

    void reset(final long lastEvent) {
        last = lastEvent;
        held.clear();
        unacknowledged = 0;
        isResuming = false;
    }

    /** The last contiguous one. */
    long last() {
        return last;
    }

    /** Up to it all count as taken. */
    long taken() {
        return held.isEmpty() ? last : held.getLong(0) - 1;
    }

    long hold() {
        if (held.isEmpty() || held.getLong(held.size() - 1) != last) {
            held.addLong(last);
        }
        return last;
    }

    void take(final long event, final long nowNs) {
        if (held.removeLong(event)) {
            touch(nowNs);
        }
    }

    long duplicates() {
        return duplicates;
    }

    long gaps() {
        return gaps;
    }

    /** An event has come that is not the answer to a resume; true when it is the next one, and to be passed on. */
    boolean onEvent(final long event, final long nowNs) {
        if (event > last + 1) {
            if (!isResuming) {
                gaps++;
                resume(nowNs);
            }
            return false;
        }
        touch(nowNs);
        if (event <= last) {
            duplicates++;
            return false;
        }
        last = event;
        return true;
    }

    /** The answer to a resume: what was open before it comes again, under new numbers. */
    void onResumed(final long event, final long nowNs) {
        touch(nowNs);
        if (event <= last) {
            duplicates++;
        } else {
            isResuming = false;
            last = event;
            held.clear();
        }
    }

    boolean isAcknowledgementDue(final long nowNs) {
        return unacknowledged >= MAX_UNACKNOWLEDGED
                || (unacknowledged > 0 && nowNs - oldestUnacknowledgedNs >= acknowledgeNs);
    }

    /** {@link #taken()} was sent, with whatever message. */
    void onAcknowledged() {
        unacknowledged = 0;
    }

    /** What is open is to be asked for, as soon as it can be sent. */
    void resume(final long nowNs) {
        isResuming = true;
        resumeSentNs = nowNs - resumeRetryNs;
    }

    boolean isResumeDue(final long nowNs) {
        return isResuming && nowNs - resumeSentNs >= resumeRetryNs;
    }

    void onResumeSent(final long nowNs) {
        resumeSentNs = nowNs;
    }

    private void touch(final long nowNs) {
        if (unacknowledged++ == 0) {
            oldestUnacknowledgedNs = nowNs;
        }
    }
}
