package io.dragon.engine.cluster;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.node.Beacons;
import java.nio.file.Path;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.CompositeAgent;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.SystemNanoClock;

/**
 * The threads of a master beside Aeron's own: snapshots, which wait for the disk; the look at what it cannot live without, which must not;
 * its host's duties and its own party.
 */
final class Housekeeping implements AutoCloseable {
    /** How often the host's agent and the member's party look round: they talk to the masters. */
    private static final long SLEEP_MS = 5;

    /** The look at the driver, and at the others, has an interval of 50 ms and more; each waking takes a core from those who hand messages on. */
    private static final long WATCH_SLEEP_MS = 10;

    /** Of snapshots, which are looked for four times a second. */
    private static final long SNAPSHOT_SLEEP_MS = 50;

    private final MasterContext ctx;
    private final MasterMember member;
    private final SnapshotKeeper snapshotKeeper;
    private final AgentRunner snapshotRunner;
    private final AgentRunner watchRunner;
    private final AgentRunner hostRunner;

    Housekeeping(final MasterContext ctx, final MasterMember member) {
        this.ctx = ctx;
        this.member = member;
        snapshotKeeper = new SnapshotKeeper(
                member.consensusModule().context(),
                member.counters(),
                ctx.timeouts(),
                ctx.snapshotLogBytes(),
                SystemNanoClock.INSTANCE,
                ctx.errorHandler());
        snapshotRunner = runner(snapshotKeeper, SNAPSHOT_SLEEP_MS);
        final Agent watch = watch();
        watchRunner = watch == null ? null : runner(watch, WATCH_SLEEP_MS);
        hostRunner = ctx.dragonDirectory() == null
                ? null
                : runner(new OnceReady(member, new CompositeAgent(agents())), SLEEP_MS);
    }

    private AgentRunner runner(final Agent agent, final long sleepMs) {
        return new AgentRunner(new SleepingMillisIdleStrategy(sleepMs), ctx.errorHandler(), null, agent);
    }

    void start() {
        AgentRunner.startOnThread(snapshotRunner);
        if (watchRunner != null) {
            AgentRunner.startOnThread(watchRunner);
        }
        if (hostRunner != null) {
            AgentRunner.startOnThread(hostRunner);
        }
    }

    SnapshotKeeper snapshotKeeper() {
        return snapshotKeeper;
    }

    @Override
    public void close() {
        CloseHelper.closeAll(ctx.errorHandler(), hostRunner, watchRunner, snapshotRunner);
    }

    private Agent watch() {
        if (ctx.members().size() > 1) {
            return new CatchUpWatch(ctx, member, SystemNanoClock.INSTANCE);
        }
        return ctx.aeronDirectoryName() == null ? null : guard();
    }

    /** On the host's driver the master ends when that has died, instead of waiting until Aeron believes it. */
    private Agent guard() {
        return new DriverGuard(
                Path.of(ctx.aeronDirectoryName()),
                ctx.timeouts(),
                SystemNanoClock.INSTANCE,
                ctx.errorHandler(),
                member::onDriverLost);
    }

    private List<Agent> agents() {
        return ctx.discovery() == null
                ? List.of(hostAgent(), masterAgent())
                : List.of(hostAgent(), masterAgent(), new Beacons(ctx.discovery(), ctx.endpointsForOthers()));
    }

    private HostAgent hostAgent() {
        return new HostAgent(new HostAgent.Context()
                .dragonDirectory(ctx.dragonDirectory())
                .session(session("host-"))
                .name(ctx.hostName())
                .network(ctx.network())
                .ofOnlyMaster(ctx.members().size() == 1)
                .expectNodeAgent(ctx.isNodeAgentExpected())
                .timeouts(ctx.timeouts())
                .errorHandler(ctx.errorHandler()));
    }

    private MasterAgent masterAgent() {
        return new MasterAgent(
                ctx.memberId(),
                DragonDirectory.of(ctx.dragonDirectory()),
                session("member-"),
                member.counters(),
                member::hasEnded);
    }

    private ClusterSession.Context session(final String name) {
        final boolean isAlone = ctx.members().size() == 1;
        return new ClusterSession.Context()
                .aeronDirectoryName(member.aeronDirectoryName())
                .ingressEndpoints(isAlone ? null : ctx.addresses().ingressEndpoints())
                .egressChannel(
                        isAlone ? null : "aeron:udp?endpoint=" + ctx.members().get(ctx.memberId()) + ":0")
                .name(name + ctx.memberId())
                .host(ctx.host())
                .timeouts(ctx.timeouts())
                .watchDriver(watchRunner == null || !(watchRunner.agent() instanceof DriverGuard))
                .errorHandler(ctx.errorHandler());
    }

    /** Begins when the member has taken its place for the first time: before, there is nobody to talk to. */
    private static final class OnceReady implements Agent {
        private final MasterMember member;
        private final Agent agent;
        private boolean isBegun;

        private OnceReady(final MasterMember member, final Agent agent) {
            this.member = member;
            this.agent = agent;
        }

        @Override
        public int doWork() throws Exception {
            isBegun |= member.isReady();
            return isBegun ? agent.doWork() : 0;
        }

        @Override
        public String roleName() {
            return "housekeeping";
        }

        @Override
        public void onClose() {
            agent.onClose();
        }
    }
}
