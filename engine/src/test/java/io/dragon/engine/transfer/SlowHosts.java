package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.PieceDecoder;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Hosts whose links carry so many bytes a second and hold so many on their way, without a network, in a time that is the test's: a minute passes in a
 * second. Ids are 1, 2, 3.
 */
final class SlowHosts implements AutoCloseable {
    private static final long STEP_NS = 500_000;
    private static final int LONGEST_PIECE = 8 * 1024 - Transport.PIECE_HEAD_LENGTH;

    final Host[] all;
    long nowNs = 1_000_000_000L;
    private final long bytesPerSecond;
    private final int window;

    SlowHosts(final int count, final long bytesPerSecond, final int window, final Consumer<TransferContext> setting) {
        this.bytesPerSecond = bytesPerSecond;
        this.window = window;
        all = new Host[count];
        for (int i = 0; i < count; i++) {
            all[i] = new Host(i + 1, setting);
        }
        for (final Host host : all) {
            for (final Host other : all) {
                if (host != other) {
                    host.own.routes.node(other.own.nodeId, other.own.nodeId);
                }
            }
        }
    }

    Host host(final int nodeId) {
        return all[nodeId - 1];
    }

    /** Time passes until the condition holds. */
    void await(final long mostNs, final BooleanSupplier condition) {
        final long beganNs = nowNs;
        while (!condition.getAsBoolean()) {
            assertTrue(nowNs - beganNs < mostNs, "waited for " + mostNs / 1_000_000 + " ms");
            pass(STEP_NS);
        }
    }

