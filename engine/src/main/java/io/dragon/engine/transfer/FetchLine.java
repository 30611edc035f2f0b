package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.dragon.codecs.frame.FetchDoneEncoder;
import io.dragon.codecs.frame.FetchEncoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FrameRef;
import java.security.SecureRandom;
import org.agrona.ErrorHandler;

/**
 * The streams between a program and the node agent of its host. They are made anew, under a new name, with every Aeron client: what was
 * asked before is asked again. Nothing here waits for the media driver.
 */
final class FetchLine implements AutoCloseable {
    private static final int FRAGMENT_LIMIT = 16;

    /** After the driver refused a stream. */
    private static final long PAUSE_NS = 500_000_000;

    private static final long NONE = Aeron.NULL_VALUE;

    private final ErrorHandler errorHandler;
    private final SecureRandom random = new SecureRandom();
    private final BufferClaim claim = new BufferClaim();
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final FetchEncoder fetch = new FetchEncoder();
    private final FetchDoneEncoder done = new FetchDoneEncoder();
    private Aeron aeron;
    private ExclusivePublication requests;
    private Subscription answers;
    private long requestsId = NONE;
    private long answersId = NONE;
    private long pauseUntilNs;
    private boolean isPaused;
    private long clientId;
    private int replyStreamId;
    private int generation;

    FetchLine(final ErrorHandler errorHandler) {
        this.errorHandler = errorHandler;
    }

    /** Grows when what was asked before has to be asked again. */
    int generation() {
        return generation;
    }

    long clientId() {
        return clientId;
    }

    /** Whether the driver is still about to open it, so that nobody can be known to listen. */
    boolean isOpening() {
        return aeron != null && (requests == null || answers == null);
    }

    /** Whether a node agent listens. */
    boolean isConnected() {
        return requests != null && answers != null && requests.isConnected();
    }

    int poll(final Aeron present, final FragmentHandler handler, final long nowNs) {
        if (present == null || present.isClosed()) {
            forget();
            return 0;
        }
        try {
            if (present != aeron) {
                forget();
                return open(present, nowNs);
            }
            if (requests == null || answers == null) {
                return complete();
            }
            if (requests.isClosed() || answers.isClosed()) {
                close();
                return 1;
            }
            return answers.poll(handler, FRAGMENT_LIMIT);
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
            close();
            isPaused = true;
            pauseUntilNs = nowNs + PAUSE_NS;
            return 1;
        }
    }

    boolean fetch(final long correlationId, final FrameRef frame) {
        final int length = MessageHeaderEncoder.ENCODED_LENGTH + FetchEncoder.BLOCK_LENGTH;
        if (requests == null || requests.tryClaim(length, claim) < 0) {
            return false;
        }
        fetch.wrapAndApplyHeader(claim.buffer(), claim.offset(), header)
                .clientId(clientId)
                .correlationId(correlationId)
                .nodeId(0)
                .replyStreamId(replyStreamId);
        fetch.frame()
                .poolId(frame.poolId())
                .sequence(frame.sequence())
                .slot(frame.slot())
                .length(frame.length());
        claim.commit();
        return true;
    }

    boolean done(final long correlationId) {
        final int length = MessageHeaderEncoder.ENCODED_LENGTH + FetchDoneEncoder.BLOCK_LENGTH;
        if (requests == null || requests.tryClaim(length, claim) < 0) {
            return false;
        }
        done.wrapAndApplyHeader(claim.buffer(), claim.offset(), header)
                .clientId(clientId)
                .correlationId(correlationId);
        claim.commit();
        return true;
    }

    private int open(final Aeron present, final long nowNs) {
        if (isPaused && nowNs - pauseUntilNs < 0) {
            return 0;
        }
        isPaused = false;
        aeron = present;
        generation++;
        clientId = random.nextLong();
        replyStreamId = FrameFetcher.FIRST_ANSWER_STREAM_ID + random.nextInt(FrameFetcher.ANSWER_STREAMS);
        answersId = aeron.asyncAddSubscription(TransferAgent.LOCAL_CHANNEL, replyStreamId);
        requestsId = aeron.asyncAddExclusivePublication(TransferAgent.LOCAL_CHANNEL, TransferAgent.REQUEST_STREAM_ID);
        return 1;
    }

    private int complete() {
        int work = 0;
        if (answers == null) {
            answers = aeron.getSubscription(answersId);
            work += answers == null ? 0 : 1;
        }
        if (requests == null) {
            requests = aeron.getExclusivePublication(requestsId);
            work += requests == null ? 0 : 1;
        }
        return work;
    }

    /** What its Aeron client had was closed with it. */
    private void forget() {
        aeron = null;
        requests = null;
        answers = null;
        requestsId = NONE;
        answersId = NONE;
    }

    @Override
    public void close() {
        final Aeron of = aeron;
        final ExclusivePublication publication = requests;
        final Subscription subscription = answers;
        final long publicationId = requestsId;
        final long subscriptionId = answersId;
        forget();
        if (of == null || of.isClosed()) {
            return;
        }
        try {
            if (publication != null) {
                publication.close();
            } else if (publicationId != NONE) {
                of.asyncRemovePublication(publicationId);
            }
            if (subscription != null) {
                subscription.close();
            } else if (subscriptionId != NONE) {
                of.asyncRemoveSubscription(subscriptionId);
            }
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
        }
    }
}
