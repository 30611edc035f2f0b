package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Reads the frames of a camera of another host as they are published there, without scheduling: the node agent of this host mirrors the camera's
 * pool for as long as somebody reads it, and this is a {@link FrameSubscriber} of the mirror. When the link is slower than the camera, the newest
 * frame wins. A camera of this host is read directly. One thread, in whose duty cycle {@link #doWork} is.
 */
public final class FrameMirror implements AutoCloseable {
    private static final long REPEAT_NS = 1_000_000_000;
    private static final long FIRST_REPEAT_NS = 100_000_000;
    private static final long CORRELATION_ID = 1;

    private final DragonDirectory directory;
    private final String holderName;
    private final ErrorHandler errorHandler;
    private final NanoClock clock;
    private final FetchLine line;
    private final FrameRef wanted = new FrameRef();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FetchedDecoder fetched = new FetchedDecoder();
    private final FragmentHandler onAnswer = this::onAnswer;
    private FrameSubscriber subscriber;
    private long attachedTo;
    private long missedBefore;
    private long askedNs;
    private boolean isLocal;
    private String end;

    /**
     * A reader of a camera's pool.
     *
     * @param directory    of this host
     * @param poolId       of the camera's pool, wherever it is
     * @param holderName   who reads, for people who look
     * @param errorHandler receives what goes wrong and is mended by itself; on the reader's thread
     */
    public FrameMirror(
            final DragonDirectory directory,
            final long poolId,
            final String holderName,
            final ErrorHandler errorHandler) {
        this(directory, poolId, holderName, errorHandler, SystemNanoClock.INSTANCE);
    }

    FrameMirror(
            final DragonDirectory directory,
            final long poolId,
            final String holderName,
            final ErrorHandler errorHandler,
            final NanoClock clock) {
        this.directory = directory;
        this.holderName = holderName;
        this.errorHandler = errorHandler;
        this.clock = clock;
        wanted.set(poolId, 0, 0, 0);
        line = new FetchLine(errorHandler);
        isLocal = new PoolPlaces(directory).isHere(poolId);
        askedNs = clock.nanoTime() - REPEAT_NS;
        if (isLocal) {
            attach(poolId);
        }
    }

    /**
     * Asks the node agent of this host for the mirror, again and again. A part of a duty cycle.
     *
     * @param aeron of the host's media driver, worked by this thread or another; null while there is none
     * @return the amount of work done
     */
    public int doWork(final Aeron aeron) {
        if (isLocal || end != null) {
            return 0;
        }
        final long nowNs = clock.nanoTime();
        int workCount = line.poll(aeron, onAnswer, nowNs);
        final long repeatNs = subscriber == null ? FIRST_REPEAT_NS : REPEAT_NS;
        if (nowNs - askedNs >= repeatNs && line.fetch(CORRELATION_ID, wanted)) {
            askedNs = nowNs;
            workCount++;
        }
        return workCount;
    }

    /**
     * Hands frames to a handler, oldest first; each is leased for the length of the call.
     *
     * @param handler of frames
     * @param limit   of frames
     * @return the number of frames handed over
     */
    public int poll(final FrameHandler handler, final int limit) {
        return subscriber == null ? 0 : subscriber.poll(handler, limit);
    }

    private void onAnswer(final DirectBuffer buffer, final int offset, final int length, final Header aeronHeader) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + FetchedDecoder.BLOCK_LENGTH) {
            return;
        }
        header.wrap(buffer, offset);
        if (header.templateId() != FetchedDecoder.TEMPLATE_ID || header.schemaId() != FetchedDecoder.SCHEMA_ID) {
            return;
        }
        fetched.wrapAndApplyHeader(buffer, offset, header);
        if (fetched.clientId() != line.clientId() || fetched.correlationId() != CORRELATION_ID) {
            return;
        }
        if (fetched.outcome() == FetchOutcome.HERE) {
            if (fetched.frame().poolId() != attachedTo) {
                attach(fetched.frame().poolId());
            }
        } else {
            end = fetched.text();
        }
    }

    private void attach(final long poolId) {
        try {
            final FrameSubscriber attached = FrameSubscriber.attach(directory, poolId, holderName);
            detach();
            subscriber = attached;
            attachedTo = poolId;
        } catch (final DragonException e) {
            errorHandler.onError(e);
        }
    }

    private void detach() {
        if (subscriber != null) {
            missedBefore += subscriber.missed();
            CloseHelper.close(errorHandler, subscriber);
            subscriber = null;
            attachedTo = 0;
        }
    }

    /**
     * Frames that came to this host and that this reader was too slow for.
     *
     * @return frames since it began; those that the mirror skipped are counted by the node agent
     */
    public long missed() {
        return missedBefore + (subscriber == null ? 0 : subscriber.missed());
    }

    /**
     * Whether frames may come.
     *
     * @return false until the mirror is there, and after its end
     */
    public boolean isOpen() {
        return subscriber != null && end == null;
    }

    /**
     * Why no more frames will come.
     *
     * @return one sentence; null while they may
     */
    public String end() {
        return end == null && isLocal && subscriber != null && subscriber.isSealed()
                ? "The camera's pool is sealed: its owner has ended."
                : end;
    }

    /** Ends reading; the mirror goes when nobody reads it any more. */
    @Override
    public void close() {
        detach();
        line.done(CORRELATION_ID);
        line.close();
    }
}
