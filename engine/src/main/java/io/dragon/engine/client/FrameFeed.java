package io.dragon.engine.client;

import io.dragon.codecs.control.FramePublishedEncoder;
import io.dragon.codecs.control.FrameRefDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyListener;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.LivenessLock;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The agent's side of a {@link FramePublisher}: the camera as a party. Takes published frames from a ring, names them to the sequencer in
 * order, and gives back the slots that nothing needs any more.
 *
 * <pre>
 *   record:  step 8 | captureEpochNs 8 | capturedNs 8 | publishedNs 8 | poolId 8 | sequence 8 | slot 4 | length 4
 * </pre>
 */
final class FrameFeed implements PartyListener, ControlledMessageHandler, AutoCloseable {
    static final int STEP_OFFSET = 0;
    static final int CAPTURE_EPOCH_OFFSET = 8;
    static final int CAPTURED_OFFSET = 16;
    static final int PUBLISHED_OFFSET = 24;
    static final int POOL_OFFSET = 32;
    static final int SEQUENCE_OFFSET = 40;
    static final int SLOT_OFFSET = 48;
    static final int LENGTH_OFFSET = 52;
    static final int RECORD_LENGTH = 56;
    static final int FRAME_TYPE = 1;

    private static final int RECORDS_PER_POLL = 64;
    private static final int MIN_RECORDS = 64;

    private final String name;
    private final FeedPool<FramePool> pool;
    private final FramePublisher.AwayPolicy awayPolicy;
    private final OneToOneRingBuffer ring;
    private final Commands commands = new Commands();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ReleaseFramesDecoder releaseFrames = new ReleaseFramesDecoder();
    private final FrameRef ref = new FrameRef();
    private final AtomicLongArray releasedByReason = new AtomicLongArray(256);
    private final Path lockFile;
    private final LivenessLock liveness;
    private ClientAgent agent;
    private Party party;
    private long poolSeq;
    private boolean poolOffered;
    private boolean leaving;
    private boolean left;
    private boolean connected;

    volatile int partyId;
    volatile boolean registered;
    volatile String refusedText;
    volatile long sentFrames;
    volatile long droppedAway;
    private volatile boolean gone;

