package io.dragon.tools.chaos;

import java.util.SplittableRandom;

/**
 * What becomes of each packet on a wire that delays, reorders, doubles and loses: drawn from a seed, so that the same packets at the same
 * times meet the same fate. One thread.
 */
public final class WireRules {
    /** Most times at which one packet arrives. */
    static final int MOST_COPIES = 2;

    /** A packet that is to be overtaken is held for so long beyond its time, and a copy comes so long after the first. */
    static final long HELD_NS = 3_000_000;

    private static final double PERCENT = 100;

    private final long delayNs;
    private final long jitterNs;
    private final double reorder;
    private final double duplicate;
    private final double loss;
    private final SplittableRandom random;
    private long lastNs = Long.MIN_VALUE;
    private long lost;
    private long reordered;
    private long doubled;

    /**
     * Rules.
     *
     * @param delayNs   every packet takes so long.
     * @param jitterNs  and up to so much longer, without overtaking.
     * @param reorder   percent of the packets that are overtaken by those after them.
     * @param duplicate percent that come twice.
     * @param loss      percent that never come.
     * @param seed      of what is drawn.
     */
    public WireRules(
            final long delayNs,
            final long jitterNs,
            final double reorder,
            final double duplicate,
            final double loss,
            final long seed) {
        this.delayNs = delayNs;
        this.jitterNs = jitterNs;
        this.reorder = reorder / PERCENT;
        this.duplicate = duplicate / PERCENT;
        this.loss = loss / PERCENT;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Draws for the next packet.
     *
     * @param nowNs when it was sent.
     * @param dueNs when it arrives, {@link #MOST_COPIES} long.
     * @return how often it does.
     */
    int draw(final long nowNs, final long[] dueNs) {
        // Each packet takes the same numbers from the seed, whatever becomes of it.
        final boolean isLost = random.nextDouble() < loss;
        final boolean isHeld = random.nextDouble() < reorder;
        final boolean isDoubled = random.nextDouble() < duplicate;
        final long ownNs = nowNs + delayNs + (long) (jitterNs * random.nextDouble());
        if (isLost) {
            lost++;
            return 0;
        }
        if (isHeld) {
            reordered++;
            dueNs[0] = Math.max(ownNs, lastNs) + HELD_NS;
        } else {
            lastNs = Math.max(ownNs, lastNs);
            dueNs[0] = lastNs;
        }
        if (!isDoubled) {
            return 1;
        }
        doubled++;
        dueNs[1] = dueNs[0] + HELD_NS;
        return 2;
    }

    long lost() {
        return lost;
    }

    long reordered() {
        return reordered;
    }

    long doubled() {
        return doubled;
    }
}
