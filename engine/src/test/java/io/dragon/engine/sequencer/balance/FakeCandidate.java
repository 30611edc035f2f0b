package io.dragon.engine.sequencer.balance;

/** A worker that is whatever a test says. */
final class FakeCandidate extends Candidate {
    int assigned;
    int window = 2;
    int urgent;
    int onNode;
    long memoryBytes;
    long freeBytes = -1;
    int pieces = 1;
    long meanNs = -1;
    long meanBytes;
    long erredMs = -1;

    FakeCandidate(final int workerId) {
        super(workerId);
    }

    FakeCandidate has(final int newAssigned, final int newWindow) {
        assigned = newAssigned;
        window = newWindow;
        return this;
    }

    /** Tasks that are urgent enough to count. */
    FakeCandidate urgent(final int tasks) {
        urgent = tasks;
        return this;
    }

    FakeCandidate on(final int newNode) {
        onNode = newNode;
        return this;
    }

    FakeCandidate free(final long bytes) {
        freeBytes = bytes;
        return this;
    }

    FakeCandidate inPieces(final int number) {
        pieces = number;
        return this;
    }

    FakeCandidate takes(final long newMeanNs, final long newMeanBytes) {
        meanNs = newMeanNs;
        meanBytes = newMeanBytes;
        return this;
    }

    FakeCandidate erred(final long atMs) {
        erredMs = atMs;
        return this;
    }

    @Override
    public int assigned() {
        return assigned;
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public int assignedAtLeast(final int priority) {
        return urgent;
    }

    @Override
    public int nodeId() {
        return onNode;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public long freeBytes() {
        return freeBytes;
    }

    @Override
    public int pieces() {
        return pieces;
    }

    @Override
    public long meanNs() {
        return meanNs;
    }

    @Override
    public long meanBytes() {
        return meanBytes;
    }

    @Override
    public long erredMs() {
        return erredMs;
    }
}
