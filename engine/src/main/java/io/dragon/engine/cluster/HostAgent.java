package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.LOCK_PROBE;
import static io.dragon.engine.config.Timeouts.Key.POOL_SWEEP;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.HostDuties;
import io.dragon.engine.node.HostLine;
import io.dragon.engine.node.KillOrders;
import io.dragon.engine.node.NodeReports;
import io.dragon.engine.node.Supervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Does a host's duties: registers as a node, with a session of its own, and reports who is dead. One a host has the office: the one
 * that holds the host's lock. The node agent ({@code dragon gpu-server}), which also supervises the host's workers, goes before the
 * masters' processes: these leave the office to it while it lives, and the first of them takes it when that has ended.
 */
public final class HostAgent implements Agent, PartyListener {
    private static final String OFFICE = "host-agent";
    private static final String NODE_AGENT = "node-agent";

    /** Held by a node agent that reaches the masters: before that it would keep the office empty while it connects. */
    private static final String NODE_AGENT_READY = "node-agent-ready";

    /** How long an agent that stops waits for the masters to have taken its last reports. */
    private static final long LAST_REPORTS_NS = 500_000_000;

    /** Whoever takes the office this long after a node agent's death takes it because of that. */
    private static final long DEATH_NEWS_NS = 5_000_000_000L;

    /** How long a masters' agent leaves it to a node agent that has begun to be the host's node. */
    private static final long COMING_NS = 10_000_000_000L;

    /** And to one that whoever started the masters starts next: it has a process to begin with. */
    private static final long EXPECTED_NS = 30_000_000_000L;

    private final Context ctx;
    private final Path officeFile;
    private final Path nodeAgentFile;
    private final Path nodeAgentReadyFile;
    private final LivenessLock nodeAgentLock;
    private final Line line = new Line();
    private final NodeReports reports = new NodeReports();
    private final Supervisor supervisor;
    private final KillOrders killOrders;
    private final HostDuties duties;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final PoolReleasedDecoder poolReleased = new PoolReleasedDecoder();
    private final OtherHosts otherHosts;
    private volatile ClusterSession session;
    private volatile Party party;
    private long lookedNs;
    private long probedEnds;
    private long stoppedNs;

    /** Where it is not this one: when the node agent was last seen in office, and when it was found dead; 0 for never. */
    private long nodeAgentSeenNs;

    private long nodeAgentDiedNs;
    private long nodeAgentDetectedMs;

    /** Since when a node agent was awaited; 0 before. */
    private long comingSinceNs;

    /** The host had a node in the life of this agent. */
    private boolean isPastStart;

    private LivenessLock nodeAgentReady;
    private volatile LivenessLock office;
    private volatile boolean isStopWanted;
    private volatile boolean isStopped;
    private volatile int running;

    /**
     * An agent that connects in its duty cycle.
     *
     * @param ctx how.
     * @throws DragonException in words, when it is to be the node agent and another one lives on this host.
     */
    public HostAgent(final Context ctx) {
        this.ctx = ctx;
        if (ctx.errorHandler == null) {
            ctx.errorHandler = throwable -> {};
        }
        final DragonDirectory directory =
                DragonDirectory.of(ctx.dragonDirectory()).create();
        final long nowNs = ctx.nanoClock().nanoTime();
        officeFile = directory.partyLock(OFFICE);
        nodeAgentFile = directory.partyLock(NODE_AGENT);
        nodeAgentReadyFile = directory.partyLock(NODE_AGENT_READY);
        nodeAgentLock = ctx.supervision() == null ? null : beNodeAgent(nodeAgentFile);
        supervisor = ctx.supervision() == null ? null : new Supervisor(ctx.supervision(), reports, nowNs);
        killOrders = new KillOrders(supervisor, reports);
        duties = new HostDuties(directory, ctx.timeouts(), line, nowNs);
        otherHosts = ctx.network() == null ? null : new OtherHosts(ctx, line, reports, nowNs);
        lookedNs = nowNs - ctx.timeouts().ns(POOL_SWEEP);
    }

    private static LivenessLock beNodeAgent(final Path file) {
        try {
            return LivenessLock.acquire(file);
        } catch (final DragonException ex) {
            throw new DragonException(
                    ex.exitCode(), "Another gpu-server looks after this host. " + ex.getMessage(), ex);
        }
    }

