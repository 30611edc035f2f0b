package io.dragon.engine.sequencer;

import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.FencedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterRefusedDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.ReleaseFramesDecoder;
import io.dragon.codecs.control.ResumedDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** A party as PROTOCOL.md wants it: numbers its commands, sends again what was not acknowledged, asks for what it missed. */
abstract class SimulatedPeer {
    private static final long REGISTER_US = 150_000;
    private static final long RESEND_US = 250_000;
    private static final long RESUME_US = 100_000;
    private static final int MOST_UNACKED = 40;

    final Simulation simulation;
    final SimulatedProcess process;
    final SplittableRandom random;
    final PartyKind kind;
    String name;
    final ArrayDeque<byte[]> unacked = new ArrayDeque<>();

    /** Frames with HOLD in its pools. */
    final Set<Frame> held = new LinkedHashSet<>();

    boolean isActive;
    int id;
    int incarnation;
    long seq;
    private long acked;
    long lastEvent;
    long pool;
    private long frames;
    private long correlation;
    private long registerUs = Long.MIN_VALUE / 2;
    private long beatUs;
    private long resendUs;
    private long resumeUs;
    private boolean isLeaving;

    SimulatedPeer(
            final Simulation simulation, final SimulatedProcess process, final PartyKind kind, final String name) {
        this.simulation = simulation;
        this.process = process;
        this.kind = kind;
        this.name = name;
        random = simulation.random;
        process.peers.add(this);
        simulation.peers.add(this);
    }

    // ---- what each kind does

    abstract void work();

    abstract void registered();

    abstract void counted(Event event);

    abstract void forgotten();

    long progress() {
        return 0;
    }

    long computing() {
        return 0;
    }

    boolean isAtRest() {
        return isActive && unacked.isEmpty() && held.isEmpty();
    }

    // ---- sending

    private byte[] unsequenced(final byte[] message) {
        Messages.address(message, id, incarnation, 0, lastEvent);
        return message;
    }

    /** Without a number: whoever it is for makes the best of it. */
    final void tell(final byte[] message) {
        process.offer(unsequenced(message));
    }

    final long send(final byte[] message) {
        Messages.address(message, id, incarnation, ++seq, lastEvent);
        unacked.add(message);
        process.offer(message);
        return seq;
    }

    /** All of it again, go-back-N; with what it has heard by now. */
    private void resend() {
        resendUs = simulation.nowUs;
        long number = acked;
        for (final byte[] message : unacked) {
            final byte[] again = message.clone();
            Messages.address(again, id, incarnation, ++number, lastEvent);
            if (!process.offer(again)) {
                return;
            }
        }
    }

    /** What it may have sent just before it died. */
    final byte[] lastWords() {
        return unacked.isEmpty() ? unsequenced(Messages.heartbeat(0, 0, -1)) : unacked.peekFirst();
    }

