package io.dragon.engine.client;

import io.dragon.codecs.control.JobClosedDecoder;
import io.dragon.codecs.control.JobStartedDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyListener;
import io.dragon.engine.cluster.PartyOptions;
import io.dragon.engine.cluster.SessionTurn;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.transfer.FrameFetcher;
import java.nio.file.Path;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/**
 * The duty cycle of a client: its line to the sequencer, the commands of its users, the frames of its publishers, the events. Users and publishers
 * send what they have by themselves while it rests ({@link SessionTurn}): another thread's waking up is no part of a task's way then.
 */
final class ClientAgent implements Agent, PartyListener {
    private static final long HOUSEKEEPING_NS = 20_000_000;

    private final String name;
    private final SessionTurn turn = new SessionTurn();
    private final ClusterSession session;
    private final ClientCommandAdapter commands;
    private final ClientState state;
    private final FrameReader reader;
    private final FrameFetcher fetcher;
    private final RemoteResults remote;
    private final ResultAdapter results;
    private final CopyOnWriteArrayList<FrameFeed> feeds = new CopyOnWriteArrayList<>();
    private final ManyToOneConcurrentLinkedQueue<BooleanSupplier> later = new ManyToOneConcurrentLinkedQueue<>();
    private final ManyToOneConcurrentArrayQueue<Runnable> calls = new ManyToOneConcurrentArrayQueue<>(1024);
    private final ErrorHandler errorHandler;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final TaskTypeRegisteredDecoder taskType = new TaskTypeRegisteredDecoder();
    private final ReleaseFramesDecoder releaseFrames = new ReleaseFramesDecoder();
    private final JobStartedDecoder jobStarted = new JobStartedDecoder();
    private final JobClosedDecoder jobClosed = new JobClosedDecoder();
    private final FrameRef ref = new FrameRef();
    private final LivenessLock liveness;
    private final Party party;
    private long housekeepingNs = System.nanoTime();
    private boolean isEnded;
    private volatile Thread thread;

    ClientAgent(
            final ClientContext ctx,
            final ClientState state,
            final CopiedInputs copiedInputs,
            final ErrorHandler errorHandler) {
        this.name = ctx.name();
        this.state = state;
        this.errorHandler = errorHandler;
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
        this.reader = new FrameReader(ctx.directory(), name);
        this.fetcher = new FrameFetcher(ctx.directory(), name, ctx.timeouts(), errorHandler);
        this.remote = new RemoteResults(fetcher, ctx.timeouts());
        this.results = new ResultAdapter(state, reader, remote, errorHandler);
        this.commands = new ClientCommandAdapter(ctx, state, session, reader, copiedInputs, remote, errorHandler);
        final Path lockFile = ctx.directory().create().partyLock("client-" + name);
        // the lock last: what comes before it may refuse the name, and leaves nothing behind
        this.party = session.register(PartyKind.CLIENT, name, new PartyOptions().lockFile(lockFile), this);
        this.liveness = LivenessLock.acquire(lockFile);
    }

    ClusterSession session() {
        return session;
    }

    boolean isAgentThread() {
        return Thread.currentThread() == thread;
    }

    /** Any thread: runs something on the agent's thread. */
    boolean call(final Runnable action) {
        return calls.offer(action);
    }

    /**
     * Any thread, under the lock that gives numbers out: sends a command at once when nothing waits before it and the agent rests. False when it
     * is to go by the ring.
     */
    boolean trySend(final DirectBuffer command, final int offset, final int length, final long seq) {
        if (!turn.tryTake()) {
            return false;
        }
        try {
            if (!party.isActive() || party.nextSeq() != seq || state.ring.size() > 0) {
                return false;
            }
            party.scratch().putBytes(0, command, offset, length);
            return party.offer(length) >= 0;
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
            return party.nextSeq() > seq; // what has its number is sent again by itself
        } finally {
            turn.give();
        }
    }

    /** The publisher's thread: sends what it has just published at once when the agent rests, and otherwise the agent does. */
    void trySend(final FrameFeed feed) {
        if (!turn.tryTake()) {
            return;
        }
        try {
            feed.pollFrames();
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
        } finally {
            turn.give();
        }
    }

    /** Any thread: a command that has to get out, however long the buffer of commands is full. */
    void sendLater(final BooleanSupplier command) {
        later.add(command);
    }

    /** Any thread. */
    void addFeed(final FrameFeed feed) {
        feed.party(
                session.register(PartyKind.CAMERA, feed.name(), new PartyOptions().lockFile(feed.lockFile()), feed),
                this);
        feeds.add(feed);
    }

    @Override
    public void onStart() {
        thread = Thread.currentThread();
    }

