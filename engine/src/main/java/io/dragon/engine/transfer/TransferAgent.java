package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.exceptions.AeronException;
import java.io.File;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;

/**
 * Brings frames of other hosts here, and serves those of this host to others. One for each host, run by its node agent. Programs of the host
 * ask it over shared memory ({@code Fetch} of {@code frame.xml} on {@link #REQUEST_STREAM_ID}) and are each answered on a stream of their own.
 *
 * <p>Threads: {@link #doWork} and {@link #onClose} belong to the agent's thread; everything else may be called by any.
 */
public final class TransferAgent implements Agent {
    /** The channel on which programs of this host ask, and on which they are answered. */
    public static final String LOCAL_CHANNEL = "aeron:ipc?term-length=64k";

    /** The stream on which programs of this host ask. */
    public static final int REQUEST_STREAM_ID = 9877;

    private static final long CONNECT_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long DRIVER_TIMEOUT_MS = 10_000;

    private final TransferContext ctx;
    private final TransferCounters counters = new TransferCounters();
    private final ConcurrentHashMap<Integer, LinkRate> rates = new ConcurrentHashMap<>();
    private TransferCore core;
    private LocalDesk desk;
    private Inbox inbox;
    private Aeron aeron;
    private AgentInvoker conductor;
    private long connectNs;
    private long sweptNs;
    private volatile String state = "not started";

    /**
     * An agent that connects in its duty cycle.
     *
     * @param ctx how it works
     * @throws io.dragon.engine.config.DragonException when something of it is impossible, in words
     */
    public TransferAgent(final TransferContext ctx) {
        this.ctx = ctx.conclude();
        connectNs = ctx.nanoClock().nanoTime();
        sweptNs = connectNs;
    }

    @Override
    public void onStart() {
        start();
    }

    private void start() {
        if (core == null) {
            core = new TransferCore(ctx, counters, rates);
            desk = new LocalDesk(core);
            inbox = new Inbox(core);
            if (ctx.compression() != Compression.OFF) {
                // Loading the library takes long: not while frames are on their way.
                new Lz4Block();
            }
        }
    }

    /** What its parts share; null before it has started, and after its end. */
    TransferCore core() {
        return core;
    }

    @Override
    public int doWork() {
        start();
        final long nowNs = ctx.nanoClock().nanoTime();
        core.nowNs(nowNs);
        if (aeron == null) {
            return nowNs - connectNs >= 0 ? connect(nowNs) : 0;
        }
        if (aeron.isClosed()) {
            return lose(nowNs, null);
        }
        try {
            int workCount = conductor.invoke();
            workCount += core.transport.poll(inbox, nowNs);
            workCount += desk.doWork(nowNs);
            workCount += core.pools.doWork(nowNs);
            workCount += core.fetches.doWork(nowNs);
            workCount += core.servings.doWork(nowNs);
            workCount += core.watches.doWork(nowNs);
            workCount += core.mirrors.doWork(nowNs);
            workCount += core.workPeers();
            if (nowNs - sweptNs >= SWEEP_NS) {
                sweptNs = nowNs;
                core.reader.sweepIdlePools();
                core.channels.sweep();
            }
            return workCount;
        } catch (final AeronException e) {
            return lose(nowNs, e);
        }
    }

    private int connect(final long nowNs) {
        connectNs = nowNs + CONNECT_AGAIN_NS;
        final String directory = ctx.aeronDirectoryName();
        if (!CommonContext.isDriverActive(new File(directory), DRIVER_TIMEOUT_MS, text -> {})) {
            state = "waiting for a media driver in " + directory;
            return 0;
        }
        try {
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(directory)
                    .useConductorAgentInvoker(true)
                    .errorHandler(ctx.errorHandler()));
            conductor = aeron.conductorAgentInvoker();
            core.transport = ctx.transport().create(ctx, aeron);
            core.fetches.longestPiece(core.transport.longestPiece());
            desk.open(aeron);
            state = "serving frames on port " + ctx.port() + " by "
                    + ctx.transport().key();
            return 1;
        } catch (final AeronException e) {
            return lose(nowNs, e);
        }
    }

    private int lose(final long nowNs, final AeronException why) {
        if (why != null) {
            ctx.errorHandler().onError(why);
        }
        state = "waiting for another media driver";
        connectNs = nowNs + CONNECT_AGAIN_NS;
        core.dropPeers();
        desk.onDriverLost();
        inbox.closeAll();
        CloseHelper.closeAll(ctx.errorHandler(), core.transport, aeron);
        core.transport = null;
        aeron = null;
        conductor = null;
        return 1;
    }

    @Override
    public String roleName() {
        return "transfer";
    }

    @Override
    public void onClose() {
        if (core != null) {
            CloseHelper.closeAll(ctx.errorHandler(), desk, core, core.transport, aeron);
            core = null;
            aeron = null;
        }
        state = "closed";
    }

    /**
     * What it has done. Any thread.
     *
     * @return counts since it started
     */
    public TransferCounters counters() {
        return counters;
    }

    /**
     * How fast payload came from a node lately, directly. Any thread.
     *
     * @param nodeId party id of the node
     * @return bytes per second; 0 when too little came to tell
     */
    public long bytesPerSecond(final int nodeId) {
        final LinkRate rate = rates.get(nodeId);
        return rate == null ? 0 : rate.bytesPerSecond();
    }

    /**
     * How it is, in words. Any thread.
     *
     * @return one line
     */
    public String state() {
        return state;
    }
}
