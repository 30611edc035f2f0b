package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.QUERY;
import static io.dragon.engine.config.Timeouts.Key.SESSION_LINGER;
import static io.dragon.engine.config.Timeouts.Key.SESSION_PROBE;

import io.aeron.Aeron;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.StatusQueryEncoder;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.node.DiscoveryContext;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * A process's line to the sequencer: one Aeron Cluster client that connects and reconnects by itself and carries any number of
 * parties. An {@link Agent} of one thread: {@link #doWork()} and every method of its parties belong to that thread,
 * {@link #register} and {@link #query} may be called from any. Threads that share it take turns ({@link SessionTurn}).
 */
public final class ClusterSession implements Agent, AutoCloseable {
    private static final int MAX_NAME_BYTES = 48;

    private final Context ctx;
    private final Timeouts timeouts;
    private final NanoClock nanoClock;
    private final ClusterConnection connection;
    private final PendingReplies replies;
    private final ManyToOneConcurrentLinkedQueue<Runnable> requests = new ManyToOneConcurrentLinkedQueue<>();
    private final AtomicLong correlationIds =
            new AtomicLong(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2) + 1);
    private final PartyTable parties;
    private final SessionInbox inbox;
    private final UnsafeBuffer own = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final StatusQueryEncoder statusQuery = new StatusQueryEncoder();
    private final DriverLossReport driverLoss = new DriverLossReport();
    private long probedNs;
    private boolean isClosed;

    /**
     * A session that connects in its duty cycle.
     *
     * @param ctx how; concluded here.
     */
    public ClusterSession(final Context ctx) {
        ctx.conclude();
        this.ctx = ctx;
        timeouts = ctx.timeouts();
        nanoClock = ctx.nanoClock();
        parties = new PartyTable(this, nanoClock);
        replies = new PendingReplies(
                this::nextCorrelationId, nanoClock, this::sendStatusQuery, this::guard, timeouts.ns(QUERY));
        inbox = new SessionInbox(ctx, parties, replies, driverLoss);
        connection = new ClusterConnection(ctx, inbox);
        probedNs = nanoClock.nanoTime();
    }

    /**
     * A new party of this session, which registers as soon as there is a connection, and anew after it was fenced.
     *
     * @param kind     what it is.
     * @param name     its name, 1 to 48 bytes of UTF-8.
     * @param options  what it tells about itself.
     * @param listener what happens to it.
     * @return the party, not yet active.
     * @throws DragonException when the name is empty or too long.
     */
    public Party register(
            final PartyKind kind, final String name, final PartyOptions options, final PartyListener listener) {
        final int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes == 0 || nameBytes > MAX_NAME_BYTES) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "the name '" + name + "' has " + nameBytes + " bytes: expected 1 to " + MAX_NAME_BYTES);
        }
        final Party party = new Party(this, kind, name, options, listener, timeouts);
        requests.offer(() -> parties.add(party));
        return party;
    }

    /**
     * Asks for a section of the cluster's status; further pages are asked for until there are no more.
     *
     * @param section  0 summary, 1 workers, 2 nodes, 3 cameras.
     * @param listener receives the pages.
     */
    public void query(final int section, final ReplyListener listener) {
        query(section, 0, listener);
    }

    /**
     * Asks for what comes after an entry of a section of the cluster's status.
     *
     * @param section  as above; 4 incidents, 5 supervised processes, 6 masters, 7 links.
     * @param afterId  entries with a larger party id or number, which is at most 32 bits long without a sign; links: as many as were
     *                 told before.
     * @param listener receives the pages.
     */
    public void query(final int section, final long afterId, final ReplyListener listener) {
        requests.offer(() -> replies.query(section, afterId, listener));
    }

    /**
     * Asks the leader to take a snapshot. It has been taken when {@code snapshotPosition} of the masters' section has grown.
     *
     * @param answer receives an empty text when the leader begins, or why it does not; nothing when no answer comes. Called on
     *               the session's thread.
     */
    public void requestSnapshot(final Consumer<String> answer) {
        requests.offer(() -> replies.requestSnapshot(answer, connection));
    }

    /**
     * The correlation id for a command whose reply is to go to a listener. Session's thread only.
     *
     * @param listener receives the one reply.
     * @return the id to put into the command.
     */
    public long expectReply(final ReplyListener listener) {
        return replies.expect(listener);
    }

    /**
     * Runs something on the session's thread, in its next duty cycle. Any thread; for set-up, not for the hot path.
     *
     * @param request what to run.
     */
    public void execute(final Runnable request) {
        requests.offer(request);
    }

    /**
     * The Aeron client under this session, for other streams of the same thread. It is closed, and made anew, when the session
     * connects anew. Session's thread only.
     *
     * @return null while there is no media driver.
     */
    public Aeron aeron() {
        return connection.aeron();
    }

    @Override
    public int doWork() {
        final long nowNs = nanoClock.nanoTime();
        int workCount = pollRequests();
        workCount += connection.poll(nowNs);
        if (connection.isConnected()) {
            workCount += parties.poll(nowNs) + driverLoss.poll(parties.all(), nowNs);
            probe(nowNs);
        }
        workCount += replies.poll(nowNs);
        return workCount;
    }

    @Override
    public String roleName() {
        return "session-" + ctx.name();
    }

    /** {@return whether there is a session with the cluster now. Any thread} */
    public boolean isConnected() {
        return connection.isConnected();
    }

    /** {@return what the session is doing, in words: one line. Any thread} */
    public String state() {
        return connection.state();
    }

    /** {@return how many messages from the cluster could not be read so far} */
    public long malformed() {
        return inbox.malformed();
    }

    /**
     * Leaves the cluster; on the session's thread, or after that has ended. What parties have said is given a moment to be
     * sequenced. Parties that were not unregistered stay known, and count as dead after their timeout.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        final long deadlineNs = nanoClock.nanoTime() + timeouts.ns(SESSION_LINGER);
        while (connection.isConnected() && parties.isAnyLeaving() && nanoClock.nanoTime() - deadlineNs < 0) {
            if (doWork() == 0) {
                Thread.yield();
            }
        }
        replies.close();
        connection.close();
    }

    @Override
    public void onClose() {
        close();
    }

    /** Who takes what the masters answer to a host agent; set before the first duty cycle. */
    void hostReplies(final ReplyListener listener) {
        inbox.hostReplies(listener);
    }

    /** Where the masters are reached over UDP; null for IPC. */
    String ingressEndpoints() {
        return connection.ingressEndpoints();
    }

    /** The word for this host that its parties register with. */
    String host() {
        return ctx.host();
    }

    long nowNs() {
        return nanoClock.nanoTime();
    }

    /** The media driver's counters; only while connected. */
    CountersReader counters() {
        return connection.counters();
    }

    void onError(final Throwable error) {
        ctx.errorHandler().onError(error);
    }

    /** Calls a listener; what it throws is its own failure, and neither the connection's nor that of other parties. */
    void guard(final Runnable call) {
        try {
            call.run();
        } catch (final Throwable ex) {
            onError(ex);
        }
    }

    long nextCorrelationId() {
        return correlationIds.getAndIncrement();
    }

    boolean send(final DirectBuffer buffer, final int offset, final int length) {
        return connection.offer(buffer, offset, length);
    }

    private boolean sendStatusQuery(final long correlationId, final int section, final long afterId) {
        statusQuery
                .wrapAndApplyHeader(own, 0, header)
                .correlationId(correlationId)
                .section((short) section)
                .afterId(afterId);
        return send(own, 0, ControlMessages.HEADER + statusQuery.encodedLength());
    }

    private int pollRequests() {
        int workCount = 0;
        Runnable request = requests.poll();
        while (request != null) {
            request.run();
            workCount++;
            request = requests.poll();
        }
        return workCount;
    }

    /** A session that hears nothing does not know whether there is nothing to hear. */
    private void probe(final long nowNs) {
        final long probeNs = timeouts.ns(SESSION_PROBE);
        if (nowNs - connection.heardNs() >= probeNs && nowNs - probedNs >= probeNs) {
            probedNs = nowNs;
            sendStatusQuery(nextCorrelationId(), 0, 0);
        }
    }

    /** How a session connects. */
    public static final class Context {
        private String aeronDirectoryName;
        private String ingressEndpoints;
        private String egressChannel;
        private DiscoveryContext discovery;
        private String name = "dragon";
        private String host = HostName.own();
        private Timeouts timeouts = Timeouts.dev();
        private RunProfile runProfile = RunProfile.DEV;
        private ErrorHandler errorHandler;
        private EpochClock epochClock = SystemEpochClock.INSTANCE;
        private NanoClock nanoClock = SystemNanoClock.INSTANCE;
        private boolean isDriverWatched = true;

        /** A context with every default: IPC to a master on the same media driver. */
        public Context() {}

        /**
         * The media driver's directory.
         *
         * @param aeronDirectoryName its path.
         * @return this.
         */
        public Context aeronDirectoryName(final String aeronDirectoryName) {
            this.aeronDirectoryName = aeronDirectoryName;
            return this;
        }

        /** {@return the media driver's directory: its path} */
        public String aeronDirectoryName() {
            return aeronDirectoryName;
        }

        /**
         * The masters to reach over UDP; null (the default) for IPC to the one that shares our media driver.
         *
         * @param ingressEndpoints {@code 0=host:port,1=host:port}.
         * @return this.
         */
        public Context ingressEndpoints(final String ingressEndpoints) {
            this.ingressEndpoints = ingressEndpoints;
            return this;
        }

        /** {@return the masters to reach over UDP: {@code 0=host:port,1=host:port}; null for IPC} */
        public String ingressEndpoints() {
            return ingressEndpoints;
        }

        /**
         * Looks for masters on other hosts while there are no endpoints of them, and none is on our media driver.
         *
         * @param discovery how; null (the default): it waits for one on our media driver.
         * @return this.
         */
        public Context discovery(final DiscoveryContext discovery) {
            this.discovery = discovery;
            return this;
        }

        /** {@return looks for masters on other hosts: how, or null} */
        public DiscoveryContext discovery() {
            return discovery;
        }

        /**
         * Where the masters send events to over UDP: an address of this host that they can reach, port 0.
         *
         * @param egressChannel an Aeron channel; null (the default) for the address that this host's packets to the masters carry.
         * @return this.
         */
        public Context egressChannel(final String egressChannel) {
            this.egressChannel = egressChannel;
            return this;
        }

        /** {@return where the masters send events to: an Aeron channel; null when it is found out at each connect} */
        public String egressChannel() {
            return egressChannel;
        }

        /**
         * What the session is called in counters and thread names.
         *
         * @param name a short name.
         * @return this.
         */
        public Context name(final String name) {
            this.name = name;
            return this;
        }

        /** {@return what the session is called in counters and thread names: a short name} */
        public String name() {
            return name;
        }

        /**
         * The word that all processes of this host have in common: who registers with the same one shares its memory.
         *
         * @param host at most 48 bytes; the name that the host gives itself by default.
         * @return this.
         */
        public Context host(final String host) {
            this.host = host;
            return this;
        }

        /** {@return the word that all processes of this host have in common: at most 48 bytes} */
        public String host() {
            return host;
        }

        /**
         * Every timeout.
         *
         * @param timeouts a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** {@return every timeout: the profile} */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How it waits inside Aeron's client.
         *
         * @param runProfile the profile.
         * @return this.
         */
        public Context runProfile(final RunProfile runProfile) {
            this.runProfile = runProfile;
            return this;
        }

        /** {@return how it waits inside Aeron's client: the profile} */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * Receives what goes wrong and is mended by itself: lost connections, refused attempts.
         *
         * @param errorHandler called on the session's thread.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /** {@return receives what goes wrong and is mended by itself: the handler} */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        /**
         * The clock of the time of day.
         *
         * @param epochClock the clock.
         * @return this.
         */
        public Context epochClock(final EpochClock epochClock) {
            this.epochClock = epochClock;
            return this;
        }

        /** {@return the clock of the time of day: the clock} */
        public EpochClock epochClock() {
            return epochClock;
        }

        /**
         * The clock of every interval.
         *
         * @param nanoClock the clock.
         * @return this.
         */
        public Context nanoClock(final NanoClock nanoClock) {
            this.nanoClock = nanoClock;
            return this;
        }

        /** {@return the clock of every interval: the clock} */
        public NanoClock nanoClock() {
            return nanoClock;
        }

        /** Whether it looks after the media driver while it hears nothing; not where the process ends with its driver, which another looks after. */
        Context watchDriver(final boolean isWatched) {
            isDriverWatched = isWatched;
            return this;
        }

        boolean isDriverWatched() {
            return isDriverWatched;
        }

        void conclude() {
            if (errorHandler == null) {
                errorHandler = throwable -> {};
            }
            timeouts.conclude();
        }
    }
}
