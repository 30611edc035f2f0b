package io.dragon.engine.sequencer;

import io.dragon.codecs.control.Reason;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Frame pools, and how many things name each frame of them: inputs of open tasks, outputs of tasks not forgotten, inputs of
 * jobs, history of cameras. A frame that nothing names any more is released to its pool's owner.
 */
final class Frames {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final int MAX_POOLS = 65_536;
    static final int MAX_POOLS_OF_PARTY = 1_024;

    /** Frames of a pool that may be named at a time: far more than it has slots, since names may be of frames long gone. */
    private static final long LEAST_HOLDS = 1_024;

    private static final int HOLDS_PER_SLOT = 4;

    private final Core core;
    final Long2ObjectHashMap<Pool> pools = new Long2ObjectHashMap<>();

    Frames(final Core core) {
        this.core = core;
    }

    void register(final Party owner, final long poolId, final int slotCount, final long slotLength) {
        if (poolId == 0 || pools.containsKey(poolId)) {
            return;
        }
        if (owner.pools >= MAX_POOLS_OF_PARTY) {
            core.faults.poolRefused(owner, "it has", MAX_POOLS_OF_PARTY);
        } else if (pools.size() >= MAX_POOLS) {
            core.faults.poolRefused(owner, "all together have", MAX_POOLS);
        } else {
            add(new Pool(poolId, owner, owner.incarnation, slotCount, slotLength));
        }
    }

    void add(final Pool pool) {
        pools.put(pool.id, pool);
        pool.owner.pools++;
    }

    /** Names the frame whose reference lies there; false when it cannot be one of a known pool. */
    boolean hold(final DirectBuffer buffer, final int offset) {
        final long sequence = buffer.getLong(offset + 8, ORDER);
        final int slot = buffer.getInt(offset + 16, ORDER);
        final Pool pool = pools.get(buffer.getLong(offset, ORDER));
        if (pool == null || !Pool.isKey(sequence, slot)) {
            return false;
        }
        final long key = Pool.key(sequence, slot);
        final long held = pool.holds.get(key);
        if (held == 0 && isFull(pool)) {
            return false;
        }
        final long length = held == 0 ? buffer.getInt(offset + 20, ORDER) & 0xFFFF_FFFFL : held >>> 32;
        pool.holds.put(key, length << 32 | ((held & 0xFFFF_FFFFL) + 1));
        return true;
    }

    private static boolean isFull(final Pool pool) {
        final long most = Math.max(LEAST_HOLDS, HOLDS_PER_SLOT * Integer.toUnsignedLong(pool.slotCount));
        return pool.holds.size() >= most;
    }

    /** A frame of a pool that was never registered, or for which there was no room: its publisher may have it back. */
    void giveBack(final Party publisher, final DirectBuffer buffer, final int offset) {
        final long poolId = buffer.getLong(offset, ORDER);
        final long sequence = buffer.getLong(offset + 8, ORDER);
        final int slot = buffer.getInt(offset + 16, ORDER);
        if (!pools.containsKey(poolId) && Pool.isKey(sequence, slot)) {
            final Outgoing release = core.egress.outgoing(Outgoing.RELEASE);
            release.subject = poolId;
            release.a = Pool.key(sequence, slot);
            release.b = buffer.getInt(offset + 20, ORDER) & 0xFFFF_FFFFL;
            release.reason = Reason.TABLE_FULL.value();
            core.egress.add(publisher, release);
        }
    }

    /** Takes back one {@link #hold}. A null reference is nothing. */
    void release(final DirectBuffer buffer, final int offset) {
        final Pool pool = pools.get(buffer.getLong(offset, ORDER));
        if (pool == null) {
            return;
        }
        final long key = Pool.key(buffer.getLong(offset + 8, ORDER), buffer.getInt(offset + 16, ORDER));
        final long held = pool.holds.get(key);
        if (held == 0) {
            return;
        }
        if ((held & 0xFFFF_FFFFL) > 1) {
            pool.holds.put(key, held - 1);
        } else {
            pool.holds.remove(key);
            emitRelease(pool, key, held >>> 32, 0);
            removeIfDone(pool);
        }
    }

