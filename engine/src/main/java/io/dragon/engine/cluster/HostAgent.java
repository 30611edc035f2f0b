package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.POOL_SWEEP;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.HostDuties;
import io.dragon.engine.node.HostLine;
import java.nio.file.Path;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Does a host's duties in the masters' process: registers as a node, with a session of its own, and reports who is dead. One a host:
 * of several masters on one host, the first that takes the host's lock does it, and another when that one has ended.
 */
public final class HostAgent implements Agent, PartyListener {
    private static final String LOCK_NAME = "host-agent";

    private final Context ctx;
    private final Path lockFile;
    private final ClusterSession session;
    private final Party party;
    private final HostDuties duties;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final PoolReleasedDecoder poolReleased = new PoolReleasedDecoder();
    private volatile LivenessLock lock;
    private long triedNs;

    /**
     * An agent that connects in its duty cycle.
     *
     * @param ctx how.
     */
    public HostAgent(final Context ctx) {
        this.ctx = ctx;
        if (ctx.errorHandler == null) {
            ctx.errorHandler = throwable -> {};
        }
        final DragonDirectory directory =
                DragonDirectory.of(ctx.dragonDirectory()).create();
        final long nowNs = ctx.nanoClock().nanoTime();
        lockFile = directory.partyLock(LOCK_NAME);
        session = new ClusterSession(ctx.session());
        party = session.register(PartyKind.NODE, ctx.name(), new PartyOptions(), this);
        duties = new HostDuties(directory, ctx.timeouts(), new Line(party), nowNs);
        triedNs = nowNs - ctx.timeouts().ns(POOL_SWEEP);
    }

    @Override
    public int doWork() {
        final long nowNs = ctx.nanoClock().nanoTime();
        if (lock == null) {
            return nowNs - triedNs >= ctx.timeouts().ns(POOL_SWEEP) ? takeOffice(nowNs) : 0;
        }
        final int workCount = session.doWork();
        return party.isActive() ? workCount + duties.doWork(nowNs) : workCount;
    }

    private int takeOffice(final long nowNs) {
        triedNs = nowNs;
        if (!LivenessLock.isHeld(lockFile)) {
            try {
                lock = LivenessLock.acquire(lockFile);
                return 1;
            } catch (final DragonException ex) {
                ctx.errorHandler().onError(ex);
            }
        }
        return 0;
    }

    @Override
    public String roleName() {
        return "host-agent";
    }

    @Override
    public void onClose() {
        CloseHelper.closeAll(session, lock);
    }

    @Override
    public void onRegistered(final Party party) {
        duties.onRegistered();
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
        }
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

    /** Whether this agent does the duties of its host, and no other. */
    boolean isInOffice() {
        return lock != null;
    }

    private record Line(Party party) implements HostLine {
        @Override
        public MutableDirectBuffer scratch() {
            return party.scratch();
        }

        @Override
        public long offer(final int length) {
            return party.offer(length);
        }

        @Override
        public long acknowledgedSeq() {
            return party.acknowledgedSeq();
        }
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
