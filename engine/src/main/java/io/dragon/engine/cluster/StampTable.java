package io.dragon.engine.cluster;

/**
 * When this leader sequenced and assigned what, for the passports of tasks: a cache of fixed size beside the replicated state.
 * An entry that was overwritten, or belongs to an earlier leader, reads as 0: unknown.
 */
final class StampTable {
    private static final int CAPACITY = 1 << 17;
    private static final int MASK = CAPACITY - 1;
    private static final int CLIENT_SHIFT = 39;

    private final long[] taskIds = new long[CAPACITY];
    private final long[] sequencedNs = new long[CAPACITY];
    private final long[] assignedNs = new long[CAPACITY];
    private final int[] attempts = new int[CAPACITY];
    private final long[] frames = new long[CAPACITY];
    private final long[] frameNs = new long[CAPACITY];

    void onSubmitted(final long taskId, final long nowNs) {
        final int index = index(taskId);
        taskIds[index] = taskId;
        sequencedNs[index] = nowNs;
        assignedNs[index] = 0;
        attempts[index] = 0;
    }

    /** An assignment; the task may be one that the sequencer made itself, of inputs sequenced at the time given. */
    void onAssigned(final long taskId, final int attempt, final long inputsSequencedNs, final long nowNs) {
        final int index = index(taskId);
        if (taskIds[index] != taskId) {
            taskIds[index] = taskId;
            sequencedNs[index] = inputsSequencedNs;
        }
        assignedNs[index] = nowNs;
        attempts[index] = attempt;
    }

    /** Whether this attempt was assigned before: what is emitted again keeps its stamp. */
    boolean isAssigned(final long taskId, final int attempt) {
        final int index = index(taskId);
        return taskIds[index] == taskId && attempts[index] == attempt;
    }

    boolean has(final long taskId) {
        return taskIds[index(taskId)] == taskId;
    }

    long sequencedNs(final long taskId) {
        final int index = index(taskId);
        return taskIds[index] == taskId ? sequencedNs[index] : 0;
    }

    long assignedNs(final long taskId) {
        final int index = index(taskId);
        return taskIds[index] == taskId ? assignedNs[index] : 0;
    }

    void onFrame(final long poolId, final long sequence, final int slot, final long nowNs) {
        final long key = frameKey(poolId, sequence, slot);
        final int index = frameIndex(key);
        frames[index] = key;
        frameNs[index] = nowNs;
    }

    long frameNs(final long poolId, final long sequence, final int slot) {
        final long key = frameKey(poolId, sequence, slot);
        final int index = frameIndex(key);
        return frames[index] == key ? frameNs[index] : 0;
    }

    private static long frameKey(final long poolId, final long sequence, final int slot) {
        return poolId ^ (sequence * 0x9E37_79B9_7F4A_7C15L) ^ ((long) slot << 40);
    }

    private static int frameIndex(final long key) {
        final long mixed = key * 0xBF58_476D_1CE4_E5B9L;
        return (int) (mixed ^ (mixed >>> 32)) & MASK;
    }

    /** The tasks of one client have consecutive numbers: as many as fit are all here at once. */
    private static int index(final long taskId) {
        return (int) (taskId + (taskId >>> CLIENT_SHIFT) * 0x9E37_79B1L) & MASK;
    }
}
