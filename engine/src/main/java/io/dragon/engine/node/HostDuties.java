package io.dragon.engine.node;

import static io.dragon.engine.config.Timeouts.Key.LOCK_PROBE;
import static io.dragon.engine.config.Timeouts.Key.POOL_SWEEP;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;

/**
 * What has to be done on a host by someone who outlives its processes: the dead are reported by the proof of their locks, and the
 * frame pools that they leave are removed when the sequencer has no more need of them. One thread.
 */
public final class HostDuties {
    private final DeathProbe deaths;
    private final OrphanedPools pools;
    private final long probeNs;
    private final long sweepNs;
    private long probedNs;
    private long sweptNs;
    private boolean isProbeDue;

    /**
     * The duties on one host.
     *
     * @param directory the host's Dragon directory, with pools and liveness locks.
     * @param timeouts  how often to look.
     * @param line      where reports go.
     * @param nowNs     the time of the clock that {@link #doWork} is given, nanoseconds.
     */
    public HostDuties(final DragonDirectory directory, final Timeouts timeouts, final HostLine line, final long nowNs) {
        deaths = new DeathProbe(directory, line);
        pools = new OrphanedPools(directory, line);
        probeNs = timeouts.ns(LOCK_PROBE);
        sweepNs = timeouts.ns(POOL_SWEEP);
        probedNs = nowNs;
        sweptNs = nowNs;
    }

    /**
     * Removes the cards of dead processes without a report: they are of an earlier life of the masters, and what they name may be
     * somebody else in this one. Only before the masters have taken anybody.
     *
     * @param directory the host's Dragon directory.
     */
    public static void forgetTheDead(final DragonDirectory directory) {
        DeathProbe.forgetTheDead(directory);
    }

    /**
     * Looks round when it is time. Only while the line takes commands.
     *
     * @param nowNs of the clock that times the duties, nanoseconds.
     * @return how much there was to do.
     */
    public int doWork(final long nowNs) {
        int workCount = 0;
        if (isProbeDue || nowNs - probedNs >= probeNs) {
            isProbeDue = false;
            probedNs = nowNs;
            workCount += deaths.probe(nowNs);
        }
        if (nowNs - sweptNs >= sweepNs) {
            sweptNs = nowNs;
            workCount += pools.sweep();
        }
        return workCount;
    }

    /** Somebody is known to have ended: locks are probed in the next duty cycle. */
    public void probeNow() {
        isProbeDue = true;
    }

    /** There is a new incarnation of the node: what the old one said may be lost, and is said again. */
    public void onRegistered() {
        deaths.forget();
        pools.forget();
    }

    /**
     * The sequencer needs a pool no more.
     *
     * @param poolId of the pool.
     */
    public void onPoolReleased(final long poolId) {
        pools.onReleased(poolId);
    }

    /**
     * Deaths reported so far.
     *
     * @return a count.
     */
    public long deathsReported() {
        return deaths.reported();
    }

    /**
     * Pools removed so far.
     *
     * @return a count.
     */
    public long poolsRemoved() {
        return pools.removed();
    }
}
