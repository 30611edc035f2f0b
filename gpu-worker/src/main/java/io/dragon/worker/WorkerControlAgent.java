package io.dragon.worker;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterPoolEncoder;
import io.dragon.codecs.control.RegisterTaskTypeEncoder;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.RevokeTaskDecoder;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyListener;
import io.dragon.engine.cluster.PartyOptions;
import io.dragon.engine.cluster.SessionTurn;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import io.dragon.engine.transfer.FrameFetcher;
import io.dragon.worker.device.Device;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The duty cycle that talks to the sequencer: registration, heartbeats, assignments in, completions out. The compute thread runs it in passing
 * while it has no task in hand, so that a task waits for no other thread on its way in or out; while it has, the control
 * thread does, so that a slow handler is never taken for a dead worker. Whoever has the {@link SessionTurn} runs it, the other does not wait.
 */
final class WorkerControlAgent implements Agent, PartyListener, ControlledMessageHandler {
    /** The masters keep so much of a device's description. */
    private static final int MOST_DEVICE = 96;

    private static final int RECORDS_PER_POLL = 32;
    private static final int RECENT_TASKS = 1024;
    private static final long HOUSEKEEPING_NS = 50_000_000;
    private static final long MISSING = -1;

    /** How often the control thread looks whether the compute thread is still there for the session. It is woken for a task that is known to take longer. */
    private static final long WATCH_NS = 5_000_000;

    private final String name;
    private final Device device;
    private final WorkerLink link;
    private final SessionTurn turn = new SessionTurn();
    private final ErrorHandler errorHandler;
    private final ClusterSession session;
    private final Party party;
    private final FrameFetcher fetcher;
    private final RemoteInputs remote;
    private final DeviceReports deviceReports;
    private final Map<String, TaskHandler> handlers = new HashMap<>();
    private final List<TaskHandler> toRegister;
    private int registeredHandlers;
    private boolean isDeviceTold;

    /** Highest attempt seen, by task: what comes again is dropped. */
    private final Long2LongHashMap attempts = new Long2LongHashMap(MISSING);

