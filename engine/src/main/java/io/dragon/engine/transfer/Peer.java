package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.transfer.TransferCounters.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import org.agrona.CloseHelper;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Another node, as this one sends to it: the lane, the messages that wait for it, and the frames that are sent chunk by chunk, those
 * first of which the least is left. What this node cannot take delays nobody else. One thread.
 */
final class Peer implements AutoCloseable {
    private static final int QUEUE_LENGTH = 64 * 1024;
    private static final int MESSAGE = 1;
    private static final int ASK = 2;
    private static final int REQUEST_ID = MessageHeaderEncoder.ENCODED_LENGTH + AskEncoder.requestIdEncodingOffset();
    private static final int BYTES_A_CYCLE = 256 * 1024;
    private static final int DIGESTS_A_CYCLE = 16;
    private static final int MOST_POOLS = 256;

    /** Of so many chunks one is of a frame that has waited for long, */
    private static final int CHUNKS_OF_A_TURN = 4;

    private static final long LONG_WAIT_NS = 100_000_000;

    /** and all but one where the link carries so little that it has waited for so long. */
    private static final long LONGEST_WAIT_NS = 1_000_000_000;

    private static final long REOPEN_NS = 200_000_000;
    private static final long REOPEN_MOST_NS = 2_000_000_000;
    private static final long HELLO_NS = 1_000_000_000;
    private static final int HELLOS_BEFORE_DOUBT = 3;

    /** Both directions may have to find out, one after the other, and a fetch does not wait for ever. */
    private static final long SHRINK_NS = 2 * HELLO_NS;

    /** After so long without a word of the other one, another stream may get through where this one does not. */
    private static final long UNANSWERED_NS = 4 * HELLO_NS;

    final int nodeId;
    /** The start of the other's agent that was last heard of; 0 none. */
    long agentId;

    final LinkRate received = new LinkRate();

    /** When bytes of frames came from it last. */
    long heardNs;

    private final TransferCore core;
    private final OneToOneRingBuffer queue = new OneToOneRingBuffer(
            new UnsafeBuffer(ByteBuffer.allocateDirect(QUEUE_LENGTH + RingBufferDescriptor.TRAILER_LENGTH)));
    private final ControlledMessageHandler sendQueued = this::sendQueued;
    private final ArrayList<Serving> servings = new ArrayList<>();
    private final PieceSource source = new PieceSource();
    private final FrameDigest frameDigest = new FrameDigest();
    private final Long2ObjectHashMap<ChunkCodec[]> codecs = new Long2ObjectHashMap<>();
    private final LaneRate sent = new LaneRate();
    private ByteBuffer staging;
    private Lane lane;
    private String address;
    private int port;
    private long routesVersion = -1;
    private long openAgainNs;
    private long openDelayNs = REOPEN_NS;
    private boolean wasConnected;
    private long connectedNs;
    private long openedNs;

    /** Of the packets to this node: smaller than configured once those have not passed. */
    private int mtu;

    private long helloNumber;
    private long formerHellos;
    private long helloNs;
    private int hellos;
    private boolean isHelloAnswered;
    private boolean isDoubtTold;
    /** The agent that confirmed the present lane; 0 none yet. */
    private long answeredBy;
    // The chunk that is being sent.
    private Serving current;
    private int chunk;
    private int chunkBytes;
    private int chunkSent;
    private int encoding;
    private boolean isHeadSent;
    private boolean isPieceOffered;
    private boolean isEnding;
    private int chunksBegun;

    Peer(final TransferCore core, final int nodeId) {
        this.core = core;
        this.nodeId = nodeId;
        openAgainNs = core.nowNs();
        heardNs = core.nowNs() - core.ctx.stallTimeoutNs();
        mtu = core.ctx.mtu();
    }

    int doWork(final long nowNs) {
        lookAtRoutes();
        if (lane == null) {
            return openWhenDue(nowNs);
        }
        if (lane.isClosed() || wasConnected && !lane.isConnected()) {
            lose(nowNs);
            return 1;
        }
        if (!lane.isConnected()) {
            // A connection has its own times, which grow while nobody answers.
            return lane.isPacketed() ? giveUpWhenUnanswered(openedNs, nowNs) : 0;
        }
        if (!wasConnected) {
            wasConnected = true;
            helloNs = nowNs - HELLO_NS;
            connectedNs = nowNs;
        }
        if (isTooLargeForTheWay(nowNs)) {
            shrink(nowNs);
            return 1;
        }
        if (!isHelloAnswered && giveUpWhenUnanswered(connectedNs, nowNs) > 0) {
            return 1;
        }
        int workCount = 0;
        if (current != null && !isPieceOffered) { // without a chunk in hand they go right before the next one
            workCount += sendMessages(nowNs);
        }
        return workCount + sendChunks(nowNs);
    }

