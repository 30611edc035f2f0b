package io.dragon.engine.sequencer;

/** An event that its recipient has not acknowledged: enough to encode it again. Assignments are not among them. */
final class Outgoing {
    static final int RESULT = 1;
    static final int JOB_CLOSED = 2;
    static final int REVOKE = 3;
    static final int TYPE = 4;
    static final int RELEASE = 5;
    static final int POOL_RELEASED = 6;
    static final int KILL = 7;
    static final int JOB_STARTED = 8;

    int kind;
    long event;
    Task task;
    long subject;
    long a;
    long b;
    long c;
    long d;
    int reason;
    Outgoing next;
}
