package io.dragon.engine.transfer;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.exceptions.RegistrationException;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchDecoder;
import io.dragon.codecs.frame.FetchDoneDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedEncoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.transfer.TransferCounters.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.Object2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where programs of this host ask for frames, over shared memory. Each is answered on a stream of its own, so that one that does not read delays no
 * other. A program asks again until it is answered, so what it asked is known by its number. One thread.
 */
final class LocalDesk implements AutoCloseable {
    private static final int REQUESTS_A_CYCLE = 16;
    private static final long LOOK_NS = 100_000_000;
    private static final long LINE_IDLE_NS = 30_000_000_000L;
    private static final int ANSWER_LENGTH = 1024;
    private static final int MOST_REQUESTS = 16_384;
    private static final int MOST_LINES = 1_024;
    private static final byte[] NO_TEXT = {};

    private final TransferCore core;
    private final Object2ObjectHashMap<LocalRequest.Id, LocalRequest> requests = new Object2ObjectHashMap<>();
    private final ArrayList<LocalRequest> unanswered = new ArrayList<>();
    private final ArrayDeque<LocalRequest> idle = new ArrayDeque<>();
    private final LocalRequest.Id sought = new LocalRequest.Id();
    private final Long2ObjectHashMap<Line> lines = new Long2ObjectHashMap<>();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FetchDecoder fetchDecoder = new FetchDecoder();
    private final FetchDoneDecoder doneDecoder = new FetchDoneDecoder();
    private final MessageHeaderEncoder answerHeader = new MessageHeaderEncoder();
    private final FetchedEncoder answer = new FetchedEncoder();
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[ANSWER_LENGTH]);
    private final FragmentHandler onFragment = this::onFragment;
    private final FrameRef wanted = new FrameRef();
    private final FrameRef local = new FrameRef();
    private Aeron aeron;
    private long subscriptionId;
    private Subscription subscription;
    private long lookedNs;

    LocalDesk(final TransferCore core) {
        this.core = core;
        lookedNs = core.nowNs();
    }

    /** The stream on which one program is answered. */
    private static final class Line {
        long publicationId;
        ExclusivePublication publication;
        long usedNs;
    }

    void open(final Aeron client) {
        aeron = client;
        subscriptionId = client.asyncAddSubscription(TransferAgent.LOCAL_CHANNEL, core.ctx.requestStreamId());
    }

    int doWork(final long nowNs) {
        if (subscription == null) {
            subscription = aeron.getSubscription(subscriptionId);
            return 0;
        }
        int workCount = subscription.poll(onFragment, REQUESTS_A_CYCLE);
        for (int i = unanswered.size() - 1; i >= 0; i--) {
            final LocalRequest request = unanswered.get(i);
            if (send(request, nowNs)) {
                unanswered.remove(i);
                onSent(request);
                workCount++;
            }
        }
        if (nowNs - lookedNs >= LOOK_NS) {
            lookedNs = nowNs;
            look(nowNs);
        }
        return workCount;
    }

    private void onFragment(final DirectBuffer from, final int offset, final int length, final Header aeronHeader) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH) {
            core.counters.increment(Kind.INTRUDERS);
            return;
        }
        header.wrap(from, offset);
        final int template = header.templateId();
        final int body = length - MessageHeaderDecoder.ENCODED_LENGTH;
        if (header.schemaId() != FetchDecoder.SCHEMA_ID || header.blockLength() > body) {
            core.counters.increment(Kind.INTRUDERS);
        } else if (template == FetchDecoder.TEMPLATE_ID && header.blockLength() >= FetchDecoder.BLOCK_LENGTH) {
            onFetch(fetchDecoder.wrapAndApplyHeader(from, offset, header));
        } else if (template == FetchDoneDecoder.TEMPLATE_ID && header.blockLength() >= FetchDoneDecoder.BLOCK_LENGTH) {
            doneDecoder.wrapAndApplyHeader(from, offset, header);
            onDone(doneDecoder.clientId(), doneDecoder.correlationId());
        } else {
            core.counters.increment(Kind.INTRUDERS);
        }
    }

    private void onFetch(final FetchDecoder fetch) {
        final LocalRequest known = requests.get(sought.set(fetch.clientId(), fetch.correlationId()));
        if (known != null) {
            known.askedNs = core.nowNs();
            if (known.mirror != null) {
                lookAtMirror(known);
            } else if (known.isAnswered()) {
                answer(known);
            }
            return;
        }
        wanted.set(
                fetch.frame().poolId(),
                fetch.frame().sequence(),
                (int) fetch.frame().slot(),
                (int) fetch.frame().length());
        if (wanted.poolId() == 0 || wanted.length() < 0 || fetch.replyStreamId() == 0 || isFull(fetch.clientId())) {
            core.counters.increment(Kind.INTRUDERS);
            return;
        }
        final LocalRequest request = idle.isEmpty() ? new LocalRequest(this) : idle.poll();
        request.begin(sought, fetch.replyStreamId(), core.nowNs());
        request.frame.set(wanted);
        requests.put(request.id, request);
        if (wanted.sequence() == 0) {
            request.mirror = core.mirrors.of(wanted.poolId(), (int) fetch.nodeId());
            request.mirror.users++;
            return;
        }
        if (core.pools.find(wanted, local) && core.reader.acquire(local, request.lease) == 0
                || core.places.isHere(wanted.poolId()) && core.reader.acquire(wanted, request.lease) == 0) {
            request.frame.set(request.lease.ref());
            request.outcome = FetchOutcome.HERE;
            answer(request);
        } else {
            request.fetch = core.fetches.fetch(wanted, (int) fetch.nodeId(), core.pools, request);
        }
    }

    /** Whoever is not heard asks again; a program that goes on asking for more harms itself. */
    private boolean isFull(final long clientId) {
        return requests.size() >= MOST_REQUESTS || lines.size() >= MOST_LINES && !lines.containsKey(clientId);
    }

    /** A mirror is answered for as often as it is asked for, so that whoever reads it learns of its end. */
    private void lookAtMirror(final LocalRequest request) {
        final Mirror mirror = request.mirror;
        if (mirror.end() != null) {
            request.outcome = FetchOutcome.ENDED;
            request.text = mirror.end();
            leaveMirror(request);
            answer(request);
        } else if (mirror.poolId() != 0) {
            request.outcome = FetchOutcome.HERE;
            request.frame.set(mirror.poolId(), 0, 0, 0);
            answer(request);
        }
    }

    private void leaveMirror(final LocalRequest request) {
        if (request.mirror != null) {
            final Mirror mirror = request.mirror;
            request.mirror = null;
            if (--mirror.users == 0) {
                core.mirrors.close(mirror);
            }
        }
    }

    void onFetched(final LocalRequest request, final FrameRef here) {
        request.fetch = null;
        if (core.reader.acquire(here, request.lease) == 0) {
            request.frame.set(here);
            request.outcome = FetchOutcome.HERE;
        } else {
            request.outcome = FetchOutcome.NO_ROOM;
            request.text = core.reader.refusal() == null ? "The frame was overwritten at once." : core.reader.refusal();
        }
        answer(request);
    }

    void onFailed(final LocalRequest request, final FetchOutcome outcome, final String text) {
        request.fetch = null;
        request.outcome = outcome;
        request.text = text;
        answer(request);
    }

    private void onDone(final long clientId, final long correlationId) {
        final LocalRequest request = requests.remove(sought.set(clientId, correlationId));
        if (request != null) {
            end(request);
        }
    }

    private void end(final LocalRequest request) {
        request.lease.release();
        leaveMirror(request);
        if (request.fetch != null) {
            core.fetches.leave(request.fetch, request);
        }
        unanswered.remove(request);
        idle.add(request);
    }

    private void answer(final LocalRequest request) {
        request.answeredNs = core.nowNs();
        if (unanswered.contains(request)) {
            return;
        }
        if (send(request, core.nowNs())) {
            onSent(request);
        } else {
            unanswered.add(request);
        }
    }

    /** Nothing is left to be done for a program that was told that its frame does not come. */
    private void onSent(final LocalRequest request) {
        if (request.outcome != FetchOutcome.HERE) {
            requests.remove(request.id);
            request.lease.release();
            idle.add(request);
        }
    }

    /** False when it must be tried again. */
    private boolean send(final LocalRequest request, final long nowNs) {
        final Line line = line(request);
        line.usedNs = nowNs;
        if (line.publication == null) {
            try {
                line.publication = aeron.getExclusivePublication(line.publicationId);
            } catch (final RegistrationException e) {
                core.ctx.errorHandler().onError(e);
                lines.remove(request.id.clientId());
            }
            if (line.publication == null) {
                return false;
            }
        }
        answer.wrapAndApplyHeader(buffer, 0, answerHeader)
                .clientId(request.id.clientId())
                .correlationId(request.id.correlationId())
                .outcome(request.outcome)
                .elapsedNs(nowNs - request.beganNs);
        Wording.put(answer.frame(), request.frame);
        final byte[] text = request.text.isEmpty() ? NO_TEXT : request.text.getBytes(StandardCharsets.UTF_8);
        answer.putText(text, 0, Math.min(text.length, Wording.LONGEST_TEXT));
        final int length = MessageHeaderEncoder.ENCODED_LENGTH + answer.encodedLength();
        return line.publication.offer(buffer, 0, length) > 0;
    }

    private Line line(final LocalRequest request) {
        Line line = lines.get(request.id.clientId());
        if (line == null) {
            line = new Line();
            line.publicationId = aeron.asyncAddExclusivePublication(TransferAgent.LOCAL_CHANNEL, request.replyStreamId);
            lines.put(request.id.clientId(), line);
        }
        return line;
    }

    /** Gives up what nobody has asked for again: whoever did is dead, or has it long since. */
    private void look(final long nowNs) {
        final Object2ObjectHashMap<LocalRequest.Id, LocalRequest>.ValueIterator all =
                requests.values().iterator();
        while (all.hasNext()) {
            final LocalRequest request = all.next();
            if ((request.isAnswered() || request.mirror != null)
                    && nowNs - request.answeredNs >= core.ctx.holdTimeoutNs()
                    && nowNs - request.askedNs >= core.ctx.holdTimeoutNs()) {
                all.remove();
                end(request);
            }
        }
        final Long2ObjectHashMap<Line>.ValueIterator each = lines.values().iterator();
        while (each.hasNext()) {
            final Line line = each.next();
            if (nowNs - line.usedNs >= LINE_IDLE_NS) {
                each.remove();
                CloseHelper.close(core.ctx.errorHandler(), line.publication);
            }
        }
    }

    /** Requests that are not done with. */
    int openRequests() {
        return requests.size();
    }

    /** The media driver is gone: programs ask again when there is another. */
    void onDriverLost() {
        subscription = null;
        lines.clear();
        aeron = null;
    }

    @Override
    public void close() {
        for (final LocalRequest request : requests.values()) {
            request.lease.release();
            if (request.fetch != null) {
                // Nobody is left who could be told of its end.
                request.fetch.waiters.remove(request);
                request.fetch = null;
            }
        }
        requests.clear();
        unanswered.clear();
        lines.clear();
        subscription = null;
    }
}