    /**
     * A stream that the other one's media driver takes and its agent does not read would otherwise be waited for without an end: it
     * is given up for a new one, which is opened as soon as there is something to send.
     */
    private int giveUpWhenUnanswered(final long sinceNs, final long nowNs) {
        if (nowNs - sinceNs < UNANSWERED_NS) {
            return 0;
        }
        lose(nowNs);
        return 1;
    }

    /** Packets of full size were not confirmed, and smaller ones can be tried. */
    private boolean isTooLargeForTheWay(final long nowNs) {
        return !isHelloAnswered
                && mtu > TransferContext.SAFE_MTU
                && lane.isPacketed()
                && nowNs - connectedNs >= SHRINK_NS;
    }

    /** A lane that repeats for ever what does not pass is given up for one whose packets pass everywhere. */
    private void shrink(final long nowNs) {
        core.ctx
                .log()
                .accept("Node " + core.routes.name(nodeId) + " at " + address
                        + " is connected, but has not confirmed packets of "
                        + mtu + " bytes (transfer.mtu) for " + SHRINK_NS / HELLO_NS
                        + " s: it is sent packets of " + TransferContext.SAFE_MTU
                        + " bytes from now on. Larger ones are faster: look for what is in their way with ping -M do"
                        + " -s, or set transfer.mtu to what passes.");
        mtu = TransferContext.SAFE_MTU;
        lose(nowNs);
        openAgainNs = nowNs;
    }

    private void lookAtRoutes() {
        final long version = core.routes.version();
        if (version == routesVersion) {
            return;
        }
        routesVersion = version;
        final String nowAddress = core.routes.address(nodeId);
        final int nowPort = core.routes.port(nodeId);
        if (nowAddress != null && nowPort != 0 && (!nowAddress.equals(address) || nowPort != port)) {
            address = nowAddress;
            port = nowPort;
            if (lane != null) {
                lose(core.nowNs());
                openAgainNs = core.nowNs();
            }
        }
        if (lane != null && core.routes.isDead(nodeId)) {
            lose(core.nowNs());
        }
    }

    private int openWhenDue(final long nowNs) {
        if (nowNs - openAgainNs < 0
                || address == null
                || queue.size() == 0 && servings.isEmpty()
                || core.routes.isDead(nodeId)) {
            return 0;
        }
        openAgainNs = nowNs + openDelayNs;
        openDelayNs = Math.min(2 * openDelayNs, REOPEN_MOST_NS);
        lane = core.transport.open(address, port, mtu);
        openedNs = nowNs;
        wasConnected = false;
        isHelloAnswered = false;
        answeredBy = 0;
        hellos = 0;
        formerHellos = helloNumber;
        return 1;
    }

    /** Whatever was on its way is lost; whoever waits for it asks again. */
    private void lose(final long nowNs) {
        if (wasConnected) {
            core.counters.increment(Kind.LANES_LOST);
        }
        CloseHelper.close(core.ctx.errorHandler(), lane);
        lane = null;
        forgetChunk();
        for (int i = servings.size() - 1; i >= 0; i--) {
            core.servings.end(servings.get(i));
        }
        core.fetches.onLaneLost(nodeId, nowNs);
    }

    private int sayHello(final long nowNs) {
        if (!isHelloDue(nowNs)) {
            return 0;
        }
        final int length = core.wording.hello(
                core.nodeId(), core.agentId, helloNumber + 1, lane.isPacketed() ? lane.longestMessage() : 0);
        if (lane.send(core.wording.buffer(), 0, length) <= 0) {
            return 0;
        }
        helloNumber++;
        helloNs = nowNs;
        if (++hellos == HELLOS_BEFORE_DOUBT + 1 && !isDoubtTold) {
            isDoubtTold = true;
            core.ctx
                    .log()
                    .accept("Node " + core.routes.name(nodeId) + " at " + address
                            + " is connected, but has not confirmed a packet of "
                            + length + " bytes for " + HELLOS_BEFORE_DOUBT
                            + " s: either nothing comes back from it, or packets of this size (transfer.mtu "
                            + mtu
                            + ") do not pass; find the largest that does with ping -M do -s, and set"
                            + " transfer.mtu to it.");
        }
        return 1;
    }

    private boolean isHelloDue(final long nowNs) {
        return !isHelloAnswered && nowNs - helloNs >= HELLO_NS;
    }

    void onHelloAnswer(final long number, final long byAgent) {
        // A late answer may be to what was said on a former lane.
        if (number > formerHellos && number <= helloNumber) {
            answeredBy = byAgent;
            isHelloAnswered = true;
            isDoubtTold = false;
            openDelayNs = REOPEN_NS;
        }
    }

