package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchDecoder;
import io.dragon.codecs.frame.FetchDoneDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedEncoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FrameRef;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;

/** What a program sees of a node agent, answering as a test tells it to. On the test's thread. */
final class StubNodeAgent implements AutoCloseable {
    private final Aeron aeron;
    private final Subscription requests;
    private final Int2ObjectHashMap<Publication> answers = new Int2ObjectHashMap<>();
    private final FragmentHandler onRequest = this::onRequest;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final FetchDecoder fetch = new FetchDecoder();
    private final FetchDoneDecoder done = new FetchDoneDecoder();
    private final FetchedEncoder fetched = new FetchedEncoder();
    private final BufferClaim claim = new BufferClaim();
    final FrameRef wanted = new FrameRef();

    /** What it answers with; null not at all. */
    FetchOutcome outcome = FetchOutcome.HERE;

    final FrameRef here = new FrameRef();
    String text = "";
    int askedCount;
    int doneCount;
    long lastClientId;
    long lastCorrelationId;
    int lastReplyStreamId;

    StubNodeAgent(final String aeronDirectoryName) {
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(aeronDirectoryName));
        requests = aeron.addSubscription(TransferAgent.LOCAL_CHANNEL, TransferAgent.REQUEST_STREAM_ID);
    }

    int poll() {
        return requests.poll(onRequest, 16);
    }

    private void onRequest(final DirectBuffer buffer, final int offset, final int length, final Header ignored) {
        header.wrap(buffer, offset);
        if (header.templateId() == FetchDoneDecoder.TEMPLATE_ID) {
            done.wrapAndApplyHeader(buffer, offset, header);
            doneCount++;
            return;
        }
        fetch.wrapAndApplyHeader(buffer, offset, header);
        askedCount++;
        lastClientId = fetch.clientId();
        lastCorrelationId = fetch.correlationId();
        lastReplyStreamId = fetch.replyStreamId();
        wanted.set(
                fetch.frame().poolId(),
                fetch.frame().sequence(),
                (int) fetch.frame().slot(),
                (int) fetch.frame().length());
        if (outcome != null) {
            answer(lastClientId, lastCorrelationId);
        }
    }

    void answer(final long clientId, final long correlationId) {
        Publication publication = answers.get(lastReplyStreamId);
        if (publication == null) {
            publication = aeron.addPublication(TransferAgent.LOCAL_CHANNEL, lastReplyStreamId);
            answers.put(lastReplyStreamId, publication);
        }
        final int length = MessageHeaderEncoder.ENCODED_LENGTH
                + FetchedEncoder.BLOCK_LENGTH
                + FetchedEncoder.textHeaderLength()
                + text.length();
        while (publication.tryClaim(length, claim) < 0) {
            Thread.onSpinWait();
        }
        fetched.wrapAndApplyHeader(claim.buffer(), claim.offset(), headerEncoder)
                .clientId(clientId)
                .correlationId(correlationId)
                .outcome(outcome)
                .elapsedNs(1);
        fetched.frame()
                .poolId(here.poolId())
                .sequence(here.sequence())
                .slot(here.slot())
                .length(here.length());
        fetched.text(text);
        claim.commit();
    }

    @Override
    public void close() {
        aeron.close();
    }
}
