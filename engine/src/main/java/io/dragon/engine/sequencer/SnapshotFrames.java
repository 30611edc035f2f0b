package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.FrameRefDecoder;
import io.dragon.codecs.snapshot.FrameRefEncoder;
import io.dragon.codecs.snapshot.SnapshotHoldDecoder;
import io.dragon.codecs.snapshot.SnapshotHoldEncoder;
import io.dragon.codecs.snapshot.SnapshotPoolDecoder;
import io.dragon.codecs.snapshot.SnapshotPoolEncoder;

/** The records of the pools and of the frames that are held; frames that other records name. */
final class SnapshotFrames {
    private final Core core;
    private final RecordWriter out;

    SnapshotFrames(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    void write() {
        final SnapshotPoolEncoder encoder = new SnapshotPoolEncoder();
        final long[] ids = Sorted.keys(core.frames.pools);
        for (final long id : ids) {
            final Pool pool = core.frames.pools.get(id);
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                    .poolId(id)
                    .ownerId(pool.owner.id)
                    .ownerIncarnation(Integer.toUnsignedLong(pool.ownerIncarnation))
                    .slotCount(Integer.toUnsignedLong(pool.slotCount))
                    .slotLength(pool.slotLength)
                    .orphanedBy(Integer.toUnsignedLong(pool.orphanedBy))
                    .nodeId(Integer.toUnsignedLong(pool.nodeId));
            out.commit(encoder.limit());
        }
        final SnapshotHoldEncoder hold = new SnapshotHoldEncoder();
        for (final long id : ids) {
            final Pool pool = core.frames.pools.get(id);
            for (final long key : Sorted.keys(pool.holds)) {
                final long held = pool.holds.get(key);
                hold.wrapAndApplyHeader(out.claim(), 0, out.header).count(held & 0xFFFF_FFFFL);
                hold.frame()
                        .poolId(id)
                        .sequence(Pool.sequence(key))
                        .slot(Pool.slot(key))
                        .length(held >>> 32);
                out.commit(hold.limit());
            }
        }
    }

    void pool(final SnapshotPoolDecoder record) {
        final Pool pool = new Pool(
                record.poolId(),
                core.parties.get((int) record.ownerId()),
                (int) record.ownerIncarnation(),
                (int) record.slotCount(),
                record.slotLength());
        pool.orphanedBy = (int) record.orphanedBy();
        pool.nodeId = (int) record.nodeId();
        core.frames.add(pool);
    }

    void hold(final SnapshotHoldDecoder record) {
        final FrameRefDecoder frame = record.frame();
        final long key = Pool.key(frame.sequence(), (int) frame.slot());
        core.frames.pools.get(frame.poolId()).holds.put(key, frame.length() << 32 | record.count());
    }

    static void put(final FrameRefEncoder frame, final byte[] references, final int index) {
        frame.buffer().putBytes(frame.offset(), references, index * Task.REF, Task.REF);
    }

    static void get(final FrameRefDecoder frame, final byte[] references, final int index) {
        frame.buffer().getBytes(frame.offset(), references, index * Task.REF, Task.REF);
    }
}
