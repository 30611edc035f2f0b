package io.dragon.worker.voxel;

import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.device.DeviceBuffer;
import io.dragon.worker.device.DeviceMemory;
import io.dragon.worker.device.GpuException;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames that stay on the device because the next of the same camera is compared with them, and pictures that many are compared with.
 * A frame is known by its reference: pool, slot, sequence and length together never name another one. Compute thread only; nothing
 * is allocated once there is room for the frames of all cameras.
 *
 * <p>What is worth nothing any more is written over first: a frame that the next was compared with, one that was compared with a picture which stays
 * (so no other is going to be compared with it), one whose slot in the pool has another frame by now.
 */
final class DeviceFrames implements AutoCloseable {
    private static final long ROOM_PERCENT = 40;
    private static final long MOST_SPARE_BYTES = 1 << 17;

    private final DeviceMemory memory;
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;
    private long uses;

    DeviceFrames(final DeviceMemory memory) {
        this.memory = memory;
    }

    private boolean hasRoom(final long length) {
        return bytes + length <= memory.limitBytes() / 100 * ROOM_PERCENT;
    }

    /** The frame if it is on the device, or will be when what is queued is done; to be given back. Null when it is not. */
    Entry find(final FrameRef ref) {
        Entry found = null;
        for (int i = 0; i < entries.size(); i++) {
            final Entry entry = entries.get(i);
            if (entry.isFilled && isSame(entry.ref, ref)) {
                found = entry;
            } else if (entry.isFilled && isSameSlot(entry.ref, ref)) {
                entry.isSpent = true; // it is overwritten in its pool
            }
        }
        return found == null ? null : use(found);
    }

    /** Another frame is compared with it, once for each; true when that has happened before: then it is a picture that stays. */
    boolean isComparedAgain(final Entry entry) {
        final boolean isAgain = entry.wasCompared;
        entry.wasCompared = true;
        entry.isSpent &= !isAgain;
        return isAgain;
    }

    /** Room for a frame, to be filled and given back; null when there is none. */
    Entry take(final long length) {
        Entry entry = unused(length, true);
        if (entry == null && hasRoom(length)) {
            entry = allocate(length);
        }
        if (entry == null) {
            entry = unused(length, false);
        }
        while (entry == null && dropOldest()) {
            entry = hasRoom(length) ? allocate(length) : null;
        }
        if (entry == null) {
            return null;
        }
        entry.isFilled = false;
        entry.isSpent = false;
        entry.wasCompared = false;
        return use(entry);
    }

    /** Ends a use; nothing that is queued may still read it. */
    void give(final Entry entry, final boolean isSpent) {
        entry.users--;
        entry.isSpent |= isSpent;
    }

    /** Frames whose content is known. */
    int known() {
        int known = 0;
        for (final Entry entry : entries) {
            known += entry.isFilled ? 1 : 0;
        }
        return known;
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.buffer.close());
        entries.clear();
        bytes = 0;
    }

    private Entry use(final Entry entry) {
        entry.users++;
        entry.usedAt = ++uses;
        return entry;
    }

    /** The one that was used longest ago; not one that is much too large. */
    private Entry unused(final long length, final boolean isWorthless) {
        Entry found = null;
        for (int i = 0; i < entries.size(); i++) {
            final Entry entry = entries.get(i);
            if (entry.users == 0
                    && entry.buffer.capacity() >= length
                    && entry.buffer.capacity() - length <= Math.max(length, MOST_SPARE_BYTES)
                    && (!isWorthless || entry.isSpent || !entry.isFilled)
                    && (found == null || entry.usedAt < found.usedAt)) {
                found = entry;
            }
        }
        return found;
    }

    private Entry allocate(final long length) {
        final Entry entry = new Entry(new DeviceBuffer(memory));
        try {
            entry.buffer.ensure(length);
        } catch (final GpuException ex) {
            if (!ex.isOutOfMemory()) {
                throw ex;
            }
            return null;
        }
        entries.add(entry);
        bytes += entry.buffer.capacity();
        return entry;
    }

    private boolean dropOldest() {
        Entry oldest = null;
        for (final Entry entry : entries) {
            if (entry.users == 0 && (oldest == null || entry.usedAt < oldest.usedAt)) {
                oldest = entry;
            }
        }
        if (oldest == null) {
            return false;
        }
        bytes -= oldest.buffer.capacity();
        oldest.buffer.close();
        return entries.remove(oldest);
    }

    private static boolean isSame(final FrameRef a, final FrameRef b) {
        return a.poolId() == b.poolId()
                && a.sequence() == b.sequence()
                && a.slot() == b.slot()
                && a.length() == b.length();
    }

    private static boolean isSameSlot(final FrameRef a, final FrameRef b) {
        return a.poolId() == b.poolId() && a.slot() == b.slot();
    }

    /** A frame on the device. */
    static final class Entry {
        private final DeviceBuffer buffer;
        private final FrameRef ref = new FrameRef();
        private int users;
        private boolean isFilled;

        /** Nobody will ask for it again. */
        private boolean isSpent;

        /** It has been the picture that a frame is compared with. */
        private boolean wasCompared;

        private long usedAt;

        private Entry(final DeviceBuffer buffer) {
            this.buffer = buffer;
        }

        long address() {
            return buffer.address();
        }

        boolean isFilled() {
            return isFilled;
        }

        /** All of a frame was queued to be copied here. */
        void filled(final FrameRef with) {
            ref.set(with);
            isFilled = true;
        }
    }
}
