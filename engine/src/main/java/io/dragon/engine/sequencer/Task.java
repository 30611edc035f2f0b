package io.dragon.engine.sequencer;

/** A task from its submit until nothing needs it any more. Pooled; its links belong to the lists it stands in. */
final class Task {
    static final int WAITING = 1;
    static final int READY = 2;
    static final int ASSIGNED = 3;
    static final int COMPLETED = 4;
    static final int FAILED = 5;
    static final int CANCELLED = 6;
    static final int EXPIRED = 7;

    static final int SUBMITTED = 0;
    static final int PER_FRAME = 1;
    static final int PER_STEP = 2;

    static final long NO_DEADLINE = Long.MAX_VALUE;
    static final int REF = 24;

    long id;
    Party client;
    TaskType type;
    int kind;
    int state;
    int priority;
    boolean optional;
    int maxAttempts;
    int attempt;
    int failures;
    int losses;
    long deadlineMs;
    long memoryBytes;
    long age;
    long capturedNs;
    long publishedNs;
    long submittedNs;
    Job job;
    Step step;
    long stepNumber;
    int part;
    int parts;
    int cameraBits;

    /** Length of all inputs, the node that holds most of it, and how much that is; told when it becomes ready. */
    long inputBytes;

    long homeBytes;
    int homeNodeId;

    /** Bit i: input i of the present or last assignment was left out because it was lost. */
    long lostInputs;

    /** {@link Locality}: until its inputs are on its worker's host. */
    long transferMs;

    /** {@link Locality}: up time since when it waits for a worker on its node; -1: it does not. */
    long awaitsHomeMs = Party.NEVER;

    /** An input was not to be had elsewhere: for a while only a worker on its node gets it, if there is one. */
    boolean prefersHome;

    /** Frame references of the inputs, then the parameters. */
    byte[] payload = Bytes.NONE;

    int inputs;
    int parameters;

    /** Frame references of the outputs, then the inline result, then the error text. */
    byte[] result = Bytes.NONE;

    int outputs;
    int inlineLength;
    int errorLength;
    int reason;
    int workerId;
    long receivedNs;
    long transferredNs;
    long startedNs;
    long finishedNs;
    boolean acknowledged;
    boolean pinned;

    Edge dependencies;
    Edge lastDependency;
    Edge dependants;
    Edge lastDependant;
    int waitingOn;

    /** In the order of being assigned or parked. */
    long place;

    ClientQueue queue;
    boolean parked;
    int avoidWorkerId;

    /** Until then another worker than that one is waited for: up time. */
    long avoidUntilMs;

    int heapIndex = -1;
    int deadlineIndex = -1;

    Party worker;
    long assignEvent;
    long startedMs;
    long assignedMs;

    /** Pieces it is worked on in, of the present or the last attempt; and what it has proved to need at least. */
    int split = 1;

    int leastSplit = 1;

    /** {@link Fitness}: the worker that its last failure is held against, why, and after how many successes of it. */
    int chargedWorkerId;

    int chargedReason;
    long chargedAfter;

    /** Links of the one list of its state: fifo of a queue, parked, a worker's assignments, newly terminal. */
    Task previous;

    Task next;
    Task previousOfClient;
    Task nextOfClient;

    boolean isTerminal() {
        return state >= COMPLETED;
    }

    /** Bytes of device memory that it needs in so many pieces ({@link Splits#of}), one after the other; 0 unknown. */
    long memoryNeeded(final int pieces) {
        return memoryBytes / pieces + (memoryBytes % pieces == 0 ? 0 : 1);
    }

    /** By deadline; then a step that can be finished before frames of later ones, because it frees what they hold; then by age. */
    boolean isBefore(final Task other) {
        if (deadlineMs != other.deadlineMs) {
            return deadlineMs < other.deadlineMs;
        }
        final boolean finishes = kind == PER_STEP;
        return finishes != (other.kind == PER_STEP) ? finishes : age < other.age;
    }

    void reset() {
        client = null;
        type = null;
        job = null;
        step = null;
        worker = null;
        queue = null;
        payload = Bytes.NONE;
        result = Bytes.NONE;
        kind = SUBMITTED;
        state = 0;
        priority = 0;
        optional = false;
        maxAttempts = 0;
        attempt = 0;
        failures = 0;
        losses = 0;
        deadlineMs = NO_DEADLINE;
        memoryBytes = 0;
        capturedNs = 0;
        publishedNs = 0;
        submittedNs = 0;
        stepNumber = 0;
        part = 0;
        parts = 0;
        cameraBits = 0;
        inputBytes = 0;
        homeBytes = 0;
        homeNodeId = 0;
        lostInputs = 0;
        transferMs = 0;
        awaitsHomeMs = Party.NEVER;
        prefersHome = false;
        inputs = 0;
        parameters = 0;
        outputs = 0;
        inlineLength = 0;
        errorLength = 0;
        reason = 0;
        workerId = 0;
        receivedNs = 0;
        transferredNs = 0;
        startedNs = 0;
        finishedNs = 0;
        acknowledged = false;
        pinned = false;
        dependencies = null;
        lastDependency = null;
        dependants = null;
        lastDependant = null;
        waitingOn = 0;
        place = 0;
        parked = false;
        avoidWorkerId = 0;
        avoidUntilMs = 0;
        heapIndex = -1;
        deadlineIndex = -1;
        assignEvent = 0;
        startedMs = 0;
        assignedMs = 0;
        split = 1;
        leastSplit = 1;
        chargedWorkerId = 0;
        chargedReason = 0;
        chargedAfter = 0;
        previous = null;
        next = null;
        previousOfClient = null;
        nextOfClient = null;
    }
}
