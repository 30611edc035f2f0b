package io.dragon.engine.cluster;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The commands of a party that are not acknowledged yet, in fixed slots, and what of them is to be sent next (go back N).
 *
 * <pre>
 *   acknowledged        sent               nextSeq
 *   ----|-----------------|--------------------|----
 *       | in flight       | waiting to be sent |
 * </pre>
 */
final class CommandWindow {
    private static final int SLOTS = Party.WINDOW;
    private static final int SLOT_LENGTH = Party.MAX_LENGTH;

    /** Refusals of commands that were in flight with a refused one say the same again: one rewind answers them all. */
    private static final long REWIND_HOLD_NS = 50_000_000;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[SLOTS * SLOT_LENGTH]);
    private final int[] lengths = new int[SLOTS];
    private final long resendNs;
    private final long resendMaxNs;
    private int limit = SLOTS;
    private long acknowledgedSeq;
    private long sentSeq;
    private long nextSeq = 1;
    private long progressNs;
    private long resendDelayNs;
    private long notBeforeNs;
    private long rewindHoldNs;
    private boolean isPaused;
    private long resends;

    CommandWindow(final long resendNs, final long resendMaxNs) {
        this.resendNs = resendNs;
        this.resendMaxNs = resendMaxNs;
        resendDelayNs = resendNs;
    }

    void reset(final long lastSeq, final int limit) {
        this.limit = limit < 1 || limit > SLOTS ? SLOTS : limit;
        acknowledgedSeq = lastSeq;
        sentSeq = lastSeq;
        nextSeq = lastSeq + 1;
        resendDelayNs = resendNs;
        isPaused = false;
        rewindHoldNs = 0;
    }

    long nextSeq() {
        return nextSeq;
    }

    long acknowledgedSeq() {
        return acknowledgedSeq;
    }

    long resends() {
        return resends;
    }

    boolean isFull() {
        return nextSeq - acknowledgedSeq > limit;
    }

    boolean isEmpty() {
        return acknowledgedSeq == nextSeq - 1;
    }

    boolean hasUnsent(final long nowNs) {
        return sentSeq < nextSeq - 1 && (!isPaused || nowNs - notBeforeNs >= 0);
    }

    /** Takes a copy of the next command; {@link #isFull()} was false. */
    long put(final DirectBuffer source, final int length) {
        final int slot = (int) (nextSeq % SLOTS);
        buffer.putBytes(slot * SLOT_LENGTH, source, 0, length);
        lengths[slot] = length;
        return nextSeq++;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    long unsentSeq() {
        return sentSeq + 1;
    }

    int unsentOffset() {
        return (int) ((sentSeq + 1) % SLOTS) * SLOT_LENGTH;
    }

    int unsentLength() {
        return lengths[(int) ((sentSeq + 1) % SLOTS)];
    }

    void onSent(final long nowNs) {
        if (sentSeq == acknowledgedSeq) {
            progressNs = nowNs;
        }
        sentSeq++;
    }

    boolean onAcknowledged(final long seq, final long nowNs) {
        if (seq <= acknowledgedSeq || seq >= nextSeq) {
            return false;
        }
        acknowledgedSeq = seq;
        if (sentSeq < seq) {
            sentSeq = seq;
        }
        progressNs = nowNs;
        resendDelayNs = resendNs;
        return true;
    }

    void onRefused(final long seq, final long expectedSeq, final long retryAfterNs, final long nowNs) {
        final long lastTaken = expectedSeq - 1;
        if (lastTaken < acknowledgedSeq || lastTaken >= nextSeq) {
            return;
        }
        if (onAcknowledged(lastTaken, nowNs)) {
            rewindHoldNs = 0;
        }
        if (retryAfterNs > 0) {
            isPaused = true;
            notBeforeNs = nowNs + retryAfterNs;
        }
        resendDelayNs = resendNs;
        final boolean isHead = seq == expectedSeq; // was sent once since the last rewind
        if (sentSeq > lastTaken && (isHead || rewindHoldNs == 0 || nowNs - rewindHoldNs >= 0)) {
            rewindHoldNs = nowNs + retryAfterNs + REWIND_HOLD_NS;
            rewind(nowNs);
        }
    }

    /** Sends everything again that is not acknowledged: there is a new leader, or a new connection. */
    void onReconnected(final long nowNs) {
        isPaused = false;
        rewindHoldNs = 0;
        resendDelayNs = resendNs;
        rewind(nowNs);
    }

    /** Goes back when nothing was acknowledged for too long. */
    void onTimer(final long nowNs) {
        if (isPaused && nowNs - notBeforeNs >= 0) {
            isPaused = false;
        }
        if (sentSeq > acknowledgedSeq && nowNs - progressNs >= resendDelayNs) {
            resendDelayNs = Math.min(2 * resendDelayNs, resendMaxNs);
            rewind(nowNs);
        }
    }

    private void rewind(final long nowNs) {
        resends += sentSeq - acknowledgedSeq;
        sentSeq = acknowledgedSeq;
        progressNs = nowNs;
    }
}