    /**
     * Another agent runs there now: nothing on the way to the former one has a reader any more. A connection ends with its process, a
     * stream of packets does not.
     */
    void onOtherAgent(final long newAgentId, final long nowNs) {
        mtu = core.ctx.mtu(); // what did not answer may have been the former agent, not the way
        if (lane != null && lane.isPacketed() && answeredBy != newAgentId) {
            lose(nowNs);
            openAgainNs = nowNs;
        }
    }

    /** Whether packets of full size are known to arrive there. */
    boolean isHelloAnswered() {
        return isHelloAnswered;
    }

    /** Sends a message, or false where there is no room for it: what is lost here is asked for again by whoever waits for it. */
    boolean send(final MutableDirectBuffer buffer, final int length) {
        return queue.write(MESSAGE, buffer, 0, length);
    }

    /** Asks for a frame, unless that is given up before the lane takes it. */
    void ask(final MutableDirectBuffer buffer, final int length) {
        queue.write(ASK, buffer, 0, length);
    }

    /**
     * Sends what waits, as far as the lane takes it: between two pieces, and before every chunk. A lane that is always full would otherwise take
     * no message at all, and chunks before the message that begins their frame.
     */
    private int sendMessages(final long nowNs) {
        int count = sayHello(nowNs);
        long position = -1;
        while (!isHelloDue(nowNs) && queue.size() > 0 && queue.consumerPosition() != position) {
            position = queue.consumerPosition();
            count += queue.controlledRead(sendQueued);
        }
        return count;
    }

    private ControlledMessageHandler.Action sendQueued(
            final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        if (type == ASK && core.fetches.of(buffer.getLong(index + REQUEST_ID, ByteOrder.LITTLE_ENDIAN)) == null) {
            // Nobody would be there to say that it is not wanted any more, should that have found no room.
            return ControlledMessageHandler.Action.CONTINUE;
        }
        return lane.send(buffer, index, length) > 0
                ? ControlledMessageHandler.Action.CONTINUE
                : ControlledMessageHandler.Action.ABORT;
    }

    void add(final Serving serving) {
        servings.add(serving);
    }

    /** Transfers to this node that have not ended. */
    int servingCount() {
        return servings.size();
    }

    /** Forgets a transfer; a chunk of it that a lane has begun with must be finished first. */
    boolean remove(final Serving serving) {
        if (current == serving) {
            if (isPieceOffered && lane != null && !lane.isClosed()) {
                return false;
            }
            forgetChunk();
        }
        servings.remove(serving);
        return true;
    }

    /** Ends a lane that takes nothing. */
    void giveUpLane(final long nowNs) {
        if (lane != null) {
            lose(nowNs);
        }
    }

    private void forgetChunk() {
        current = null;
        isPieceOffered = false;
    }

    private int sendChunks(final long nowNs) {
        int budget = BYTES_A_CYCLE;
        int workCount = 0;
        boolean isFull = false;
        isEnding = false;
        while (budget > 0) {
            if (current == null) {
                workCount += sendMessages(nowNs);
                isFull = queue.size() > 0 || isHelloDue(nowNs);
                if (isFull || !beginChunk(nowNs)) {
                    break;
                }
            }
            final int before = chunkSent;
            isFull = !sendChunk();
            final int progress = chunkSent - before;
            if (progress > 0) {
                current.progressNs = nowNs;
                current.signNs = nowNs;
                budget -= progress;
                workCount++;
                core.counters.add(Kind.BYTES_SERVED, progress);
            }
            if (isFull) {
                break;
            }
            finishChunk();
        }
        final int bytes = BYTES_A_CYCLE - budget;
        sent.add(bytes, isFull, nowNs);
        // A lane that is full is waited for, and in less small parts the longer that takes: unless it has drained far
        // meanwhile.
        return isFull && bytes < core.ctx.unhurried() ? 0 : isEnding ? workCount + 1 : workCount;
    }

    /** Chooses the next chunk; false when there is none to send. */
    private boolean beginChunk(final long nowNs) {
        final Serving serving = next(nowNs);
        if (serving == null) {
            return false;
        }
        begin(serving, serving.nextChunk());
        return true;
    }

    /**
     * The transfer with the least left: so a mask overtakes a frame, and of two frames one is there while the other is still on its way,
     * instead of both at the same time and then nothing. But none waits long for its next chunk, and yet those that wait do not take the whole
     * link where that is slow.
     */
    private Serving next(final long nowNs) {
        Serving shortest = null;
        Serving longestWaiting = null;
        for (int i = 0; i < servings.size(); i++) {
            final Serving serving = servings.get(i);
            if (serving.chunksLeft() > 0) {
                if (shortest == null || serving.chunksLeft() < shortest.chunksLeft()) {
                    shortest = serving;
                }
                if (longestWaiting == null || serving.progressNs - longestWaiting.progressNs < 0) {
                    longestWaiting = serving;
                }
            } else if (serving.state == Serving.SENDING) {
                isEnding = true;
                if (serving.digestSkipped(codec(serving), DIGESTS_A_CYCLE)) {
                    sendEnd(serving, nowNs);
                }
            }
        }
        final long waitNs = longestWaiting == null ? 0 : nowNs - longestWaiting.progressNs;
        final boolean isOneOfMany = ++chunksBegun % CHUNKS_OF_A_TURN == 0;
        return waitNs >= LONG_WAIT_NS && isOneOfMany == waitNs < LONGEST_WAIT_NS ? longestWaiting : shortest;
    }

