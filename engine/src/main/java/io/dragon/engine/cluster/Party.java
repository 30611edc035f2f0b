package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.COMMAND_RESEND;
import static io.dragon.engine.config.Timeouts.Key.COMMAND_RESEND_MAX;
import static io.dragon.engine.config.Timeouts.Key.PARTY_HEARTBEAT;

import io.dragon.codecs.control.CommandAckDecoder;
import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.HeartbeatEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.ResumeEncoder;
import io.dragon.codecs.control.ResumedDecoder;
import io.dragon.codecs.control.UnregisterEncoder;
import io.dragon.engine.config.Timeouts;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One named participant: client, worker, camera or node agent. Used on its session's thread only, or by whoever has its {@link SessionTurn}. */
public final class Party {
    /** Answer to an offer before the party is registered, or after it was fenced or has left. */
    public static final int NOT_ACTIVE = -1;

    /** Answer to an offer when nothing more can be taken now: try again after the next duty cycle. */
    public static final int BACK_PRESSURED = -2;

    /** Answer to an offer that is longer than {@link #MAX_LENGTH}, or too short to hold a Sender. */
    public static final int TOO_LARGE = -5;

    /** The longest message with its header, bytes: what one Aeron fragment carries beside the cluster's header. */
    public static final int MAX_LENGTH = 1_344;

    /** Commands that may be unacknowledged. */
    public static final int WINDOW = 256;

    private enum State {
        UNREGISTERED,
        REGISTERING,
        ACTIVE,
        LEAVING,
        ENDED
    }

