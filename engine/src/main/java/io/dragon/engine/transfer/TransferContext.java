package io.dragon.engine.transfer;

import io.dragon.codecs.frame.Integrity;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.net.InetAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/** How a {@link TransferAgent} works. */
public final class TransferContext {
    private static final int PACKET_UNIT = 32;
    private static final int SHORTEST_PACKET = 1_216;
    private static final int LONGEST_PACKET = 65_504;
    private static final int SMALLEST_WINDOW = 64 * 1024;
    private static final int LARGEST_WINDOW = 512 * 1024 * 1024;
    /** A packet that passes on every Ethernet, bytes. */
    static final int SAFE_MTU = 1_408;

    static final int SHORTEST_CHUNK = 1_024;
    static final int LONGEST_CHUNK = 1024 * 1024;
    private static final long SMALLEST_MEMORY = 1 << 20;
    private static final int UNHURRIED_PARTS = 4;

    private DragonDirectory directory;
    private String aeronDirectoryName;
    private int requestStreamId = TransferAgent.REQUEST_STREAM_ID;
    private IntSupplier nodeId = () -> 0;
    private RouteView routes;
    private TransportKind transport = TransportKind.UDP;
    private String bindAddress = "0.0.0.0";
    private int port = 9877;
    private int mtu = SAFE_MTU;
    private int window = 2 * 1024 * 1024;
    private int chunkLength = 64 * 1024;
    private Integrity integrity = Integrity.CRC32C;
    private Compression compression = Compression.AUTO;
    private long receiveMemory = 1L << 30;
    private long stallTimeoutNs = 3_000_000_000L;
    private long unreachableTimeoutNs = 8_000_000_000L;
    private long roomTimeoutNs = 2_000_000_000L;
    private long holdTimeoutNs = 5_000_000_000L;
    private long peerTimeoutNs = 5_000_000_000L;
    private Predicate<InetAddress> allowedAddresses = address -> true;
    private ChunkFault chunkFault = ChunkFault.NONE;
    private ErrorHandler errorHandler;
    private Consumer<String> log = line -> {};
    private NanoClock nanoClock = SystemNanoClock.INSTANCE;
    private Executor poolMaker;

    /** A context with every default. */
    public TransferContext() {}

    /**
     * The host's Dragon directory, where its pools lie.
     *
     * @param directory the directory
     * @return this
     */
    public TransferContext directory(final DragonDirectory directory) {
        this.directory = directory;
        return this;
    }

    /** {@return the host's Dragon directory, where its pools lie: the directory} */
    public DragonDirectory directory() {
        return directory;
    }

    /**
     * The directory of the host's media driver; {@link DragonDirectory#aeron()} by default.
     *
     * @param aeronDirectoryName its path
     * @return this
     */
    public TransferContext aeronDirectoryName(final String aeronDirectoryName) {
        this.aeronDirectoryName = aeronDirectoryName;
        return this;
    }

    /** {@return the directory of the host's media driver; {@link DragonDirectory#aeron()} by default: its path} */
    public String aeronDirectoryName() {
        return aeronDirectoryName;
    }

    /**
     * The stream over shared memory by which programs of this host ask; another one only where two agents share a driver.
     *
     * @param requestStreamId stream id
     * @return this
     */
    public TransferContext requestStreamId(final int requestStreamId) {
        this.requestStreamId = requestStreamId;
        return this;
    }

    /** {@return the stream over shared memory by which programs of this host ask; another one only where two agents share a driver: stream id} */
    public int requestStreamId() {
        return requestStreamId;
    }

    /**
     * Which node this host is.
     *
     * @param nodeId its party id, 0 while that is not known: nothing is fetched until then
     * @return this
     */
    public TransferContext nodeId(final IntSupplier nodeId) {
        this.nodeId = nodeId;
        return this;
    }

    /** {@return which node this host is: its party id, 0 while that is not known: nothing is fetched until then} */
    public IntSupplier nodeId() {
        return nodeId;
    }

    /**
     * What is known of the other hosts.
     *
     * @param routes asked by the agent's thread
     * @return this
     */
    public TransferContext routes(final RouteView routes) {
        this.routes = routes;
        return this;
    }

    /** {@return what is known of the other hosts: asked by the agent's thread} */
    public RouteView routes() {
        return routes;
    }

    /**
     * How frames travel; the same on all hosts.
     *
     * @param transport the transport
     * @return this
     */
    public TransferContext transport(final TransportKind transport) {
        this.transport = transport;
        return this;
    }

    /** {@return how frames travel; the same on all hosts: the transport} */
    public TransportKind transport() {
        return transport;
    }