    @Override
    public int doWork() {
        final long nowNs = ctx.nanoClock().nanoTime();
        int workCount = supervisor == null ? 0 : supervise(nowNs);
        if (nowNs - lookedNs >= ctx.timeouts().ns(isComingIn() ? LOCK_PROBE : POOL_SWEEP)) {
            lookedNs = nowNs;
            workCount += lookForOffice(nowNs);
        }
        if (session != null) {
            workCount += session.doWork();
            if (party != null && party.isActive()) {
                workCount += doDuties(nowNs) + (otherHosts == null ? 0 : otherHosts.doWork(nowNs));
            }
            if (otherHosts != null && office != null && session.isConnected()) {
                workCount += otherHosts.tellStrangers(session.ingressEndpoints());
            }
        }
        return workCount;
    }

    private int supervise(final long nowNs) {
        if (isStopWanted) {
            supervisor.stop(nowNs);
        }
        final int workCount = supervisor.doWork(nowNs);
        if (workCount > 0) {
            running = supervisor.running();
        }
        if (!isStopped && supervisor.isStopped()) {
            stoppedNs = stoppedNs == 0 ? nowNs : stoppedNs;
            isStopped = reports.isTold() || nowNs - stoppedNs >= LAST_REPORTS_NS;
        }
        return workCount;
    }

    private int doDuties(final long nowNs) {
        if (supervisor != null && supervisor.ends() != probedEnds) {
            probedEnds = supervisor.ends();
            duties.probeNow();
        }
        return duties.doWork(nowNs) + reports.send(line);
    }

    /** A node agent that has begun, or the masters' that awaits one: their host waits for them. */
    private boolean isComingIn() {
        return nodeAgentLock != null && office == null || office != null && party == null;
    }

    private int lookForOffice(final long nowNs) {
        if (nodeAgentLock != null && nodeAgentReady == null && comeIn() == 0) {
            return 0;
        }
        final boolean goesBefore = nodeAgentLock != null || !isNodeAgentReady(nowNs);
        if (office == null && goesBefore && !LivenessLock.isHeld(officeFile)) {
            takeOffice(nowNs);
            return 1;
        }
        if (office != null && !goesBefore) {
            leaveOffice();
            return 1;
        }
        if (office != null && party == null && !isNodeAgentComing(nowNs)) {
            register();
            return 1;
        }
        return 0;
    }

    /** One that leaves in order takes the file of its lock with it; a dead one leaves it. */
    private boolean isNodeAgentReady(final long nowNs) {
        final boolean isReady = LivenessLock.isHeld(nodeAgentReadyFile);
        if (!isReady && nodeAgentSeenNs != 0 && Files.exists(nodeAgentReadyFile)) {
            nodeAgentDiedNs = nowNs;
            nodeAgentDetectedMs = (nowNs - nodeAgentSeenNs) / 1_000_000;
        }
        nodeAgentSeenNs = isReady ? nowNs : 0;
        isPastStart |= isReady;
        return isReady;
    }

    /** A node agent asks for the office when it can fill it: the masters' agent stays until then, and the node is never away. */
    private int comeIn() {
        if (session == null) {
            openSession();
        } else if (session.isConnected()) {
            nodeAgentReady = acquire(nodeAgentReadyFile);
        }
        return nodeAgentReady == null ? 0 : 1;
    }

    private LivenessLock acquire(final Path file) {
        try {
            return LivenessLock.tryAcquire(file); // this thread supervises, and looks again
        } catch (final DragonException ex) {
            ctx.errorHandler().onError(ex);
            return null;
        }
    }

    private void takeOffice(final long nowNs) {
        office = acquire(officeFile);
        if (office == null) {
            return;
        }
        if (nodeAgentDiedNs != 0 && nowNs - nodeAgentDiedNs < DEATH_NEWS_NS) {
            reports.incident(
                    IncidentKind.PARTY_DIED,
                    IncidentRule.LOCK_IS_FREE,
                    0,
                    nodeAgentDetectedMs,
                    "its gpu-server has ended, and its workers with it; a master looks after the host until it is back");
        }
        nodeAgentDiedNs = 0;
        if (session == null) {
            openSession();
        }
        if (nodeAgentLock != null || isPastStart) {
            register();
        }
    }

