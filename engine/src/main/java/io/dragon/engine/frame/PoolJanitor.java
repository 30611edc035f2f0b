package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;

/**
 * Looks after the pools of dead owners on one host: what the owner would have done, and their removal. One thread.
 */
public final class PoolJanitor {
    /**
     * A janitor of a directory.
     *
     * @param directory of Dragon
     */
    public PoolJanitor(final DragonDirectory directory) {}

    /**
     * The pools that are there.
     *
     * @return their ids, in order
     */
    public long[] pools() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the owner of a pool lives, by its lock.
     *
     * @param poolId of the pool
     * @return false when it is dead, has closed the pool, or the pool is gone
     */
    public boolean isOwnerAlive(final long poolId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Seals a pool whose owner is dead and takes back what dead readers left.
     *
     * @param poolId of the pool
     * @return the number of readers found dead; 0 when the owner lives or the pool is gone
     */
    public int sweep(final long poolId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether anyone living reads a frame of a pool.
     *
     * @param poolId of the pool
     * @return false when no one does, or the pool is gone
     */
    public boolean isRead(final long poolId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes a pool whose owner is dead; who reads a frame keeps it until it ends its lease.
     *
     * @param poolId of the pool
     * @return false when the owner lives or the pool is gone
     */
    public boolean delete(final long poolId) {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes what owners left that died while they made or deleted a pool.
     *
     * @return the number of files removed
     */
    public int removeLeftovers() {
        throw new UnsupportedOperationException();
    }
}