    private final long[] recent = new long[RECENT_TASKS];
    private int nextRecent;
    private final MutableDirectBuffer record = new UnsafeBuffer(new byte[WorkerLink.BODY_OFFSET + Party.MAX_LENGTH]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final AssignTaskDecoder assign = new AssignTaskDecoder();
    private final RevokeTaskDecoder revoke = new RevokeTaskDecoder();
    private final ReleaseFramesDecoder releaseFrames = new ReleaseFramesDecoder();
    private final TaskTypeRegisteredDecoder typeRegistered = new TaskTypeRegisteredDecoder();
    private final RegisterTaskTypeEncoder registerType = new RegisterTaskTypeEncoder();
    private final RegisterPoolEncoder registerPool = new RegisterPoolEncoder();
    private final FrameRef ref = new FrameRef();
    private long housekeepingNs = System.nanoTime();
    private long sampledNs = housekeepingNs - HOUSEKEEPING_NS;

    /** The control thread writes it: of a CPU it is read from a file, which takes longer than a task's whole way may. */
    private volatile long freeBytes = -1;

    private volatile boolean hasEnded;
    private volatile long cycles;

    WorkerControlAgent(
            final WorkerContext ctx, final List<TaskHandler> handlers, final Device device, final WorkerLink link) {
        this.name = ctx.name();
        this.device = device;
        this.link = link;
        this.errorHandler = ctx.errorHandler();
        this.toRegister = handlers;
        handlers.forEach(handler -> this.handlers.put(handler.taskType(), handler));
        this.session = new ClusterSession(new ClusterSession.Context()
                .aeronDirectoryName(ctx.aeronDirectoryName())
                .ingressEndpoints(ctx.ingressEndpoints())
                .egressChannel(ctx.egressChannel())
                .name(name)
                .host(ctx.host())
                .discovery(ctx.discovery())
                .timeouts(ctx.timeouts())
                .runProfile(ctx.runProfile())
                .errorHandler(errorHandler));
        this.fetcher = new FrameFetcher(ctx.directory(), name, ctx.timeouts(), errorHandler);
        this.deviceReports = new DeviceReports(device);
        this.remote = new RemoteInputs(link, fetcher, ctx.timeouts());
        this.party = session.register(
                PartyKind.WORKER,
                name,
                new PartyOptions()
                        .window(ctx.window())
                        .nodeId(ctx.nodeId())
                        .memoryBytes(device.memoryBytes())
                        .device(ShortText.cut(device.description(), MOST_DEVICE))
                        .lockFile(ctx.directory().workerLock(name)),
                this);
    }

    @Override
    public void onStart() {
        link.onControlStarted();
        link.session = this::serveInPassing;
    }

    @Override
    public int doWork() {
        if (link.fatal != null) {
            // Leaving in order makes its tasks go elsewhere at once, before the process has ended.
            throw new AgentTerminationException("worker '" + name + "' leaves: " + link.fatal.getMessage());
        }
        sampleMemory();
        if (link.isControlIdle()) {
            final long before = cycles;
            LockSupport.parkNanos(WATCH_NS);
            if (cycles != before) {
                return 0;
            }
            // The compute thread has ended, or does not come back from its device.
        }
        return serve();
    }

    private void sampleMemory() {
        final long nowNs = System.nanoTime();
        if (nowNs - sampledNs >= HOUSEKEEPING_NS) {
            sampledNs = nowNs;
            freeBytes = device.freeBytes();
        }
    }

    /** The compute thread's: what goes wrong here is no failure of a task. */
    private int serveInPassing() {
        try {
            return serve();
        } catch (final Throwable ex) {
            if (ex instanceof Error) {
                link.fatal = ex;
            }
            errorHandler.onError(ex);
            return 0;
        }
    }

    private int serve() {
        if (!turn.tryTake()) {
            return 0;
        }
        try {
            cycles = cycles + 1; // one at a time
            return work();
        } finally {
            fetcher.passOn();
            turn.give();
        }
    }

    private int work() {
        // Every heartbeat, also one that only acknowledges, has to say what is being computed: the sequencer takes a
        // worker that
        // computes nothing for one that is well.
        final long unfed = remote.failedCount();
        party.health(link.progress + unfed, link.errors + unfed, 0, freeBytes, link.computingTaskId);
        int work = session.doWork();
        work += fetcher.doWork(session.aeron());
        work += remote.poll(party);
        if (party.isActive()) {
            // What it can do is told when it is known how its device is, so that one that must not be used gets
            // nothing.
            work += isDeviceTold ? registerHandlers() : 0;
            work += link.completions.controlledRead(this, RECORDS_PER_POLL);
        }
        final long nowNs = System.nanoTime();
        if (nowNs - housekeepingNs >= 0) {
            housekeepingNs = nowNs + HOUSEKEEPING_NS;
            final PoolSet outputs = link.outputs;
            if (outputs != null) {
                outputs.sweepDeadReaders();
            }
            isDeviceTold = deviceReports.poll(party, nowNs) || isDeviceTold;
        }
        return work;
    }

    @Override
    public String roleName() {
        return "dragon-worker-" + name;
    }

    String state() {
        return session.state();
    }

    @Override
    public void onRegistered(final Party who) {
        attempts.clear();
        registeredHandlers = 0;
        isDeviceTold = false;
        deviceReports.forget();
        housekeepingNs = System.nanoTime();
        remote.clear();
        link.revoked.clear();
        link.handlers.clear(); // ids of types are a cluster's, and this may be another one than before
        link.incarnation = who.incarnation();
    }

    @Override
    public void onFenced(final Party who) {
        link.incarnation = 0;
        link.ready = false;
        remote.clear();
    }

    @Override
    public void onRefused(final Party who, final String text) {
        link.refusedText = text;
    }

    @Override
    public void onEvent(
            final Party who, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        switch (templateId) {
            case AssignTaskDecoder.TEMPLATE_ID -> onAssign(buffer, offset, length);
            case RevokeTaskDecoder.TEMPLATE_ID -> {
                revoke.wrapAndApplyHeader(buffer, offset, header);
                final int attempt = revoke.attempt();
                remote.revoke(revoke.taskId(), attempt);
                if (attempts.get(revoke.taskId()) != MISSING) {
                    link.revoked.merge(revoke.taskId(), attempt, Math::max);
                }
            }
            case ReleaseFramesDecoder.TEMPLATE_ID -> onReleaseFrames(buffer, offset);
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> {
                typeRegistered.wrapAndApplyHeader(buffer, offset, header);
                final int typeId = (int) typeRegistered.typeId();
                final TaskHandler handler = handlers.get(typeRegistered.name());
                if (handler != null) {
                    link.handlers.put(typeId, handler);
                    link.ready = link.handlers.size() == handlers.size();
                }
            }
            default -> {
                // a newer sequencer may tell more than this worker knows
            }
        }
    }

    /** A record of the compute agent. */
    @Override
    public Action onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final long first = buffer.getLong(index + WorkerLink.FIRST_OFFSET);
        final int second = buffer.getInt(index + WorkerLink.SECOND_OFFSET);
        final int incarnation = buffer.getInt(index + WorkerLink.INCARNATION_OFFSET);
        if (type == WorkerLink.COMPLETION) {
            remote.onLeft(first, second, incarnation);
        }
        if (incarnation != party.incarnation()) {
            return Action.COMMIT;
        }
        final int encoded;
        if (type == WorkerLink.NEW_POOL) {
            registerPool
                    .wrapAndApplyHeader(party.scratch(), 0, headerEncoder)
                    .poolId(first)
                    .slotCount(second)
                    .slotLength(buffer.getLong(index + WorkerLink.BODY_OFFSET));
            encoded = MessageHeaderEncoder.ENCODED_LENGTH + registerPool.encodedLength();
        } else {
            encoded = length - WorkerLink.BODY_OFFSET;
            party.scratch().putBytes(0, buffer, index + WorkerLink.BODY_OFFSET, encoded);
        }
        if (encoded > 0 && party.offer(encoded) < 0) {
            return Action.ABORT;
        }
        if (type == WorkerLink.COMPLETION) {
            link.revoked.remove(first);
        }
        return Action.COMMIT;
    }

