package io.dragon.engine.sequencer;

/** What the oracle knows of a task, from nothing but the messages that were sequenced and emitted. */
final class Known {
    static final long[] NONE = {};

    final long id;
    final int clientId;
    final int clientIncarnation;
    boolean isSubmitted;
    int maxAttempts;
    boolean isOptional;
    long[] dependencies = NONE;

    /** Reports of failure that counted; an attempt that ran out of memory may be split instead. */
    int failures;

    int shortages;

    /** The last assignment emitted. */
    int attempt;

    int workerId;
    int workerIncarnation;
    long assignBase = -1;

    /** The text of the report that completed it. */
    String token;

    /** As first emitted; the event number and the base under which it was emitted last. */
    String content;

    boolean isCompleted;
    long event;
    long resultBase = -1;

    /** Its submitter has acknowledged it: it must never be heard of again. */
    boolean isClosed;

    Known(final long id, final int clientId, final int clientIncarnation) {
        this.id = id;
        this.clientId = clientId;
        this.clientIncarnation = clientIncarnation;
    }

    boolean isTerminal() {
        return content != null;
    }
}
