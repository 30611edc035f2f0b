package io.dragon.benchmarks;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.dragon.codecs.frame.FetchDoneEncoder;
import io.dragon.codecs.frame.FetchEncoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.Compression;
import io.dragon.engine.transfer.RouteView;
import io.dragon.engine.transfer.TransferAgent;
import io.dragon.engine.transfer.TransferContext;
import io.dragon.engine.transfer.TransportKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Two transfer agents, as on two hosts: what a program sees that asks for frames of the other host, always one ahead. Everything is
 * in it that the bare pumps leave out: requests over shared memory, leases, slots of the receive pool, the checksums of chunks and frames.
 */
final class AgentPump extends MeasuredPump {
    private static final int REPLY_STREAM = 4_711;
    private static final int SOURCE_NODE = 1;
    private static final int TARGET_NODE = 2;
    private static final int AHEAD = 2;
    private static final long TIMEOUT_NS = 60_000_000_000L;
    private static final long REST_NS = 20_000_000;

    private final Compression compression;
    private final Aeron aeron;
    private final IdleStrategy idle;
    private final Host source;
    private final Host target;
    private final FramePool frames;
    private final FrameClaim claim = new FrameClaim();
    private final FrameRef ref = new FrameRef();
    private final FrameReader reader;
    private final FrameLease lease = new FrameLease();
    private final ExclusivePublication requests;
    private final Subscription answers;
    private final UnsafeBuffer message = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final MessageHeaderDecoder headerDecoder = new MessageHeaderDecoder();
    private final FetchEncoder fetch = new FetchEncoder();
    private final FetchDoneEncoder done = new FetchDoneEncoder();
    private final FetchedDecoder fetched = new FetchedDecoder();
    private final FragmentHandler handler = (buffer, offset, length, header) -> onAnswer(buffer, offset);
    private final long[] open = new long[AHEAD];
    private final FrameRef[] held = new FrameRef[AHEAD];
    private long asked;
    private long answered;

    /** One of the two hosts. It rests while it is another pump's turn, so that it takes nothing from that. */
    private static final class Host implements IdleStrategy {
        final TransferAgent agent;
        final AgentRunner runner;
        volatile boolean isResting;
        volatile long threadId;
        private final IdleStrategy idle;

        Host(final TransferContext ctx, final IdleStrategy idle) {
            this.idle = idle;
            agent = new TransferAgent(ctx);
            runner = new AgentRunner(this, Throwable::printStackTrace, null, agent);
            AgentRunner.startOnThread(runner, work -> {
                final Thread thread = new Thread(work, "transfer");
                thread.setDaemon(true);
                threadId = thread.getId();
                return thread;
            });
        }

        @Override
        public void idle(final int workCount) {
            if (isResting) {
                LockSupport.parkNanos(REST_NS);
            } else {
                idle.idle(workCount);
            }
        }

        @Override
        public void idle() {
            idle(0);
        }

        @Override
        public void reset() {
            idle.reset();
        }

        void rest(final boolean rest) {
            isResting = rest;
            if (!rest) {
                LockSupport.unpark(runner.thread());
            }
        }

        long processorNs() {
            return PumpThread.processorNs(threadId);
        }

        long allocated() {
            return PumpThread.allocated(threadId);
        }
    }

    /** Two hosts that know each other. */
    private record Routes(long poolId, int sourcePort, int targetPort) implements RouteView {
        @Override
        public int nodeOf(final long pool) {
            return pool == poolId ? SOURCE_NODE : NOWHERE;
        }

        @Override
        public int nextHop(final int nodeId) {
            return nodeId;
        }

        @Override
        public boolean isDead(final int nodeId) {
            return false;
        }

        @Override
        public String address(final int nodeId) {
            return "127.0.0.1";
        }

        @Override
        public int port(final int nodeId) {
            return nodeId == SOURCE_NODE ? sourcePort : targetPort;
        }

        @Override
        public String name(final int nodeId) {
            return nodeId == SOURCE_NODE ? "source" : "target";
        }

        @Override
        public long version() {
            return 1;
        }
    }

    /**
     * Two agents.
     *
     * @param compression of what does not shrink: the frames are noise
     * @param mtu of {@code udp}
     * @param window of either transport
     */
    AgentPump(
            final TransportKind kind,
            final Compression compression,
            final Aeron aeron,
            final Path directory,
            final int slotLength,
            final int mtu,
            final int window,
            final int sourcePort,
            final Supplier<IdleStrategy> idles) {
        super(
                kind.key() + (compression == Compression.OFF ? "" : " + lz4 auto"),
                ByteBuffer.allocateDirect(slotLength));
        this.compression = compression;
        this.aeron = aeron;
        idle = idles.get();
        final DragonDirectory here =
                DragonDirectory.of(directory.resolve(sourcePort + "-source")).create();
        final DragonDirectory there =
                DragonDirectory.of(directory.resolve(sourcePort + "-target")).create();
        frames = FramePool.create(new FramePool.Context()
                .directory(here)
                .ownerName("source")
                .slotCount(AHEAD + 1)
                .slotLength(slotLength));
        fill(slotLength);
        final Routes routes = new Routes(frames.poolId(), sourcePort, sourcePort + 1);
        source = new Host(context(kind, here, routes, SOURCE_NODE, sourcePort, slotLength, mtu, window), idles.get());
        target = new Host(
                context(kind, there, routes, TARGET_NODE, sourcePort + 1, slotLength, mtu, window), idles.get());
        reader = new FrameReader(there, "pump");
        answers = aeron.addSubscription(TransferAgent.LOCAL_CHANNEL, REPLY_STREAM + sourcePort);
        requests = aeron.addExclusivePublication(TransferAgent.LOCAL_CHANNEL, sourcePort + 1);
        Arrays.setAll(held, i -> new FrameRef());
    }