    @Override
    public void onClose() {
        link.session = null;
        turn.take(); // for good
        try {
            if (party.isActive()) {
                link.completions.controlledRead(this, Integer.MAX_VALUE);
                party.unregister();
            }
        } finally {
            CloseHelper.closeAll(errorHandler, remote, session);
            hasEnded = true;
        }
    }

    /** After both agents have ended, and nothing reads inputs any more. */
    void giveBackInputs() {
        if (hasEnded) {
            remote.giveBack();
        }
    }

    private int registerHandlers() {
        int work = 0;
        while (registeredHandlers < toRegister.size()) {
            registerType
                    .wrapAndApplyHeader(party.scratch(), 0, headerEncoder)
                    .name(toRegister.get(registeredHandlers).taskType());
            if (party.offer(MessageHeaderEncoder.ENCODED_LENGTH + registerType.encodedLength()) < 0) {
                break;
            }
            registeredHandlers++;
            work++;
        }
        return work;
    }

    private void onAssign(final DirectBuffer buffer, final int offset, final int length) {
        final long receivedNs = System.nanoTime();
        assign.wrapAndApplyHeader(buffer, offset, header);
        final long taskId = assign.taskId();
        final int attempt = assign.attempt();
        final long known = attempts.get(taskId);
        if (known != MISSING && known >= attempt) {
            return;
        }
        record.putLong(WorkerLink.FIRST_OFFSET, receivedNs);
        record.putInt(WorkerLink.INCARNATION_OFFSET, party.incarnation());
        record.putInt(WorkerLink.SECOND_OFFSET, 0);
        record.putLong(WorkerLink.TRANSFERRED_OFFSET, 0);
        record.putBytes(WorkerLink.BODY_OFFSET, buffer, offset, length);
        final int recordLength = WorkerLink.BODY_OFFSET + length;
        final boolean isTaken =
                remote.isNeeded(assign) ? remote.take(assign, record, recordLength) : link.assign(record, recordLength);
        if (!isTaken) {
            // cannot be with a ring of four windows; the task's timeout would mend it
            errorHandler.onError(
                    new IllegalStateException("more assignments than worker '" + name + "' has a window for"));
            return;
        }
        remember(taskId, attempt, known == MISSING);
    }

    private void remember(final long taskId, final int attempt, final boolean isNew) {
        attempts.put(taskId, attempt);
        if (isNew) {
            if (recent[nextRecent] != 0) {
                attempts.remove(recent[nextRecent]);
                link.revoked.remove(recent[nextRecent]);
            }
            recent[nextRecent] = taskId;
            nextRecent = (nextRecent + 1) % recent.length;
        }
    }

    private void onReleaseFrames(final DirectBuffer buffer, final int offset) {
        final PoolSet outputs = link.outputs;
        releaseFrames.wrapAndApplyHeader(buffer, offset, header);
        for (final ReleaseFramesDecoder.FramesDecoder released : releaseFrames.frames()) {
            final var frame = released.frame();
            ref.set(frame.poolId(), frame.sequence(), (int) frame.slot(), (int) frame.length());
            if (outputs != null) {
                outputs.release(ref);
            }
        }
    }
}
