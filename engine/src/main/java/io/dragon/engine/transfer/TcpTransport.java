package io.dragon.engine.transfer;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.agrona.CloseHelper;

/**
 * Frames over plain sockets: one connection for each ordered pair of nodes, made by the one that sends. Pieces go from the pool's file
 * into the socket without a copy in this process (sendfile), or are written from memory ({@link Sending}); they are read from the
 * socket straight into their slot.
 *
 * <p>A connection begins with eight bytes that say what it is. Then each message comes as its length in four bytes, and itself:
 *
 * <pre>
 *     | "DRGNFRM1" | length u32 | message header | block ... | length u32 | header | block of Piece | bytes of a frame | ...
 * </pre>
 *
 * <p>A length of 0 is no message: it says every 15 s that a connection with nothing to carry is still wanted. One that says nothing for a minute is closed.
 *
 * <p>A connection on which anything else comes, or from an address that is not allowed, is closed and reported as malformed. Nothing
 * blocks: a peer that does not read fills its own connection and no other.
 */
final class TcpTransport implements Transport {
    /** How pieces get into the socket. */
    enum Sending {
        /**
         * From the file to another host, from memory to this one. Within a host nothing is gained by sendfile: the receiver copies out of
         * pages that are in no cache, instead of what the sender has just put there, which takes 1.6 times as long (measured: 0.48 instead of
         * 0.29 ns a byte, while the sender takes 0.12 and 0.10).
         */
        BY_DISTANCE,
        FROM_FILE,
        FROM_MEMORY
    }

    /** What a connection begins with. */
    static final long GREETING = 0x314d_5246_4e47_5244L; // "DRGNFRM1"

    static final int LONGEST_PIECE = 65_536;
    static final int LENGTH_BYTES = Integer.BYTES;

    /** A length that nothing follows: the connection is still wanted. */
    static final int NOTHING = 0;

    /** Connections that may come in; more than any cluster has nodes. */
    private static final int MOST_INLETS = 1_024;

    /** Of one address, on which there may be several nodes: whoever opens more harms nobody else. */
    private static final int MOST_OF_AN_ADDRESS = 64;

    private static final int BACKLOG = 64;

    /** Asking the system which connections have something costs a call: not every time while some are known to. */
    private static final int SELECT_EVERY = 16;

    private final int window;
    private final Sending sending;
    private final Predicate<InetAddress> allowed;
    private final Selector selector;
    private final ServerSocketChannel server;
    private final SelectionKey serverKey;
    private final List<TcpLane> lanes = new ArrayList<>();
    private final List<TcpInlet> inlets = new ArrayList<>();
    private final Map<InetSocketAddress, RedialSchedule> schedules = new HashMap<>();
    private final Consumer<SelectionKey> onReady = this::onReady;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(LONGEST_PIECE).order(ByteOrder.LITTLE_ENDIAN);
    private InletHandler handler;
    private long nowNs;
    private int turn;
    private int selected;

    /**
     * A transport that listens.
     *
     * @param bindAddress on which connections are accepted
     * @param port to listen on; 0 for any
     * @param window bytes that the system keeps for each connection at each end
     * @param sending from the file or from memory
     * @param allowed who may connect
     * @throws DragonException when the port cannot be had, in words
     */
    TcpTransport(
            final String bindAddress,
            final int port,
            final int window,
            final Sending sending,
            final Predicate<InetAddress> allowed) {
        this.window = window;
        this.sending = sending;
        this.allowed = allowed;
        Selector newSelector = null;
        ServerSocketChannel newServer = null;
        try {
            newSelector = Selector.open();
            newServer = ServerSocketChannel.open();
            newServer.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            // What is accepted inherits it; set later, it would come too late for the window of the connection.
            newServer.setOption(StandardSocketOptions.SO_RCVBUF, window);
            newServer.bind(new InetSocketAddress(bindAddress, port), BACKLOG);
            newServer.configureBlocking(false);
            serverKey = newServer.register(newSelector, SelectionKey.OP_ACCEPT);
        } catch (final IOException e) {
            CloseHelper.quietCloseAll(newServer, newSelector);
            throw new DragonException(
                    DragonException.FAILED,
                    "The port " + port + "/tcp for frames (transfer.port) on " + bindAddress + " cannot be opened: "
                            + e.getMessage() + ".",
                    e);
        }
        selector = newSelector;
        server = newServer;
    }

    /** The port it listens on. */
    int port() {
        return server.socket().getLocalPort();
    }

