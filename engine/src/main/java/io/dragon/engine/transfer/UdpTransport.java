package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import java.util.ArrayList;
import org.agrona.BitUtil;
import org.agrona.CloseHelper;

/**
 * Frames over UDP by Aeron: one exclusive publication for each ordered pair of nodes, each message in a packet of its own. Aeron repeats what is
 * lost on the way and keeps the order; what it cannot see, chunks' checksums do.
 *
 * <p>The Aeron client must be worked by the thread of this transport.
 */
final class UdpTransport implements Transport {
    private static final long STRANGERS_NS = 100_000_000;
    private static final int STREAM_ID = 9877;
    /** Aeron's own header of every packet's message. */
    private static final int AERON_HEADER = 32;

    private static final long SUBSCRIBE_AGAIN_NS = 1_000_000_000;

    private final TransferContext ctx;
    private final Aeron aeron;
    private final SocketBuffers buffers;
    private final ArrayList<UdpLane> lanes = new ArrayList<>();
    private final ArrayList<UdpInlet> inlets = new ArrayList<>();
    private final ArrayList<Image> newImages = new ArrayList<>();
    private final ArrayList<Image> lostImages = new ArrayList<>();
    private long subscriptionId;
    private final KnownSources sources;
    private final ArrayList<Image> strangers = new ArrayList<>();
    private Subscription subscription;
    private long subscribeAgainNs;
    private long strangersNs;
    private boolean isClosed;

    UdpTransport(final TransferContext ctx, final Aeron aeron) {
        this.ctx = ctx;
        this.aeron = aeron;
        sources = new KnownSources(ctx);
        strangersNs = ctx.nanoClock().nanoTime();
        buffers = SocketBuffers.of(ctx.window());
        if (buffers.advice() != null) {
            ctx.log().accept(buffers.advice());
        }
        subscribe();
    }

    private void subscribe() {
        final String channel = new ChannelUriStringBuilder()
                .media(CommonContext.UDP_MEDIA)
                .endpoint(host(ctx.bindAddress()) + ":" + ctx.port())
                .socketRcvbufLength(buffers.receiveBuffer())
                .socketSndbufLength(buffers.sendBuffer())
                .receiverWindowLength(buffers.window())
                .build();
        subscriptionId = aeron.asyncAddSubscription(channel, STREAM_ID, newImages::add, lostImages::add);
    }

    private static String host(final String address) {
        return address.indexOf(':') < 0 ? address : "[" + address + "]";
    }

    @Override
    public Lane open(final String address, final int port) {
        return open(address, port, ctx.mtu());
    }

    @Override
    public Lane open(final String address, final int port, final int mtu) {
        final String channel = new ChannelUriStringBuilder()
                .media(CommonContext.UDP_MEDIA)
                .endpoint(host(address) + ":" + port)
                .mtu(mtu)
                .termLength(BitUtil.findNextPositivePowerOfTwo(2 * buffers.window()))
                .socketSndbufLength(buffers.sendBuffer())
                .socketRcvbufLength(buffers.receiveBuffer())
                .build();
        final UdpLane lane =
                new UdpLane(aeron, aeron.asyncAddExclusivePublication(channel, STREAM_ID), mtu - AERON_HEADER);
        lanes.add(lane);
        return lane;
    }

    @Override
    public int poll(final InletHandler handler, final long nowNs) {
        int workCount = look(nowNs);
        for (int i = lanes.size() - 1; i >= 0; i--) {
            final UdpLane lane = lanes.get(i);
            if (lane.isClosed()) {
                lanes.remove(i);
            } else if (!lane.isOpened()) {
                connect(lane);
            }
        }
        workCount += comeAndGo(handler);
        lookAtStrangers(handler, nowNs);
        for (int i = 0; i < inlets.size(); i++) {
            workCount += inlets.get(i).poll();
        }
        return workCount;
    }

    private int look(final long nowNs) {
        if (subscription != null) {
            return 0;
        }
        try {
            if (subscribeAgainNs == 0) {
                subscription = aeron.getSubscription(subscriptionId);
            } else if (nowNs - subscribeAgainNs >= 0) {
                subscribeAgainNs = 0;
                subscribe();
            }
        } catch (final AeronException e) {
            subscribeAgainNs = nowNs + SUBSCRIBE_AGAIN_NS;
            ctx.errorHandler().onError(e);
        }
        return subscription == null ? 0 : 1;
    }

    private void connect(final UdpLane lane) {
        try {
            final ExclusivePublication publication = aeron.getExclusivePublication(lane.publicationId());
            if (publication != null) {
                lane.opened(publication);
            }
        } catch (final AeronException e) {
            ctx.errorHandler().onError(e);
            lane.close();
        }
    }

    private void open(final Image image, final InletHandler handler) {
        final UdpInlet inlet = new UdpInlet(image, handler, ctx.unhurried());
        inlets.add(inlet);
        handler.onOpened(inlet.inlet());
    }

    /** Nothing is read of what strangers send, so that they come to a stop; one may turn out to be a node that is new. */
    private void lookAtStrangers(final InletHandler handler, final long nowNs) {
        if (!strangers.isEmpty() && nowNs - strangersNs >= STRANGERS_NS) {
            strangersNs = nowNs;
            for (int i = strangers.size() - 1; i >= 0; i--) {
                if (sources.isKnown(strangers.get(i).sourceIdentity())) {
                    open(strangers.remove(i), handler);
                }
            }
        }
    }

    private int comeAndGo(final InletHandler handler) {
        final int workCount = newImages.size() + lostImages.size();
        if (workCount == 0) {
            return 0;
        }
        for (final Image image : newImages) {
            if (sources.isKnown(image.sourceIdentity())) {
                open(image, handler);
            } else {
                strangers.add(image);
                handler.onMalformed(image.sourceIdentity());
            }
        }
        newImages.clear();
        for (final Image image : lostImages) {
            strangers.remove(image);
            for (int i = inlets.size() - 1; i >= 0; i--) {
                if (inlets.get(i).image() == image) {
                    handler.onClosed(inlets.remove(i).inlet());
                }
            }
        }
        lostImages.clear();
        return workCount;
    }

    @Override
    public int longestPiece() {
        return ctx.mtu() - AERON_HEADER - PIECE_HEAD_LENGTH;
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            lanes.forEach(UdpLane::close);
            CloseHelper.close(ctx.errorHandler(), subscription);
        }
    }
}
