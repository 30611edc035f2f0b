package io.dragon.engine.node;

import static io.dragon.engine.config.Timeouts.Key.LOCK_PROBE;
import static io.dragon.engine.config.Timeouts.Key.POOL_SWEEP;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyListener;
import io.dragon.engine.cluster.PartyOptions;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Tells the sequencer which processes of this host are dead, by the proof of their locks, and removes the frame pools that they
 * leave. Registers as a node, with a session of its own.
 */
public final class HostAgent implements Agent, PartyListener {
    private final Context ctx;
    private final ClusterSession session;
    private final Party party;
    private final DeathProbe deaths;
    private final OrphanedPools pools;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final PoolReleasedDecoder poolReleased = new PoolReleasedDecoder();
    private long probedNs;
    private long sweptNs;

    /**
     * An agent that connects in its duty cycle.
     *
     * @param ctx how.
     */
    public HostAgent(final Context ctx) {
        this.ctx = ctx;
        final DragonDirectory directory =
                DragonDirectory.of(ctx.dragonDirectory()).create();
        session = new ClusterSession(ctx.session());
        party = session.register(PartyKind.NODE, ctx.name(), new PartyOptions(), this);
        deaths = new DeathProbe(directory, party);
        pools = new OrphanedPools(directory, party);
        probedNs = ctx.nanoClock().nanoTime();
        sweptNs = probedNs;
    }

    @Override
    public int doWork() {
        int workCount = session.doWork();
        final long nowNs = ctx.nanoClock().nanoTime();
        if (party.isActive()) {
            if (nowNs - probedNs >= ctx.timeouts().ns(LOCK_PROBE)) {
                probedNs = nowNs;
                workCount += deaths.probe();
            }
            if (nowNs - sweptNs >= ctx.timeouts().ns(POOL_SWEEP)) {
                sweptNs = nowNs;
                workCount += pools.sweep();
            }
        }
        return workCount;
    }

    @Override
    public String roleName() {
        return "host-agent";
    }

    @Override
    public void onClose() {
        session.close();
    }

    @Override
    public void onRegistered(final Party party) {
        deaths.forget();
        pools.forget();
    }

    @Override
    public void onFenced(final Party party) {}

    @Override
    public void onEvent(
            final Party party, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (templateId == PoolReleasedDecoder.TEMPLATE_ID
                && length >= MessageHeaderDecoder.ENCODED_LENGTH + PoolReleasedDecoder.BLOCK_LENGTH) {
            poolReleased.wrapAndApplyHeader(buffer, offset, header);
            pools.onReleased(poolReleased.poolId());
        }
    }

    /**
     * Deaths reported so far.
     *
     * @return a count.
     */
    public long deathsReported() {
        return deaths.reported();
    }

    /**
     * Pools removed so far.
     *
     * @return a count.
     */
    public long poolsRemoved() {
        return pools.removed();
    }

    /** How a host agent works. */
    public static final class Context {
        private Path dragonDirectory;
        private ClusterSession.Context session;
        private String name = "host";
        private Timeouts timeouts = Timeouts.dev();
        private ErrorHandler errorHandler;
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
