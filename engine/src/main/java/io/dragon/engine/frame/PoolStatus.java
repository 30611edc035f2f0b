package io.dragon.engine.frame;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a pool says about itself at one moment.
 *
 * @param poolId of the pool
 * @param ownerName who made it
 * @param ownerPid the process that made it
 * @param ownerAlive whether it lives, by its lock
 * @param sealed whether no more frames will come
 * @param policy what it answers when it is full
 * @param slotCount number of slots
 * @param slotLength longest payload in bytes
 * @param fileBytes size of the file
 * @param published frames published
 * @param droppedBackPressured frames refused because every slot was taken
 * @param droppedOverwritten frames overwritten before anyone read them
 * @param droppedTimedOut frames given up after waiting for a slot
 * @param droppedTooLarge frames longer than a slot
 * @param filling slots being filled
 * @param readable slots with a frame
 * @param held slots with HOLD
 * @param read slots that someone reads
 * @param readers names and processes of the readers
 */
public record PoolStatus(
        long poolId,
        String ownerName,
        long ownerPid,
        boolean ownerAlive,
        boolean sealed,
        FullPolicy policy,
        int slotCount,
        long slotLength,
        long fileBytes,
        long published,
        long droppedBackPressured,
        long droppedOverwritten,
        long droppedTimedOut,
        long droppedTooLarge,
        int filling,
        int readable,
        int held,
        int read,
        List<String> readers) {

    static PoolStatus of(final PoolFile file, final boolean ownerAlive) {
        int filling = 0;
        int readable = 0;
        int held = 0;
        int read = 0;
        for (int slot = 0; slot < file.layout.slotCount; slot++) {
            final long word = file.word(slot);
            filling += SlotWord.state(word) == SlotWord.FILLING ? 1 : 0;
            readable += SlotWord.state(word) == SlotWord.READABLE ? 1 : 0;
            held += SlotWord.isHeld(word) ? 1 : 0;
            read += SlotWord.isRead(word) ? 1 : 0;
        }
        return new PoolStatus(
                file.poolId,
                PoolFile.name(file.header, PoolLayout.OWNER_NAME_OFFSET),
                file.header.getLong(PoolLayout.OWNER_PID_OFFSET),
                ownerAlive,
                file.isSealed(),
                FullPolicy.of(file.header.getInt(PoolLayout.POLICY_OFFSET)),
                file.layout.slotCount,
                file.layout.slotLength,
                file.layout.fileLength,
                PoolCounter.PUBLISHED.read(file),
                PoolCounter.BACK_PRESSURED.read(file),
                PoolCounter.OVERWRITTEN.read(file),
                PoolCounter.TIMED_OUT.read(file),
                PoolCounter.TOO_LARGE.read(file),
                filling,
                readable,
                held,
                read,
                readers(file));
    }

    private static List<String> readers(final PoolFile file) {
        final List<String> readers = new ArrayList<>();
        for (int row = 0; row < SlotWord.READERS; row++) {
            if (ReaderRows.kind(ReaderRows.state(file, row)) != ReaderRows.FREE) {
                readers.add(ReaderRows.name(file, row) + " (" + ReaderRows.pid(file, row) + ")");
            }
        }
        return Collections.unmodifiableList(readers);
    }
}
