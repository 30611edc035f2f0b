package io.dragon.engine.transfer;

import io.dragon.codecs.frame.AskDecoder;
import io.dragon.codecs.frame.BeginDecoder;
import io.dragon.codecs.frame.ChunkAgainDecoder;
import io.dragon.codecs.frame.ChunkDecoder;
import io.dragon.codecs.frame.EndDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.HelloAnswerDecoder;
import io.dragon.codecs.frame.HelloDecoder;
import io.dragon.codecs.frame.LeaveDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.NewsDecoder;
import io.dragon.codecs.frame.PieceDecoder;
import io.dragon.codecs.frame.RefusedDecoder;
import io.dragon.codecs.frame.WaitingDecoder;
import io.dragon.codecs.frame.WatchDecoder;
import io.dragon.engine.transfer.TransferCounters.Kind;
import java.util.ArrayList;
import org.agrona.DirectBuffer;

/** What comes in from other agents, decoded and handed on. Whatever makes no sense is counted and ignored. One thread. */
final class Inbox implements InletHandler {
    private static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;

    private final TransferCore core;
    private final ArrayList<Inlet> inlets = new ArrayList<>();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final HelloAnswerDecoder helloAnswer = new HelloAnswerDecoder();
    private final AskDecoder ask = new AskDecoder();
    private final RefusedDecoder refused = new RefusedDecoder();
    private final WaitingDecoder waiting = new WaitingDecoder();
    private final BeginDecoder begin = new BeginDecoder();
    private final ChunkDecoder chunk = new ChunkDecoder();
    private final PieceDecoder piece = new PieceDecoder();
    private final EndDecoder end = new EndDecoder();
    private final ChunkAgainDecoder chunkAgain = new ChunkAgainDecoder();
    private final LeaveDecoder leave = new LeaveDecoder();

    private final WatchDecoder watch = new WatchDecoder();
    private final NewsDecoder news = new NewsDecoder();

    Inbox(final TransferCore core) {
        this.core = core;
    }

    @Override
    public void onOpened(final Inlet inlet) {
        inlets.add(inlet);
        core.fetches.onOpened(inlet);
    }

    @Override
    public void onClosed(final Inlet inlet) {
        inlets.remove(inlet);
        core.fetches.onClosed(inlet, core.nowNs());
    }

    /** The transport is gone. */
    void closeAll() {
        while (!inlets.isEmpty()) {
            onClosed(inlets.get(inlets.size() - 1));
        }
    }

    @Override
    public void onMalformed(final String source) {
        core.counters.increment(Kind.INTRUDERS);
    }

    @Override
    public void onMessage(final Inlet inlet, final DirectBuffer buffer, final int offset, final int length) {
        if (length < HEADER) {
            onMalformed(inlet.source());
            return;
        }
        header.wrap(buffer, offset);
        if (header.schemaId() != AskDecoder.SCHEMA_ID || header.blockLength() > length - HEADER) {
            onMalformed(inlet.source());
            return;
        }
        if (!onTemplate(inlet, buffer, offset, length)) {
            onMalformed(inlet.source());
        }
    }

    private boolean onTemplate(final Inlet inlet, final DirectBuffer buffer, final int offset, final int length) {
        return switch (header.templateId()) {
            case HelloDecoder.TEMPLATE_ID -> has(HelloDecoder.BLOCK_LENGTH) && onHello(buffer, offset, length);
            case HelloAnswerDecoder.TEMPLATE_ID -> has(HelloAnswerDecoder.BLOCK_LENGTH)
                    && onHelloAnswer(buffer, offset);
            case AskDecoder.TEMPLATE_ID -> has(AskDecoder.BLOCK_LENGTH)
                    && core.servings.onAsk(ask.wrapAndApplyHeader(buffer, offset, header), core.nowNs());
            case RefusedDecoder.TEMPLATE_ID -> has(RefusedDecoder.BLOCK_LENGTH)
                    && onRefused(inlet, buffer, offset, length);
            case WaitingDecoder.TEMPLATE_ID -> has(WaitingDecoder.BLOCK_LENGTH) && onWaiting(inlet, buffer, offset);
            case BeginDecoder.TEMPLATE_ID -> has(BeginDecoder.BLOCK_LENGTH) && onBegin(inlet, buffer, offset);
            case ChunkDecoder.TEMPLATE_ID -> has(ChunkDecoder.BLOCK_LENGTH) && onChunk(inlet, buffer, offset);
            case EndDecoder.TEMPLATE_ID -> has(EndDecoder.BLOCK_LENGTH) && onEnd(buffer, offset);
            case ChunkAgainDecoder.TEMPLATE_ID -> has(ChunkAgainDecoder.BLOCK_LENGTH) && onChunkAgain(buffer, offset);
            case LeaveDecoder.TEMPLATE_ID -> has(LeaveDecoder.BLOCK_LENGTH) && onLeave(buffer, offset);
            case WatchDecoder.TEMPLATE_ID -> has(WatchDecoder.BLOCK_LENGTH)
                    && core.watches.onWatch(watch.wrapAndApplyHeader(buffer, offset, header), core.nowNs());
            case NewsDecoder.TEMPLATE_ID -> has(NewsDecoder.BLOCK_LENGTH)
                    && core.mirrors.onNews(news.wrapAndApplyHeader(buffer, offset, header), core.nowNs());
            default -> false;
        };
    }