    void release(final byte[] references, final int count) {
        for (int i = 0; i < count; i++) {
            core.view.wrap(references);
            release(core.view, i * Task.REF);
        }
    }

    /** A frame that was never named is given back, unless something else names it. */
    void refuse(final DirectBuffer buffer, final int offset, final int reason) {
        final long sequence = buffer.getLong(offset + 8, ORDER);
        final int slot = buffer.getInt(offset + 16, ORDER);
        final Pool pool = pools.get(buffer.getLong(offset, ORDER));
        if (pool != null && Pool.isKey(sequence, slot)) {
            final long key = Pool.key(sequence, slot);
            if (pool.holds.get(key) == 0) {
                emitRelease(pool, key, buffer.getInt(offset + 20, ORDER) & 0xFFFF_FFFFL, reason);
            }
        }
    }

    boolean isOwnedBy(final Party party, final long poolId) {
        final Pool pool = pools.get(poolId);
        return pool != null && pool.owner == party && pool.ownerIncarnation == party.incarnation;
    }

    /** The pool that a party fills now, the one with the largest id where it has several; 0 for none. */
    long poolOf(final Party party) {
        long poolId = 0;
        if (party.isAlive && party.pools > 0) {
            for (final Pool pool : pools.values()) {
                if (pool.owner == party
                        && pool.ownerIncarnation == party.incarnation
                        && Long.compareUnsigned(pool.id, poolId) > 0) {
                    poolId = pool.id;
                }
            }
        }
        return poolId;
    }

    /** Lost with its host: the owner is dead, and so is the node it ran on. */
    boolean isLost(final DirectBuffer buffer, final int offset) {
        final Pool pool = pools.get(buffer.getLong(offset, ORDER));
        if (pool == null) {
            return true;
        }
        if (pool.isOwned() || pool.nodeId == 0) {
            return false;
        }
        final Party node = core.parties.get(pool.nodeId);
        return node == null || !node.isAlive;
    }

    /** A node has registered on the host of an owner that did so before: its pools lie there. */
    void adopted(final Party owner) {
        if (owner.pools > 0) {
            pools.forEachLong((id, pool) -> {
                if (pool.owner == owner && pool.isOwned() && pool.nodeId == 0) {
                    pool.nodeId = owner.nodeId;
                }
            });
        }
    }

    void orphaned(final Party node, final long poolId) {
        final Pool pool = pools.get(poolId);
        if (pool == null) {
            emitPoolReleased(node, poolId);
        } else {
            if (pool.orphanedBy == 0) {
                core.faults.orphaned(pool);
            }
            pool.orphanedBy = node.id;
            removeIfDone(pool);
        }
    }

    /** The present incarnation of an owner is gone: pools that nothing needs are forgotten. */
    void ownerGone(final Party owner) {
        if (owner.pools == 0) {
            return;
        }
        for (final long id : Sorted.keys(pools)) {
            final Pool pool = pools.get(id);
            if (pool.owner == owner) {
                removeIfDone(pool);
            }
        }
    }

    private void removeIfDone(final Pool pool) {
        if (!pool.holds.isEmpty() || (pool.orphanedBy == 0 && pool.isOwned())) {
            return;
        }
        pools.remove(pool.id);
        pool.owner.pools--;
        final Party node = pool.orphanedBy == 0 ? null : core.parties.get(pool.orphanedBy);
        if (node != null) {
            emitPoolReleased(node, pool.id);
        }
    }

    private void emitRelease(final Pool pool, final long key, final long length, final int reason) {
        if (pool.orphanedBy == 0 && pool.isOwned()) {
            final Outgoing release = core.egress.outgoing(Outgoing.RELEASE);
            release.subject = pool.id;
            release.a = key;
            release.b = length;
            release.reason = reason;
            core.egress.add(pool.owner, release);
        }
    }

    private void emitPoolReleased(final Party node, final long poolId) {
        final Outgoing released = core.egress.outgoing(Outgoing.POOL_RELEASED);
        released.subject = poolId;
        core.egress.add(node, released);
    }
}
