package io.dragon.engine.transfer;

import static io.dragon.engine.config.Timeouts.Key.FETCH_AGENT;
import static io.dragon.engine.config.Timeouts.Key.FETCH_REPEAT;

import io.aeron.Aeron;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.FetchedDecoder;
import io.dragon.codecs.frame.FrameRefDecoder;
import io.dragon.codecs.frame.MessageHeaderDecoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Brings frames of other hosts to a program: asks the node agent of this host, which fetches each into the host's receive pool, and
 * leases it there. What is asked is asked again until it is answered, also across a restart of the node agent or of the media driver. It
 * never waits and, once it has been used, allocates nothing; nothing is opened before the first frame is asked for. One thread, in
 * whose duty cycle {@link #doWork} is.
 *
 * <pre>
 *                      repeated                     leased
 *   fetch -&gt; ASKING --- Fetch ---&gt; node agent --- Fetched ---&gt; HERE --- FetchDone ---&gt; node agent
 *              |                                     |
 *              '-- no node agent, deadline           '-- gone, corrupt, unreachable, no room: in words
 * </pre>
 */
public final class FrameFetcher implements AutoCloseable {
    static final int FIRST_ANSWER_STREAM_ID = 1 << 20;
    static final int ANSWER_STREAMS = (1 << 24) - (1 << 20);

    private static final long LOOK_NS = 1_000_000;
    private static final long SWEEP_NS = 100_000_000;
    private static final int MOST_UNSAID = 4_096;
    private static final FetchOutcome[] OUTCOMES = FetchOutcome.values();

    private final DragonDirectory directory;
    private final NanoClock clock;
    private final long repeatNs;
    private final long agentNs;
    private final FetchLine line;
    private final PoolPlaces places;
    private final FrameReader reader;
    private final ErrorHandler errorHandler;
    private final FragmentHandler onAnswer = this::onAnswer;
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final FetchedDecoder fetched = new FetchedDecoder();
    private final Long2ObjectHashMap<FrameFetch> byCorrelation = new Long2ObjectHashMap<>();
    private final ArrayList<FrameFetch> asking = new ArrayList<>();
    private final ArrayDeque<FrameFetch> free = new ArrayDeque<>();

    /** Said when the line takes it: that a frame is leased, or not wanted any more. */
    private final LongArrayList unsaid = new LongArrayList();

    private long nextCorrelationId = 1;
    private int generation;
    private long connectedNs;
    private long lookedNs;
    private long sweptNs;
    private boolean hasNew;
    private long finishedCount;
    private long hereCount;
    private long staleCount;

    /**
     * A fetcher that has opened nothing yet.
     *
     * @param directory    of this host.
     * @param holderName   who reads, for people who look.
     * @param timeouts     how often it asks, and how long it waits for a node agent.
     * @param errorHandler receives what goes wrong and is mended by itself; on the fetcher's thread.
     */
    public FrameFetcher(
            final DragonDirectory directory,
            final String holderName,
            final Timeouts timeouts,
            final ErrorHandler errorHandler) {
        this(directory, holderName, timeouts, errorHandler, SystemNanoClock.INSTANCE);
    }

    FrameFetcher(
            final DragonDirectory directory,
            final String holderName,
            final Timeouts timeouts,
            final ErrorHandler errorHandler,
            final NanoClock clock) {
        this.directory = directory;
        this.clock = clock;
        this.errorHandler = errorHandler;
        repeatNs = timeouts.ns(FETCH_REPEAT);
        agentNs = timeouts.ns(FETCH_AGENT);
        line = new FetchLine(errorHandler);
        places = new PoolPlaces(directory);
        reader = new FrameReader(directory, holderName);
    }

    /**
     * Whether a frame has to be fetched, because its pool is not on this host. Cheap: a pool's place never changes, and is
     * looked up once.
     *
     * @param poolId of the frame.
     * @return true also for a pool of this host that has been removed.
     */
    public boolean isElsewhere(final long poolId) {
        return !places.isHere(poolId);
    }

    /**
     * Asks for a frame. {@link #doWork} goes on with it.
     *
     * @param frame     in the pool of its own host.
     * @param lease     filled in when the frame is here, and then the caller's to release; must not be held.
     * @param timeoutNs how long it may take.
     * @return what comes of it, to be given back by {@link #end}.
     */
    public FrameFetch fetch(final FrameRef frame, final FrameLease lease, final long timeoutNs) {
        final FrameFetch fetch = free.isEmpty() ? new FrameFetch() : free.pollLast();
        fetch.begin(frame, lease, clock.nanoTime(), timeoutNs);
        ask(fetch);
        asking.add(fetch);
        return fetch;
    }

    /**
     * Gives a fetch back; one that is still on its way is cancelled. A lease that it has filled in stays as it is.
     *
     * @param fetch not to be used any more.
     */
    public void end(final FrameFetch fetch) {
        if (!fetch.isInUse) {
            throw new IllegalStateException("the fetch was ended already");
        }
        if (!fetch.isDone()) {
            asking.remove(fetch);
            leave(fetch);
        }
        fetch.isInUse = false;
        fetch.lease = null;
        free.addLast(fetch);
    }

    /** Lets another thread use it from here on, as {@link FrameReader#passOn} does. */
    public void passOn() {
        reader.passOn();
    }

    /**
     * Asks, hears and leases.
     *
     * @param aeron client of this thread on the host's media driver, polled by its owner; null while there is none. It may
     *              be another one each time.
     * @return amount of work done.
     */
    public int doWork(final Aeron aeron) {
        if (nextCorrelationId == 1) {
            return 0;
        }
        final long nowNs = clock.nanoTime();
        int work = line.poll(aeron, onAnswer, nowNs);
        if (generation != line.generation()) {
            generation = line.generation();
            unsaid.clear();
            for (int i = 0; i < asking.size(); i++) {
                asking.get(i).isAsked = false;
            }
            hasNew = true;
        }
        final boolean isConnected = line.isConnected();
        if (isConnected || line.isOpening()) {
            connectedNs = nowNs;
        }
        if (isConnected) {
            work += say();
        }
        if (!asking.isEmpty() && (hasNew && isConnected || nowNs - lookedNs >= LOOK_NS)) {
            lookedNs = nowNs;
            hasNew = false;
            work += look(isConnected, nowNs);
        }
        if (nowNs - sweptNs >= SWEEP_NS) {
            sweptNs = nowNs;
            reader.sweepIdlePools();
        }
        return work;
    }

    /**
     * Fetches that are done, whatever came of them.
     *
     * @return since it was made.
     */
    public long finishedCount() {
        return finishedCount;
    }

    /**
     * Frames that came here.
     *
     * @return since it was made.
     */
    public long hereCount() {
        return hereCount;
    }

    /**
     * Frames that were here, and gone again before they could be leased, so that they were asked for again.
     *
     * @return since it was made.
     */
    public long staleCount() {
        return staleCount;
    }

    /** Gives up what is on its way and leaves the line. Leases that were taken stay until they are released. */
    @Override
    public void close() {
        for (final FrameFetch fetch : asking) {
            leave(fetch);
        }
        say();
        asking.clear();
        line.close();
        reader.close();
    }

    private void ask(final FrameFetch fetch) {
        fetch.correlationId = nextCorrelationId++;
        fetch.isAsked = false;
        byCorrelation.put(fetch.correlationId, fetch);
        hasNew = true;
    }

    private void leave(final FrameFetch fetch) {
        byCorrelation.remove(fetch.correlationId);
        if (fetch.isAsked) {
            sayDone(fetch.correlationId);
        }
    }

    private void sayDone(final long correlationId) {
        // What is never said the node agent takes for said after some seconds.
        if (!line.done(correlationId) && unsaid.size() < MOST_UNSAID) {
            unsaid.addLong(correlationId);
        }
    }

    private int say() {
        int work = 0;
        while (!unsaid.isEmpty() && line.done(unsaid.getLong(unsaid.size() - 1))) {
            unsaid.removeAt(unsaid.size() - 1);
            work++;
        }
        return work;
    }

    private int look(final boolean isConnected, final long nowNs) {
        int work = 0;
        for (int i = asking.size() - 1; i >= 0; i--) {
            final FrameFetch fetch = asking.get(i);
            if (nowNs - fetch.deadlineNs >= 0) {
                leave(fetch);
                finish(
                        fetch,
                        FetchOutcome.UNREACHABLE,
                        "the node agent of this host did not bring the frame within "
                                + (nowNs - fetch.begunNs) / 1_000_000 + " ms",
                        nowNs);
                work++;
            } else if (isConnected) {
                if ((!fetch.isAsked || nowNs - fetch.askedNs >= repeatNs)
                        && line.fetch(fetch.correlationId, fetch.wanted())) {
                    fetch.isAsked = true;
                    fetch.askedNs = nowNs;
                    work++;
                }
            } else if (nowNs - fetch.begunNs >= agentNs && nowNs - connectedNs >= agentNs) {
                leave(fetch);
                finish(
                        fetch,
                        FetchOutcome.UNREACHABLE,
                        "no node agent on this host answers: start dragon gpu-server",
                        nowNs);
                work++;
            }
        }
        return work;
    }

    private void onAnswer(final DirectBuffer buffer, final int offset, final int length, final Header ignored) {
        if (length < MessageHeaderDecoder.ENCODED_LENGTH + FetchedDecoder.BLOCK_LENGTH) {
            return;
        }
        header.wrap(buffer, offset);
        if (header.schemaId() != FetchedDecoder.SCHEMA_ID || header.templateId() != FetchedDecoder.TEMPLATE_ID) {
            return;
        }
        fetched.wrap(buffer, offset + MessageHeaderDecoder.ENCODED_LENGTH, header.blockLength(), header.version());
        if (fetched.clientId() != line.clientId()) {
            return;
        }
        final long correlationId = fetched.correlationId();
        final FrameFetch fetch = byCorrelation.get(correlationId);
        if (fetch == null) {
            sayDone(correlationId); // it was not heard the first time
            return;
        }
        final long nowNs = clock.nanoTime();
        if (fetched.outcomeRaw() == FetchOutcome.HERE.value()) {
            onHere(fetch, nowNs);
        } else {
            leave(fetch);
            finish(fetch, failure(fetched.outcomeRaw()), fetched.text(), nowNs);
        }
    }

    private void onHere(final FrameFetch fetch, final long nowNs) {
        final FrameRefDecoder frame = fetched.frame();
        fetch.here.set(frame.poolId(), frame.sequence(), (int) frame.slot(), (int) frame.length());
        final int code = acquire(fetch);
        leave(fetch);
        switch (code) {
            case 0 -> {
                hereCount++;
                finish(fetch, FetchOutcome.HERE, "", nowNs);
            }
            case FrameReader.STALE, FrameReader.SEALED, FrameReader.NO_SUCH_POOL -> {
                // This program was away for longer than the node agent keeps a frame for it, or the node agent has
                // ended.
                staleCount++;
                ask(fetch);
            }
            case FrameReader.READERS_FULL -> finish(
                    fetch, FetchOutcome.NO_ROOM, String.valueOf(reader.refusal()), nowNs);
            default -> finish(
                    fetch, FetchOutcome.CORRUPT, "the frame that was brought here is shorter than it should be", nowNs);
        }
    }

    private int acquire(final FrameFetch fetch) {
        if (fetch.here.length() < fetch.wanted().length()) {
            return FrameReader.TOO_SHORT;
        }
        try {
            return reader.acquire(fetch.here, fetch.lease);
        } catch (final RuntimeException | Error ex) {
            errorHandler.onError(ex);
            return FrameReader.TOO_SHORT;
        }
    }

    private void finish(final FrameFetch fetch, final FetchOutcome outcome, final String text, final long nowNs) {
        asking.remove(fetch);
        finishedCount++;
        fetch.finish(outcome, text, nowNs);
    }

    private static FetchOutcome failure(final short raw) {
        for (final FetchOutcome outcome : OUTCOMES) {
            if (outcome.value() == raw && outcome != FetchOutcome.NULL_VAL) {
                return outcome;
            }
        }
        return FetchOutcome.UNREACHABLE;
    }

    @Override
    public String toString() {
        return "FrameFetcher{" + directory.path() + ", " + asking.size() + " on their way, " + hereCount + " here}";
    }
}
