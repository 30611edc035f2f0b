package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.CONNECT;
import static io.dragon.engine.config.Timeouts.Key.DRIVER;
import static io.dragon.engine.config.Timeouts.Key.DRIVER_KEEP_ALIVE;
import static io.dragon.engine.config.Timeouts.Key.LOCK_PROBE;
import static io.dragon.engine.config.Timeouts.Key.SESSION_KEEP_ALIVE;
import static io.dragon.engine.config.Timeouts.Key.SESSION_PROBE;
import static io.dragon.engine.config.Timeouts.Key.SESSION_SILENCE;

import io.aeron.Aeron;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.cluster.codecs.AdminRequestType;
import io.aeron.cluster.codecs.AdminResponseCode;
import io.aeron.cluster.codecs.EventCode;
import io.aeron.exceptions.DriverTimeoutException;
import io.aeron.exceptions.TimeoutException;
import io.aeron.logbuffer.Header;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.status.CountersReader;

/**
 * One Aeron Cluster client and the Aeron client under it, built again whenever either ends. Nothing here blocks for longer than
 * mapping a file takes: a connection is made step by step in {@link #poll}.
 *
 * <pre>
 *               driver there                   member answers
 *   NO DRIVER ----------------&gt; CONNECTING ----------------------&gt; CONNECTED
 *       ^   ^                    |   ^  |                              |
 *       |   '---- driver lost ---'   '--' after 0, 1, 2, 4, 8 s,       | cluster lost: CONNECTING at once
 *       |                                 then every 30 s              |
 *       '-------------------------- driver lost -----------------------'
 * </pre>
 */
final class ClusterConnection implements EgressListener {
    /** What a connection reports; on the session's thread. */
    interface Handler {
        void onConnected();

        void onDisconnected();

        /** The driver was lost: before the {@link #onDisconnected()} that it brings about, where there was a connection. */
        void onDriverLost(DriverWatch.Loss loss, long detectedMs);

        void onNewLeader();

        void onMessage(DirectBuffer buffer, int offset, int length);

        /** An answer of the leader itself; the refusal is null when it does what it was asked. */
        void onAdminResponse(long correlationId, String refusal);
    }

    /** Enough for the largest burst of commands, small enough that thousands of sessions fit into memory. */
    private static final String TERM_LENGTH = "term-length=256k";

    /** Above every stream that Aeron Cluster uses for itself. */
    private static final int FIRST_EGRESS_STREAM = 1 << 24;

    /** A cycle that comes later than this was late itself: what it has not heard proves nothing. */
    private static final long LATE_NS = 1_000_000_000;

    /**
     * How long the first ask for a session waits for its answer; the next ones twice as long each. In an election a member loses the ask, or
     * names the leader that has died: who asked then and waited on would miss the new one for as long.
     */
    private static final long ASK_NS = 1_000_000_000;

    /** How often a driver that is not there is looked for, and a single master that does not answer. */
    private static final long LOOK_NS = 100_000_000;

    private final SecureRandom random = new SecureRandom();
    private final ClusterSession.Context ctx;
    private final Timeouts timeouts;
    private final Handler handler;
    private final NanoClock nanoClock;
    private final DriverWatch driver;
    private final MasterWay way;
    private final LocalMaster localMaster;
    private final ConnectionWords words;
    private Aeron aeron;
    private AgentInvoker conductor;
    private AeronCluster.AsyncConnect connecting;
    private AeronCluster cluster;
    private int attempt;
    private long askedNs;
    private long patienceNs;
    private long nextAttemptNs;
    private long keepAliveNs;
    private long driverCheckNs;
    private long lookedNs;
    private long heardNs;
    private long polledNs;
    private boolean isDropWanted;
    private boolean isDriverSilent;
    private boolean isSilenceTold;
    private volatile boolean isConnected;

