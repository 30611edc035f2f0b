package io.dragon.benchmarks.system;

/**
 * The message of the bare cluster: as long as a task's assignment, and no more in it than what it takes to know it again.
 *
 * <pre>
 *   0   to whom: 0 here I am, who answers; 1 to who answers; 2 to who asks
 *   8   number
 *   16  when the service had it from who asks, ns
 *   24  when who answers had it, ns
 * </pre>
 */
final class Payload {
    static final int LENGTH = 192;
    static final int NUMBER = 8;
    static final int SEQUENCED = 16;
    static final int RECEIVED = 24;
    static final int ANSWERER = 0;
    static final int QUESTION = 1;
    static final int ANSWER = 2;

    private Payload() {}
}