    /** What the frames of a pool are checked and compressed with: one camera's may shrink where those of another do not. */
    private ChunkCodec codec(final Serving serving) {
        if (serving.codec == null) {
            final long poolId = serving.ref.poolId();
            ChunkCodec[] ofPool = codecs.get(poolId);
            if (ofPool == null) {
                if (codecs.size() >= MOST_POOLS) {
                    codecs.clear();
                }
                ofPool = new ChunkCodec[Integrity.values().length];
                codecs.put(poolId, ofPool);
            }
            final int index = serving.integrity.ordinal();
            if (ofPool[index] == null) {
                ofPool[index] = ChunkCodecs.of(serving.integrity, core.ctx.compression());
            }
            serving.codec = ofPool[index];
        }
        return serving.codec;
    }

    private void begin(final Serving serving, final int next) {
        current = serving;
        chunk = next;
        chunkSent = 0;
        isHeadSent = false;
        final ChunkCodec codec = codec(serving);
        serving.digest(codec, next);
        chunkBytes = serving.chunks.grid().length(next);
        encoding = ChunkCodec.PLAIN;
        if (serving.chunks.grid().isMetadata(next)) {
            source.ofMemory(metadata(serving, next));
            return;
        }
        if (serving.compresses) {
            final int encoded = codec.encode(serving.view(next), staging(serving.chunkLength), sent.bytesPerSecond());
            if (encoded > 0) {
                encoding = ChunkCodec.LZ4;
                chunkBytes = encoded;
                source.ofMemory(staging);
                return;
            }
        }
        source.ofFrame(serving, core.channels);
    }

    /** A chunk of the metadata, copied out of its slot. */
    ByteBuffer metadata(final Serving serving, final int metadataChunk) {
        final int length = serving.chunks.grid().length(metadataChunk);
        final ByteBuffer bytes = staging(serving.chunkLength).limit(length);
        serving.lease.metadata().getBytes(serving.chunks.grid().offset(metadataChunk), bytes, 0, length);
        return bytes;
    }

    private ByteBuffer staging(final int length) {
        final int room = Lz4Block.room(length);
        if (staging == null || staging.capacity() < room) {
            staging = ByteBuffer.allocateDirect(room);
        }
        return staging.clear();
    }

    /** Goes on with the chunk; false when the lane is full. */
    private boolean sendChunk() {
        if (!isHeadSent) {
            final int length = core.wording.chunk(
                    current.requestId,
                    chunk,
                    chunkBytes,
                    encoding,
                    current.chunks.low(chunk),
                    current.chunks.high(chunk));
            if (lane.send(core.wording.buffer(), 0, length) < 0) {
                return false;
            }
            isHeadSent = true;
        }
        final int longest = lane.longestPiece();
        final int from = encoding == ChunkCodec.PLAIN && !current.chunks.grid().isMetadata(chunk)
                ? current.chunks.grid().offset(chunk)
                : 0;
        while (chunkSent < chunkBytes) {
            final int length = Math.min(longest, chunkBytes - chunkSent);
            core.wording.piece(current.requestId, chunk, chunkSent);
            final int result = lane.sendPiece(
                    core.wording.head(), 0, Transport.PIECE_HEAD_LENGTH, source, from + chunkSent, length);
            isPieceOffered = result == Lane.BACK_PRESSURED;
            if (result < 0) {
                return false;
            }
            chunkSent += length;
        }
        return true;
    }

    private void finishChunk() {
        final Serving finished = current;
        current = null;
        if (finished.state == Serving.LEFT) {
            core.servings.end(finished);
        }
    }

    private void sendEnd(final Serving serving, final long nowNs) {
        frameDigest.of(codec(serving), serving.chunks);
        serving.state = Serving.SENT;
        serving.progressNs = nowNs;
        send(core.wording.buffer(), core.wording.end(serving.requestId, frameDigest.low(), frameDigest.high()));
        if (serving.countsNow()) {
            core.counters.increment(Kind.FRAMES_SERVED);
            if (serving.isRelayed) {
                core.counters.increment(Kind.FRAMES_RELAYED);
            }
        }
    }

    @Override
    public void close() {
        CloseHelper.close(core.ctx.errorHandler(), lane);
        lane = null;
    }
}