    private void register() {
        isPastStart = true;
        party = session.register(PartyKind.NODE, ctx.name(), new PartyOptions(), this);
    }

    /** When a system starts, masters and node agent come together: a node of the masters would be replaced at once, which is an incident. */
    private boolean isNodeAgentComing(final long nowNs) {
        if (isPastStart || !session.isConnected()) {
            return !isPastStart;
        }
        if (comingSinceNs == 0) {
            comingSinceNs = nowNs;
        }
        final long waitedNs = nowNs - comingSinceNs;
        return ctx.isNodeAgentExpected && !isNodeAgentDead()
                ? waitedNs < EXPECTED_NS
                : waitedNs < COMING_NS && LivenessLock.isHeld(nodeAgentFile);
    }

    /** It left the file of its lock: a system that ran before, of which only this master may have been started again. */
    private boolean isNodeAgentDead() {
        return Files.exists(nodeAgentReadyFile) && !LivenessLock.isHeld(nodeAgentReadyFile);
    }

    private void openSession() {
        session = new ClusterSession(ctx.session());
        if (otherHosts != null) {
            session.hostReplies((templateId, buffer, offset, length) -> otherHosts.onMessage(
                    templateId, buffer, offset, ctx.nanoClock().nanoTime()));
        }
    }

    /** Without a farewell: the next one registers under the same name, and the node never was away. */
    private void leaveOffice() {
        CloseHelper.closeAll(ctx.errorHandler(), otherHosts, session);
        session = null;
        party = null;
        final LivenessLock left = office;
        office = null; // before another can have it
        left.close();
    }

    /** Ends the workers that it supervises, in order; {@link #isStopped} tells when they have ended. Any thread. */
    public void stopWorkers() {
        isStopWanted = true;
    }

    /**
     * Whether the workers that it supervised have ended, and the masters know it. Any thread.
     *
     * @return false before {@link #stopWorkers}.
     */
    public boolean isStopped() {
        return isStopped;
    }

    /**
     * Workers of this host's supervision that run. Any thread.
     *
     * @return how many are registered.
     */
    public int workersRunning() {
        return running;
    }

    @Override
    public String roleName() {
        return "host-agent";
    }

    /**
     * A node agent leaves in order, and the agent of the only master, or the next node would replace one that is not there. The agents of
     * several masters just end, because where they were the next one takes over.
     */
    @Override
    public void onClose() {
        if ((nodeAgentLock != null || ctx.isOfOnlyMaster) && party != null) {
            party.unregister();
        }
        CloseHelper.closeAll(otherHosts, session, office, nodeAgentReady, nodeAgentLock);
    }

    @Override
    public void onRegistered(final Party party) {
        duties.onRegistered();
        reports.onRegistered(line);
        if (otherHosts != null) {
            otherHosts.onRegistered(party.id(), ctx.nanoClock().nanoTime());
        }
        ctx.log().accept("registered as node " + ctx.name());
    }

    @Override
    public void onFenced(final Party party) {}

    @Override
    public void onEvent(
            final Party party, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (templateId == PoolReleasedDecoder.TEMPLATE_ID
                && length >= MessageHeaderDecoder.ENCODED_LENGTH + PoolReleasedDecoder.BLOCK_LENGTH) {
            poolReleased.wrapAndApplyHeader(buffer, offset, header);
            duties.onPoolReleased(poolReleased.poolId());
        } else {
            killOrders.onEvent(templateId, buffer, offset, length);
        }
    }

    /**
     * How its connection to the masters is, in words. Any thread.
     *
     * @return one line, see {@link ClusterSession#state()}; {@code not started} while another agent has the office of the host.
     */
    public String state() {
        final ClusterSession present = session;
        return present == null ? "not started" : present.state();
    }

    /**
     * Deaths reported so far.
     *
     * @return a count.
     */
    public long deathsReported() {
        return duties.deathsReported();
    }

    /**
     * Pools removed so far.
     *
     * @return a count.
     */
    public long poolsRemoved() {
        return duties.poolsRemoved();
    }

