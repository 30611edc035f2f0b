package io.dragon.engine.client;

import io.dragon.engine.cluster.ReplyListener;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import java.util.Map;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The users' side of a client's commands: gives each its number and its place in the ring, in one step under one lock, so that any number
 * of threads may submit. Any thread.
 */
final class ClientCommandProxy {
    private final DragonClient client;
    private final ClientAgent agent;
    private final ClientState state;
    private final long inputPoolBytes;
    private final CopiedInputs copiedInputs;
    private final Commands commands = new Commands();
    private final MutableDirectBuffer scratch =
            new UnsafeBuffer(new byte[Commands.MAX_LENGTH + ClientState.BODY_OFFSET]);
    private boolean closed;

    ClientCommandProxy(
            final DragonClient client,
            final ClientAgent agent,
            final ClientState state,
            final long inputPoolBytes,
            final CopiedInputs copiedInputs) {
        this.client = client;
        this.agent = agent;
        this.copiedInputs = copiedInputs;
        this.inputPoolBytes = inputPoolBytes;
        this.state = state;
    }

    /** A task id, or a negative code of {@link DragonClient}. */
    long trySubmit(final TaskRequest request) {
        Commands.checkLength(request);
        final long nowNs = System.nanoTime();
        synchronized (state.lock) {
            if (closed || state.endedText != null) {
                return DragonClient.CLOSED;
            }
            if (!state.active) {
                return DragonClient.NOT_ACTIVE;
            }
            final Integer typeId = state.taskTypes.get(request.taskType());
            if (typeId == null) {
                askTaskType(request.taskType());
                return DragonClient.TYPE_PENDING;
            }
            if (state.openTasks.get() + state.heldBack >= state.maxOpenTasks || !ensurePoolFor(request)) {
                return DragonClient.BACK_PRESSURED;
            }
            return submit(request, typeId, nowNs);
        }
    }

    /** The job, or null when there is no room now. */
    JobHandle tryStartJob(
            final JobSpec spec, final int frameTypeId, final int stepTypeId, final StepListener listener) {
        synchronized (state.lock) {
            if (closed
                    || !state.active
                    || !ensurePool(spec.inputs().longestBytes(), spec.inputs().byteInputs())) {
                return null;
            }
            final long jobId = state.nextId();
            final JobHandle job = new JobHandle(client, jobId, spec, frameTypeId, stepTypeId, listener);
            state.jobs.put(jobId, job);
            scratch.putLong(ClientState.BODY_OFFSET, jobId);
            if (!write(ClientState.STAGED_JOB, Long.BYTES)) {
                state.jobs.remove(jobId);
                return null;
            }
            state.pin(spec.inputs().byteInputs());
            return job;
        }
    }

    /** True when it is on its way, or makes no sense any more. */
    boolean tryCancel(final long taskId) {
        synchronized (state.lock) {
            return closed
                    || !state.active
                    || writeUrgent(commands.cancelTask(scratch, ClientState.BODY_OFFSET, taskId), false, taskId);
        }
    }

    /** True when it is on its way, or makes no sense any more. */
    boolean tryCloseJob(final long jobId) {
        synchronized (state.lock) {
            return closed
                    || !state.active
                    || writeUrgent(commands.closeJob(scratch, ClientState.BODY_OFFSET, jobId), true, jobId);
        }
    }

    /** True when it is on its way. */
    boolean tryRequest(final Request request) {
        synchronized (state.lock) {
            if (closed || !state.active) {
                return false;
            }
            final long seq = state.nextSeq();
            state.requests.put(seq, request);
            scratch.putLong(ClientState.BODY_OFFSET, seq);
            if (!write(ClientState.REQUEST, Long.BYTES)) {
                state.requests.remove(seq);
                return false;
            }
            return true;
        }
    }

    void tryAskTaskType(final String name) {
        synchronized (state.lock) {
            if (!closed && state.active) {
                askTaskType(name);
            }
        }
    }

    /** True the first time. */
    boolean close() {
        synchronized (state.lock) {
            final boolean first = !closed;
            closed = true;
            return first;
        }
    }