    /**
     * The address on which frames are received.
     *
     * @param bindAddress IP address, all interfaces by default
     * @return this
     */
    public TransferContext bindAddress(final String bindAddress) {
        this.bindAddress = bindAddress;
        return this;
    }

    /** {@return the address on which frames are received: IP address, all interfaces by default} */
    public String bindAddress() {
        return bindAddress;
    }

    /**
     * The UDP or TCP port on which frames are received.
     *
     * @param port port
     * @return this
     */
    public TransferContext port(final int port) {
        this.port = port;
        return this;
    }

    /** {@return the UDP or TCP port on which frames are received: port} */
    public int port() {
        return port;
    }

    /**
     * The length of a packet of the transport {@code udp}: Aeron's, without the headers of IP and UDP.
     *
     * @param mtu bytes, a multiple of 32; 1,408 by default, 8,960 with jumbo frames
     * @return this
     */
    public TransferContext mtu(final int mtu) {
        this.mtu = mtu;
        return this;
    }

    /** {@return the length of a packet of the transport {@code udp}: Aeron's, without the headers of IP and UDP: bytes, a multiple of 32; 1,408 by default, 8,960 with jumbo frames} */
    public int mtu() {
        return mtu;
    }

    /**
     * How much may be on its way to a receiver that has not confirmed it.
     *
     * @param window bytes; about twice what the link carries in a round trip
     * @return this
     */
    public TransferContext window(final int window) {
        this.window = window;
        return this;
    }

    /** {@return how much may be on its way to a receiver that has not confirmed it: bytes; about twice what the link carries in a round trip} */
    public int window() {
        return window;
    }

    /** So many bytes on their way are not worth hurrying for: with them the window is still far from full, or from empty. */
    int unhurried() {
        return window / UNHURRIED_PARTS;
    }

    /**
     * About how long a chunk is: the unit of integrity, of compression and of asking again.
     *
     * @param chunkLength bytes; rounded down to whole pieces
     * @return this
     */
    public TransferContext chunkLength(final int chunkLength) {
        this.chunkLength = chunkLength;
        return this;
    }

    /** {@return about how long a chunk is: the unit of integrity, of compression and of asking again: bytes; rounded down to whole pieces} */
    public int chunkLength() {
        return chunkLength;
    }

    /**
     * The checksum of what this host fetches.
     *
     * @param integrity for chunks and frames
     * @return this
     */
    public TransferContext integrity(final Integrity integrity) {
        this.integrity = integrity;
        return this;
    }

    /** {@return the checksum of what this host fetches: for chunks and frames} */
    public Integrity integrity() {
        return integrity;
    }

    /**
     * Whether chunks that this host serves are compressed.
     *
     * @param compression when
     * @return this
     */
    public TransferContext compression(final Compression compression) {
        this.compression = compression;
        return this;
    }

    /** {@return whether chunks that this host serves are compressed: when} */
    public Compression compression() {
        return compression;
    }

    /**
     * The most memory that the receive pools of this host take.
     *
     * @param receiveMemory bytes
     * @return this
     */
    public TransferContext receiveMemory(final long receiveMemory) {
        this.receiveMemory = receiveMemory;
        return this;
    }

    /** {@return the most memory that the receive pools of this host take: bytes} */
    public long receiveMemory() {
        return receiveMemory;
    }

    /**
     * A request without any sign of life for so long is made anew.
     *
     * @param stallTimeoutNs nanoseconds
     * @return this
     */
    public TransferContext stallTimeoutNs(final long stallTimeoutNs) {
        this.stallTimeoutNs = stallTimeoutNs;
        return this;
    }

    /** {@return a request without any sign of life for so long is made anew: nanoseconds} */
    public long stallTimeoutNs() {
        return stallTimeoutNs;
    }

    /**
     * A frame of which nothing new has come for so long is given up.
     *
     * @param unreachableTimeoutNs nanoseconds
     * @return this
     */
    public TransferContext unreachableTimeoutNs(final long unreachableTimeoutNs) {
        this.unreachableTimeoutNs = unreachableTimeoutNs;
        return this;
    }

    /** {@return a frame of which nothing new has come for so long is given up: nanoseconds} */
    public long unreachableTimeoutNs() {
        return unreachableTimeoutNs;
    }

    /**
     * For so long a frame waits for room in the receive pools.
     *
     * @param roomTimeoutNs nanoseconds
     * @return this
     */
    public TransferContext roomTimeoutNs(final long roomTimeoutNs) {
        this.roomTimeoutNs = roomTimeoutNs;
        return this;
    }

    /** {@return for so long a frame waits for room in the receive pools: nanoseconds} */
    public long roomTimeoutNs() {
        return roomTimeoutNs;
    }

