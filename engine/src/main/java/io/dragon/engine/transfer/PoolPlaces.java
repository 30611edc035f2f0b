package io.dragon.engine.transfer;

import io.dragon.engine.config.DragonDirectory;
import java.nio.file.Files;
import org.agrona.collections.LongHashSet;

/**
 * Which pools lie on this host. A pool's file is there before any of its frames is named, and its id is never used again: so what was
 * found out once stays true, but that a pool of this host may be removed. One thread.
 */
final class PoolPlaces {
    private static final int MOST = 4_096;

    private final DragonDirectory directory;
    private final LongHashSet here = new LongHashSet();
    private final LongHashSet elsewhere = new LongHashSet();

    PoolPlaces(final DragonDirectory directory) {
        this.directory = directory;
    }

    boolean isHere(final long poolId) {
        return here.contains(poolId) || !elsewhere.contains(poolId) && look(poolId);
    }

    private boolean look(final long poolId) {
        final boolean isHere = Files.exists(directory.pool(poolId));
        final LongHashSet set = isHere ? here : elsewhere;
        if (set.size() >= MOST) {
            set.clear();
        }
        set.add(poolId);
        return isHere;
    }
}