    private boolean has(final int blockLength) {
        return header.blockLength() >= blockLength;
    }

    private boolean onHello(final DirectBuffer buffer, final int offset, final int length) {
        hello.wrapAndApplyHeader(buffer, offset, header);
        final int nodeId = (int) hello.nodeId();
        if (hello.length() != length || !core.isKnown(nodeId)) {
            return false;
        }
        final Peer peer = core.peer(nodeId);
        core.servings.onAgent(peer, hello.agentId());
        peer.send(core.wording.buffer(), core.wording.helloAnswer(core.nodeId(), core.agentId, hello.number()));
        return true;
    }

    private boolean onHelloAnswer(final DirectBuffer buffer, final int offset) {
        helloAnswer.wrapAndApplyHeader(buffer, offset, header);
        final Peer peer = core.knownPeer((int) helloAnswer.nodeId());
        if (peer == null) {
            return false;
        }
        peer.onHelloAnswer(helloAnswer.number(), helloAnswer.agentId());
        return true;
    }

    private Fetch fetch(final long requestId) {
        final Fetch fetch = core.fetches.of(requestId);
        if (fetch == null) {
            core.fetches.countStray(requestId);
        }
        return fetch;
    }

    private boolean onRefused(final Inlet inlet, final DirectBuffer buffer, final int offset, final int length) {
        refused.wrapAndApplyHeader(buffer, offset, header);
        final int left = length - HEADER - header.blockLength() - RefusedDecoder.textHeaderLength();
        final short outcome = refused.outcomeRaw();
        if (left < 0
                || refused.textLength() > left
                || outcome < FetchOutcome.GONE.value()
                || outcome > FetchOutcome.ENDED.value()) {
            return false;
        }
        final String text = refused.text(); // once: reading it again would read what follows it
        if (outcome == FetchOutcome.ENDED.value() && core.mirrors.onEnded(refused.requestId(), text)) {
            return true;
        }
        final Fetch fetch = fetch(refused.requestId());
        if (fetch != null) {
            fetch.onRefused(FetchOutcome.get(outcome), text, core.nowNs());
        }
        return true;
    }

    private boolean onWaiting(final Inlet inlet, final DirectBuffer buffer, final int offset) {
        waiting.wrapAndApplyHeader(buffer, offset, header);
        final Fetch fetch = fetch(waiting.requestId());
        if (fetch != null) {
            fetch.onSign(inlet, core.nowNs());
        }
        return true;
    }

    private boolean onBegin(final Inlet inlet, final DirectBuffer buffer, final int offset) {
        begin.wrapAndApplyHeader(buffer, offset, header);
        final Fetch fetch = fetch(begin.requestId());
        return fetch == null || fetch.onBegin(inlet, begin, core.nowNs());
    }

    private boolean onChunk(final Inlet inlet, final DirectBuffer buffer, final int offset) {
        chunk.wrapAndApplyHeader(buffer, offset, header);
        final Fetch fetch = fetch(chunk.requestId());
        return fetch == null
                || fetch.state != Fetch.COMING
                || ((ChunkArrival) inlet.attachment()).onChunk(fetch, chunk);
    }

    private boolean onEnd(final DirectBuffer buffer, final int offset) {
        end.wrapAndApplyHeader(buffer, offset, header);
        final Fetch fetch = fetch(end.requestId());
        if (fetch != null) {
            fetch.onEnd(end.checksumLow(), end.checksumHigh(), core.nowNs());
        }
        return true;
    }

    private boolean onChunkAgain(final DirectBuffer buffer, final int offset) {
        chunkAgain.wrapAndApplyHeader(buffer, offset, header);
        core.servings.onChunkAgain(chunkAgain.requestId(), chunkAgain.chunk(), core.nowNs());
        return true;
    }

    private boolean onLeave(final DirectBuffer buffer, final int offset) {
        leave.wrapAndApplyHeader(buffer, offset, header);
        core.servings.onLeave(leave.requestId());
        return true;
    }

    @Override
    public void onPieceBegins(
            final Inlet inlet, final DirectBuffer head, final int offset, final int headLength, final int length) {
        // Where the last one went, another frame may lie by now.
        inlet.target().discard();
        header.wrap(head, offset);
        final ChunkArrival arrival = (ChunkArrival) inlet.attachment();
        if (header.blockLength() != PieceDecoder.BLOCK_LENGTH) {
            onMalformed(inlet.source());
            return;
        }
        piece.wrapAndApplyHeader(head, offset, header);
        if (arrival.isNext(piece.requestId(), piece.chunk(), piece.at(), length)) {
            arrival.onPieceBegins(length, inlet.target());
        } else if (core.fetches.of(piece.requestId()) == null) {
            core.fetches.countStray(piece.requestId());
        }
    }

    @Override
    public void onPieceArrived(final Inlet inlet) {
        ((ChunkArrival) inlet.attachment()).onPieceArrived(core.nowNs());
    }
}
