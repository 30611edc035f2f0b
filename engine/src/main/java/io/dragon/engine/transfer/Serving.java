package io.dragon.engine.transfer;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.Integrity;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameRef;
import java.nio.ByteBuffer;

/** A frame on its way to another node: leased here until that node leaves, or is gone. One thread; used again for other frames. */
final class Serving implements FetchWaiter {
    /** Chunks that were asked for again and not sent yet; whoever asks for more is not heard, and asks again. */
    private static final int MOST_REPEATS = 32;

    /** Waiting until the frame is here: it is another host's. */
    static final int FETCHING = 1;
    /** Chunks are left to be sent. */
    static final int SENDING = 2;
    /** Everything was sent; the receiver may ask for chunks again. */
    static final int SENT = 3;
    /** Nothing is wanted any more. */
    static final int LEFT = 4;

    final FrameLease lease = new FrameLease();
    final FrameRef ref = new FrameRef();
    final ChunkTable chunks = new ChunkTable();
    private final int[] repeats = new int[MOST_REPEATS];
    private final Servings servings;
    long requestId;
    Peer peer;
    int state = LEFT;
    boolean isRelayed;
    Integrity integrity;
    /** Of the peer, for the pool of this frame; null until it is needed. */
    ChunkCodec codec;

    boolean compresses;
    int chunkLength;
    int chunkCount;
    int firstChunk;
    ByteBuffer bytes;
    long progressNs;
    long signNs;
    private int next;
    private int repeatCount;
    private int digested;
    private boolean isCounted;

    Serving(final Servings servings) {
        this.servings = servings;
    }

    /** The frame is leased: everything about it is known. */
    void begin(final long nowNs) {
        chunks.reset(chunkLength, lease.buffer().capacity(), lease.metadataLength());
        chunkCount = chunks.count();
        firstChunk = Math.min(firstChunk, chunkCount);
        next = firstChunk;
        repeatCount = 0;
        digested = 0;
        isCounted = false;
        codec = null;
        bytes = lease.byteBuffer();
        state = SENDING;
        progressNs = nowNs;
    }

    /** Chunks that are still to be sent, as far as is known now. */
    int chunksLeft() {
        return state == SENDING ? repeatCount + chunkCount - next : state == SENT ? repeatCount : 0;
    }

    /** The chunk to send now, where some are left. */
    int nextChunk() {
        return repeatCount > 0 ? repeats[--repeatCount] : next++;
    }

    void sendAgain(final int chunk) {
        if (chunk < chunkCount && repeatCount < MOST_REPEATS && (state == SENDING || state == SENT)) {
            repeats[repeatCount++] = chunk;
        }
    }

    /** Computes the checksums of chunks that the receiver had already, some at a time; false while there are more. */
    boolean digestSkipped(final ChunkCodec codec, final int limit) {
        for (int left = limit; digested < chunkCount; digested++) {
            if (!chunks.has(digested)) {
                if (left-- == 0) {
                    return false;
                }
                digest(codec, digested);
            }
        }
        return true;
    }

    /** Computes the checksum of a chunk in its slot. Metadata is checked where it was copied to. */
    void digest(final ChunkCodec codec, final int chunk) {
        if (chunks.grid().isMetadata(chunk)) {
            codec.digest(peer.metadata(this, chunk));
        } else {
            codec.digest(view(chunk));
        }
        chunks.put(chunk, codec.checksumLow(), codec.checksumHigh());
    }

    /** A chunk of the payload in its slot. */
    ByteBuffer view(final int chunk) {
        final int offset = chunks.grid().offset(chunk);
        return bytes.limit(offset + chunks.grid().length(chunk)).position(offset);
    }

    /** True once: the frame counts as served. */
    boolean countsNow() {
        final boolean counts = !isCounted;
        isCounted = true;
        return counts;
    }

    @Override
    public void onFetched(final FrameRef local) {
        servings.onFetched(this, local);
    }

    @Override
    public void onFailed(final FetchOutcome outcome, final String text) {
        servings.onFailed(this, outcome, text);
    }
}
