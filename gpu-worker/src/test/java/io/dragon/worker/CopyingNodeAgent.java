package io.dragon.worker;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchDecoder;
import io.dragon.codecs.frame.FetchDoneDecoder;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedEncoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import io.dragon.engine.transfer.TransferAgent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * In the place of a node agent: brings frames of a "host" that is another directory of this machine by copying them. A test can have it
 * keep its answers, or answer that a frame cannot be had.
 */
final class CopyingNodeAgent implements Agent, AutoCloseable {
    private record Key(long clientId, long correlationId) {}

    private record Held(FrameRef far, FrameRef here, int replyStreamId) {}

    private final FrameReader reader;
    private final PoolSet pools;
    private final Aeron aeron;
    private final Subscription requests;
    private final AgentRunner runner;
    private final Map<Integer, Publication> answers = new HashMap<>();
    private final Map<Key, Held> held = new HashMap<>();
    private final List<Runnable> kept = new ArrayList<>();
    private final FrameLease lease = new FrameLease();
    private final FrameClaim claim = new FrameClaim();
    private final FrameRef ref = new FrameRef();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final FetchDecoder fetch = new FetchDecoder();
    private final FetchDoneDecoder done = new FetchDoneDecoder();
    private final FetchedEncoder fetched = new FetchedEncoder();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[512]);

    /** What was answered and not ended yet, to be said again. */
    private final Map<Key, Runnable> said = new HashMap<>();

    /** While true nothing is answered. */
    volatile boolean isSlow;

    /** Answered instead of a frame; null otherwise. */
    volatile FetchOutcome failure;

    volatile long broughtCount;
    volatile int heldCount;

    CopyingNodeAgent(final DragonDirectory own, final DragonDirectory other, final String aeronDirectoryName) {
        reader = new FrameReader(other, "copying-agent");
        pools = new PoolSet(own, "copying-agent");
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(aeronDirectoryName));
        requests = aeron.addSubscription(TransferAgent.LOCAL_CHANNEL, TransferAgent.REQUEST_STREAM_ID);
        runner = new AgentRunner(new BackoffIdleStrategy(), Throwable::printStackTrace, null, this);
        AgentRunner.startOnThread(runner);
    }

    @Override
    public int doWork() {
        int work = requests.poll(this::onRequest, 16);
        if (!isSlow && !kept.isEmpty()) {
            kept.forEach(Runnable::run);
            kept.clear();
            work++;
        }
        heldCount = held.size();
        return work;
    }

    private void onRequest(final DirectBuffer buffer, final int offset, final int length, final Header ignored) {
        header.wrap(buffer, offset);
        if (header.templateId() == FetchDoneDecoder.TEMPLATE_ID) {
            done.wrapAndApplyHeader(buffer, offset, header);
            final Key ended = new Key(done.clientId(), done.correlationId());
            said.remove(ended);
            final Held one = held.remove(ended);
            if (one != null && one.here != null) {
                pools.release(one.here);
            }
            return;
        }
        fetch.wrapAndApplyHeader(buffer, offset, header);
        final Key key = new Key(fetch.clientId(), fetch.correlationId());
        final Held known = held.get(key);
        if (known != null) {
            if (said.containsKey(key)) {
                said.get(key).run(); // who asks again has not heard it
            }
            return;
        }
        final FrameRef far = new FrameRef()
                .set(
                        fetch.frame().poolId(),
                        fetch.frame().sequence(),
                        (int) fetch.frame().slot(),
                        (int) fetch.frame().length());
        final int stream = fetch.replyStreamId();
        held.put(key, new Held(far, null, stream));
        kept.add(() -> answer(key, far, stream));
    }

    private void answer(final Key key, final FrameRef far, final int stream) {
        if (held.get(key) == null) {
            return;
        }
        FetchOutcome outcome = failure;
        if (outcome == null) {
            outcome = copy(far);
        }
        if (outcome == FetchOutcome.HERE) {
            held.put(key, new Held(far, new FrameRef().set(ref), stream));
            broughtCount++;
        } else {
            ref.clear();
        }
        final FetchOutcome told = outcome;
        final FrameRef here = new FrameRef().set(ref);
        said.put(key, () -> say(key, told, here, stream));
        say(key, told, here, stream);
    }

    /** Not heard where the one who asked is not connected yet. */
    private void say(final Key key, final FetchOutcome outcome, final FrameRef here, final int stream) {
        fetched.wrapAndApplyHeader(message, 0, headerEncoder)
                .clientId(key.clientId)
                .correlationId(key.correlationId)
                .outcome(outcome)
                .elapsedNs(0);
        fetched.frame()
                .poolId(here.poolId())
                .sequence(here.sequence())
                .slot(here.slot())
                .length(here.length());
        fetched.text(outcome == FetchOutcome.HERE ? "" : "the copying agent says " + outcome);
        final Publication publication =
                answers.computeIfAbsent(stream, id -> aeron.addPublication(TransferAgent.LOCAL_CHANNEL, id));
        while (publication.offer(message, 0, MessageHeaderEncoder.ENCODED_LENGTH + fetched.encodedLength()) < 0
                && publication.isConnected()) {
            Thread.onSpinWait();
        }
    }

    private FetchOutcome copy(final FrameRef far) {
        if (reader.acquire(far, lease) != 0) {
            return FetchOutcome.GONE;
        }
        try {
            final int length = lease.buffer().capacity();
            if (pools.tryClaim(claim, length) < 0) {
                pools.add(16, PoolSet.slotLengthFor(length));
                if (pools.tryClaim(claim, length) < 0) {
                    return FetchOutcome.NO_ROOM;
                }
            }
            claim.buffer().putBytes(0, lease.buffer(), 0, length);
            claim.metadata().putBytes(0, lease.metadata(), 0, lease.metadataLength());
            claim.metadataLength(lease.metadataLength())
                    .format(lease.format())
                    .width(lease.width())
                    .height(lease.height())
                    .camera(lease.camera())
                    .step(lease.step())
                    .captureEpochNs(lease.captureEpochNs());
            claim.publish(ref, true);
            return FetchOutcome.HERE;
        } finally {
            lease.release();
        }
    }

    @Override
    public String roleName() {
        return "copying-agent";
    }

    @Override
    public void onClose() {
        reader.close();
        pools.close();
        aeron.close();
    }

    @Override
    public void close() {
        runner.close();
    }
}
