package io.dragon.engine.node;

import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PoolOrphanedEncoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.PoolJanitor;
import org.agrona.collections.LongHashSet;

/** The frame pools of dead owners: reported, swept, and removed when the sequencer has no more need of them. */
final class OrphanedPools {
    private static final int SWEEPS_PER_CLEANING = 40;

    private final PoolJanitor janitor;
    private final HostLine line;
    private final PoolOrphanedEncoder poolOrphaned = new PoolOrphanedEncoder();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final LongHashSet reported = new LongHashSet();
    private int sweeps;
    private long removed;

    OrphanedPools(final DragonDirectory directory, final HostLine line) {
        this.line = line;
        janitor = new PoolJanitor(directory);
    }

    long removed() {
        return removed;
    }

    /** There is a new incarnation of this agent: what the old one said may be lost. */
    void forget() {
        reported.clear();
    }

    int sweep() {
        int workCount = 0;
        for (final long poolId : janitor.pools()) {
            if (!janitor.isOwnerAlive(poolId)) {
                workCount++;
                janitor.sweep(poolId);
                if (!reported.contains(poolId) && report(poolId)) {
                    reported.add(poolId);
                }
            }
        }
        if (sweeps++ % SWEEPS_PER_CLEANING == 0) {
            workCount += janitor.removeLeftovers();
        }
        return workCount;
    }

    void onReleased(final long poolId) {
        reported.remove(poolId); // first: a pool that cannot be deleted now is reported again
        if (janitor.delete(poolId)) {
            removed++;
        }
    }

    private boolean report(final long poolId) {
        poolOrphaned.wrapAndApplyHeader(line.scratch(), 0, header).poolId(poolId);
        return line.offer(MessageHeaderEncoder.ENCODED_LENGTH + poolOrphaned.encodedLength()) > 0;
    }
}