    private TransferContext context(
            final TransportKind kind,
            final DragonDirectory directory,
            final RouteView routes,
            final int nodeId,
            final int port,
            final int slotLength,
            final int mtu,
            final int window) {
        return new TransferContext()
                .directory(directory)
                .aeronDirectoryName(aeron.context().aeronDirectoryName())
                .requestStreamId(port)
                .nodeId(() -> nodeId)
                .routes(routes)
                .transport(kind)
                .bindAddress("127.0.0.1")
                .port(port)
                .mtu(mtu)
                .window(window)
                .receiveMemory(Math.max(64L << 20, 5L * slotLength))
                .compression(compression)
                .errorHandler(Throwable::printStackTrace);
    }

    /** Every slot once: frames are published again without being written. */
    private void fill(final int slotLength) {
        final Random random = new Random(5);
        for (int slot = 0; slot < frames.slotCount(); slot++) {
            frames.tryClaim(claim, slotLength);
            final ByteBuffer buffer = claim.byteBuffer();
            while (buffer.remaining() >= Long.BYTES) {
                buffer.putLong(random.nextLong());
            }
            claim.publish(ref, false);
        }
    }

    @Override
    public long run(final int length, final int count) {
        source.rest(false);
        target.rest(false);
        final long before = PumpThread.allocatedHere() + source.allocated() + target.allocated();
        final long sendingBeforeNs = source.processorNs();
        final long receivingBeforeNs = target.processorNs();
        final long last = answered + count;
        final long startNs = System.nanoTime();
        while (answered < last) {
            int work = answers.poll(handler, 10);
            if (asked < last && asked - answered < AHEAD && ask(length)) {
                work++;
            }
            if (System.nanoTime() - startNs > TIMEOUT_NS) {
                throw new IllegalStateException(name() + ": no frame came for a minute; " + target.agent.state());
            }
            idle.idle(work);
        }
        final long elapsedNs = System.nanoTime() - startNs;
        measured(
                PumpThread.allocatedHere() + source.allocated() + target.allocated() - before,
                source.processorNs() - sendingBeforeNs,
                target.processorNs() - receivingBeforeNs);
        source.rest(true);
        target.rest(true);
        return elapsedNs;
    }

    private boolean ask(final int length) {
        if (frames.tryClaim(claim, length) < 0) {
            return false;
        }
        claim.publish(ref, true);
        asked++;
        final int place = placeOf(0);
        open[place] = asked;
        held[place].set(ref);
        fetch.wrapAndApplyHeader(message, 0, headerEncoder)
                .clientId(name().hashCode())
                .correlationId(asked)
                .nodeId(SOURCE_NODE)
                .replyStreamId(answers.streamId());
        fetch.frame()
                .poolId(ref.poolId())
                .sequence(ref.sequence())
                .slot(ref.slot())
                .length(ref.length());
        send(MessageHeaderEncoder.ENCODED_LENGTH + fetch.encodedLength());
        return true;
    }

    /** Where a request is kept, by its number; 0 where none is. Answers come in any order. */
    private int placeOf(final long number) {
        for (int i = 0; i < open.length; i++) {
            if (open[i] == number) {
                return i;
            }
        }
        return -1;
    }

    private void send(final int length) {
        while (requests.offer(message, 0, length) < 0) {
            idle.idle();
        }
    }

    private void onAnswer(final DirectBuffer buffer, final int offset) {
        fetched.wrapAndApplyHeader(buffer, offset, headerDecoder);
        final long correlationId = fetched.correlationId();
        final int place = placeOf(correlationId);
        if (place < 0) {
            return; // said twice
        }
        if (fetched.outcome() != FetchOutcome.HERE) {
            throw new IllegalStateException(name() + ": " + fetched.outcome() + ": " + fetched.text());
        }
        answered++;
        open[place] = 0;
        frames.release(held[place]);
        ref.set(
                fetched.frame().poolId(),
                fetched.frame().sequence(),
                (int) fetched.frame().slot(),
                (int) fetched.frame().length());
        if (reader.acquire(ref, lease) != 0) {
            throw new IllegalStateException(name() + ": the frame that came cannot be leased");
        }
        // Enough to see that it is the frame: reading all of it is the program's business, and no part of a transfer.
        target().clear().put(0, lease.byteBuffer(), 0, Math.min(lease.buffer().capacity(), 4_096));
        lease.release();
        done.wrapAndApplyHeader(message, 0, headerEncoder)
                .clientId(name().hashCode())
                .correlationId(correlationId);
        send(MessageHeaderEncoder.ENCODED_LENGTH + done.encodedLength());
    }

    @Override
    public void close() {
        reader.close();
        CloseHelper.closeAll(requests, answers, target.runner, source.runner);
        frames.deleteNow();
    }
}