    void pass(final long ns) {
        for (final long untilNs = nowNs + ns; nowNs - untilNs < 0; nowNs += STEP_NS) {
            for (final Host host : all) {
                host.doWork();
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(all);
    }

    /** What became of a frame that was asked for. */
    static final class Wanted implements FetchWaiter {
        final FrameRef ref;
        boolean isHere;
        FetchOutcome failure;
        String text;

        private final Host by;

        Wanted(final Host by, final FrameRef ref) {
            this.by = by;
            this.ref = ref;
        }

        /** It is not wanted any more. */
        void leave() {
            if (!isDone()) {
                by.core.fetches.leave(by.core.fetches.of(ref), this);
            }
        }

        boolean isDone() {
            return isHere || failure != null;
        }

        @Override
        public void onFetched(final FrameRef local) {
            assertFalse(isDone(), "told twice");
            isHere = true;
            Hosts.check(
                    by.own, local, ref.length(), 0, by.own.reader.acquire(local, by.lease) == 0 ? by.lease.step() : 0);
            by.lease.release();
        }

        @Override
        public void onFailed(final FetchOutcome outcome, final String why) {
            assertFalse(isDone(), "told twice");
            failure = outcome;
            text = why;
        }

        @Override
        public String toString() {
            return isHere ? "here" : failure + " " + text;
        }
    }

    /** A host: an agent's parts, without a media driver. */
    final class Host implements AutoCloseable {
        final TransferHost own;
        final TransferCore core;
        final Inbox inbox;
        final TransferCounters counters = new TransferCounters();
        final Links links = new Links(this);
        private final FrameLease lease = new FrameLease();
        /** Nothing reaches it. */
        boolean isDown;

        /** Its new lanes are connected, and take nothing yet. */
        long takesNothingForNs;

        Host(final int nodeId, final Consumer<TransferContext> setting) {
            own = new TransferHost(nodeId, nodeId);
            own.ctx.nanoClock(() -> nowNs).poolMaker(Runnable::run).compression(Compression.OFF);
            setting.accept(own.ctx);
            core = new TransferCore(own.ctx.conclude(), counters, new ConcurrentHashMap<>());
            core.transport = links;
            core.fetches.longestPiece(LONGEST_PIECE);
            inbox = new Inbox(core);
        }

        void doWork() {
            core.nowNs(nowNs);
            links.poll(inbox, nowNs);
            core.pools.doWork(nowNs);
            core.fetches.doWork(nowNs);
            core.servings.doWork(nowNs);
            core.watches.doWork(nowNs);
            core.mirrors.doWork(nowNs);
            core.workPeers();
        }

        Wanted fetch(final FrameRef ref, final int nodeId) {
            final Wanted wanted = new Wanted(this, ref);
            core.fetches.fetch(ref, nodeId, core.pools, wanted);
            return wanted;
        }

        List<Wanted> fetchAll(final List<FrameRef> refs, final int nodeId) {
            final List<Wanted> all = new ArrayList<>();
            refs.forEach(ref -> all.add(fetch(ref, nodeId)));
            return all;
        }

        /** Frames of this host, each of a pool of its own size. */
        List<FrameRef> publish(final int count, final int length) {
            final var pool = own.pool(count, length, 0);
            final List<FrameRef> refs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                refs.add(TransferHost.publish(pool, length, 0, i + 1));
            }
            return refs;
        }

        @Override
        public void close() {
            core.close();
            own.close();
        }
    }

    /** The links of a host. */
    private final class Links implements Transport {
        private final Host host;
        private final List<Link> in = new ArrayList<>();

        Links(final Host host) {
            this.host = host;
        }

        @Override
        public Lane open(final String address, final int port) {
            final Link link = new Link(host, host(port));
            host(port).links.in.add(link);
            return link;
        }

        @Override
        public int poll(final InletHandler handler, final long now) {
            for (int i = 0; i < in.size(); i++) {
                final Link link = in.get(i);
                link.deliver(handler);
                if (link.isClosed && link.onItsWay.isEmpty()) {
                    in.remove(i--);
                    if (link.isOpened) {
                        handler.onClosed(link.inlet);
                    }
                }
            }
            return 0;
        }

        @Override
        public int longestPiece() {
            return LONGEST_PIECE;
        }

        @Override
        public void close() {}
    }

    private record Message(byte[] bytes, long dueNs) {}

    /** One way from a host to another. */
    private final class Link extends LaneInMemory {
        final Inlet inlet;
        final ArrayDeque<Message> onItsWay = new ArrayDeque<>();
        boolean isOpened;
        private final Host to;
        private final long takesFromNs;
        private final MessageHeaderDecoder header = new MessageHeaderDecoder();
        private long freeNs;
        private int held;
        /** What it has begun with and not taken; nothing else may come before. */
        private byte[] begun;

        Link(final Host from, final Host to) {
            super(LONGEST_PIECE, LONGEST_PIECE, true);
            this.to = to;
            inlet = new Inlet("host" + from.own.nodeId);
            takesFromNs = nowNs + from.takesNothingForNs;
        }

        void deliver(final InletHandler handler) {
            if (!isOpened && !to.isDown) {
                isOpened = true;
                handler.onOpened(inlet);
            }
            while (!onItsWay.isEmpty() && onItsWay.peek().dueNs - nowNs <= 0) {
                final byte[] bytes = onItsWay.poll().bytes;
                held -= bytes.length;
                if (!to.isDown) {
                    deliver(new UnsafeBuffer(bytes), bytes.length, handler);
                }
            }
        }

        private void deliver(final DirectBuffer bytes, final int length, final InletHandler handler) {
            if (header.wrap(bytes, 0).templateId() != PieceDecoder.TEMPLATE_ID) {
                handler.onMessage(inlet, bytes, 0, length);
                return;
            }
            final int payload = length - Transport.PIECE_HEAD_LENGTH;
            inlet.target().discard();
            handler.onPieceBegins(inlet, bytes, 0, Transport.PIECE_HEAD_LENGTH, payload);
            final ByteBuffer target = inlet.target().bytes();
            if (target != null) {
                bytes.getBytes(
                        Transport.PIECE_HEAD_LENGTH, target, inlet.target().index(), payload);
                handler.onPieceArrived(inlet);
            }
        }

        private int take(final byte[] bytes) {
            if (isClosed || !isConnected()) {
                return isClosed ? CLOSED : NOT_CONNECTED;
            }
            if (nowNs - takesFromNs < 0 || held + bytes.length > window) {
                return BACK_PRESSURED;
            }
            freeNs = Math.max(freeNs, nowNs) + bytes.length * 1_000_000_000L / bytesPerSecond;
            held += bytes.length;
            onItsWay.add(new Message(bytes, freeNs));
            return 1;
        }

        @Override
        public int send(final DirectBuffer buffer, final int offset, final int length) {
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            assertFalse(begun != null && isConnected(), "a piece has begun");
            return take(bytes);
        }

        @Override
        public int sendPiece(
                final DirectBuffer head,
                final int headOffset,
                final int headLength,
                final FrameSource source,
                final int offset,
                final int length) {
            final byte[] bytes = new byte[headLength + length];
            head.getBytes(headOffset, bytes, 0, headLength);
            source.buffer().getBytes(offset, bytes, headLength, length);
            if (begun != null) {
                assertArrayEquals(begun, bytes);
            }
            final int result = take(bytes);
            begun = result == BACK_PRESSURED ? bytes : null;
            return result;
        }

        @Override
        public boolean isConnected() {
            return !to.isDown && !isClosed;
        }
    }
}
