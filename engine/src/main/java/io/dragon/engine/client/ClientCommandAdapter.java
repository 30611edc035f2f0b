package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;

/**
 * The agent's side of a client's commands: takes them from the ring in the order of their numbers and offers them to the session. Inputs
 * by value are copied into a pool on the way. What cannot be offered now stays in the ring.
 */
final class ClientCommandAdapter implements ControlledMessageHandler, AutoCloseable {
    private static final int COMMANDS_PER_POLL = 64;

    private final ClientContext ctx;
    private final ClientState state;
    private final ClusterSession session;
    private final ErrorHandler errorHandler;
    private final DependencyResolver dependencies;
    private final FrameReader reader;
    private final CopiedInputs copiedInputs;
    private final Commands commands = new Commands();
    private final FrameClaim claim = new FrameClaim();
    private PoolSet pools;
    private Party party;
    private FramePool unregisteredPool;
    private boolean isClaimed;
    private String poolFault = "the one before was too small";

    ClientCommandAdapter(
            final ClientContext ctx,
            final ClientState state,
            final ClusterSession session,
            final FrameReader reader,
            final CopiedInputs copiedInputs,
            final RemoteResults remote,
            final ErrorHandler errorHandler) {
        this.reader = reader;
        this.copiedInputs = copiedInputs;
        this.dependencies = new DependencyResolver(state, reader, remote);
        this.session = session;
        this.ctx = ctx;
        this.state = state;
        this.errorHandler = errorHandler;
        this.pools = newPools();
    }

    int poll(final Party sender) {
        if (!sender.isActive()) {
            return 0;
        }
        party = sender;
        final int workCount = state.ring.controlledRead(this, COMMANDS_PER_POLL);
        return state.urgent.isEmpty() ? workCount : workCount + sendUrgent();
    }

    /**
     * Says ahead what waits behind commands that the masters have no room for: a cancel or a close makes room. It has no number then, is
     * sent once, and its command still comes in its turn, to the same effect.
     */
    private int sendUrgent() {
        int workCount = 0;
        ClientState.Urgent urgent = state.urgent.peek();
        while (urgent != null) {
            if (state.ring.size() > 0) {
                final int length = urgent.isJob()
                        ? commands.closeJob(party.scratch(), 0, urgent.id())
                        : commands.cancelTask(party.scratch(), 0, urgent.id());
                if (party.offerUnsequenced(length) < 0) {
                    return workCount;
                }
            }
            state.urgent.poll();
            workCount++;
            urgent = state.urgent.peek();
        }
        return workCount;
    }