    ClusterConnection(final ClusterSession.Context ctx, final Handler handler) {
        this.ctx = ctx;
        this.handler = handler;
        timeouts = ctx.timeouts();
        nanoClock = ctx.nanoClock();
        localMaster = new LocalMaster(ctx.ingressEndpoints() == null);
        driver = new DriverWatch(Path.of(ctx.aeronDirectoryName()), timeouts);
        way = new MasterWay(ctx);
        words = new ConnectionWords(timeouts, ctx.errorHandler());
        nextAttemptNs = nanoClock.nanoTime();
        polledNs = nextAttemptNs;
    }

    boolean isConnected() {
        return isConnected;
    }

    String state() {
        return words.state();
    }

    Aeron aeron() {
        return aeron;
    }

    /** Where the masters are reached over UDP; null for IPC. */
    String ingressEndpoints() {
        return way.endpoints();
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
        final boolean isLate = nowNs - polledNs >= LATE_NS;
        polledNs = nowNs;
        try {
            if (cluster != null) {
                workCount = pollCluster(isLate, nowNs);
            } else if (connecting != null) {
                workCount = pollConnecting(nowNs);
            } else if (nowNs - nextAttemptNs >= 0) {
                startConnecting(nowNs);
                workCount = 1;
            } else if (aeron != null) {
                workCount = pollWaiting(nowNs);
            }
        } catch (final RuntimeException ex) {
            onFailure(ex, isLate, nowNs);
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

    /** Asks the leader to take a snapshot: true when Aeron has taken the question. */
    boolean requestSnapshot(final long correlationId) {
        return cluster != null && !cluster.isClosed() && cluster.sendAdminRequestToTakeASnapshot(correlationId);
    }

    private int pollCluster(final boolean isLate, final long nowNs) {
        if (isLate) {
            heardNs = nowNs; // it was we who did not listen
        }
        int workCount = conductor.invoke();
        if (!aeron.isClosed()) {
            workCount += cluster.pollEgress();
        }
        if (isDriverLost(nowNs, heardNs)) {
            return workCount + 1;
        }
        if (aeron.isClosed() || cluster.isClosed() || isDropWanted) {
            drop(aeron.isClosed() ? "Aeron's client was given up by its driver" : "the masters are gone", nowNs);
            return workCount + 1;
        }
        if (nowNs - keepAliveNs >= timeouts.ns(SESSION_KEEP_ALIVE)) {
            keepAliveNs = nowNs;
            cluster.sendKeepAlive();
            workCount++;
        }
        if (nowNs - heardNs >= timeouts.ns(SESSION_SILENCE)) {
            onSilence(nowNs);
        } else if (nowNs - heardNs < timeouts.ns(SESSION_PROBE) * 3 / 2) {
            way.onHeard();
        } else if (way.hasAnother()) {
            drop("the masters are heard by another network", nowNs);
            workCount++;
        }
        return workCount;
    }

    /** A driver that is only stopped holds its lock: without a sign of life from it the silence is its own, and not that of the masters. */
    private void onSilence(final long nowNs) {
        final long driverSilentMs = silentMs();
        if (driverSilentMs >= timeouts.ms(SESSION_SILENCE) / 2) {
            tellLoss(DriverWatch.Loss.SILENT, driverSilentMs);
            drop(DriverWatch.Loss.SILENT.text(), nowNs);
        } else {
            drop("no master was heard for " + timeouts.ms(SESSION_SILENCE) + " ms", nowNs);
        }
    }

    /** Once for each outage, where it is the same loss that is noticed again. */
    private void tellLoss(final DriverWatch.Loss loss, final long detectedMs) {
        if (loss != DriverWatch.Loss.SILENT || !isSilenceTold) {
            handler.onDriverLost(loss, detectedMs);
        }
        isSilenceTold |= loss == DriverWatch.Loss.SILENT;
    }

    private int pollConnecting(final long nowNs) {
        conductor.invoke();
        if (isDriverLost(nowNs, driverCheckNs)) {
            return 1;
        }
        if (way.isNew()) {
            stopConnecting();
            startAnew(nowNs);
            return 1;
        }
        final AeronCluster.AsyncConnect.State before = connecting.state();
        cluster = connecting.poll();
        if (cluster != null) {
            connecting = null;
            attempt = 0;
            way.onConnected();
            isSilenceTold = false;
            heardNs = nowNs;
            keepAliveNs = nowNs;
            isConnected = true;
            words.onConnected(cluster.leaderMemberId());
            handler.onConnected();
            return 1;
        }
        if (patienceNs < timeouts.ns(CONNECT) && nowNs - askedNs >= patienceNs) {
            patienceNs *= 2;
            stopConnecting();
            ask(nowNs);
            return 1;
        }
        return before == connecting.state() ? 0 : 1;
    }

    /** Between two attempts: a driver or a single master that comes meanwhile is not kept waiting. */
    private int pollWaiting(final long nowNs) {
        final int workCount = conductor.invoke();
        if (isDriverLost(nowNs, driverCheckNs)) {
            return 1;
        }
        final boolean isLookDue = nowNs - lookedNs >= LOOK_NS;
        lookedNs = isLookDue ? nowNs : lookedNs;
        if (isLookDue && localMaster.isNew(aeron) || way.isNew()) {
            // from the beginning: one that comes slowly is not asked once and then left alone again
            startAnew(nowNs);
            return 1;
        }
        return workCount;
    }

    /** The schedule of attempts begins from its beginning. */
    private void startAnew(final long atNs) {
        attempt = 0;
        nextAttemptNs = atNs;
    }

    private void stopConnecting() {
        CloseHelper.close(ctx.errorHandler(), connecting);
        connecting = null;
    }

    private void startConnecting(final long nowNs) {
        isDropWanted = false;
        if (aeron != null && aeron.isClosed()) {
            closeAeron();
        }
        if (aeron == null && !driver.isThere()) {
            startAnew(nowNs + LOOK_NS);
            way.lookAhead();
            words.onNoDriver(driver.absence());
            return;
        }
        attempt++;
        nextAttemptNs = nowNs + timeouts.reconnectDelayNs(attempt);
        if (aeron == null) {
            openAeron(nowNs);
        }
        localMaster.look(aeron);
        if (!way.choose(localMaster.isThere())) {
            startAnew(nowNs + LOOK_NS);
            words.state(way.state());
            return;
        }
        patienceNs = way.isIpc() ? timeouts.ns(CONNECT) : ASK_NS;
        words.onAttempt(attempt);
        ask(nowNs);
    }

    private void ask(final long nowNs) {
        askedNs = nowNs;
        connecting = AeronCluster.asyncConnect(new AeronCluster.Context()
                .aeron(aeron)
                .ownsAeronClient(false)
                .clientName(ctx.name())
                .ingressChannel(way.isIpc() ? "aeron:ipc?" + TERM_LENGTH : "aeron:udp?" + TERM_LENGTH)
                .ingressEndpoints(way.endpoints())
                .isIngressExclusive(true)
                .egressChannel(egressChannel())
                .egressStreamId(FIRST_EGRESS_STREAM + random.nextInt(1 << 30))
                .messageTimeoutNs(timeouts.ns(CONNECT))
                .newLeaderTimeoutNs(timeouts.ns(SESSION_SILENCE))
                .idleStrategy(ctx.runProfile().idleStrategy())
                .errorHandler(ctx.errorHandler())
                .egressListener(this));
    }

    private void openAeron(final long nowNs) {
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(ctx.aeronDirectoryName())
                .clientName(ctx.name())
                .driverTimeoutMs(timeouts.ms(DRIVER))
                .keepAliveIntervalNs(timeouts.ns(DRIVER_KEEP_ALIVE))
                .useConductorAgentInvoker(true)
                .errorHandler(this::onAeronError)
                .subscriberErrorHandler(ctx.errorHandler()));
        conductor = aeron.conductorAgentInvoker();
        driverCheckNs = nowNs;
    }

    /** Looks after the driver when it is time, and not while something is heard; true when it was lost, and all is cleared away. */
    private boolean isDriverLost(final long nowNs, final long lastHeardNs) {
        final long probeNs = timeouts.ns(LOCK_PROBE);
        DriverWatch.Loss loss = null;
        if (ctx.isDriverWatched() && nowNs - driverCheckNs >= probeNs && nowNs - lastHeardNs >= probeNs) {
            driverCheckNs = nowNs;
            loss = driver.loss();
        }
        if (loss == null && isDriverSilent) {
            loss = DriverWatch.Loss.SILENT;
        }
        if (loss == null) {
            return false;
        }
        tellLoss(loss, silentMs());
        drop(loss.text(), nowNs);
        startAnew(nowNs);
        return true;
    }

    /** For how long the driver had not said that it lives; -1 when that cannot be known. */
    private long silentMs() {
        if (aeron.isClosed()) {
            return isDriverSilent ? timeouts.ms(DRIVER) : -1;
        }
        final long heartbeatMs = aeron.context().toDriverBuffer().consumerHeartbeatTime();
        return heartbeatMs < 0 ? -1 : Math.max(0, ctx.epochClock().time() - heartbeatMs);
    }

    /** An end of Aeron's client that is the driver's: where it is only stopped, no lock tells. */
    private void onAeronError(final Throwable error) {
        if (error instanceof DriverTimeoutException) {
            isDriverSilent = true;
        }
        words.onError(error, isConnected);
    }

    private void onFailure(final RuntimeException error, final boolean isLate, final long nowNs) {
        words.onError(error, isConnected);
        final boolean isNoAnswer = cluster == null && error instanceof TimeoutException && aeron != null;
        if (isNoAnswer && !aeron.isClosed()) {
            stopConnecting();
            words.onNoAnswer();
            if (isLate) { // perhaps one did, and it was we who did not listen
                attempt--;
                nextAttemptNs = nowNs;
            }
        } else {
            drop(error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage(), nowNs);
        }
    }

    /** Asked anew for every attempt: the way to the masters may have changed. */
    private String egressChannel() {
        if (ctx.egressChannel() != null) {
            return ctx.egressChannel();
        }
        return way.isIpc() ? "aeron:ipc" : MasterAddresses.egressChannel(way.endpoints());
    }

    private void drop(final String reason, final long nowNs) {
        final boolean wasConnected = isConnected;
        isConnected = false;
        words.onDropped(reason);
        stopConnecting();
        CloseHelper.close(ctx.errorHandler(), cluster);
        cluster = null;
        // Not kept for the next attempt: one that was stopped for too long still has to find out that it has ended.
        closeAeron();
        if (wasConnected) {
            startAnew(nowNs + timeouts.reconnectDelayNs(0));
            way.onLost();
            handler.onDisconnected();
        }
    }

    private void closeAeron() {
        isDriverSilent = false;
        CloseHelper.close(ctx.errorHandler(), aeron);
        aeron = null;
        conductor = null;
    }

    void close() {
        isConnected = false;
        words.state("closed");
        way.close();
        stopConnecting();
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
        words.onLeader(leaderMemberId);
        handler.onNewLeader();
    }

    @Override
    public void onAdminResponse(
            final long clusterSessionId,
            final long correlationId,
            final AdminRequestType requestType,
            final AdminResponseCode responseCode,
            final String message,
            final DirectBuffer payload,
            final int payloadOffset,
            final int payloadLength) {
        heardNs = nanoClock.nanoTime();
        handler.onAdminResponse(
                correlationId,
                switch (responseCode) {
                    case OK -> null;
                    case UNAUTHORISED_ACCESS -> "the masters do not allow it";
                    default -> "another one is being taken, or the leader is about to end";
                });
    }
}
