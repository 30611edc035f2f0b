package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * A program's way into Dragon: submits tasks and waits for their results, publishes camera frames, runs camera jobs, looks at the cluster.
 *
 * <p>It owns one thread, its agent, which alone talks to the sequencer. All methods may be called from any thread except from that one,
 * where listeners run: there, a method that would wait throws {@link IllegalStateException}.
 */
public final class DragonClient implements AutoCloseable {
    /** Answer of {@link #trySubmit}: the cluster does not know this client at the moment; it registers anew by itself. */
    public static final int NOT_ACTIVE = -1;

    /** Answer of {@link #trySubmit}: the window of open tasks, or the queue to the agent, is full. */
    public static final int BACK_PRESSURED = -2;

    /** Answer of {@link #trySubmit}: the id of the task's type has been asked for and is not known yet. */
    public static final int TYPE_PENDING = -3;

    /** Answer of {@link #trySubmit}: the client is closed. */
    public static final int CLOSED = -4;

    static final long WAIT_STEP_NS = 50_000;

    private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final ClientContext ctx;
    private final ClientState state;
    private final ClientAgent agent;
    private final AgentRunner runner;
    private final ClusterView view;
    private final Submission submission;
    private final CameraRegistration cameras;
    private final JobStart jobs;
    private final ClientCommandProxy proxy;
    private volatile boolean closed;