    @Override
    public Action onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final long seq = buffer.getLong(index);
        if (seq != party.nextSeq()) {
            // numbers are given out under one lock and the ring is emptied when they change
            throw new IllegalStateException(
                    "command " + seq + " is next in the ring and " + party.nextSeq() + " was expected");
        }
        final int body = index + ClientState.BODY_OFFSET;
        int encoded;
        try {
            encoded = encode(type, buffer, body, length - ClientState.BODY_OFFSET);
        } catch (final RuntimeException | Error ex) {
            // A number that is skipped would make every later command one that is never expected: nothing may escape
            // from here.
            encoded = spoiled(type, buffer.getLong(body), ex);
        }
        if (encoded < 0 || party.offer(encoded) < 0) {
            return Action.ABORT;
        }
        unregisteredPool = null;
        if (type == ClientState.REQUEST) {
            state.requests.remove(seq);
        }
        if (type == ClientState.STAGED_TASK) {
            final TaskHandle task = state.tasks.get(buffer.getLong(body));
            if (task != null) {
                task.offered();
            }
        }
        return Action.COMMIT;
    }

    private int encode(final int type, final MutableDirectBuffer buffer, final int body, final int size) {
        return switch (type) {
            case ClientState.STAGED_TASK -> stagedTask(buffer.getLong(body));
            case ClientState.STAGED_JOB -> stagedJob(buffer.getLong(body));
            case ClientState.REQUEST -> request(buffer.getLong(body));
            case ClientState.NEW_POOL -> newPool(buffer.getLong(body), buffer.getInt(body + Long.BYTES));
            default -> {
                party.scratch().putBytes(0, buffer, body, size);
                yield size;
            }
        };
    }

    /** What cannot be encoded, a user's buffer that is gone for instance, fails and uses up its number. */
    private int spoiled(final int type, final long id, final Throwable ex) {
        errorHandler.onError(ex);
        if (isClaimed) {
            isClaimed = false;
            claim.abort();
        }
        final TaskHandle task = type == ClientState.STAGED_TASK ? state.tasks.get(id) : null;
        if (task != null && !task.isDone()) {
            refuse(task, Reason.BAD_INPUT, "its inputs could not be read: " + ex);
        }
        final JobHandle job = type == ClientState.STAGED_JOB ? state.jobs.get(id) : null;
        if (job != null && !job.isClosed()) {
            refuse(job);
        }
        return commands.cancelTask(party.scratch(), 0, 0);
    }

    void release(final FrameRef frame) {
        pools.release(frame);
    }

    void sweep() {
        pools.sweepDeadReaders();
    }

    /** The client is fenced: what waits in the ring has numbers that count no more. */
    void dropAll() {
        state.urgent.clear();
        state.ring.read((type, buffer, index, length) -> {});
    }

    /** A pool belongs to one incarnation: the one before leaves its pools to the node agent. */
    void onRegistered() {
        state.urgent.clear();
        state.ring.read((type, buffer, index, length) -> {});
        unregisteredPool = null;
        final PoolSet old = pools;
        pools = newPools();
        old.close();
    }

    @Override
    public void close() {
        pools.close();
    }

    private PoolSet newPools() {
        return new PoolSet(ctx.directory(), ctx.name());
    }

    private int newPool(final long slotLength, final int slots) {
        if (unregisteredPool == null) {
            try {
                unregisteredPool = pools.add(slots, slotLength);
            } catch (final DragonException ex) {
                poolFault = ex.getMessage();
                state.planFailed();
                errorHandler.onError(ex);
                return commands.cancelTask(party.scratch(), 0, 0);
            }
        }
        return commands.registerPool(party.scratch(), 0, unregisteredPool);
    }

    private int request(final long key) {
        final ClientCommandProxy.Request request = state.requests.get(key);
        if (request.correlationId == 0) {
            request.correlationId = session.expectReply(request.reply);
        }
        return request.pairs.isEmpty()
                ? commands.optimizeRoutes(party.scratch(), 0, request.correlationId)
                : commands.allocateCameras(party.scratch(), 0, request.correlationId, request.pairs);
    }

    private int stagedTask(final long taskId) {
        final TaskHandle task = state.tasks.get(taskId);
        if (task == null || task.isDone()) {
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        TaskRequest request = task.request();
        task.releaseKept();
        if (request.dependencyCount() > 0) {
            request = dependencies.resolve(task, request);
            if (request != null) {
                task.growStaged(request.inputs().size());
            } else {
                refuse(task, dependencies.refusal(), dependencies.refusalText());
                return commands.cancelTask(party.scratch(), 0, 0);
            }
        }
        request = copiedInputs.resolve(task, request, reader);
        if (request == null) {
            refuse(
                    task,
                    Reason.INPUT_LOST,
                    "an input, a copy of another host's frame, was given back before it was submitted");
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        if (!hasRoomFor(request.inputs())) {
            refuse(task, Reason.BAD_INPUT, "no pool could be made for its inputs: " + poolFault);
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        final int code;
        synchronized (task) { // who gives up waiting has its buffers back: they are not read any more
            code = task.isWithdrawn() ? FramePool.CLOSED : copyInputs(task, request);
        }
        if (code == FramePool.BACK_PRESSURED) {
            return -1;
        }
        if (code < 0) {
            refuse(task, Reason.BAD_INPUT, "no pool had room for its inputs");
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        return commands.submitTask(party.scratch(), 0, request, task.typeId(), task.submittedNs(), task.staged());
    }

    private int copyInputs(final TaskHandle task, final TaskRequest request) {
        final FrameRef[] staged = task.staged();
        for (int done = task.stagedCount(); done < staged.length; done++) {
            final int code = request.inputs().bytes(done) == null ? 0 : copy(request.inputs(), staged, done);
            if (code < 0) {
                return code;
            }
            task.stagedCount(done + 1);
        }
        return 0;
    }

    private int stagedJob(final long jobId) {
        final JobHandle job = state.jobs.get(jobId);
        if (job == null || job.isClosed()) {
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        final InputList inputs = job.spec().inputs();
        if (!hasRoomFor(inputs)) {
            refuse(job);
            return commands.cancelTask(party.scratch(), 0, 0);
        }
        final FrameRef[] staged = job.staged();
        int done = job.stagedCount();
        for (; done < staged.length; done++) {
            if (inputs.bytes(done) != null) {
                final int code = copy(inputs, staged, done);
                if (code == FramePool.BACK_PRESSURED) {
                    job.stagedCount(done);
                    return -1;
                }
                if (code < 0) {
                    refuse(job);
                    return commands.cancelTask(party.scratch(), 0, 0);
                }
            }
        }
        job.stagedCount(done);
        state.jobSlots += job.takeSlots();
        return commands.registerJob(party.scratch(), 0, job.spec(), job.frameTypeId(), job.stepTypeId(), staged);
    }

    private boolean hasRoomFor(final InputList inputs) {
        return inputs.byteInputs() == 0 || slotsFor(inputs.longestBytes()) >= inputs.byteInputs() + state.jobSlots;
    }

    private int copy(final InputList inputs, final FrameRef[] staged, final int index) {
        final DirectBuffer bytes = inputs.bytes(index);
        final int code = pools.tryClaim(claim, bytes.capacity());
        if (code >= 0) {
            isClaimed = true;
            claim.buffer().putBytes(0, bytes, 0, bytes.capacity());
            claim.format(inputs.format(index));
            if (inputs.original(index) != null) {
                describe(inputs.original(index));
            }
            isClaimed = false;
            staged[index] = new FrameRef();
            claim.publish(staged[index], true);
        }
        return code;
    }

    private void describe(final FrameLease original) {
        final int length = Math.min(original.metadataLength(), claim.metadata().capacity());
        claim.metadata().putBytes(0, original.metadata(), 0, length);
        claim.metadataLength(length)
                .width(original.width())
                .height(original.height())
                .camera(original.camera())
                .step(original.step())
                .captureEpochNs(original.captureEpochNs());
    }

    private int slotsFor(final long length) {
        int slots = 0;
        for (final FramePool pool : pools.pools()) {
            slots += pool.slotLength() >= length ? pool.slotCount() : 0;
        }
        return slots;
    }

    private void refuse(final JobHandle job) {
        for (final FrameRef frame : job.staged()) {
            if (frame != null) {
                pools.release(frame);
            }
        }
        job.onClosed(new JobHandle.Report(Reason.BAD_INPUT, 0, 0, 0, 0));
        state.unpin(job);
    }

    private void refuse(final TaskHandle task, final Reason reason, final String text) {
        for (final FrameRef frame : task.staged()) {
            if (frame != null) {
                pools.release(frame);
            }
        }
        state.finish(
                task,
                new TaskOutcome(
                        task.taskId(),
                        TaskState.FAILED,
                        reason,
                        text,
                        new Passport(0, 0, task.submittedNs(), 0, 0, 0, 0, 0, 0, System.nanoTime())));
    }
}
