package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchDoneEncoder;
import io.dragon.codecs.frame.FetchEncoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FrameRef;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A program of a host that asks for frames. */
final class Asker implements AutoCloseable {
    private static final int ASK_AGAIN_CYCLES = 2_000;

    final Map<Long, Answer> answers = new HashMap<>();
    private final Map<Long, Question> open = new HashMap<>();
    private final String aeronDirectoryName;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final long clientId = new Random().nextLong();
    private final int replyStreamId = 1 << 24 | new Random().nextInt(1 << 20);
    private Aeron aeron;
    private long publicationId;
    private long subscriptionId;
    private ExclusivePublication publication;
    private Subscription subscription;
    private long lastId;

    record Answer(FetchOutcome outcome, FrameRef frame, String text, long elapsedNs) {}

    private static final class Question {
        final FrameRef frame;
        final int nodeId;
        int cycles;

        Question(final FrameRef frame, final int nodeId) {
            this.frame = frame;
            this.nodeId = nodeId;
        }
    }

    Asker(final String aeronDirectoryName) {
        this.aeronDirectoryName = aeronDirectoryName;
    }

    long ask(final FrameRef frame, final int nodeId) {
        open.put(++lastId, new Question(frame, nodeId));
        return lastId;
    }

    void doWork() {
        if (aeron == null) {
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(aeronDirectoryName)
                    .useConductorAgentInvoker(true)
                    .errorHandler(throwable -> {}));
            publicationId =
                    aeron.asyncAddExclusivePublication(TransferAgent.LOCAL_CHANNEL, TransferAgent.REQUEST_STREAM_ID);
            subscriptionId = aeron.asyncAddSubscription(TransferAgent.LOCAL_CHANNEL, replyStreamId);
        }
        aeron.conductorAgentInvoker().invoke();
        if (publication == null) {
            publication = aeron.getExclusivePublication(publicationId);
        }
        if (subscription == null) {
            subscription = aeron.getSubscription(subscriptionId);
        }
        if (publication == null || subscription == null) {
            return;
        }
        subscription.poll(this::onAnswer, 16);
        open.forEach(this::send);
    }

    private void send(final long id, final Question question) {
        if (question.cycles++ % ASK_AGAIN_CYCLES != 0) {
            return;
        }
        final FetchEncoder fetch = new FetchEncoder();
        fetch.wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder())
                .clientId(clientId)
                .correlationId(id)
                .nodeId(question.nodeId)
                .replyStreamId(replyStreamId);
        Wording.put(fetch.frame(), question.frame);
        if (publication.offer(buffer, 0, MessageHeaderEncoder.ENCODED_LENGTH + fetch.encodedLength()) < 0) {
            question.cycles--;
        }
    }

    void done(final long id) {
        final FetchDoneEncoder done = new FetchDoneEncoder();
        done.wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder())
                .clientId(clientId)
                .correlationId(id);
        publication.offer(buffer, 0, MessageHeaderEncoder.ENCODED_LENGTH + done.encodedLength());
    }

    private void onAnswer(final DirectBuffer from, final int offset, final int length, final Header header) {
        final FetchedDecoder answer = new FetchedDecoder();
        answer.wrapAndApplyHeader(from, offset, new MessageHeaderDecoder());
        if (answer.clientId() == clientId && open.remove(answer.correlationId()) != null) {
            final FrameRef ref = new FrameRef()
                    .set(
                            answer.frame().poolId(),
                            answer.frame().sequence(),
                            (int) answer.frame().slot(),
                            (int) answer.frame().length());
            answers.put(answer.correlationId(), new Answer(answer.outcome(), ref, answer.text(), answer.elapsedNs()));
        }
    }

    @Override
    public void close() {
        if (aeron != null) {
            aeron.close();
        }
    }
}