    @Override
    public int doWork() {
        if (!turn.tryTake()) {
            return 0; // for as long as a command is written
        }
        try {
            return work();
        } catch (final Error error) {
            // The runner gives its thread up and closes nothing: who waits for this client has to learn that it has
            // ended.
            end("the client's thread failed: " + error);
            throw error;
        } finally {
            if (!isEnded) {
                turn.give();
            }
        }
    }

    private int work() {
        int work = session.doWork();
        work += fetcher.doWork(session.aeron());
        work += remote.poll(party, results, state);
        state.heldBack = remote.heldBack(party);
        work += commands.poll(party);
        for (final FrameFeed feed : feeds) {
            work += feed.poll();
            if (feed.isGone()) {
                feeds.remove(feed);
            }
        }
        Runnable call;
        while ((call = calls.poll()) != null) {
            call.run();
            work++;
        }
        final BooleanSupplier command = later.peek();
        if (command != null && command.getAsBoolean()) {
            later.poll();
            work++;
        }
        final long nowNs = System.nanoTime();
        if (nowNs - housekeepingNs >= 0) {
            housekeepingNs = nowNs + HOUSEKEEPING_NS;
            state.connected = session.isConnected();
            commands.sweep();
            reader.sweepIdlePools();
            for (final FrameFeed feed : feeds) {
                feed.housekeeping();
            }
        }
        return work;
    }

    @Override
    public String roleName() {
        return "dragon-client-" + name;
    }

    @Override
    public void onRegistered(final Party registered) {
        commands.onRegistered();
        state.activate(registered.id(), registered.nextSeq(), registered.maxOpenTasks());
    }

    @Override
    public void onFenced(final Party fenced) {
        state.deactivate("the cluster gave this client up because it had not been heard for too long");
        commands.dropAll();
        remote.clear();
    }

    @Override
    public void onRefused(final Party refused, final String text) {
        state.refusedText = text;
    }

    @Override
    public void onEvent(
            final Party recipient,
            final int templateId,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        switch (templateId) {
            case TaskResultDecoder.TEMPLATE_ID -> results.onTaskResult(buffer, offset, length, recipient);
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> {
                taskType.wrapAndApplyHeader(buffer, offset, header);
                final int typeId = (int) taskType.typeId();
                state.taskTypes.put(taskType.name(), typeId);
            }
            case ReleaseFramesDecoder.TEMPLATE_ID -> {
                releaseFrames.wrapAndApplyHeader(buffer, offset, header);
                for (final ReleaseFramesDecoder.FramesDecoder frame : releaseFrames.frames()) {
                    commands.release(FrameFeed.read(frame.frame(), ref));
                }
            }
            case JobStartedDecoder.TEMPLATE_ID -> {
                jobStarted.wrapAndApplyHeader(buffer, offset, header);
                final JobHandle job = state.jobs.get(jobStarted.jobId());
                if (job != null) {
                    job.onStarted();
                }
            }
            case JobClosedDecoder.TEMPLATE_ID -> {
                jobClosed.wrapAndApplyHeader(buffer, offset, header);
                onJobClosed(recipient);
            }
            default -> {
                // a newer sequencer may tell more than this client knows
            }
        }
    }

    private void onJobClosed(final Party recipient) {
        final JobHandle job = state.jobs.get(jobClosed.jobId());
        if (job == null || job.isClosed() || remote.holdAgain(job, recipient)) {
            return;
        }
        final JobHandle.Report report = new JobHandle.Report(
                jobClosed.reason(),
                jobClosed.steps(),
                jobClosed.stepsIncomplete(),
                jobClosed.framesAccepted(),
                jobClosed.framesRefused());
        if (remote.hasAny(job.jobId())) {
            remote.onJobEnd(job, report, recipient);
        } else {
            job.onClosed(report);
            state.ended(job);
        }
    }

    @Override
    public void onClose() {
        if (!isEnded) {
            turn.take(); // for good: nobody sends any more
        }
        end("the client was closed before the task was done");
    }

    private void end(final String why) {
        if (isEnded) {
            return;
        }
        isEnded = true;
        try {
            state.endedText = why;
            state.connected = false;
            state.deactivate(why);
            for (final FrameFeed feed : feeds) {
                feed.leave();
            }
            if (party.isActive()) {
                party.unregister();
            }
        } finally {
            CloseHelper.closeAll(errorHandler, remote, session, commands, reader, liveness);
            CloseHelper.closeAll(errorHandler, feeds);
        }
    }

    static TaskOutcome lost(final long taskId, final String text) {
        return new TaskOutcome(
                taskId,
                TaskState.FAILED,
                Reason.ABANDONED,
                text,
                new Passport(0, 0, 0, 0, 0, 0, 0, 0, 0, System.nanoTime()));
    }
}