    /**
     * For so long a frame is held for a program that has not said that it has its lease.
     *
     * @param holdTimeoutNs nanoseconds
     * @return this
     */
    public TransferContext holdTimeoutNs(final long holdTimeoutNs) {
        this.holdTimeoutNs = holdTimeoutNs;
        return this;
    }

    /** {@return for so long a frame is held for a program that has not said that it has its lease: nanoseconds} */
    public long holdTimeoutNs() {
        return holdTimeoutNs;
    }

    /**
     * A transfer of which the receiver takes nothing for so long ends.
     *
     * @param peerTimeoutNs nanoseconds
     * @return this
     */
    public TransferContext peerTimeoutNs(final long peerTimeoutNs) {
        this.peerTimeoutNs = peerTimeoutNs;
        return this;
    }

    /** {@return a transfer of which the receiver takes nothing for so long ends: nanoseconds} */
    public long peerTimeoutNs() {
        return peerTimeoutNs;
    }

    /**
     * Who may connect, with a transport that has connections ({@code tcp}).
     *
     * @param allowedAddresses asked on the agent's thread; everybody by default
     * @return this
     */
    public TransferContext allowedAddresses(final Predicate<InetAddress> allowedAddresses) {
        this.allowedAddresses = allowedAddresses;
        return this;
    }

    /** {@return who may connect, with a transport that has connections} */
    public Predicate<InetAddress> allowedAddresses() {
        return allowedAddresses;
    }

    /**
     * Damages chunks that arrive: fault injection.
     *
     * @param chunkFault called for every chunk
     * @return this
     */
    public TransferContext chunkFault(final ChunkFault chunkFault) {
        this.chunkFault = chunkFault;
        return this;
    }

    /** {@return damages chunks that arrive: fault injection: called for every chunk} */
    public ChunkFault chunkFault() {
        return chunkFault;
    }

    /**
     * Receives what goes wrong and is tried again.
     *
     * @param errorHandler called on the agent's thread
     * @return this
     */
    public TransferContext errorHandler(final ErrorHandler errorHandler) {
        this.errorHandler = errorHandler;
        return this;
    }

    /** {@return receives what goes wrong and is tried again: called on the agent's thread} */
    public ErrorHandler errorHandler() {
        return errorHandler;
    }

    /**
     * Takes one line for people about what is found at the start and what changes.
     *
     * @param log called on the agent's thread
     * @return this
     */
    public TransferContext log(final Consumer<String> log) {
        this.log = log;
        return this;
    }

    /** {@return takes one line for people about what is found at the start and what changes: called on the agent's thread} */
    public Consumer<String> log() {
        return log;
    }

    /**
     * The clock of every interval.
     *
     * @param nanoClock the clock
     * @return this
     */
    public TransferContext nanoClock(final NanoClock nanoClock) {
        this.nanoClock = nanoClock;
        return this;
    }

    /** {@return the clock of every interval: the clock} */
    public NanoClock nanoClock() {
        return nanoClock;
    }

    TransferContext poolMaker(final Executor poolMaker) {
        this.poolMaker = poolMaker;
        return this;
    }

    Executor poolMaker() {
        return poolMaker;
    }

    /** Fills defaults and checks what was set. */
    TransferContext conclude() {
        if (routes == null) {
            throw new IllegalStateException("a transfer agent needs a view of the routes");
        }
        if (directory == null) {
            directory = DragonDirectory.byDefault();
        }
        if (aeronDirectoryName == null) {
            aeronDirectoryName = directory.aeron().toString();
        }
        if (errorHandler == null) {
            errorHandler = throwable -> {};
        }
        if (poolMaker == null) {
            poolMaker = ReceivePools::inThreadOfItsOwn;
        }
        check("transfer.port", port, 1, 65_535);
        check("transfer.mtu", mtu, SHORTEST_PACKET, LONGEST_PACKET);
        if (mtu % PACKET_UNIT != 0) {
            throw wrong("transfer.mtu is " + mtu + " bytes, which is not a multiple of " + PACKET_UNIT + ": take "
                    + mtu / PACKET_UNIT * PACKET_UNIT);
        }
        check("transfer.window", window, SMALLEST_WINDOW, LARGEST_WINDOW);
        check("transfer.chunk", chunkLength, 4 * SHORTEST_CHUNK, LONGEST_CHUNK);
        check("transfer.receive_memory", receiveMemory, SMALLEST_MEMORY, Long.MAX_VALUE);
        return this;
    }

    private static void check(final String key, final long value, final long from, final long to) {
        if (value < from || value > to) {
            throw wrong(key + " is " + value + ", expected " + from + " to " + to);
        }
    }

    private static DragonException wrong(final String text) {
        return new DragonException(DragonException.WRONG_USAGE, text + ".");
    }
}