    /** Its dealings with other hosts; null when it has none. */
    OtherHosts otherHosts() {
        return otherHosts;
    }

    /** Whether this agent does the duties of its host, and no other. */
    boolean isInOffice() {
        return office != null;
    }

    /** Whether the masters know this agent as the host's node. */
    boolean isRegistered() {
        final Party present = party;
        return present != null && present.isActive();
    }

    /** The line of whichever party this agent is now. */
    private final class Line implements HostLine {
        @Override
        public MutableDirectBuffer scratch() {
            return party.scratch();
        }

        @Override
        public long offer(final int length) {
            return party.offer(length);
        }

        @Override
        public boolean tell(final int length) {
            return party.offerUnsequenced(length) > 0;
        }

        @Override
        public long acknowledgedSeq() {
            return party.acknowledgedSeq();
        }

        @Override
        public long incarnation() {
            return (long) party.id() << Integer.SIZE | Integer.toUnsignedLong(party.incarnation());
        }
    }

    /** How a host agent works. */
    public static final class Context {
        private Path dragonDirectory;
        private ClusterSession.Context session;
        private String name = "host";
        private Timeouts timeouts = Timeouts.dev();
        private ErrorHandler errorHandler;
        private Supervisor.Context supervision;
        private NetworkContext network;
        private Consumer<String> log = line -> {};
        private boolean isOfOnlyMaster;
        private boolean isNodeAgentExpected;
        private NanoClock nanoClock = SystemNanoClock.INSTANCE;

        /** A context with every default. */
        public Context() {}

        /**
         * The host's Dragon directory, with pools and liveness locks.
         *
         * @param dragonDirectory its path.
         * @return this.
         */
        public Context dragonDirectory(final Path dragonDirectory) {
            this.dragonDirectory = dragonDirectory;
            return this;
        }

        /** {@return the host's Dragon directory, with pools and liveness locks: its path} */
        public Path dragonDirectory() {
            return dragonDirectory;
        }

        /**
         * How the agent reaches the sequencer.
         *
         * @param session its session's context.
         * @return this.
         */
        public Context session(final ClusterSession.Context session) {
            this.session = session;
            return this;
        }

        /** Of the only master of its system: nobody takes over from it. */
        Context ofOnlyMaster(final boolean isOnly) {
            isOfOnlyMaster = isOnly;
            return this;
        }

        /** Of a master: a node agent will be started on this host, so that this agent leaves it a while to come. */
        Context expectNodeAgent(final boolean isExpected) {
            isNodeAgentExpected = isExpected;
            return this;
        }

        /** {@return how the agent reaches the sequencer: its session's context} */
        public ClusterSession.Context session() {
            return session;
        }

        /**
         * The node's name.
         *
         * @param name the name it registers with.
         * @return this.
         */
        public Context name(final String name) {
            this.name = name;
            return this;
        }

        /** {@return the node's name: the name it registers with} */
        public String name() {
            return name;
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

        /** {@return every timeout: a profile} */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * Receives what goes wrong and is tried again.
         *
         * @param errorHandler called on the agent's thread.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /** {@return receives what goes wrong and is tried again: called on the agent's thread} */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        /**
         * The workers that it supervises; with them, also with none, it is the node agent and goes before all others of the host.
         *
         * @param supervision whom and how; null for the agent of a master.
         * @return this.
         */
        public Context supervision(final Supervisor.Context supervision) {
            this.supervision = supervision;
            return this;
        }

        /** {@return the workers that it supervises: whom and how; null for the agent of a master} */
        public Supervisor.Context supervision() {
            return supervision;
        }

        /**
         * How it has to do with other hosts.
         *
         * @param network how; null for the one host of its system.
         * @return this.
         */
        public Context network(final NetworkContext network) {
            this.network = network;
            return this;
        }

        /** {@return how it has to do with other hosts: null for the one host of its system} */
        public NetworkContext network() {
            return network;
        }

        /**
         * Takes one line for people about each registration.
         *
         * @param log called on the agent's thread.
         * @return this.
         */
        public Context log(final Consumer<String> log) {
            this.log = log;
            return this;
        }

        /** {@return takes one line for people about each registration: called on the agent's thread} */
        public Consumer<String> log() {
            return log;
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
    }
}