    private final ClusterSession session;
    private final PartyKind kind;
    private final String name;
    private final Registration registration;
    private final PartyListener listener;
    private final Timeouts timeouts;
    private final CommandWindow window;
    private final EventWindow events;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[MAX_LENGTH]);
    private final UnsafeBuffer own = new UnsafeBuffer(new byte[MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final HeartbeatEncoder heartbeat = new HeartbeatEncoder();
    private final ResumeEncoder resume = new ResumeEncoder();
    private final CommandRefusedDecoder refused = new CommandRefusedDecoder();
    private State state = State.UNREGISTERED;
    private int id;
    private int incarnation;
    private int maxOpenTasks;
    private long seqBefore;
    private boolean isUnregisterQueued;
    private long heartbeatSentNs;
    private long progress;
    private long errors;
    private long dropped;
    private long freeBytes = -1;
    private long computingTaskId;

    Party(
            final ClusterSession session,
            final PartyKind kind,
            final String name,
            final PartyOptions options,
            final PartyListener listener,
            final Timeouts timeouts) {
        this.session = session;
        this.kind = kind;
        this.name = name;
        registration = new Registration(session, kind, name, options, timeouts);
        this.listener = listener;
        this.timeouts = timeouts;
        window = new CommandWindow(timeouts.ns(COMMAND_RESEND), timeouts.ns(COMMAND_RESEND_MAX));
        events = new EventWindow(timeouts);
    }

    /** {@return the party's id; 0 before it is registered} */
    public int id() {
        return id;
    }

    /** {@return the present incarnation; 0 before it is registered} */
    public int incarnation() {
        return incarnation;
    }

    /** {@return the kind it registered as} */
    public PartyKind kind() {
        return kind;
    }

    /** {@return the name it registered with} */
    public String name() {
        return name;
    }

    /**
     * Whether commands are taken. They are also taken while the cluster is away, and sent when it is back.
     *
     * @return true between registration and the end of the incarnation.
     */
    public boolean isActive() {
        return state == State.ACTIVE;
    }

    /**
     * Whether the party has left, or was refused, and will not come back.
     *
     * @return true after the acknowledgement of {@link #unregister()}.
     */
    public boolean isEnded() {
        return state == State.ENDED;
    }

    /**
     * The number that the next offered command gets; with {@link #id()} the id of what it creates.
     *
     * @return 1 or more.
     */
    public long nextSeq() {
        return window.nextSeq();
    }

    /**
     * Where a command is encoded: header and body from offset 0, its Sender left as it is (an offer fills it in).
     *
     * @return a buffer of {@link #MAX_LENGTH} bytes, the party's own, reused by every offer.
     */
    public MutableDirectBuffer scratch() {
        return scratch;
    }

    /**
     * Sends the command in {@link #scratch()}, numbered, and sends it again until it is acknowledged.
     *
     * @param length of the message with its header, bytes.
     * @return its number, or {@link #NOT_ACTIVE}, {@link #BACK_PRESSURED}, {@link #TOO_LARGE}.
     */
    public long offer(final int length) {
        return offer(scratch, length);
    }

    /** As {@link #offer(int)}, from a buffer of the caller's. */
    long offer(final DirectBuffer command, final int length) {
        if (state != State.ACTIVE) {
            return NOT_ACTIVE;
        }
        if (length > MAX_LENGTH || length < ControlMessages.SENDER_END) {
            return TOO_LARGE;
        }
        return window.isFull() ? BACK_PRESSURED : enqueue(command, length);
    }

    /**
     * Sends the message in {@link #scratch()} once, without a number.
     *
     * @param length of the message with its header, bytes.
     * @return 1, or {@link #NOT_ACTIVE}, {@link #BACK_PRESSURED}, {@link #TOO_LARGE}.
     */
    public long offerUnsequenced(final int length) {
        if (state != State.ACTIVE) {
            return NOT_ACTIVE;
        }
        if (length > MAX_LENGTH || length < ControlMessages.SENDER_END) {
            return TOO_LARGE;
        }
        ControlMessages.sender(scratch, 0, id, incarnation, 0, events.taken());
        if (!session.send(scratch, 0, length)) {
            return BACK_PRESSURED;
        }
        events.onAcknowledged();
        return 1;
    }

    /** {@return the number up to which every command has been sequenced; 0 when none has} */
    public long acknowledgedSeq() {
        return window.acknowledgedSeq();
    }

    /** {@return the last contiguous event counter received; 0 when no event has come} */
    public long lastEvent() {
        return events.last();
    }

    /**
     * Lets the event that is being passed on not count as taken before {@link #takeEvent}. Those behind it are passed on as ever, but
     * acknowledged only with it; meanwhile the sequencer may emit it, and those behind it, again under new numbers, and then the
     * new number is to be held instead. Only while {@link PartyListener#onEvent} is called with an event that is counted.
     *
     * @return its number.
     */
    public long holdEvent() {
        return events.hold();
    }

    /**
     * Lets a held event count as taken.
     *
     * @param event its number, as {@link #holdEvent} gave it; one that is not held is passed over.
     */
    public void takeEvent(final long event) {
        events.take(event, session.nowNs());
    }

    /** {@return the number up to which every event counts as taken: {@link #lastEvent()} while none is held} */
    public long takenEvent() {
        return events.taken();
    }

    /** {@return how many commands were sent more than once so far} */
    public long resends() {
        return window.resends();
    }

    /** {@return how many losses of events were noticed so far, each answered by a resume} */
    public long gaps() {
        return events.gaps();
    }

    /** {@return how many events came twice so far, and were passed on once} */
    public long duplicateEvents() {
        return events.duplicates();
    }

    /** {@return how many open tasks the sequencer grants a client; 0 before it is registered} */
    public int maxOpenTasks() {
        return maxOpenTasks;
    }

    /** Leaves in order: the last command of this party. It is inactive at once, and {@link #isEnded()} when sequenced. */
    public void unregister() {
        if (state == State.ACTIVE) {
            state = State.LEAVING;
            queueUnregister();
        } else if (state != State.LEAVING) {
            state = State.ENDED;
        }
    }

    /**
     * What its next heartbeats tell: see the Heartbeat message.
     *
     * @param progress        tasks finished by a worker, frames published by a camera.
     * @param errors          errors so far.
     * @param dropped         frames dropped so far.
     * @param freeBytes       free memory of a worker's device; -1 unknown.
     * @param computingTaskId the task being computed; 0 when idle.
     */
    public void health(
            final long progress,
            final long errors,
            final long dropped,
            final long freeBytes,
            final long computingTaskId) {
        this.progress = progress;
        this.errors = errors;
        this.dropped = dropped;
        this.freeBytes = freeBytes;
        this.computingTaskId = computingTaskId;
    }

    /** The number of the last command of the incarnations before. */
    long seqBefore() {
        return seqBefore;
    }

    PartyListener listener() {
        return listener;
    }

    boolean isLeaving() {
        return state == State.LEAVING;
    }

    boolean awaits(final long replyCorrelationId) {
        return state == State.REGISTERING && registration.awaits(replyCorrelationId);
    }

    /** Everything that time drives; only while connected. */
    int doWork(final long nowNs) {
        return switch (state) {
            case UNREGISTERED, REGISTERING -> pollRegistration(nowNs);
            case ACTIVE, LEAVING -> pollTraffic(nowNs);
            case ENDED -> 0;
        };
    }

    void onConnected(final long nowNs) {
        if (state == State.ACTIVE || state == State.LEAVING) {
            window.onReconnected(nowNs);
            registration.onReconnected();
            events.resume(nowNs);
        } else if (state == State.REGISTERING) {
            state = State.UNREGISTERED;
            registration.atOnce();
        }
    }

    void onRegistered(final RegisteredDecoder registered, final long nowNs) {
        registration.onAnswered();
        id = (int) registered.partyId();
        incarnation = (int) registered.incarnation();
        events.reset(registered.lastEvent());
        maxOpenTasks = (int) Math.min(Integer.MAX_VALUE, registered.maxOpenTasks());
        seqBefore = registered.lastSeq();
        window.reset(seqBefore, registered.maxUnacknowledged());
        heartbeatSentNs = nowNs;
        state = State.ACTIVE;
        registration.onRegistered(id, incarnation, nowNs);
        session.guard(() -> listener.onRegistered(this));
    }

    /** The party has gone: nothing is left to be probed. */
    void onEnded() {
        registration.onEnded();
    }

    void onRefused(final Reason reason, final String text, final long nowNs) {
        registration.onAnswered();
        if (reason == Reason.OVERLOADED || reason == Reason.TABLE_FULL) {
            state = State.UNREGISTERED;
            registration.later(nowNs);
        } else {
            state = State.ENDED;
            session.guard(() -> listener.onRefused(this, text));
        }
    }

    void onFenced(final int usedIncarnation, final long nowNs) {
        if (usedIncarnation != incarnation) {
            return;
        }
        if (state == State.LEAVING) {
            state = State.ENDED;
        } else if (state == State.ACTIVE) {
            registration.onFenced(nowNs);
            state = State.UNREGISTERED;
            session.guard(() -> listener.onFenced(this));
        }
    }

    void onEvent(
            final int templateId, final DirectBuffer buffer, final int offset, final int length, final long nowNs) {
        if (ControlMessages.recipientIncarnation(buffer, offset) != incarnation
                || (state != State.ACTIVE && state != State.LEAVING)) {
            return;
        }
        if (window.onAcknowledged(ControlMessages.recipientAckSeq(buffer, offset), nowNs)
                && isUnregisterQueued
                && window.isEmpty()) {
            state = State.ENDED;
            return;
        }
        final long event = ControlMessages.recipientEvent(buffer, offset);
        if (event == 0) {
            onUncounted(templateId, buffer, offset, length, nowNs);
        } else if (templateId == ResumedDecoder.TEMPLATE_ID) {
            events.onResumed(event, nowNs);
        } else if (events.onEvent(event, nowNs)) {
            deliver(templateId, buffer, offset, length);
        }
    }

    private void onUncounted(
            final int templateId, final DirectBuffer buffer, final int offset, final int length, final long nowNs) {
        if (templateId == CommandRefusedDecoder.TEMPLATE_ID) {
            refused.wrap(
                    buffer,
                    offset + ControlMessages.HEADER,
                    ControlMessages.blockLength(buffer, offset),
                    ControlMessages.version(buffer, offset));
            window.onRefused(refused.seq(), refused.expectedSeq(), refused.retryAfterMs() * 1_000_000L, nowNs);
        } else if (templateId != CommandAckDecoder.TEMPLATE_ID) {
            deliver(templateId, buffer, offset, length);
        }
    }

    private void deliver(final int templateId, final DirectBuffer buffer, final int offset, final int length) {
        if (state == State.ACTIVE) {
            try {
                listener.onEvent(this, templateId, buffer, offset, length);
            } catch (final Throwable ex) {
                // It counts as taken: delivered again it would fail again, and nothing behind it would ever come.
                session.onError(ex);
            }
        }
    }

    private int pollRegistration(final long nowNs) {
        if (!registration.isDue(nowNs)) {
            return 0;
        }
        if (registration.send(own, nowNs)) {
            state = State.REGISTERING;
        }
        return 1;
    }

    private int pollTraffic(final long nowNs) {
        int workCount = 0;
        if (state == State.LEAVING && !isUnregisterQueued) {
            queueUnregister();
        }
        window.onTimer(nowNs);
        while (window.hasUnsent(nowNs) && sendNext(nowNs)) {
            workCount++;
        }
        if (events.isResumeDue(nowNs)) {
            workCount += sendResume(nowNs);
        }
        if (nowNs - heartbeatSentNs >= timeouts.ns(PARTY_HEARTBEAT) || events.isAcknowledgementDue(nowNs)) {
            workCount += sendHeartbeat(nowNs);
        }
        registration.onTime(nowNs);
        return workCount;
    }

    private long enqueue(final DirectBuffer command, final int length) {
        final long nowNs = session.nowNs();
        final boolean isNext = !window.hasUnsent(nowNs);
        final long seq = window.put(command, length);
        if (isNext && window.hasUnsent(nowNs)) {
            sendNext(nowNs);
        }
        return seq;
    }

    private boolean sendNext(final long nowNs) {
        final int offset = window.unsentOffset();
        ControlMessages.sender(window.buffer(), offset, id, incarnation, window.unsentSeq(), events.taken());
        if (!session.send(window.buffer(), offset, window.unsentLength())) {
            return false;
        }
        window.onSent(nowNs);
        events.onAcknowledged();
        return true;
    }

    private void queueUnregister() {
        if (!window.isFull()) {
            isUnregisterQueued = true;
            final UnregisterEncoder unregister = new UnregisterEncoder();
            unregister.wrapAndApplyHeader(own, 0, header);
            enqueue(own, ControlMessages.HEADER + unregister.encodedLength());
        }
    }

    private int sendResume(final long nowNs) {
        resume.wrapAndApplyHeader(own, 0, header).correlationId(session.nextCorrelationId());
        ControlMessages.sender(own, 0, id, incarnation, 0, events.taken());
        if (session.send(own, 0, ControlMessages.HEADER + resume.encodedLength())) {
            events.onResumeSent(nowNs);
            events.onAcknowledged();
        }
        return 1;
    }

    private int sendHeartbeat(final long nowNs) {
        heartbeat
                .wrapAndApplyHeader(own, 0, header)
                .progress(progress)
                .errors(errors)
                .dropped(dropped)
                .freeBytes(freeBytes)
                .computingTaskId(computingTaskId);
        ControlMessages.sender(own, 0, id, incarnation, 0, events.taken());
        if (session.send(own, 0, ControlMessages.HEADER + heartbeat.encodedLength())) {
            heartbeatSentNs = nowNs;
            events.onAcknowledged();
        }
        return 1;
    }
}
