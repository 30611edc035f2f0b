package io.dragon.engine.node;

import io.dragon.codecs.control.LinkState;
import java.util.Arrays;

/**
 * What is known of the way to one address of another node, from probes sent every 200 ms. One thread; every time is given.
 *
 * <p>The rule:
 *
 * <ul>
 *   <li>A probe that is not answered within 500 ms is lost; an answer that comes later still shows that there is a way.
 *   <li>An answer is a <em>spike</em> when it took longer than 5 ms and longer than four times the median of the last 60 s. The first 25
 *       are none: programs that have just started are slow themselves, and nothing is known yet that could be usual.
 *   <li>UP becomes DEGRADED when 3 of the last 5 answers were spikes, or more than 5 of the last 100 probes were lost.
 *   <li>Any state becomes DOWN when 5 probes in a row were lost.
 *   <li>DOWN becomes UP after 10 answers in a row, DEGRADED after 25 in a row without a spike; either way what was counted before
 *       is forgotten, so that a link that is well again is not judged by its past.
 *   <li>When we ourselves did not run for 400 ms, the probes under way are no losses; that they were answered still shows that there is a
 *       way. What was lost before counts on, so that a host that is stopped again and again also finds a dead link,
 *       when it runs for more than 500 ms in between.
 * </ul>
 */
final class Link {
    static final long TIMEOUT_NS = 500_000_000;
    static final long SPIKE_FLOOR_NS = 5_000_000;
    static final int SPIKE_FACTOR = 4;
    static final int SPIKE_WINDOW = 5;
    static final int SPIKES = 3;
    static final int BASELINE = 25;
    static final int LOSS_WINDOW = 100;
    static final int LOSSES = 5;
    static final int LOST_IN_A_ROW = 5;
    static final int GOOD_IN_A_ROW = 10;
    static final int CLEAN_IN_A_ROW = 25;

    private static final long TWICE_NS = ReplayWindow.TWICE_MS * 1_000_000;
    private static final int RING = 128;
    private static final int MASK = RING - 1;

    /** 60 s of probes. */
    private static final int MEDIAN_WINDOW = 300;

    private static final int MEDIAN_EVERY = 5;

    /** 5 s of probes: their median is what the way takes, whatever keeps the processors busy now and then. */
    private static final int PRESENT_WINDOW = 25;

    private static final byte NONE = 0;
    private static final byte PENDING = 1;
    private static final byte ANSWERED = 2;
    private static final byte SPIKE = 3;
    private static final byte LOST = 4;
    private static final byte PAUSED = 5;
    private static final byte ANSWERED_AFTER_PAUSE = 6;

    private final byte[] fates = new byte[RING];
    private final long[] sentNs = new long[RING];
    private final long[] answeredNs = new long[RING];
    private final long[] times = new long[MEDIAN_WINDOW];
    private final byte[] lastAnswers = new byte[SPIKE_WINDOW];
    private LinkState state = LinkState.UNKNOWN;
    private long sequence;

    /** All before it have their fate. */
    private long oldestPending;

    /** Of probes before it nothing is counted. */
    private long countedFrom;

    private final long[] lastSpikesNs = new long[SPIKE_WINDOW];
    private long answers;
    private long spikeNs;
    private long usualNs;
    private long medianNs;
    private long presentNs;
    private int lostInARow;
    private int goodInARow;
    private int cleanInARow;

    /** @param lastNumber of any probe that this process has sent to that node: none is used twice. */
    Link(final long lastNumber) {
        sequence = lastNumber;
        oldestPending = lastNumber + 1;
        countedFrom = lastNumber + 1;
    }

    /** A probe goes out: its number, each one more than that before. */
    long onSent(final long nowNs) {
        sequence++;
        final int slot = (int) sequence & MASK;
        fates[slot] = PENDING;
        sentNs[slot] = nowNs;
        return sequence;
    }

    /** An answer came; false when there is no such probe, or it was answered before and the network did not just double the answer. */
    boolean onAnswer(final long number, final long nowNs) {
        if (number <= 0 || number > sequence || number <= sequence - RING) {
            return false;
        }
        final int slot = (int) number & MASK;
        if (fates[slot] == ANSWERED || fates[slot] == SPIKE || fates[slot] == ANSWERED_AFTER_PAUSE) {
            return nowNs - answeredNs[slot] <= TWICE_NS;
        }
        if (fates[slot] == NONE) {
            return true; // of another way to that node
        }
        if (fates[slot] == PAUSED) {
            fates[slot] = ANSWERED_AFTER_PAUSE;
            answeredNs[slot] = nowNs;
            lostInARow = 0;
            return true;
        }
        final boolean isLate = fates[slot] == LOST;
        final long roundTripNs = Math.max(1, nowNs - sentNs[slot]);
        final boolean isSpike = isSpike(roundTripNs, isLate);
        fates[slot] = isSpike ? SPIKE : ANSWERED;
        answeredNs[slot] = nowNs;
        lastAnswers[(int) (answers % SPIKE_WINDOW)] = fates[slot];
        lastSpikesNs[(int) (answers % SPIKE_WINDOW)] = isSpike ? roundTripNs : 0;
        note(roundTripNs);
        lostInARow = 0;
        goodInARow++;
        cleanInARow = isSpike ? 0 : cleanInARow + 1;
        judge();
        return true;
    }

