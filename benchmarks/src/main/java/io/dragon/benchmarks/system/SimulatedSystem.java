package io.dragon.benchmarks.system;

import com.sun.management.ThreadMXBean;
import io.dragon.benchmarks.LoadMessages;
import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RecipientDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.sequencer.EventSink;
import io.dragon.engine.sequencer.Sequencer;
import io.dragon.engine.sequencer.SequencerConfig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.LongHashSet;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Cameras, workers and one sequencer in simulated time. The sequencer is the real core; it serves one command after another, each for as long as
 * one takes it on this machine. Cameras offer a little more work than the workers can do.
 */
final class SimulatedSystem implements EventSink {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long HOP_NS = 100_000;
    private static final long TASK_NS = 20_000_000;
    /** Also acknowledges what was heard: what is not acknowledged for longer is told again. */
    private static final long HEARTBEAT_NS = 100_000_000;

    private static final long TICK_NS = 50_000_000;
    private static final long SECOND_NS = 1_000_000_000;
    private static final long NS_A_MS = 1_000_000;
    private static final long WARM_UP_NS = 2 * SECOND_NS;
    private static final double OVERLOAD = 1.05;
    private static final int WINDOW = 2;
    private static final int WORKERS_A_NODE = 4;

    /** What a camera has open at most: beyond it a frame is dropped. */
    private static final int MOST_OPEN = 64;

    /** What happens at a moment of the simulated time; those of one moment in the order of their making. */
    private record Happening(long atNs, long number, Runnable what) implements Comparable<Happening> {
        @Override
        public int compareTo(final Happening other) {
            final int order = Long.compare(atNs, other.atNs);
            return order != 0 ? order : Long.compare(number, other.number);
        }
    }

    /** A camera or a worker. */
    private static final class Member {
        private final boolean isWorker;
        private int id;
        private long seq;
        private long heard;
        private int open;
        private long freeNs;
        private long typeId;

        /** Tasks that it was given, or whose results it has: what is told again is known. */
        private final LongHashSet known = new LongHashSet();

        Member(final boolean isWorker) {
            this.isWorker = isWorker;
        }
    }

    /**
     * What a run gave.
     *
     * @param rate      results a second
     * @param commandNs processor time that a command took
     * @param busy      part of the time for which the sequencer had a command
     */
    record Result(double rate, double commandNs, double busy) {}

    private final double commandNs;
    private final Sequencer sequencer;
    private final UnsafeBuffer event = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private final LoadMessages messages = new LoadMessages();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final RecipientDecoder recipient = new RecipientDecoder();
    private final AssignTaskDecoder assignment = new AssignTaskDecoder();
    private final TaskResultDecoder result = new TaskResultDecoder();
    private final RegisteredDecoder registered = new RegisteredDecoder();
    private final TaskTypeRegisteredDecoder typeRegistered = new TaskTypeRegisteredDecoder();
    private final PriorityQueue<Happening> coming = new PriorityQueue<>();
    private final List<Member> members = new ArrayList<>();
    private final Map<Integer, Member> byId = new HashMap<>();
    private final int cameras;
    private final double framesASecond;
    private long nowNs;
    private long sequencerFreeNs;
    private long sequencedNs;
    private long happenings;
    private long commands;
    private long spentNs;
    private long results;
    private int lastRegistered;

    /**
     * A system before its first moment.
     *
     * @param workers   of 20 ms a task
     * @param cameras   that share out the load
     * @param commandNs for which a command keeps the sequencer busy
     */
    SimulatedSystem(final int workers, final int cameras, final double commandNs) {
        this.commandNs = commandNs;
        this.cameras = cameras;
        framesASecond = OVERLOAD * workers * SECOND_NS / TASK_NS / cameras;
        sequencer = new Sequencer(new SequencerConfig(), this);
        for (int i = 0; i < cameras + workers; i++) {
            final Member member = new Member(i >= cameras);
            members.add(member);
            command(messages.register(
                    i,
                    member.isWorker ? PartyKind.WORKER : PartyKind.CLIENT,
                    WINDOW,
                    "node-" + (member.isWorker ? (i - cameras) / WORKERS_A_NODE : 0)));
            member.id = lastRegistered;
            byId.put(member.id, member);
        }
        for (final Member member : members) {
            send(member, messages.taskType());
        }
    }