    private DragonClient(final ClientContext ctx) {
        this.ctx = ctx;
        this.state = new ClientState(new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                ctx.commandBufferLength() + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH))));
        final CopiedInputs copiedInputs = new CopiedInputs(ctx.directory());
        this.agent = new ClientAgent(ctx, state, copiedInputs, ctx.errorHandler());
        this.proxy = new ClientCommandProxy(this, agent, state, ctx.inputPoolBytes(), copiedInputs);
        this.runner = new AgentRunner(ctx.runProfile().idleStrategy(), ctx.errorHandler(), null, agent);
        this.view = new ClusterView(this, agent, state, proxy, ctx);
        this.submission = new Submission(this, ctx.name(), agent, state, proxy);
        this.cameras = new CameraRegistration(this, ctx, agent, state);
        this.jobs = new JobStart(this, ctx.submitTimeout(), agent, state, proxy);
    }

    /**
     * Connects and registers.
     *
     * @param context how.
     * @return the client, ready to submit.
     * @throws DragonException in words, when no master answers in time or the name is refused.
     */
    public static DragonClient connect(final ClientContext context) {
        context.conclude();
        final DragonClient client = new DragonClient(context);
        AgentRunner.startOnThread(client.runner);
        final boolean ready = client.awaitTrue(
                () -> client.state.active || client.state.refusedText != null || client.state.endedText != null,
                context.connectTimeout());
        // active was seen, and may be over already: the client registers anew by itself
        if (!ready || client.state.refusedText != null || client.state.endedText != null) {
            final String refused = client.state.refusedText != null ? client.state.refusedText : client.state.endedText;
            final String why =
                    refused != null ? refused : client.agent.session().state();
            client.close();
            throw new DragonException(
                    refused != null ? DragonException.FAILED : DragonException.TIMED_OUT,
                    "client '" + context.name() + "' could not register with a master: " + why);
        }
        return client;
    }

    /**
     * Submits a task, waiting up to the client's submit timeout for room in its window. Returns before the task is sequenced, but after
     * its inputs by value were copied.
     *
     * @param request what to run.
     * @return the task.
     * @throws DragonException in words, when there is no room in time.
     */
    public TaskHandle submit(final TaskRequest request) {
        return submit(request, ctx.submitTimeout());
    }

    /**
     * Submits a task, waiting for room in the client's window.
     *
     * @param request what to run.
     * @param timeout how long to wait for room.
     * @return the task.
     * @throws DragonException in words, when there is no room in time.
     */
    public TaskHandle submit(final TaskRequest request, final Duration timeout) {
        return submission.submit(request, timeout);
    }

    /**
     * Submits a task without waiting. Inputs by value must stay unchanged until the task is done.
     *
     * @param request what to run.
     * @return the task's id, or {@link #NOT_ACTIVE}, {@link #BACK_PRESSURED}, {@link #TYPE_PENDING}, {@link #CLOSED}.
     */
    public long trySubmit(final TaskRequest request) {
        return proxy.trySubmit(request);
    }

    /**
     * A task of this client by its id.
     *
     * @param taskId as {@link TaskHandle#taskId()} or {@link #trySubmit} gave it.
     * @return null when it is not known: of another client, or finished and forgotten after 16,384 later ones.
     */
    public TaskHandle task(final long taskId) {
        return state.tasks.get(taskId);
    }

    /**
     * Waits for the result of a task by its id.
     *
     * @param taskId  of a task of this client.
     * @param timeout how long, at most.
     * @return the result, to be closed; null when the time is over and the task goes on.
     * @throws DragonException when the task is not known.
     */
    public TaskOutcome await(final long taskId, final Duration timeout) {
        final TaskHandle task = task(taskId);
        if (task == null) {
            throw new DragonException("client '" + ctx.name() + "' knows no task " + taskId
                    + ": it is another client's, or it finished long ago");
        }
        return task.await(timeout);
    }

    /**
     * Tasks submitted and not done.
     *
     * @return at most the window the sequencer grants.
     */
    public int openTasks() {
        return state.openTasks.get();
    }

    /**
     * Adds a camera with a frame pool of its own, and waits until the sequencer knows it.
     *
     * @param cameraName name of the camera, 1 to 48 bytes.
     * @param config     its pool.
     * @return the publisher, to be closed.
     * @throws DragonException in words, when the pool cannot be made or the camera does not register in time.
     */
    public FramePublisher addPublisher(final String cameraName, final FramePublisher.Config config) {
        return cameras.add(cameraName, config);
    }

    /**
     * Reads a camera's frames directly, without any scheduling.
     *
     * @param poolId pool of the camera, as {@link FramePublisher#poolId()}; of this host.
     * @return a subscriber for one thread, to be closed.
     */
    public FrameSubscriber subscribe(final long poolId) {
        return FrameSubscriber.attach(ctx.directory(), poolId, ctx.name());
    }

    /**
     * Reads the frames of a camera directly, without any scheduling, on whatever host it is.
     *
     * @param cameraName name of the camera.
     * @return a reader for one thread, to be closed.
     * @throws DragonException in words, when no camera of that name publishes at the moment, or no master answers.
     */
    public CameraReader subscribe(final String cameraName) {
        final long poolId = view.cameraPool(cameraName);
        if (poolId == 0) {
            throw new DragonException("no camera '" + cameraName + "' publishes at the moment");
        }
        return new CameraReader(ctx, cameraName, poolId);
    }

    /**
     * Starts a camera job whose results are polled from the handle, and waits until the sequencer has taken it: frames published from now
     * on are its.
     *
     * @param spec what it does.
     * @return the job, to be closed.
     * @throws DragonException in words, when it is refused.
     */
    public JobHandle startJob(final JobSpec spec) {
        return startJob(spec, null);
    }

    /**
     * Starts a camera job whose results go to a listener.
     *
     * @param spec     what it does.
     * @param listener called on the client's agent thread; null to poll instead.
     * @return the job, to be closed.
     * @throws DragonException in words, when it is refused.
     */
    public JobHandle startJob(final JobSpec spec, final StepListener listener) {
        return jobs.start(spec, listener);
    }

    /**
     * Spreads cameras over the nodes by their capacity, pairs together.
     *
     * @param pairs camera ids with their pair numbers, {@link JobSpec#NO_PAIR} for a camera without one.
     * @return camera ids with the party ids of their nodes; 0 where no node is known.
     * @throws DragonException in words, when no answer comes in time.
     */
    public Map<Integer, Integer> allocateCameras(final Map<Integer, Integer> pairs) {
        return view.allocateCameras(pairs);
    }

    /**
     * Computes every way between the nodes anew, from what their agents measured last. The masters do so by themselves with every change
     * that matters; then a way stays as it is until another is better by a quarter, and here it does not.
     *
     * @return what has come of it.
     * @throws DragonException in words, when no answer comes in time.
     */
    public NetworkTopology optimizeNetworkTopology() {
        return view.optimizeNetworkTopology();
    }

    /**
     * Totals of the cluster since it began.
     *
     * @return the statistics.
     * @throws DragonException in words, when no master answers in time.
     */
    public Statistics statistics() {
        return view.statistics();
    }

    /**
     * State of the whole cluster, judged by the client's thresholds.
     *
     * @return the health; critical with its reason when no master answers.
     */
    public Health health() {
        return view.health();
    }

    /**
     * Everything there is to see: statistics, health, masters, workers, nodes, links, cameras, supervised processes.
     *
     * @return the status.
     * @throws DragonException in words, when no master answers in time.
     */
    public ClusterStatus status() {
        return view.status();
    }

    /**
     * Records of the faults that the masters know of, oldest first. The newest are kept: 256 unless the masters' configuration says
     * otherwise.
     *
     * @param afterNumber records with a larger number only; 0 for all that are kept.
     * @return the records.
     * @throws DragonException in words, when no master answers in time.
     */
    public List<Incident> incidents(final long afterNumber) {
        return view.incidents(afterNumber);
    }

    /**
     * Has the masters take a snapshot of everything that they remember, and waits until the leader has it. They take one by themselves now
     * and then.
     *
     * @param timeout how long to wait for it.
     * @return the position of the log at which it was taken, bytes from its beginning.
     * @throws DragonException in words: the leader refuses (1), or no answer comes or no snapshot is there in time (4).
     */
    public long takeSnapshot(final Duration timeout) {
        return view.takeSnapshot(timeout);
    }

    /**
     * Whether there is a session with a master at the moment.
     *
     * @return false while it reconnects; submitting goes on meanwhile, up to the window.
     */
    public boolean isConnected() {
        return state.connected;
    }

    /**
     * How its connection to the masters is, in words that change with what is known and not with each attempt.
     *
     * @return one line: {@code connected to member 0}, {@code offline: no media driver runs in ...}.
     */
    public String state() {
        final String ended = state.endedText;
        return ended == null ? agent.session().state() : ended;
    }

    /** Runs something on the agent's thread. */
    boolean call(final Runnable action) {
        return agent.call(action);
    }

    /**
     * Id of a task type, asking for it when it is not known yet. A type exists from the first time that anyone names it.
     *
     * @param taskType name of the type.
     * @param timeout  how long to wait for an answer.
     * @return the id.
     * @throws DragonException in words, when no answer comes in time.
     */
    public int taskTypeId(final String taskType, final Duration timeout) {
        return jobs.taskTypeId(taskType, timeout);
    }

    /**
     * Leaves in order: open tasks are cancelled, running jobs end, publishers leave.
     *
     * @throws IllegalStateException when a listener calls it, which would wait for its own end.
     */
    @Override
    public void close() {
        checkMayBlock();
        if (!proxy.close()) {
            return;
        }
        closed = true;
        final boolean[] interrupted = {false};
        try {
            runner.close((int) CLOSE_TIMEOUT_MS, thread -> {
                final DragonException error = new DragonException(
                        "the thread of client '" + ctx.name() + "' does not end: a listener keeps it");
                if (interrupted[0]) {
                    throw error;
                }
                interrupted[0] = true;
                ctx.errorHandler().onError(error);
            });
        } catch (final DragonException ex) {
            ctx.errorHandler().onError(ex);
        }
    }

    @Override
    public String toString() {
        return "DragonClient{" + ctx.name() + ", " + agent.session().state() + '}';
    }

    /** Nanoseconds of a timeout; of one that is longer than a clock can tell, as many as it can. */
    static long nanos(final Duration timeout) {
        return timeout.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT.toNanos() : timeout.toNanos();
    }

    boolean isClosed() {
        return closed;
    }

    void cancel(final long taskId) {
        send("cancel task " + taskId, () -> proxy.tryCancel(taskId));
    }

    void closeJob(final long jobId) {
        send("close job " + jobId, () -> proxy.tryCloseJob(jobId));
    }

    void removePublisher(final FrameFeed feed) {
        cameras.remove(feed);
    }

    /** Agent: calls a user's listener; what that throws is its own affair, and nobody else's result. */
    void tell(final Runnable call) {
        try {
            call.run();
        } catch (final Throwable ex) {
            ctx.errorHandler().onError(ex);
        }
        Thread.interrupted(); // left behind by a listener it would end the agent
    }

    void checkMayBlock() {
        if (agent.isAgentThread()) {
            throw new IllegalStateException(
                    "this call may wait, and waits for its own thread when a listener of client '" + ctx.name()
                            + "' makes it: make it from another thread");
        }
    }

    boolean awaitTrue(final BooleanSupplier condition, final Duration timeout) {
        final long deadlineNs = System.nanoTime() + nanos(timeout);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs >= 0 || Thread.currentThread().isInterrupted()) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(WAIT_STEP_NS);
        }
        return true;
    }

    private void send(final String what, final BooleanSupplier attempt) {
        if (!attempt.getAsBoolean()) {
            checkMayBlock();
            if (!awaitTrue(attempt, ctx.submitTimeout())) {
                throw new DragonException(
                        DragonException.TIMED_OUT,
                        "could not " + what + ": " + agent.session().state());
            }
        }
    }
}
