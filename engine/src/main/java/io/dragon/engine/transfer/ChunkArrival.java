package io.dragon.engine.transfer;

import io.dragon.codecs.frame.ChunkDecoder;
import io.dragon.codecs.frame.Integrity;
import java.nio.ByteBuffer;

/**
 * The chunk that is arriving by one stream: piece by piece straight into its slot, or into a buffer of its own when it is compressed, metadata, or
 * there already. Checked when it is whole, as it lies in the slot. One thread.
 */
final class ChunkArrival {
    private final TransferCore core;
    private final ChunkCodec codec;
    private ByteBuffer staging;
    private Fetch fetch;
    private long requestId;
    private int chunk;
    private int length;
    private int encoding;
    private long low;
    private long high;
    private int received;
    private int pieceLength;

    ChunkArrival(final TransferCore core) {
        this.core = core;
        codec = ChunkCodecs.of(core.ctx.integrity(), Compression.ON);
    }

    /** A chunk begins; false when it makes no sense. */
    boolean onChunk(final Fetch of, final ChunkDecoder decoder) {
        fetch = null;
        final long number = decoder.chunk();
        final long bytes = decoder.length();
        if (number >= of.chunks.count() || decoder.encoding() > ChunkCodec.LZ4) {
            return false;
        }
        final int whole = of.chunks.grid().length((int) number);
        final boolean isPlain = decoder.encoding() == ChunkCodec.PLAIN;
        if (isPlain
                ? bytes != whole
                : bytes < 1 || bytes >= whole || of.chunks.grid().isMetadata((int) number)) {
            return false;
        }
        fetch = of;
        requestId = of.requestId;
        chunk = (int) number;
        length = (int) bytes;
        encoding = decoder.encoding();
        low = decoder.checksumLow();
        high = decoder.checksumHigh();
        received = 0;
        pieceLength = 0;
        return true;
    }

    /** Whether a piece is the next of this chunk. */
    boolean isNext(final long pieceRequestId, final long pieceChunk, final long offset, final int bytes) {
        return fetch != null
                && fetch.requestId == requestId
                && requestId == pieceRequestId
                && chunk == pieceChunk
                && offset == received
                && bytes <= length - received;
    }

    void onPieceBegins(final int bytes, final PieceTarget target) {
        pieceLength = bytes;
        if (goesStraight()) {
            target.to(fetch.bytes, fetch.chunks.grid().offset(chunk) + received);
        } else {
            target.to(staging(), received);
        }
    }

    private boolean goesStraight() {
        return encoding == ChunkCodec.PLAIN && !fetch.chunks.grid().isMetadata(chunk) && !fetch.chunks.has(chunk);
    }

    private ByteBuffer staging() {
        if (staging == null || staging.capacity() < fetch.chunks.chunkLength()) {
            staging = ByteBuffer.allocateDirect(fetch.chunks.chunkLength());
        }
        return staging;
    }

    /** The fetch whose piece is on its way; null when none is. */
    Fetch arriving() {
        return fetch;
    }

    void onPieceArrived(final long nowNs) {
        if (fetch == null || pieceLength == 0) {
            return;
        }
        received += pieceLength;
        final Peer from = core.knownPeer(fetch.hop);
        final Fetch of = fetch;
        final int arrived = pieceLength;
        pieceLength = 0;
        if (received == length) {
            fetch = null;
            if (!of.chunks.has(chunk)) {
                check(of, nowNs);
            }
        }
        if (from != null) {
            from.received.add(arrived, of.isMoreComing(), nowNs);
            from.heardNs = nowNs;
        }
    }

    private void check(final Fetch of, final long nowNs) {
        final ChunkGrid grid = of.chunks.grid();
        final int whole = grid.length(chunk);
        final ByteBuffer view;
        boolean isWhole = true;
        if (grid.isMetadata(chunk)) {
            view = staging.limit(whole).position(0);
        } else {
            if (encoding != ChunkCodec.PLAIN) {
                isWhole = codec.decode(staging.limit(length).position(0), slot(of, whole));
            }
            view = slot(of, whole);
        }
        core.ctx.chunkFault().onChunk(of.ref.poolId(), chunk, view);
        if (isWhole && isIntact(grid.isMetadata(chunk) ? staging.limit(whole).position(0) : slot(of, whole))) {
            if (grid.isMetadata(chunk)) {
                of.claim.metadata().putBytes(grid.offset(chunk), staging, 0, whole);
            }
            of.onChunk(chunk, low, high, nowNs);
        } else {
            of.onDamaged(chunk, nowNs);
        }
    }

    private ByteBuffer slot(final Fetch of, final int whole) {
        final int offset = of.chunks.grid().offset(chunk);
        return of.bytes.limit(offset + whole).position(offset);
    }

    private boolean isIntact(final ByteBuffer bytes) {
        if (core.ctx.integrity() == Integrity.NONE) {
            return true;
        }
        codec.digest(bytes);
        return codec.checksumLow() == low && codec.checksumHigh() == high;
    }

    /** Nothing more goes into a slot of this fetch. */
    void forget(final Fetch of, final PieceTarget target) {
        if (fetch == of) {
            fetch = null;
            pieceLength = 0;
            target.discard();
        }
    }
}