    /** Cameras to be allocated or, without any, routes to be computed anew; and who is told. The correlation id is the agent's. */
    static final class Request {
        final Map<Integer, Integer> pairs;
        final ReplyListener reply;
        long correlationId;

        Request(final Map<Integer, Integer> pairs, final ReplyListener reply) {
            this.pairs = pairs;
            this.reply = reply;
        }
    }

    private long submit(final TaskRequest request, final int typeId, final long nowNs) {
        final long taskId = state.nextId();
        final TaskHandle task = new TaskHandle(client, taskId, request.listener());
        state.tasks.put(taskId, task);
        state.openTasks.incrementAndGet();
        final boolean written;
        final boolean isCopied = request.inputs().byteInputs() > 0 || copiedInputs.count(request) > 0;
        if (isCopied || request.dependencyCount() > 0) {
            // what a dependency has come to is known to the agent when it sends the command, and not before
            task.stage(request, isCopied, typeId, nowNs);
            scratch.putLong(ClientState.BODY_OFFSET, taskId);
            written = write(ClientState.STAGED_TASK, Long.BYTES);
        } else {
            written = write(
                    ClientState.COMMAND,
                    commands.submitTask(scratch, ClientState.BODY_OFFSET, request, typeId, nowNs, null));
        }
        if (!written) {
            state.tasks.remove(taskId);
            state.openTasks.decrementAndGet();
            return DragonClient.BACK_PRESSURED;
        }
        return taskId;
    }

    /** Outputs of another host that are here, as copies, become inputs by value. */
    private boolean ensurePoolFor(final TaskRequest request) {
        int longest = Math.max(request.inputs().longestBytes(), copiedInputs.longest(request));
        int inputs = request.inputs().byteInputs() + copiedInputs.count(request);
        for (int i = 0; i < request.dependencyCount(); i++) {
            final TaskHandle dependency = state.tasks.get(request.dependency(i));
            final TaskOutcome outcome = dependency == null ? null : dependency.outcome();
            if (outcome != null && outcome.isFetched()) {
                for (final FrameRef output : outcome.outputRefs()) {
                    longest = Math.max(longest, output.length());
                    inputs++;
                }
            }
        }
        return ensurePool(longest, inputs);
    }

    private boolean ensurePool(final int longest, final int inputs) {
        final long slotLength = inputs == 0 ? 0 : state.missingSlotLength(longest, inputs);
        if (slotLength > 0) {
            final int slots = Math.max(PoolSet.slotCountFor(slotLength, inputPoolBytes), inputs + state.pinned());
            scratch.putLong(ClientState.BODY_OFFSET, slotLength);
            scratch.putInt(ClientState.BODY_OFFSET + Long.BYTES, slots);
            if (!write(ClientState.NEW_POOL, Long.BYTES + Integer.BYTES)) {
                return false;
            }
            state.plan(slotLength, slots);
        }
        return true;
    }

    private void askTaskType(final String name) {
        if (!state.askedTypes.contains(name)
                && write(ClientState.COMMAND, commands.registerTaskType(scratch, ClientState.BODY_OFFSET, name))) {
            state.askedTypes.add(name);
        }
    }

    private boolean writeUrgent(final int length, final boolean isJob, final long id) {
        if (!write(ClientState.COMMAND, length)) {
            return false;
        }
        state.urgent.add(new ClientState.Urgent(isJob, id));
        return true;
    }

    /** The record behind its number, which is used up only when there was room. A command that needs nothing of the agent may pass it by. */
    private boolean write(final int type, final int bodyLength) {
        scratch.putLong(0, state.nextSeq());
        final boolean isSent = type == ClientState.COMMAND
                && agent.trySend(scratch, ClientState.BODY_OFFSET, bodyLength, state.nextSeq());
        if (!isSent && !state.ring.write(type, scratch, 0, ClientState.BODY_OFFSET + bodyLength)) {
            return false;
        }
        state.advance();
        return true;
    }
}
