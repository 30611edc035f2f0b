package io.dragon.engine.frame;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The rows of a pool's readers. A row belongs to whoever has the lock on its byte; what the row says is for people, and
 * spares the sweeper from probing empty rows.
 *
 * <pre>
 *   state: | incarnation 56 | kind 8: FREE READER SUBSCRIBING SUBSCRIBED |
 * </pre>
 *
 * Whoever takes a row has the proof that its former holder is dead, and first clears what that one left.
 */
final class ReaderRows {
    static final int FREE = 0;
    static final int READER = 1;
    static final int SUBSCRIBING = 2;
    static final int SUBSCRIBED = 3;
    static final long FIRST_POSITION = 64;

    private static final int KIND_MASK = 0xff;
    private static final int INCARNATION_SHIFT = 8;
    private static final int ATTEMPTS = 5;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private ReaderRows() {}

    static int kind(final long state) {
        return (int) state & KIND_MASK;
    }

    static long withKind(final long state, final int kind) {
        return state & ~KIND_MASK | kind;
    }

    static long state(final PoolFile file, final int row) {
        return file.header.getLongVolatile(PoolLayout.row(row) + PoolLayout.ROW_STATE_OFFSET);
    }

    static boolean casState(final PoolFile file, final int row, final long expected, final long state) {
        return file.header.compareAndSetLong(PoolLayout.row(row) + PoolLayout.ROW_STATE_OFFSET, expected, state);
    }

    /** Takes a row; -1 when all are taken. */
    static int attach(final PoolFile file, final int kind, final String holderName, final Steps steps) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            for (int row = 0; row < SlotWord.READERS; row++) {
                if (file.locks().tryLock(FIRST_POSITION + row)) {
                    steps.reached("attach.locked");
                    fill(file, row, kind, holderName, steps);
                    return row;
                }
            }
            // A sweeper holds the lock of a dead reader for some microseconds.
            LockSupport.parkNanos(PAUSE_NS);
        }
        return -1;
    }

    private static void fill(
            final PoolFile file, final int row, final int kind, final String holderName, final Steps steps) {
        final UnsafeBuffer header = file.header;
        final int offset = PoolLayout.row(row);
        file.clearReader(1L << row);
        steps.reached("attach.cleared");
        header.putLong(
                offset + PoolLayout.ROW_PID_OFFSET, ProcessHandle.current().pid());
        header.putLong(offset + PoolLayout.ROW_ATTACHED_OFFSET, System.nanoTime());
        PoolFile.putName(header, offset + PoolLayout.ROW_NAME_OFFSET, holderName);
        steps.reached("attach.row");
        final long incarnation = (state(file, row) >>> INCARNATION_SHIFT) + 1;
        header.putLongVolatile(offset + PoolLayout.ROW_STATE_OFFSET, incarnation << INCARNATION_SHIFT | kind);
        steps.reached("attach.state");
        changed(file);
    }

    /** Gives a row back whose bits are clear. */
    static void detach(final PoolFile file, final int row) {
        free(file, row);
        file.locks().unlock(FIRST_POSITION + row);
    }

    /**
     * Takes back what dead readers left.
     *
     * @return the number of readers found dead
     */
    static int sweep(final PoolFile file, final Steps steps) {
        int dead = 0;
        for (int row = 0; row < SlotWord.READERS; row++) {
            if (kind(state(file, row)) != FREE) {
                steps.reached("sweep.looked");
                if (file.locks().tryLock(FIRST_POSITION + row)) {
                    try {
                        steps.reached("sweep.locked");
                        dead += clear(file, row, steps);
                    } finally {
                        file.locks().unlock(FIRST_POSITION + row);
                    }
                }
            }
        }
        return dead;
    }

    private static int clear(final PoolFile file, final int row, final Steps steps) {
        if (kind(state(file, row)) == FREE) {
            // Its reader lived, and detached just now.
            return 0;
        }
        for (int slot = 0; slot < file.layout.slotCount; slot++) {
            file.clearReader(slot, 1L << row);
            steps.reached("sweep.slot");
        }
        free(file, row);
        steps.reached("sweep.freed");
        return 1;
    }

    private static void free(final PoolFile file, final int row) {
        final long state = state(file, row);
        file.header.putLongVolatile(PoolLayout.row(row) + PoolLayout.ROW_STATE_OFFSET, withKind(state, FREE));
        changed(file);
    }

    /** Tells the producer to look at its subscribers again. */
    private static void changed(final PoolFile file) {
        file.header.getAndAddLong(PoolLayout.SUBSCRIBER_CHANGES_OFFSET, 1);
    }

    /** Who holds the rows, in words. */
    static String holders(final PoolFile file) {
        final StringBuilder text = new StringBuilder();
        for (int row = 0; row < SlotWord.READERS; row++) {
            if (kind(state(file, row)) != FREE) {
                text.append(text.length() == 0 ? "" : ", ")
                        .append(name(file, row))
                        .append(" (process ")
                        .append(pid(file, row))
                        .append(')');
            }
        }
        return text.toString();
    }

    static String name(final PoolFile file, final int row) {
        return PoolFile.name(file.header, PoolLayout.row(row) + PoolLayout.ROW_NAME_OFFSET);
    }

    static long pid(final PoolFile file, final int row) {
        return file.header.getLong(PoolLayout.row(row) + PoolLayout.ROW_PID_OFFSET);
    }
}
