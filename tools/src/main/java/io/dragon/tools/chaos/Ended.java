package io.dragon.tools.chaos;

import io.dragon.engine.client.Passport;
import io.dragon.engine.client.TaskOutcome;

/**
 * One result that came, as far as the times of a fault need it.
 *
 * @param kind     what it is the result of.
 * @param number   number of a task among those submitted, -1 otherwise.
 * @param camera   index of the camera of a frame, -1 otherwise.
 * @param step     step of a frame or step, -1 otherwise.
 * @param workerId who made it.
 * @param attempts how often it was given to a worker.
 * @param passport when each stage happened.
 */
record Ended(Kind kind, long number, int camera, long step, int workerId, int attempts, Passport passport) {
    /** What a result is the result of. */
    enum Kind {
        TASK,
        FRAME,
        STEP
    }

    static Ended of(final Kind kind, final long number, final TaskOutcome outcome) {
        return new Ended(
                kind,
                number,
                kind == Kind.FRAME ? outcome.part() : -1,
                kind == Kind.TASK ? -1 : outcome.step(),
                outcome.workerId(),
                outcome.attempts(),
                outcome.passport());
    }
}