    /** Lets so many seconds pass; the first two do not count. */
    Result run(final int seconds) {
        for (int i = 0; i < members.size(); i++) {
            final Member member = members.get(i);
            final long shareNs = HEARTBEAT_NS * i / members.size();
            at(shareNs, () -> beat(member));
            if (!member.isWorker) {
                at((long) (SECOND_NS / framesASecond * i / cameras), () -> capture(member));
            }
        }
        at(TICK_NS, this::tick);
        final long endNs = WARM_UP_NS + seconds * SECOND_NS;
        long before = 0;
        boolean counting = false;
        while (coming.peek().atNs < endNs) {
            final Happening next = coming.poll();
            nowNs = next.atNs;
            if (!counting && nowNs >= WARM_UP_NS) {
                counting = true;
                before = results;
            }
            next.what.run();
        }
        return new Result(
                (double) (results - before) / seconds, (double) spentNs / commands, commands * commandNs / endNs);
    }

    private void at(final long atNs, final Runnable what) {
        coming.add(new Happening(atNs, happenings++, what));
    }

    private void tick() {
        sequencer.onTick(nowNs / NS_A_MS + 1);
        at(nowNs + TICK_NS, this::tick);
    }

    private void beat(final Member member) {
        toSequencer(() -> {
            final UnsafeBuffer beat = messages.heartbeat();
            address(member, beat, 0);
            command(beat);
        });
        at(nowNs + HEARTBEAT_NS, () -> beat(member));
    }

    private void capture(final Member camera) {
        if (camera.open < MOST_OPEN) {
            camera.open++;
            toSequencer(() -> send(camera, messages.submit(camera.typeId)));
        }
        at(nowNs + (long) (SECOND_NS / framesASecond), () -> capture(camera));
    }

    /** A command arrives after the way, and waits until those before it are done. */
    private void toSequencer(final Runnable command) {
        at(nowNs + HOP_NS, () -> serve(command));
    }

    private void serve(final Runnable command) {
        sequencerFreeNs = Math.max(sequencerFreeNs, nowNs) + (long) commandNs;
        sequencedNs = sequencerFreeNs;
        command.run();
    }

    private void work(final Member worker, final long taskId, final int attempt) {
        worker.freeNs = Math.max(worker.freeNs, nowNs) + TASK_NS;
        at(worker.freeNs, () -> toSequencer(() -> send(worker, messages.complete(taskId, attempt, TASK_NS))));
    }

    private void send(final Member member, final UnsafeBuffer command) {
        address(member, command, ++member.seq);
        command(command);
    }

    private void address(final Member member, final UnsafeBuffer command, final long seq) {
        messages.address(command, member.id, seq, member.heard);
    }

    private void command(final UnsafeBuffer command) {
        final long beginNs = THREADS.getCurrentThreadCpuTime();
        sequencer.onCommand(0, command, 0, command.capacity(), nowNs / NS_A_MS + 1);
        spentNs += THREADS.getCurrentThreadCpuTime() - beginNs;
        commands++;
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return event;
    }

    @Override
    public void emit(final int partyId, final int length) {
        final Member member = byId.get(partyId);
        recipient.wrap(event, MessageHeaderDecoder.ENCODED_LENGTH);
        final long number = recipient.event();
        final Runnable arrival;
        switch (header.wrap(event, 0).templateId()) {
            case AssignTaskDecoder.TEMPLATE_ID -> {
                assignment.wrapAndApplyHeader(event, 0, header);
                final long taskId = assignment.taskId();
                final int attempt = assignment.attempt();
                arrival = () -> {
                    if (member.known.add(taskId)) {
                        work(member, taskId, attempt);
                    }
                };
            }
            case TaskResultDecoder.TEMPLATE_ID -> {
                final long taskId = result.wrapAndApplyHeader(event, 0, header).taskId();
                if (result.state() != TaskState.COMPLETED) {
                    throw new IllegalStateException("a task of the simulation ended as " + result.state());
                }
                arrival = () -> {
                    if (member.known.add(taskId)) {
                        member.open--;
                        results++;
                    }
                };
            }
            case TaskTypeRegisteredDecoder.TEMPLATE_ID -> {
                member.typeId =
                        typeRegistered.wrapAndApplyHeader(event, 0, header).typeId();
                arrival = () -> {};
            }
            case CommandRefusedDecoder.TEMPLATE_ID -> throw new IllegalStateException(
                    "the sequencer refused a command of the simulation");
            default -> arrival = () -> {};
        }
        at(Math.max(sequencedNs, nowNs) + HOP_NS, () -> {
            // Numbers come in order, since every way is equally long; one that was emitted again is known.
            if (number == 0 || number > member.heard) {
                member.heard = Math.max(member.heard, number);
                arrival.run();
            }
        });
    }

    @Override
    public void reply(final long sessionId, final int length) {
        if (header.wrap(event, 0).templateId() != RegisteredDecoder.TEMPLATE_ID) {
            throw new IllegalStateException("the sequencer refused a party");
        }
        lastRegistered = (int) registered.wrapAndApplyHeader(event, 0, header).partyId();
    }
}