    private boolean isSpike(final long roundTripNs, final boolean isLate) {
        return answers >= BASELINE && (isLate || roundTripNs > Math.max(SPIKE_FLOOR_NS, SPIKE_FACTOR * medianNs));
    }

    private void note(final long roundTripNs) {
        times[(int) (answers % MEDIAN_WINDOW)] = roundTripNs;
        answers++;
        if (answers <= MEDIAN_EVERY || answers % MEDIAN_EVERY == 0) {
            medianNs = median(MEDIAN_WINDOW);
            presentNs = median(PRESENT_WINDOW);
        }
    }

    private long median(final int window) {
        final long[] sorted = new long[(int) Math.min(answers, window)];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = times[(int) ((answers - 1 - i) % MEDIAN_WINDOW)];
        }
        Arrays.sort(sorted);
        return sorted[(sorted.length - 1) / 2];
    }

    /** Time has passed. */
    void onTime(final long nowNs) {
        boolean isLost = false;
        for (; oldestPending <= sequence; oldestPending++) {
            final int slot = (int) oldestPending & MASK;
            if (fates[slot] == PENDING) {
                if (nowNs - sentNs[slot] < TIMEOUT_NS) {
                    break;
                }
                fates[slot] = LOST;
                lostInARow++;
                goodInARow = 0;
                cleanInARow = 0;
                isLost = true;
            }
        }
        if (isLost) {
            judge();
        }
    }

    /** We did not run: nobody knows when the answers came. */
    void onPause() {
        for (; oldestPending <= sequence; oldestPending++) {
            final int slot = (int) oldestPending & MASK;
            if (fates[slot] == PENDING) {
                fates[slot] = PAUSED;
            }
        }
    }

    /** Its place among the addresses changed, which is part of the numbers of its probes: an answer would be taken for another's. */
    void onMoved() {
        onPause();
        for (int slot = 0; slot < RING; slot++) {
            fates[slot] = fates[slot] == PAUSED ? NONE : fates[slot];
        }
    }

    private void judge() {
        if (lostInARow >= LOST_IN_A_ROW) {
            state = LinkState.DOWN;
            spikeNs = 0;
            usualNs = 0;
            return;
        }
        switch (state) {
            case UP -> {
                if (spikes() >= SPIKES || lost() > LOSSES) {
                    state = LinkState.DEGRADED;
                    cleanInARow = 0;
                    spikeNs = lost() > LOSSES ? 0 : longestSpikeNs();
                    usualNs = spikeNs == 0 ? 0 : medianNs;
                }
            }
            case DEGRADED -> {
                if (cleanInARow >= CLEAN_IN_A_ROW) {
                    comeUp();
                }
            }
            case DOWN -> {
                if (goodInARow >= GOOD_IN_A_ROW) {
                    comeUp();
                }
            }
            default -> {
                if (goodInARow > 0) {
                    comeUp();
                }
            }
        }
    }

    private void comeUp() {
        state = LinkState.UP;
        countedFrom = sequence + 1;
        spikeNs = 0;
        usualNs = 0;
        Arrays.fill(lastAnswers, NONE);
        Arrays.fill(lastSpikesNs, 0);
    }

    private int spikes() {
        int spikes = 0;
        for (final byte fate : lastAnswers) {
            spikes += fate == SPIKE ? 1 : 0;
        }
        return spikes;
    }

    private long longestSpikeNs() {
        long longest = 0;
        for (final long each : lastSpikesNs) {
            longest = Math.max(longest, each);
        }
        return longest;
    }

    private int lost() {
        int lost = 0;
        for (long number = first(); number <= sequence; number++) {
            lost += fates[(int) number & MASK] == LOST ? 1 : 0;
        }
        return lost;
    }

    private long first() {
        return Math.max(countedFrom, sequence - LOSS_WINDOW + 1);
    }

    LinkState state() {
        return state;
    }

    /** The longest of the spikes that made it degraded; 0 when it is not, or because of losses. */
    long spikeNs() {
        return spikeNs;
    }

    /** The median that those were compared with; 0 otherwise. */
    long usualNs() {
        return usualNs;
    }

    /** The median of the last 5 s; nanoseconds, 0 before the first answer. */
    long roundTripNs() {
        return presentNs;
    }

    /** Of the last 100 probes whose fate is known; since it came up. */
    int lossPermille() {
        int lost = 0;
        int known = 0;
        for (long number = first(); number <= sequence; number++) {
            final byte fate = fates[(int) number & MASK];
            lost += fate == LOST ? 1 : 0;
            known += fate == LOST || fate == ANSWERED || fate == SPIKE ? 1 : 0;
        }
        return known == 0 ? 0 : 1_000 * lost / known;
    }
}
