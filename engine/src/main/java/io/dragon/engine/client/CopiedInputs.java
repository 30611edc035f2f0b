package io.dragon.engine.client;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import org.agrona.collections.LongHashSet;

/**
 * Frames of other hosts that lie here as copies, such as the outputs of a result that was fetched: the sequencer does not know them, so
 * as inputs of a task they are given by value. Whether a pool holds copies is asked of it once. Any thread, but for {@link #resolve}.
 */
final class CopiedInputs {
    /** Pools are remembered so far; then it begins anew. */
    private static final int MOST = 4_096;

    private final DragonDirectory directory;
    private final LongHashSet copies = new LongHashSet();
    private final LongHashSet originals = new LongHashSet();

    CopiedInputs(final DragonDirectory directory) {
        this.directory = directory;
    }

    /** How many inputs of a request are copies. */
    int count(final TaskRequest request) {
        int count = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            count += isCopy(request, i) ? 1 : 0;
        }
        return count;
    }

    /** Bytes of the longest of them. */
    int longest(final TaskRequest request) {
        int longest = 0;
        for (int i = 0; i < request.inputs().size(); i++) {
            longest = isCopy(request, i)
                    ? Math.max(longest, request.inputs().frame(i).length())
                    : longest;
        }
        return longest;
    }

    /**
     * The request with its copies by value, leased by its task meanwhile; itself when it has none; null when one is not there any more.
     * Agent thread only.
     */
    TaskRequest resolve(final TaskHandle task, final TaskRequest request, final FrameReader reader) {
        TaskRequest resolved = request;
        for (int i = 0; i < request.inputs().size(); i++) {
            if (isCopy(request, i)) {
                final FrameLease lease = new FrameLease();
                if (reader.acquire(request.inputs().frame(i), lease) != 0) {
                    return null;
                }
                task.kept().add(lease);
                resolved = resolved == request ? request.copy() : resolved;
                resolved.inputs().copy(i, lease);
            }
        }
        return resolved;
    }

    private boolean isCopy(final TaskRequest request, final int input) {
        return request.inputs().bytes(input) == null && isCopy(request.inputs().frame(input));
    }

    private synchronized boolean isCopy(final FrameRef frame) {
        final long poolId = frame.poolId();
        if (originals.contains(poolId)) {
            return false;
        }
        if (copies.contains(poolId)) {
            return true;
        }
        if (originals.size() + copies.size() >= MOST) {
            originals.clear();
            copies.clear();
        }
        final boolean isCopy = FramePool.isOfCopies(directory, poolId);
        (isCopy ? copies : originals).add(poolId);
        return isCopy;
    }
}
