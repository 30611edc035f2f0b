package io.dragon.engine.cluster;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whose turn it is with a session. A {@link ClusterSession} and its parties belong to one thread; where several threads have something for
 * them, they belong to the one that has taken the turn, until it gives it back, and it sees all that those before it did. Nobody waits for it: whoever
 * does not get it leaves what it has to the one that is at work. Any thread.
 */
public final class SessionTurn {
    private final AtomicBoolean isTaken = new AtomicBoolean();

    /** A turn that nobody has taken. */
    public SessionTurn() {}

    /**
     * Takes the turn when nobody has it; also not the same thread.
     *
     * @return true when it was taken, and is to be given back.
     */
    public boolean tryTake() {
        return isTaken.compareAndSet(false, true);
    }

    /** Gives back the turn that was taken. What is looked at after it is looked at then: nothing is left behind by one that has just tried in vain. */
    public void give() {
        isTaken.set(false);
    }

    /** Takes the turn for good, or waits for it: who has it works for microseconds. At the end of a session. */
    public void take() {
        while (!tryTake()) {
            Thread.yield();
        }
    }
}