    /** Any section, from anywhere in it. */
    final void query() {
        final int after =
                switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(12);
                    case 1 -> random.nextInt(200);
                    case 2 -> random.nextInt(8) == 0 ? -1 : id;
                    default -> 0;
                };
        simulation.count(Covered.QUERIES);
        process.offer(Messages.query(simulation.nextCorrelation(), random.nextInt(StatusCheck.SECTIONS), after));
    }

    private void resume() {
        resumeUs = simulation.nowUs;
        process.offer(unsequenced(Messages.resume(simulation.nextCorrelation())));
    }

    final void onConnected() {
        registerUs = Long.MIN_VALUE / 2;
        if (isActive) {
            resend();
            resume();
        }
    }

    final void onNewLeader() {
        onConnected();
    }

    final void leave() {
        if (isActive && !isLeaving) {
            simulation.count(Covered.LEAVES);
            send(Messages.unregister());
            isLeaving = true;
        }
    }

    final Frame frame() {
        final Frame frame = new Frame(pool, ++frames, (int) (frames % 16), frames % 3 == 0 ? 400_000 : 100);
        held.add(frame);
        return frame;
    }

    final void duty() {
        final long nowUs = simulation.nowUs;
        if (!isActive) {
            if (nowUs - registerUs > REGISTER_US) {
                registerUs = nowUs;
                correlation = correlation == 0 ? simulation.nextCorrelation() : correlation;
                process.offer(Messages.register(correlation, kind, name, window(), 0, memoryBytes()));
            }
            return;
        }
        if (nowUs - beatUs > simulation.plan.beatUs) {
            beatUs = nowUs;
            process.offer(unsequenced(Messages.heartbeat(progress(), computing(), freeBytes())));
        }
        if (!unacked.isEmpty() && nowUs - resendUs > RESEND_US) {
            resend();
        }
        if (isLeaving) {
            if (unacked.isEmpty()) {
                isLeaving = false;
                die();
            }
        } else if (unacked.size() < MOST_UNACKED) {
            work();
        }
    }

    int window() {
        return 0;
    }

    long memoryBytes() {
        return 0;
    }

    long freeBytes() {
        return -1;
    }

    // ---- ends

    /** Its process died, or it left: the node agent will find a free lock, and pools without an owner. */
    final void die() {
        if (id != 0 && incarnation != 0 && isActive) {
            process.host.dead.add(new SimulatedHost.Dead(id, incarnation));
        }
        correlation = 0;
        forget();
    }

    private void forget() {
        if (pool != 0) {
            process.host.orphans.put(pool, false);
        }
        pool = 0;
        isActive = false;
        isLeaving = false;
        unacked.clear();
        held.clear();
        forgotten();
    }

    // ---- hearing

    final void on(final Event event) {
        switch (event.template) {
            case RegisteredDecoder.TEMPLATE_ID -> {
                final RegisteredDecoder reply = event.as(new RegisteredDecoder());
                if (!isActive && reply.correlationId() == correlation) {
                    begin(reply);
                }
            }
            case RegisterRefusedDecoder.TEMPLATE_ID -> {
                if (!isActive && event.as(new RegisterRefusedDecoder()).correlationId() == correlation) {
                    simulation.count(Covered.NAMES_REFUSED);
                }
            }
            case FencedDecoder.TEMPLATE_ID -> {
                final FencedDecoder fenced = event.as(new FencedDecoder());
                if (isActive && (int) fenced.partyId() == id && (int) fenced.incarnation() == incarnation) {
                    simulation.count(Covered.FENCED);
                    correlation = 0;
                    forget();
                }
            }
            default -> {
                if (isActive && event.partyId == id && event.incarnation == incarnation) {
                    take(event);
                }
            }
        }
    }

    private void begin(final RegisteredDecoder reply) {
        isActive = true;
        id = (int) reply.partyId();
        incarnation = (int) reply.incarnation();
        seq = reply.lastSeq();
        acked = seq;
        lastEvent = reply.lastEvent();
        beatUs = simulation.nowUs;
        resendUs = simulation.nowUs;
        registered();
    }

    final void makePool() {
        pool = simulation.nextPool();
        simulation.links.made(pool, process.host);
        send(Messages.pool(pool));
    }

    private void take(final Event event) {
        while (!unacked.isEmpty() && acked < event.ackSeq) {
            unacked.poll();
            acked++;
            resendUs = simulation.nowUs;
        }
        if (event.number > 0) {
            if (event.is(ResumedDecoder.TEMPLATE_ID)) {
                lastEvent = Math.max(lastEvent, event.number);
            } else if (event.number == lastEvent + 1) {
                lastEvent++;
            } else if (event.number <= lastEvent) {
                simulation.count(Covered.EVENTS_TWICE);
                return; // Heard before, in this order.
            } else {
                if (simulation.nowUs - resumeUs > RESUME_US) {
                    resume();
                }
                if (random.nextBoolean()) {
                    return;
                }
            }
        }
        switch (event.template) {
            case ReleaseFramesDecoder.TEMPLATE_ID -> event.frames.forEach(held::remove);
            case CommandRefusedDecoder.TEMPLATE_ID -> {
                simulation.count(Covered.REFUSED);
                if (simulation.nowUs - resendUs > 20_000) {
                    resend();
                }
            }
            default -> counted(event);
        }
    }
}
