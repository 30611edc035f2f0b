package io.dragon.engine.sequencer;

import io.dragon.codecs.control.*;
import io.dragon.engine.sequencer.Messages.Submit;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A sequencer with a clock in the test's hand, and parties that hear everything at once. */
final class Rig implements EventSink {
    final SequencerConfig config;
    Sequencer sequencer;
    long nowMs = 1_000_000;
    final List<Event> replies = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
    final List<Peer> peers = new ArrayList<>();
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Sequencer.MAX_MESSAGE_LENGTH]);
    private long correlation = 100;

    Rig() {
        this(new SequencerConfig());
    }

    Rig(final SequencerConfig config) {
        this.config = config;
        sequencer = new Sequencer(config, this);
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        return scratch;
    }

    private Event taken(final int length) {
        final byte[] bytes = new byte[length];
        scratch.getBytes(0, bytes);
        return new Event(bytes);
    }

    @Override
    public void emit(final int partyId, final int length) {
        final Event event = taken(length);
        events.add(event);
        for (final Peer peer : peers) {
            if (peer.id == partyId && peer.incarnation == event.incarnation) {
                peer.on(event);
            }
        }
    }

    @Override
    public void reply(final long sessionId, final int length) {
        replies.add(taken(length));
    }

    Event lastReply() {
        return replies.get(replies.size() - 1);
    }

    void command(final byte[] bytes) {
        sequencer.onCommand(1, new UnsafeBuffer(bytes), 0, bytes.length, nowMs);
    }

    void settings(final SequencerConfig settings) {
        final byte[] bytes = Messages.settings(settings);
        sequencer.onSettings(new UnsafeBuffer(bytes), 0, bytes.length, nowMs);
    }

    void tick() {
        nowMs += 50;
        sequencer.onTick(nowMs);
    }

    /** Time passes in ticks; living peers send a heartbeat each second if asked to. */
    void pass(final long ms, final Peer... beating) {
        for (long end = nowMs + ms; nowMs < end; ) {
            tick();
            if (nowMs % 1_000 == 0) {
                for (final Peer peer : beating) {
                    peer.heartbeat();
                }
            }
        }
    }

    /** On the host of a node; 0: on a host without one, or that of its name. */
    Peer join(final PartyKind kind, final String name, final int window, final int nodeId) {
        final Party node = nodeId == 0 ? null : sequencer.core().parties.get(nodeId);
        command(
                node == null
                        ? Messages.register(++correlation, kind, name, window, 0)
                        : Messages.register(++correlation, kind, name, node.host, window, 0, 0));
        return registered(kind, name);
    }

    /** The party whose registration was answered last. */
    Peer registered(final PartyKind kind, final String name, final String... types) {
        final RegisteredDecoder registered = lastReply().as(new RegisteredDecoder());
        final Peer peer = new Peer(kind, name);
        peer.id = (int) registered.partyId();
        peer.incarnation = (int) registered.incarnation();
        peer.seq = registered.lastSeq();
        peer.lastEvent = registered.lastEvent();
        peers.add(peer);
        for (final String type : types) {
            peer.send(Messages.type(type));
        }
        return peer;
    }

    Peer client(final String name) {
        return join(PartyKind.CLIENT, name, 0, 0);
    }

    Peer camera(final String name) {
        return join(PartyKind.CAMERA, name, 0, 0);
    }

    Peer node(final String name) {
        return join(PartyKind.NODE, name, 0, 0);
    }

    Peer worker(final String name, final String... types) {
        return worker(2, name, types);
    }

    Peer worker(final int window, final String name, final String... types) {
        final Peer peer = join(PartyKind.WORKER, name, window, 0);
        for (final String type : types) {
            peer.send(Messages.type(type));
        }
        return peer;
    }

    /** The state goes through a snapshot into a new sequencer. */
    void restart() {
        final Sequencer loaded = new Sequencer(new SequencerConfig(), this);
        Snapshots.copy(sequencer, loaded);
        sequencer = loaded;
    }

    StatusSummaryDecoder summary() {
        command(Messages.query(0, 0));
        return lastReply().as(new StatusSummaryDecoder());
    }

    /** Any party; acknowledges events only when it sends something. */
    class Peer {
        final PartyKind kind;
        final String name;
        int id;
        int incarnation;
        long seq;
        long lastEvent;
        boolean deaf;
        private final java.util.Set<String> known = new java.util.HashSet<>();
        final List<Event> heard = new ArrayList<>();
        final List<Event> assigned = new ArrayList<>();

        Peer(final PartyKind kind, final String name) {
            this.kind = kind;
            this.name = name;
        }

        void on(final Event event) {
            if (deaf) {
                return;
            }
            lastEvent = Math.max(lastEvent, event.number);
            if (event.taskId != 0 && !known.add(event.template + ":" + event.taskId + ":" + event.attempt)) {
                return; // Emitted again.
            }
            heard.add(event);
            if (event.is(AssignTaskDecoder.TEMPLATE_ID)) {
                assigned.add(event);
            }
        }

        long send(final byte[] message) {
            sendAs(message, ++seq);
            return seq;
        }

        void sendAs(final byte[] message, final long number) {
            Messages.address(message, id, incarnation, number, lastEvent);
            command(message);
        }

        /** A command that has no number. */
        void tell(final byte[] message) {
            sendAs(message, 0);
        }

        void heartbeat() {
            sendAs(Messages.heartbeat(0, 0), 0);
        }

        long submit(final Submit task) {
            return Tasks.id(id, send(task.encode()));
        }

        Event take() {
            if (assigned.isEmpty()) {
                throw new AssertionError(name + " has no assignment");
            }
            return assigned.remove(0);
        }

        void complete(final Event assignment, final Messages.Frame... outputs) {
            send(Messages.complete(assignment.taskId, assignment.attempt, Reason.NONE, "done", outputs));
        }

        void fail(final Event assignment, final Reason reason) {
            send(Messages.complete(assignment.taskId, assignment.attempt, reason, "why"));
        }

        List<Event> all(final int template) {
            return heard.stream().filter(e -> e.is(template)).toList();
        }

        List<Event> results() {
            return all(TaskResultDecoder.TEMPLATE_ID);
        }

        Event result(final long taskId) {
            final List<Event> found =
                    results().stream().filter(e -> e.taskId == taskId).toList();
            if (found.size() != 1) {
                throw new AssertionError(found.size() + " results of task " + Long.toHexString(taskId));
            }
            return found.get(0);
        }

        List<Messages.Frame> released() {
            return all(ReleaseFramesDecoder.TEMPLATE_ID).stream()
                    .flatMap(e -> e.frames.stream())
                    .toList();
        }
    }
}
