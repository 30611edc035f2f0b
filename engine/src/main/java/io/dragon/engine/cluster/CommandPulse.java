package io.dragon.engine.cluster;

import io.dragon.codecs.control.CancelTaskEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SleepingIdleStrategy;

/**
 * Commands at a steady rate that change nothing, to measure for how long the masters sequence none: a client with a session and a
 * thread of its own cancels tasks that do not exist. {@link #mark()} at the moment of a fault; the next command sequenced is the
 * first one offered after it whose acknowledgement comes. Its methods may be called from any one thread.
 */
public final class CommandPulse implements AutoCloseable {
    /** Finer than a command's turn, coarse enough to leave the machine to what is measured. */
    private static final long SLEEP_NS = TimeUnit.MICROSECONDS.toNanos(200);

    private final ClusterSession session;
    private final Party party;
    private final AgentRunner runner;
    private final NanoClock nanoClock;
    private final long periodNs;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CancelTaskEncoder cancel = new CancelTaskEncoder();
    private long nextNs;
    private long markedSeq;
    private long seenMark;
    private long acknowledged;
    private long acknowledgedNs;
    private volatile long longestNs;
    private volatile long mark;
    private volatile long sequencedNs;
    private volatile long sequenced;
    private volatile int registrations;

    /**
     * Begins at once; commands flow as soon as there is a leader.
     *
     * @param ctx               how it reaches the masters.
     * @param name              its name as a client.
     * @param commandsPerSecond 1 or more.
     */
    public CommandPulse(final ClusterSession.Context ctx, final String name, final int commandsPerSecond) {
        periodNs = TimeUnit.SECONDS.toNanos(1) / commandsPerSecond;
        nanoClock = ctx.nanoClock();
        session = new ClusterSession(ctx.name(name));
        party = session.register(PartyKind.CLIENT, name, new PartyOptions(), new Registrations());
        runner = new AgentRunner(new SleepingIdleStrategy(SLEEP_NS), ctx.errorHandler(), null, new PulseAgent());
        AgentRunner.startOnThread(runner);
    }

    /** From here on the next command that is offered is awaited. */
    public void mark() {
        mark = nanoClock.nanoTime();
    }

    /**
     * Between the mark and the acknowledgement of the first command that was offered after it.
     *
     * @return nanoseconds; -1 while there was none.
     */
    public long silenceNs() {
        final long atNs = sequencedNs; // of an earlier mark, until the pulse has seen this one
        return atNs == 0 || atNs - mark < 0 ? -1 : atNs - mark;
    }

    /**
     * The longest time without an acknowledgement since the mark: of a fault that the leader survives for a while.
     *
     * @return nanoseconds.
     */
    public long longestSilenceNs() {
        return longestNs;
    }

    /**
     * Commands acknowledged so far, each once.
     *
     * @return a count.
     */
    public long sequenced() {
        return sequenced;
    }

    /**
     * How often it registered: more than once when the masters had forgotten it, or its name was taken.
     *
     * @return a count.
     */
    public int registrations() {
        return registrations;
    }

    /**
     * What its session does, in words.
     *
     * @return one line.
     */
    public String state() {
        return session.state();
    }

    /** Leaves in order. */
    @Override
    public void close() {
        session.execute(party::unregister);
        runner.close();
    }

    private final class PulseAgent implements Agent {
        @Override
        public int doWork() {
            int workCount = session.doWork();
            if (!party.isActive()) {
                return workCount;
            }
            final long nowNs = nanoClock.nanoTime();
            if (seenMark != mark) {
                seenMark = mark;
                markedSeq = party.nextSeq();
                sequencedNs = 0;
                longestNs = 0;
            }
            if (nowNs - nextNs >= 0 && offer() > 0) {
                nextNs = Math.max(nextNs + periodNs, nowNs - TimeUnit.SECONDS.toNanos(1));
                workCount++;
            }
            final long acknowledgedNow = party.acknowledgedSeq();
            if (acknowledgedNow > acknowledged) {
                if (seenMark != 0) {
                    longestNs = Math.max(longestNs, nowNs - Math.max(acknowledgedNs, seenMark));
                }
                acknowledgedNs = nowNs;
                sequenced += acknowledgedNow - acknowledged; // one thread writes it
                acknowledged = acknowledgedNow;
            }
            if (sequencedNs == 0 && seenMark != 0 && acknowledgedNow >= markedSeq) {
                sequencedNs = nowNs;
            }
            return workCount;
        }

        private long offer() {
            cancel.wrapAndApplyHeader(party.scratch(), 0, header).taskId(0);
            return party.offer(ControlMessages.HEADER + cancel.encodedLength());
        }

        @Override
        public String roleName() {
            return "command-pulse";
        }

        @Override
        public void onClose() {
            session.close();
        }
    }

    private final class Registrations implements PartyListener {
        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        public void onRegistered(final Party party) {
            registrations++; // one thread writes it
            acknowledged = party.acknowledgedSeq();
            nextNs = nanoClock.nanoTime();
        }

        @Override
        public void onFenced(final Party party) {}

        @Override
        public void onEvent(
                final Party party,
                final int templateId,
                final DirectBuffer buffer,
                final int offset,
                final int length) {}
    }
}