    @Override
    public Lane open(final String address, final int port) {
        final InetSocketAddress peer = new InetSocketAddress(address, port);
        final TcpLane lane = new TcpLane(this, peer, schedules.computeIfAbsent(peer, ignored -> new RedialSchedule()));
        lanes.add(lane);
        return lane;
    }

    @Override
    public int poll(final InletHandler inletHandler, final long timeNs) {
        handler = inletHandler;
        nowNs = timeNs;
        int work = 0;
        if (!isAnyReady() || ++turn % SELECT_EVERY == 0) {
            work += select();
        }
        for (int i = 0; i < inlets.size(); i++) {
            final TcpInlet inlet = inlets.get(i);
            if (inlet.isReady()) {
                work += inlet.read(inletHandler, timeNs);
            }
        }
        for (int i = lanes.size() - 1; i >= 0; i--) {
            final TcpLane lane = lanes.get(i);
            work += lane.work(timeNs);
            if (lane.isClosed()) {
                lanes.remove(i);
            }
        }
        for (int i = inlets.size() - 1; i >= 0; i--) {
            inlets.get(i).checkSilence(inletHandler, timeNs);
            if (inlets.get(i).isClosed()) {
                inlets.remove(i);
            }
        }
        return work;
    }

    private boolean isAnyReady() {
        for (int i = 0; i < inlets.size(); i++) {
            if (inlets.get(i).isReady()) {
                return true;
            }
        }
        return false;
    }

    private int select() {
        selected = 0;
        try {
            selector.selectNow(onReady);
        } catch (final IOException | ClosedSelectorException e) {
            throw new IllegalStateException("the selector of the frame connections failed", e);
        }
        return selected;
    }

    private void onReady(final SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key == serverKey) {
            selected++;
            accept();
        } else if (key.attachment() instanceof TcpInlet inlet) {
            inlet.ready();
        } else if (key.attachment() instanceof TcpLane lane) {
            selected++;
            lane.onReady(nowNs, handler);
        }
    }

    private void accept() {
        SocketChannel channel = null;
        try {
            channel = server.accept();
            if (channel == null) {
                return;
            }
            final InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
            if (!allowed.test(peer.getAddress())
                    || inlets.size() >= MOST_INLETS
                    || count(peer.getAddress()) >= MOST_OF_AN_ADDRESS) {
                CloseHelper.quietClose(channel);
                handler.onMalformed(text(peer));
                return;
            }
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            final TcpInlet inlet = new TcpInlet(channel, peer, scratch, nowNs);
            channel.register(selector, SelectionKey.OP_READ, inlet);
            inlet.ready();
            inlets.add(inlet);
            expectAnswer(peer.getAddress());
        } catch (final IOException e) {
            // Whoever called is gone already.
            CloseHelper.quietClose(channel);
        }
    }

    /** Whoever calls can be called. */
    private void expectAnswer(final InetAddress address) {
        schedules.forEach((peer, schedule) -> {
            if (address.equals(peer.getAddress())) {
                schedule.callNow();
            }
        });
    }

    private int count(final InetAddress address) {
        int count = 0;
        for (int i = 0; i < inlets.size(); i++) {
            count += inlets.get(i).address().equals(address) ? 1 : 0;
        }
        return count;
    }

    static String text(final InetSocketAddress peer) {
        return peer.getAddress().getHostAddress() + ":" + peer.getPort();
    }

    SelectionKey register(final SocketChannel channel, final int operations, final TcpLane lane) throws IOException {
        return channel.register(selector, operations, lane);
    }

    int window() {
        return window;
    }

    /** Whether pieces are written from memory to a connection. */
    boolean copies(final SocketChannel channel) throws IOException {
        if (sending == Sending.BY_DISTANCE) {
            final InetAddress there = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
            final InetAddress here = ((InetSocketAddress) channel.getLocalAddress()).getAddress();
            return there.isLoopbackAddress() || there.equals(here);
        }
        return sending == Sending.FROM_MEMORY;
    }

    /** Memory for what lies nowhere else; free between two calls. */
    ByteBuffer scratch() {
        return scratch;
    }

    long nowNs() {
        return nowNs;
    }

    @Override
    public int longestPiece() {
        return LONGEST_PIECE;
    }

    @Override
    public void close() {
        for (final TcpLane lane : lanes) {
            lane.close();
        }
        for (final TcpInlet inlet : inlets) {
            inlet.close(handler);
        }
        CloseHelper.quietCloseAll(server, selector);
    }
}