    FrameFeed(
            final String name, final FramePool pool, final FramePublisher.AwayPolicy awayPolicy, final Path lockFile) {
        this.lockFile = lockFile;
        this.liveness = lockFile == null ? null : LivenessLock.acquire(lockFile);
        this.name = name;
        this.pool = new FeedPool<>(pool);
        this.awayPolicy = awayPolicy;
        final int records = BitUtil.findNextPositivePowerOfTwo(Math.max(MIN_RECORDS, 2 * pool.slotCount()));
        this.ring = new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                records * 64 + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH)));
    }

    static FrameRef read(final FrameRefDecoder from, final FrameRef into) {
        return into.set(from.poolId(), from.sequence(), (int) from.slot(), (int) from.length());
    }

    String name() {
        return name;
    }

    OneToOneRingBuffer ring() {
        return ring;
    }

    /** Publisher's thread: a new pool for a new incarnation. */
    void pool(final FramePool value, final int ofGeneration) {
        pool.renew(value, ofGeneration);
    }

    /** Grows when the camera was fenced: its pool belongs to the incarnation that is over, the publisher makes a new one. */
    int generation() {
        return pool.generation();
    }

    Path lockFile() {
        return lockFile;
    }

    void party(final Party value, final ClientAgent owner) {
        party = value;
        agent = owner;
    }

    /** Publisher's thread: what it has just published is sent at once when the agent rests, otherwise by the agent. */
    void sendNow() {
        if (agent != null) {
            agent.trySend(this);
        }
    }

    boolean isGone() {
        return gone;
    }

    long released(final Reason reason) {
        return releasedByReason.get(reason.value() & 0xFF);
    }

    long refused() {
        long refused = 0;
        for (int i = 1; i < releasedByReason.length(); i++) {
            refused += releasedByReason.get(i);
        }
        return refused;
    }

    int poll() {
        if (left) {
            gone = party.isEnded();
            return 0;
        }
        final int work = pollFrames();
        if (leaving && (ring.size() == 0 || !party.isActive())) {
            leave();
        }
        return work;
    }

    /** Whoever has the session's turn. */
    int pollFrames() {
        if (left) {
            return 0;
        }
        if (!party.isActive()) {
            return awayPolicy == FramePublisher.AwayPolicy.DROP && poolOffered ? dropAll() : 0;
        }
        if (!pool.isCurrent()) {
            return dropAll();
        }
        if (!poolOffered) {
            final long seq = party.offer(commands.registerPool(party.scratch(), 0, pool.latest()));
            if (seq < 0) {
                return 0;
            }
            poolSeq = seq;
            poolOffered = true;
        }
        if (!registered && party.acknowledgedSeq() >= poolSeq) {
            partyId = party.id();
            registered = true;
        }
        if (!connected && awayPolicy == FramePublisher.AwayPolicy.DROP) {
            return dropAll();
        }
        return ring.controlledRead(this, RECORDS_PER_POLL);
    }

    @Override
    public Action onMessage(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        if (buffer.getLong(index + POOL_OFFSET) != pool.latest().poolId()) {
            // of a pool that went with its incarnation
            droppedAway++;
            return Action.COMMIT;
        }
        final FramePublishedEncoder command = commands.framePublished(party.scratch(), 0);
        command.step(buffer.getLong(index + STEP_OFFSET))
                .captureEpochNs(buffer.getLong(index + CAPTURE_EPOCH_OFFSET))
                .capturedNs(buffer.getLong(index + CAPTURED_OFFSET))
                .publishedNs(buffer.getLong(index + PUBLISHED_OFFSET));
        command.frame()
                .poolId(buffer.getLong(index + POOL_OFFSET))
                .sequence(buffer.getLong(index + SEQUENCE_OFFSET))
                .slot(buffer.getInt(index + SLOT_OFFSET))
                .length(buffer.getInt(index + LENGTH_OFFSET));
        if (party.offer(commands.framePublishedLength()) < 0) {
            return Action.ABORT;
        }
        sentFrames++;
        return Action.COMMIT;
    }

    /** Sends what is in the ring, then leaves. Agent thread. */
    void leaveInOrder() {
        leaving = true;
    }

    /** Leaves at once, also a party that is still about to register. It is gone when all it has said was sequenced. Agent thread. */
    void leave() {
        if (!left) {
            left = true;
            party.unregister();
        }
        gone = party.isEnded();
    }

    /** Gives up the pool and the lock: the client ends, or could not begin. */
    @Override
    public void close() {
        pool.latest().close();
        if (liveness != null) {
            liveness.close();
        }
    }

    void housekeeping() {
        final FramePool latest = pool.latest();
        latest.sweepDeadReaders();
        if (party.isActive()) {
            final long dropped = latest.droppedBackPressured()
                    + latest.droppedOverwritten()
                    + latest.droppedTimedOut()
                    + latest.droppedTooLarge()
                    + droppedAway;
            party.health(sentFrames, refused(), dropped, -1, 0);
        }
    }

    @Override
    public void onRegistered(final Party who) {
        connected = true;
        poolOffered = false;
    }

    @Override
    public void onFenced(final Party who) {
        // the sequencer will not release to a new incarnation what the one before has published
        registered = false;
        pool.fence();
    }

    @Override
    public void onConnected() {
        connected = true;
    }

    @Override
    public void onDisconnected() {
        connected = false;
    }

    @Override
    public void onRefused(final Party who, final String text) {
        refusedText = text;
    }

    @Override
    public void onEvent(
            final Party who, final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (templateId == ReleaseFramesDecoder.TEMPLATE_ID) {
            releaseFrames.wrapAndApplyHeader(buffer, offset, header);
            for (final ReleaseFramesDecoder.FramesDecoder frame : releaseFrames.frames()) {
                if (pool.latest().release(read(frame.frame(), ref))) {
                    final int reason = frame.reasonRaw() & 0xFF;
                    releasedByReason.lazySet(reason, releasedByReason.get(reason) + 1);
                }
            }
        }
    }

    private int dropAll() {
        final int dropped = ring.read((type, buffer, index, length) -> pool.latest()
                .release(ref.set(
                        buffer.getLong(index + POOL_OFFSET),
                        buffer.getLong(index + SEQUENCE_OFFSET),
                        buffer.getInt(index + SLOT_OFFSET),
                        buffer.getInt(index + LENGTH_OFFSET))));
        droppedAway += dropped;
        return dropped;
    }
}
