package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.CONNECT;
import static io.dragon.engine.config.Timeouts.Key.DRIVER;
import static io.dragon.engine.config.Timeouts.Key.DRIVER_KEEP_ALIVE;
import static io.dragon.engine.config.Timeouts.Key.SESSION_KEEP_ALIVE;
import static io.dragon.engine.config.Timeouts.Key.SESSION_SILENCE;

import io.aeron.Aeron;
import io.aeron.CncFileDescriptor;
import io.aeron.CommonContext;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.cluster.codecs.EventCode;
import io.aeron.logbuffer.Header;
import io.dragon.engine.config.Timeouts;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.status.CountersReader;

/**
 * One Aeron Cluster client and the Aeron client under it, built again whenever either ends. Nothing here blocks for longer than
 * mapping a file takes: a connection is made step by step in {@link #poll}.
 */
final class ClusterConnection implements EgressListener {
    /** What a connection reports; on the session's thread. */
    interface Handler {
        void onConnected();

        void onDisconnected();

        void onNewLeader();

        void onMessage(DirectBuffer buffer, int offset, int length);
    }

    /** Enough for the largest burst of commands, small enough that thousands of sessions fit into memory. */
    private static final String TERM_LENGTH = "term-length=256k";

    /** Above every stream that Aeron Cluster uses for itself. */
    private static final int FIRST_EGRESS_STREAM = 1 << 24;

    /** How often the media driver's file is compared with the one that the client has mapped. */
    private static final long DRIVER_CHECK_NS = 1_000_000_000;

    private final SecureRandom random = new SecureRandom();
    private final ClusterSession.Context ctx;
    private final Timeouts timeouts;
    private final Handler handler;
    private final NanoClock nanoClock;
    private final Path cncFile;
    private Aeron aeron;
    private AgentInvoker conductor;
    private Object cncFileKey;
    private AeronCluster.AsyncConnect connecting;
    private AeronCluster cluster;
    private int attempt;
    private long nextAttemptNs;
    private long keepAliveNs;
    private long driverCheckNs;
    private long heardNs;
    private long polledNs;
    private boolean isDropWanted;
    private volatile boolean isConnected;
    private volatile String state = "not started";

    ClusterConnection(final ClusterSession.Context ctx, final Handler handler) {
        this.ctx = ctx;
        this.handler = handler;
        timeouts = ctx.timeouts();
        nanoClock = ctx.nanoClock();
        cncFile = Path.of(ctx.aeronDirectoryName(), CncFileDescriptor.CNC_FILE);
        nextAttemptNs = nanoClock.nanoTime();
    }

    boolean isConnected() {
        return isConnected;
    }

    String state() {
        return state;
    }

    CountersReader counters() {
        return aeron.countersReader();
    }

    /** When something last came from the cluster. */
    long heardNs() {
        return heardNs;
    }

    int poll(final long nowNs) {
        int workCount = 0;
        try {
            if (cluster != null) {
                workCount = pollCluster(nowNs);
            } else if (connecting != null) {
                workCount = pollConnecting(nowNs);
            } else if (nowNs - nextAttemptNs >= 0) {
                startConnecting(nowNs);
                workCount = 1;
            } else if (conductor != null) {
                workCount = conductor.invoke();
            }
        } catch (final RuntimeException ex) {
            ctx.errorHandler().onError(ex);
            drop(ex.getMessage(), nowNs);
            workCount++;
        }
        return workCount;
    }

    /** Sends a message to the cluster: true when Aeron has taken it, which does not mean that it will be sequenced. */
    boolean offer(final DirectBuffer buffer, final int offset, final int length) {
        if (cluster == null || cluster.isClosed()) {
            return false;
        }
        final boolean isTaken = cluster.offer(buffer, offset, length) > 0;
        if (isTaken) {
            keepAliveNs = nanoClock.nanoTime();
        }
        return isTaken;
    }

    private int pollCluster(final long nowNs) {
        if (nowNs - polledNs >= DRIVER_CHECK_NS) {
            heardNs = nowNs; // it was we who did not listen
        }
        polledNs = nowNs;
        int workCount = conductor.invoke();
        if (!aeron.isClosed()) {
            workCount += cluster.pollEgress();
        }
        if (aeron.isClosed() || cluster.isClosed() || isDropWanted) {
            drop(aeron.isClosed() ? "the media driver is gone" : "the cluster is gone", nowNs);
            return workCount + 1;
        }
        if (nowNs - keepAliveNs >= timeouts.ns(SESSION_KEEP_ALIVE)) {
            keepAliveNs = nowNs;
            cluster.sendKeepAlive();
            workCount++;
        }
        if (nowNs - heardNs >= DRIVER_CHECK_NS && isDriverReplaced(nowNs)) {
            drop("the media driver was started again", nowNs);
            closeAeron();
        } else if (nowNs - heardNs >= timeouts.ns(SESSION_SILENCE)) {
            drop("nothing was heard from the cluster for " + timeouts.ms(SESSION_SILENCE) + " ms", nowNs);
        }
        return workCount;
    }

