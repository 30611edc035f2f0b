package io.dragon.engine.sequencer;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import org.agrona.DirectBuffer;

/**
 * Hears each event of a task's life as the sequencer decides it, for explaining a log that is replayed. Called on the
 * sequencer's thread in the midst of a step: an implementation only notes what it hears, and calls nothing of the sequencer.
 * Decisions are the same with a trace and without; production has none. Task and party ids are those of the messages.
 *
 * <pre>
 *   submitted -- waiting* -- ready -- (considered | excluded)* -+- assigned -- answered -+- ended -- told* -- acknowledged
 *                              ^                                |                        |
 *                              |--- resumed ------- parked -----+                        |
 *                              +--- retried | reassigned | split ------------------------+
 * </pre>
 */
public interface Trace {
    /**
     * A party registered.
     *
     * @param partyId     its id
     * @param incarnation the new one
     * @param kind        what it is
     * @param name        its name
     */
    default void registered(final int partyId, final int incarnation, final PartyKind kind, final String name) {}

    /**
     * The present incarnation of a party is over.
     *
     * @param partyId     its id
     * @param incarnation the one that is over
     * @param why         in words
     */
    default void gone(final int partyId, final int incarnation, final String why) {}

    /**
     * A node found the way to another one in another state.
     *
     * @param fromNodeId    party id of the node that measured
     * @param toNodeId      party id of the other
     * @param state         what it finds now
     * @param lossPermille  probes lost of a thousand
     * @param roundTripNs   smoothed; 0 unknown
     */
    default void linkChanged(
            final int fromNodeId,
            final int toNodeId,
            final LinkState state,
            final int lossPermille,
            final long roundTripNs) {}

    /**
     * The frames of a node come to another one on another way.
     *
     * @param nodeId     party id of the node that wants frames
     * @param fromNodeId party id of the node that holds them
     * @param viaNodeId  party id of the node that is asked for them: that one itself when they come directly; 0 when there is no way
     * @param latencyNs  one way, along the whole way, as measured or assumed
     */
    default void routeChanged(final int nodeId, final int fromNodeId, final int viaNodeId, final long latencyNs) {}

    /**
     * A task came into the table.
     *
     * @param taskId      the task
     * @param clientId    who gets its result
     * @param type        name of its type; empty when the type is not known
     * @param priority    0 to 7, 7 most urgent
     * @param memoryBytes device memory it needs; 0 unknown
     * @param deadlineMs  cluster time at which it expires; {@link Long#MAX_VALUE} for never
     * @param jobId       the job it was made for; 0 for a submitted task
     * @param step        the step of that job
     * @param part        the camera or slab of that step
     */
    default void submitted(
            final long taskId,
            final int clientId,
            final String type,
            final int priority,
            final long memoryBytes,
            final long deadlineMs,
            final long jobId,
            final long step,
            final int part) {}

    /**
     * A task waits for another one.
     *
     * @param taskId       the task
     * @param dependencyId what it waits for
     */
    default void waiting(final long taskId, final long dependencyId) {}

    /**
     * Everything a task depends on is there.
     *
     * @param taskId     the task
     * @param inputBytes length of all its inputs
     * @param homeNodeId the node that holds most bytes of them; 0 unknown
     */
    default void ready(final long taskId, final long inputBytes, final int homeNodeId) {}

    /**
     * A worker with a free place was considered for a task, just before the choice.
     *
     * @param taskId     the task
     * @param workerId   the worker
     * @param strategy   name of the strategy
     * @param millionths the score in millionths; whether the lowest or the highest wins, the strategy's name says
     * @param factors    what the score is made of, in words
     */
    default void considered(
            final long taskId,
            final int workerId,
            final String strategy,
            final long millionths,
            final String factors) {}

    /**
     * A worker that can run the type did not come into question, just before the choice.
     *
     * @param taskId   the task
     * @param workerId the worker
     * @param why      in words
     */
    default void excluded(final long taskId, final int workerId, final String why) {}

    /**
     * A task was given to a worker.
     *
     * @param taskId   the task
     * @param workerId the worker
     * @param attempt  1 for the first assignment of the task
     */
    default void assigned(final long taskId, final int workerId, final int attempt) {}

    /**
     * A ready task fits no worker that has a free place, and stands aside.
     *
     * @param taskId the task
     * @param why    in words
     */
    default void parked(final long taskId, final String why) {}

    /**
     * A parked task is looked at again.
     *
     * @param taskId the task
     */
    default void resumed(final long taskId) {}

    /**
     * A worker answered for the present attempt of a task.
     *
     * @param taskId      the task
     * @param workerId    the worker
     * @param attempt     the attempt
     * @param reason      {@link Reason#NONE} for success
     * @param executionNs how long the worker says it took
     */
    default void answered(
            final long taskId, final int workerId, final int attempt, final Reason reason, final long executionNs) {}

    /**
     * The sentence that came with the answer of a worker; follows {@link #answered}.
     *
     * @param taskId   the task
     * @param workerId the worker
     * @param buffer   where the sentence lies, for the time of the call
     * @param offset   where it begins, bytes
     * @param length   its length in UTF-8, bytes
     */
    default void explained(
            final long taskId, final int workerId, final DirectBuffer buffer, final int offset, final int length) {}

    /**
     * A worker answered for an attempt that is not the present one: it changed nothing.
     *
     * @param taskId   the task, which may be unknown by now
     * @param workerId the worker
     * @param attempt  the attempt it answered for
     */
    default void ignored(final long taskId, final int workerId, final int attempt) {}

    /**
     * An attempt failed, and another one follows.
     *
     * @param taskId      the task
     * @param workerId    the worker it failed on
     * @param reason      why
     * @param failures    attempts that have failed
     * @param maxAttempts failures at which it fails for good
     */
    default void retried(
            final long taskId, final int workerId, final Reason reason, final int failures, final int maxAttempts) {}

    /**
     * A task was taken from a worker without fault of its own, and goes elsewhere.
     *
     * @param taskId   the task
     * @param workerId the worker it was taken from
     * @param why      in words
     */
    default void reassigned(final long taskId, final int workerId, final String why) {}

    /**
     * The next attempt of a task works in smaller pieces.
     *
     * @param taskId the task
     * @param pieces how many
     */
    default void split(final long taskId, final int pieces) {}

    /**
     * A task has ended: completed, failed, cancelled or expired.
     *
     * @param taskId the task
     * @param state  its last state
     * @param reason {@link Reason#NONE} when it completed
     */
    default void ended(final long taskId, final TaskState state, final Reason reason) {}

    /**
     * The result was sent to the task's client; told again when the client may have missed it.
     *
     * @param taskId   the task
     * @param clientId the client
     * @param event    the client's event counter of this message
     */
    default void told(final long taskId, final int clientId, final long event) {}

    /**
     * The client has the result.
     *
     * @param taskId the task
     */
    default void acknowledged(final long taskId) {}
}
