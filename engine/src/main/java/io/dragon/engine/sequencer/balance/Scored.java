package io.dragon.engine.sequencer.balance;

/**
 * The highest {@code 1000 / (latencyMs + size/throughput in ms)}, times 0.8 if the worker has more than 5 tasks, times 1.2 if
 * it is local, times 0.5 if a task failed on it a short while ago. A worker whose free memory cannot hold the task is left
 * out, and so is one whose score is below the threshold: if all are, the task waits.
 *
 * <pre>
 *   latencyMs   from the node of the task's inputs to the worker's, by {@link Links#latencyNs}
 *   size        length of all inputs of the task
 *   throughput  bytes a second that the worker has shown for this type, {@link Candidate#meanBytes} / {@link Candidate#meanNs};
 *               size/throughput is meanNs itself for a task without inputs or a type whose inputs had no length, and 1 ms
 *               while nobody has done one; to it comes, for a remote worker, the length of the inputs on the task's node
 *               / {@link Links#bytesPerSecond}
 *   local       the worker's node is that of the task's inputs
 * </pre>
 *
 * The time is at least a microsecond. Among equals the one with less load, then the one that waited longest, is chosen.
 */
final class Scored extends Ranked {
    private static final long UNKNOWN_NS = 1_000_000;
    private static final long LEAST_NS = 1_000;
    private static final int LONG_QUEUE = 5;

    /** Millionths in a thousandth, the unit of the threshold. */
    private static final long PER_THOUSANDTH = 1_000;

    @Override
    public boolean isChoosy() {
        return true;
    }

    @Override
    public Candidate choose(final Demand demand) {
        Candidate chosen = null;
        long highest = Math.max(1, demand.scoredThreshold * PER_THOUSANDTH) - 1;
        int compared = 0;
        for (Place place = free.first(); place != null && compared < MOST_COMPARED; place = free.after(place)) {
            final Candidate candidate = place.candidate;
            if (candidate.workerId != demand.exceptWorkerId && candidate.fits(demand) && demand.mayGoTo(candidate)) {
                final long score = score(demand, candidate);
                compared++;
                if (score > highest) {
                    highest = score;
                    chosen = candidate;
                }
            }
        }
        return chosen;
    }

    @Override
    long score(final Demand demand, final Candidate candidate) {
        // 1000 / ms = 10^9 / ns.
        long score = Math.max(1, Fixed.ONE_PER_NS / timeNs(demand, candidate));
        if (candidate.assigned() > LONG_QUEUE) {
            score = score * 8 / 10;
        }
        if (demand.isLocal(candidate)) {
            score = score * 12 / 10;
        }
        if (isErring(demand, candidate)) {
            score = score * 5 / 10;
        }
        return Math.max(1, score);
    }

    private static boolean isErring(final Demand demand, final Candidate candidate) {
        final long erredMs = candidate.erredMs();
        return erredMs >= 0 && demand.nowMs - erredMs <= demand.recentErrorMs;
    }

    private static long timeNs(final Demand demand, final Candidate candidate) {
        final long transferNs =
                demand.homeNodeId == 0 || demand.isLocal(candidate) ? 0 : demand.transferNs(candidate.nodeId());
        return Math.max(LEAST_NS, transferNs + executionNs(demand.inputBytes, candidate));
    }

    private static long executionNs(final long size, final Candidate candidate) {
        final long meanNs = candidate.meanNs();
        final long meanBytes = candidate.meanBytes();
        if (meanNs < 0) {
            return UNKNOWN_NS;
        }
        return size == 0 || meanBytes == 0 || size == meanBytes ? meanNs : Fixed.scaled(meanNs, size, meanBytes);
    }

    @Override
    boolean isTooLow(final Demand demand, final Candidate candidate) {
        return score(demand, candidate) < demand.scoredThreshold * PER_THOUSANDTH;
    }

    @Override
    String factors(final Demand demand, final Candidate candidate) {
        return "1000 / " + Fixed.text(timeNs(demand, candidate)) + " ms"
                + (candidate.assigned() > LONG_QUEUE ? " x 0.8 for " + candidate.assigned() + " tasks there" : "")
                + (demand.isLocal(candidate) ? " x 1.2 because it is local" : "")
                + (isErring(demand, candidate) ? " x 0.5 for a recent error" : "")
                + "; the highest wins";
    }
}