    private int pollConnecting(final long nowNs) {
        if (aeron.isClosed() || isDriverReplaced(nowNs)) {
            drop("the media driver is gone", nowNs);
            closeAeron();
            return 1;
        }
        conductor.invoke();
        final AeronCluster.AsyncConnect.State before = connecting.state();
        cluster = connecting.poll();
        if (cluster != null) {
            connecting = null;
            attempt = 0;
            heardNs = nowNs;
            polledNs = nowNs;
            keepAliveNs = nowNs;
            isConnected = true;
            state = "connected to member " + cluster.leaderMemberId();
            handler.onConnected();
            return 1;
        }
        return before == connecting.state() ? 0 : 1;
    }

    private void startConnecting(final long nowNs) {
        isDropWanted = false;
        attempt++;
        nextAttemptNs = nowNs + timeouts.reconnectDelayNs(attempt);
        if (aeron != null && (aeron.isClosed() || isDriverReplaced(nowNs))) {
            closeAeron();
        }
        if (aeron == null) {
            final File directory = new File(ctx.aeronDirectoryName());
            if (!CommonContext.isDriverActive(directory, timeouts.ms(DRIVER), text -> {})) {
                state = "no media driver runs in " + directory;
                return;
            }
            cncFileKey = cncFileKey();
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(ctx.aeronDirectoryName())
                    .clientName(ctx.name())
                    .driverTimeoutMs(timeouts.ms(DRIVER))
                    .keepAliveIntervalNs(timeouts.ns(DRIVER_KEEP_ALIVE))
                    .useConductorAgentInvoker(true)
                    .errorHandler(ctx.errorHandler())
                    .subscriberErrorHandler(ctx.errorHandler()));
            conductor = aeron.conductorAgentInvoker();
        }
        state = "connecting, attempt " + attempt;
        final boolean isIpc = ctx.ingressEndpoints() == null;
        connecting = AeronCluster.asyncConnect(new AeronCluster.Context()
                .aeron(aeron)
                .ownsAeronClient(false)
                .clientName(ctx.name())
                .ingressChannel(isIpc ? "aeron:ipc?" + TERM_LENGTH : "aeron:udp?" + TERM_LENGTH)
                .ingressEndpoints(ctx.ingressEndpoints())
                .isIngressExclusive(true)
                .egressChannel(ctx.egressChannel())
                .egressStreamId(FIRST_EGRESS_STREAM + random.nextInt(1 << 30))
                .messageTimeoutNs(timeouts.ns(CONNECT))
                .idleStrategy(ctx.runProfile().idleStrategy())
                .errorHandler(ctx.errorHandler())
                .egressListener(this));
    }

    private void drop(final String reason, final long nowNs) {
        final boolean wasConnected = isConnected;
        isConnected = false;
        state = reason + ", trying again";
        CloseHelper.close(ctx.errorHandler(), connecting);
        connecting = null;
        CloseHelper.close(ctx.errorHandler(), cluster);
        cluster = null;
        if (wasConnected) {
            attempt = 0;
            nextAttemptNs = nowNs + timeouts.reconnectDelayNs(0);
        }
        if (aeron != null && aeron.isClosed()) {
            closeAeron();
        }
        if (wasConnected) {
            handler.onDisconnected();
        }
    }

    private void closeAeron() {
        CloseHelper.close(ctx.errorHandler(), aeron);
        aeron = null;
        conductor = null;
    }

    /** A driver killed and started again makes a new file, long before its clients could notice that the old one is silent. */
    private boolean isDriverReplaced(final long nowNs) {
        if (nowNs - driverCheckNs < DRIVER_CHECK_NS) {
            return false;
        }
        driverCheckNs = nowNs;
        final Object key = cncFileKey();
        return key != null && !key.equals(cncFileKey);
    }

    private Object cncFileKey() {
        try {
            return Files.readAttributes(cncFile, BasicFileAttributes.class).fileKey();
        } catch (final IOException ex) {
            return null;
        }
    }

    void close() {
        isConnected = false;
        state = "closed";
        CloseHelper.close(ctx.errorHandler(), connecting);
        connecting = null;
        CloseHelper.close(ctx.errorHandler(), cluster);
        cluster = null;
        closeAeron();
    }

    @Override
    public void onMessage(
            final long clusterSessionId,
            final long timestamp,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Header header) {
        heardNs = nanoClock.nanoTime();
        handler.onMessage(buffer, offset, length);
    }

    @Override
    public void onSessionEvent(
            final long correlationId,
            final long clusterSessionId,
            final long leadershipTermId,
            final int leaderMemberId,
            final EventCode code,
            final String detail) {
        heardNs = nanoClock.nanoTime();
        if (code == EventCode.CLOSED || code == EventCode.ERROR) {
            isDropWanted = true;
        }
    }

    @Override
    public void onNewLeader(
            final long clusterSessionId,
            final long leadershipTermId,
            final int leaderMemberId,
            final String ingressEndpoints) {
        heardNs = nanoClock.nanoTime();
        state = "connected to member " + leaderMemberId;
        handler.onNewLeader();
    }
}
