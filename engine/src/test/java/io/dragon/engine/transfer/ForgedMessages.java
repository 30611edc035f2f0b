package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.BeginEncoder;
import io.dragon.codecs.frame.ChunkAgainEncoder;
import io.dragon.codecs.frame.ChunkEncoder;
import io.dragon.codecs.frame.EndEncoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.HelloEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.LeaveEncoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.NewsEncoder;
import io.dragon.codecs.frame.PieceEncoder;
import io.dragon.codecs.frame.RefusedEncoder;
import io.dragon.codecs.frame.WaitingEncoder;
import io.dragon.codecs.frame.WatchEncoder;
import io.dragon.engine.frame.FrameRef;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Messages of a peer that lies, handed to an agent's inbox by several streams: of real requests and of none, with fields that are right, nearly right,
 * impossible or random; some are cut short, and in some a byte is another. A seed gives the same ones again.
 */
final class ForgedMessages implements AutoCloseable {
    private static final int LENGTH = 150_000;
    private static final int STREAMS = 3;
    private static final int ROOM = 2_048;
    private static final int HEAD = Transport.PIECE_HEAD_LENGTH;

    private final Inbox inbox;
    private final ForgedLanes lanes;
    private final List<FrameRef> published;
    private final SplittableRandom random;
    private final Inlet[] inlets = new Inlet[STREAMS];
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ROOM]);
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final int chunkLength;
    private long current;
    private int chunk;
    private int chunkBytes;
    private int at;
    private long pieces;

    ForgedMessages(final Inbox inbox, final ForgedLanes lanes, final List<FrameRef> published, final long seed) {
        this.inbox = inbox;
        this.lanes = lanes;
        this.published = published;
        random = new SplittableRandom(seed);
        chunkLength = 16_384 / lanes.longestPiece() * lanes.longestPiece();
        for (int i = 0; i < STREAMS; i++) {
            inlets[i] = new Inlet("liar-" + i);
            inbox.onOpened(inlets[i]);
        }
    }

    /** Pieces whose bytes went somewhere. */
    long pieces() {
        return pieces;
    }

    /** Sends one message; now and then a stream ends and another one begins. */
    void tell() {
        final int stream = random.nextInt(8) == 0 ? random.nextInt(STREAMS) : 0;
        if (random.nextInt(5_000) == 0) {
            inbox.onClosed(inlets[stream]);
            inlets[stream] = new Inlet("liar-again");
            inbox.onOpened(inlets[stream]);
        }
        final int kind = random.nextInt(32);
        if (kind >= 15) {
            piece(inlets[stream]);
            return;
        }
        int length =
                switch (kind) {
                    case 0 -> hello();
                    case 1, 2 -> ask();
                    case 3 -> refused();
                    case 4 -> request(new WaitingEncoder().wrapAndApplyHeader(buffer, 0, header)::requestId);
                    case 5, 6, 7 -> begin();
                    case 8, 9, 10 -> chunk();
                    case 11 -> end();
                    case 12 -> chunkAgain();
                    case 13 -> random.nextInt(8) == 0 ? leave() : watch();
                    default -> random.nextInt(2) == 0 ? news() : noise();
                };
        if (random.nextInt(16) == 0) {
            buffer.putByte(random.nextInt(length), (byte) random.nextInt());
        }
        if (random.nextInt(16) == 0) {
            length = random.nextInt(length + 1);
        }
        inbox.onMessage(inlets[stream], buffer, 0, length);
    }

    @Override
    public void close() {
        for (final Inlet inlet : inlets) {
            inbox.onClosed(inlet);
        }
    }

    private interface RequestField {
        Object set(long requestId);
    }

    private int request(final RequestField field) {
        field.set(id());
        return MessageHeaderEncoder.ENCODED_LENGTH + WaitingEncoder.BLOCK_LENGTH;
    }

    /** Mostly of a request that is open. */
    private long id() {
        return random.nextInt(16) == 0 ? random.nextLong() : lanes.request(random.nextInt(40));
    }

    /** What is right, nearly right, or impossible. */
    private long near(final long right) {
        return switch (random.nextInt(64)) {
            case 0 -> right + 1;
            case 1 -> right - 1;
            case 2 -> 0;
            case 3 -> 0xffff_ffffL;
            case 4 -> Integer.MAX_VALUE;
            case 5 -> random.nextLong() & 0xffff_ffffL;
            default -> right;
        };
    }

    private int hello() {
        final HelloEncoder hello = new HelloEncoder();
        hello.wrapAndApplyHeader(buffer, 0, header)
                .nodeId(near(2 + random.nextInt(2)))
                .agentId(random.nextInt(200) == 0 ? random.nextInt(3) : 7)
                .number(near(1))
                .length(near(hello.limit()));
        return hello.limit();
    }

    private int ask() {
        final FrameRef ref = published.get(random.nextInt(published.size()));
        final AskEncoder ask = new AskEncoder();
        ask.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextLong())
                .agentId(7)
                .nodeId(near(2 + random.nextInt(2)))
                .originId(near(random.nextInt(4)))
                .firstChunk(near(0))
                .chunkLength(near(chunkLength))
                .integrity(Integrity.values()[random.nextInt(Integrity.values().length)])
                .compression((short) random.nextInt(2))
                .hops((short) random.nextInt(6))
                .via1(random.nextInt(4))
                .via2(random.nextInt(4))
                .via3(0)
                .via4(0);
        ask.frame()
                .poolId(random.nextInt(4) == 0 ? near(2) : ref.poolId())
                .sequence(near(ref.sequence()))
                .slot(near(ref.slot()))
                .length(near(ref.length()));
        return MessageHeaderEncoder.ENCODED_LENGTH + AskEncoder.BLOCK_LENGTH;
    }

    private int refused() {
        final RefusedEncoder refused = new RefusedEncoder();
        refused.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextInt(8) == 0 ? id() : random.nextLong())
                .outcome(FetchOutcome.values()[random.nextInt(FetchOutcome.values().length)])
                .text("no".repeat(random.nextInt(100)));
        return MessageHeaderEncoder.ENCODED_LENGTH + refused.encodedLength();
    }

    private int begin() {
        current = id();
        final long length = near(LENGTH - random.nextInt(3));
        final long metadata = random.nextInt(3) == 0 ? near(300) : 0;
        final long chunks = (length + chunkLength - 1) / chunkLength + (metadata + chunkLength - 1) / chunkLength;
        final BeginEncoder begin = new BeginEncoder();
        begin.wrapAndApplyHeader(buffer, 0, header)
                .requestId(current)
                .length(random.nextInt(64) == 0 ? random.nextLong() : length)
                .metadataLength(metadata)
                .chunkLength(near(chunkLength))
                .chunkCount(near(chunks))
                .firstChunk(near(0))
                .integrity(Integrity.CRC32C)
                .format(near(1))
                .width(near(1))
                .height(near(1))
                .camera(near(1))
                .step(random.nextLong())
                .captureEpochNs(random.nextLong());
        return begin.limit();
    }

    private int chunk() {
        chunk = (int) near(random.nextInt(12));
        at = 0;
        final boolean isPlain = random.nextInt(3) != 0;
        chunkBytes = (int) near(isPlain ? chunkLength : 1 + random.nextInt(chunkLength));
        final ChunkEncoder encoder = new ChunkEncoder();
        encoder.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextInt(4) == 0 ? id() : current)
                .chunk(Integer.toUnsignedLong(chunk))
                .length(Integer.toUnsignedLong(chunkBytes))
                .encoding((short) (isPlain ? 0 : 1 + random.nextInt(8) / 7))
                .checksumLow(random.nextLong())
                .checksumHigh(0);
        return encoder.limit();
    }

    /** Several in a row, so that chunks become whole; each is written to where the agent says. */
    private void piece(final Inlet inlet) {
        for (int i = 1 + random.nextInt(16); i > 0; i--) {
            final int length = (int) Math.max(1, Math.min(1 << 16, near(piecesLeft()) & Integer.MAX_VALUE));
            new PieceEncoder()
                    .wrapAndApplyHeader(buffer, 0, header)
                    .requestId(random.nextInt(32) == 0 ? id() : current)
                    .chunk(random.nextInt(32) == 0 ? near(chunk & 15) : Integer.toUnsignedLong(chunk))
                    .at(random.nextInt(32) == 0 ? near(at) : at);
            if (random.nextInt(64) == 0) {
                buffer.putShort(0, (short) random.nextInt());
            }
            inbox.onPieceBegins(inlet, buffer, 0, HEAD, length);
            final ByteBuffer target = inlet.target().bytes();
            if (target != null) {
                target.clear().put(inlet.target().index(), bytes, 0, length);
                inbox.onPieceArrived(inlet);
                pieces++;
            }
            at += length;
        }
    }

    private int piecesLeft() {
        return Math.max(1, Math.min(lanes.longestPiece(), (chunkBytes & 0x3fff) - at));
    }

    private int end() {
        final EndEncoder end = new EndEncoder();
        end.wrapAndApplyHeader(buffer, 0, header)
                .requestId(id())
                .checksumLow(random.nextLong())
                .checksumHigh(random.nextInt(2));
        return end.limit();
    }

    private int chunkAgain() {
        final ChunkAgainEncoder again = new ChunkAgainEncoder();
        again.wrapAndApplyHeader(buffer, 0, header).requestId(random.nextLong()).chunk(near(3));
        return again.limit();
    }

    private int leave() {
        final LeaveEncoder leave = new LeaveEncoder();
        leave.wrapAndApplyHeader(buffer, 0, header).requestId(id());
        return leave.limit();
    }

    private int watch() {
        final FrameRef ref = published.get(0);
        final WatchEncoder watch = new WatchEncoder();
        watch.wrapAndApplyHeader(buffer, 0, header)
                .requestId(random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(20))
                .agentId(7)
                .nodeId(near(2))
                .originId(near(1))
                .poolId(random.nextInt(4) == 0 ? random.nextLong() : ref.poolId());
        return watch.limit();
    }

    private int news() {
        final NewsEncoder news = new NewsEncoder();
        news.wrapAndApplyHeader(buffer, 0, header)
                .requestId(id())
                .skipped(near(0))
                .slotLength(random.nextLong())
                .metadataLength(near(0));
        news.frame().poolId(near(2)).sequence(near(1)).slot(near(1)).length(near(1));
        return MessageHeaderEncoder.ENCODED_LENGTH + NewsEncoder.BLOCK_LENGTH;
    }

    private int noise() {
        final byte[] noise = new byte[1 + random.nextInt(300)];
        random.nextBytes(noise);
        buffer.putBytes(0, noise);
        if (noise.length >= MessageHeaderEncoder.ENCODED_LENGTH && random.nextBoolean()) {
            header.wrap(buffer, 0)
                    .blockLength(noise.length - MessageHeaderEncoder.ENCODED_LENGTH)
                    .templateId(random.nextInt(40))
                    .schemaId(AskEncoder.SCHEMA_ID)
                    .version(AskEncoder.SCHEMA_VERSION);
        }
        return noise.length;
    }
}
