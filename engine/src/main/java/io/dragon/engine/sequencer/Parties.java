package io.dragon.engine.sequencer;

import io.dragon.codecs.control.FencedEncoder;
import io.dragon.codecs.control.HeartbeatDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterDecoder;
import io.dragon.codecs.control.RegisterRefusedEncoder;
import io.dragon.codecs.control.RegisteredEncoder;
import java.util.ArrayList;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Object2ObjectHashMap;

/** Who takes part: names, ids, incarnations, and who is alive. */
final class Parties {
    private static final int MAX_NAME_BYTES = 48;
    private static final int MAX_WORDS = 96;
    private static final int MAX_WINDOW = 1_024;
    private static final int MAX_ID = (1 << 24) - 1;

    private final Core core;
    private final Int2ObjectHashMap<Party> byId = new Int2ObjectHashMap<>();
    private final Object2ObjectHashMap<String, Party> byName = new Object2ObjectHashMap<>();

    /** By id: all, and those alive. */
    final ArrayList<Party> all = new ArrayList<>();

    final ArrayList<Party> alive = new ArrayList<>();

    /** Workers alive by the node they run on; it follows from the parties. */
    private final Int2ObjectHashMap<ArrayList<Party>> workersOn = new Int2ObjectHashMap<>();

    /** Clients alive, and nodes that are not. */
    int clients;

    int deadNodes;

    /** What {@link #mostMemory} told; -1 when something has changed since. Not state: it follows from it. */
    private long mostMemory = -1;

    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final RegisteredEncoder registered = new RegisteredEncoder();
    private final RegisterRefusedEncoder refused = new RegisterRefusedEncoder();
    private final FencedEncoder fenced = new FencedEncoder();

    Parties(final Core core) {
        this.core = core;
    }

    Party get(final int id) {
        return byId.get(id);
    }

    /** The party of this name; null when there is none. */
    Party named(final int kind, final String name) {
        return byName.get(key(kind, name));
    }

    /** Workers alive on a node, by id; null when it has none. */
    ArrayList<Party> workersOn(final int nodeId) {
        return workersOn.get(nodeId);
    }

    private static void insert(final ArrayList<Party> parties, final Party party) {
        int index = parties.size();
        while (index > 0 && parties.get(index - 1).id > party.id) {
            index--;
        }
        parties.add(index, party);
    }

    private void settle(final Party worker) {
        if (worker.kind == Party.WORKER) {
            ArrayList<Party> workers = workersOn.get(worker.nodeId);
            if (workers == null) {
                workers = new ArrayList<>();
                workersOn.put(worker.nodeId, workers);
            }
            insert(workers, worker);
        }
    }

    private void unsettle(final Party worker) {
        if (worker.kind == Party.WORKER) {
            final ArrayList<Party> workers = workersOn.get(worker.nodeId);
            workers.remove(worker);
            if (workers.isEmpty()) {
                workersOn.remove(worker.nodeId); // Whoever registers anew may do so from another host.
            }
        }
    }

    static boolean isValidName(final String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_BYTES) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            final char c = name.charAt(i);
            if (c < ' ' || c == 0x7F || c == '\uFFFD') {
                return false;
            }
        }
        return name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    void register(final RegisterDecoder command) {
        final long correlationId = command.correlationId();
        final int kind = command.kindRaw();
        final int window = command.window();
        final long processId = command.processId();
        final long memoryBytes = command.memoryBytes();
        final String name = command.name();
        final String host = words(command.host());
        final String device = words(command.device());
        if (kind < Party.CLIENT || kind > Party.MASTER) {
            refuse(correlationId, Reason.MALFORMED, "kind " + kind + " of a party is not known");
            return;
        }
        if (!isValidName(name)) {
            refuse(
                    correlationId,
                    Reason.NAME_INVALID,
                    "a name is 1 to " + MAX_NAME_BYTES + " bytes of UTF-8 without control characters");
            return;
        }
        Party party = byName.get(key(kind, name));
        final boolean isReplaced = party != null && party.isAlive;
        if (party == null) {
            if (core.counters[Counters.LAST_PARTY_ID] >= MAX_ID) {
                refuse(correlationId, Reason.TABLE_FULL, "all " + MAX_ID + " ids were given away");
                return;
            }
            if (all.size() >= core.config.get(Setting.MAX_PARTIES) && !forgetOne()) {
                final String full = "all " + core.config.get(Setting.MAX_PARTIES) + " names are in use";
                core.faults.full(full);
                refuse(correlationId, Reason.TABLE_FULL, full);
                return;
            }
            party = new Party((int) core.increment(Counters.LAST_PARTY_ID), kind, name);
            enter(party);
        } else if (party.isAlive && party.correlationId == correlationId && party.processId == processId) {
            // The reply was lost: the same incarnation is told again.
            party.heardMs = core.upMs();
            bind(party);
            reply(party);
            return;
        } else {
            if (party.isAlive) {
                end(party, Reason.ABANDONED, IncidentRule.REGISTERED_ANEW, core.upMs() - party.heardMs);
            }
        }
        final boolean isMissed = party.incarnation > 0 && !party.hasLeft && !isReplaced;
        final long awayMs = core.upMs() - party.heardMs;
        party.host = host;
        party.device = device;
        party.nodeId = kind == Party.NODE ? 0 : nodeOn(host); // its host says where it is, whatever node it names
        party.processId = processId;
        party.memoryBytes = memoryBytes;
        mostMemory = -1;
        party.correlationId = correlationId;
        party.window = Math.min(MAX_WINDOW, window == 0 ? core.config.get(Setting.DEFAULT_WINDOW) : window);
        party.freeBytes = -1;
        party.erredMs = -1;
        party.progress = 0;
        party.refusedSeq = 0;
        core.hung.ends(party);
        party.incarnation++;
        live(party);
        if (kind == Party.NODE) {
            core.topology.joined(party);
            adopt(party);
            core.hung.nodeCame(party);
        }
        if (kind == Party.NODE || kind == Party.WORKER || party.pairedWith != 0) {
            core.allocation.changes(core.upMs());
        }
        if (core.trace != null) {
            core.trace.registered(party.id, party.incarnation, PartyKind.get((short) kind), name);
        }
        if (isMissed) {
            core.faults.returned(party, awayMs);
        }
        party.heardMs = core.upMs();
        bind(party);
        reply(party);
    }

    /** The node of a host: the one with the smallest id; 0 without one. */
    private int nodeOn(final String host) {
        int id = 0;
        for (int i = 0; i < alive.size(); i++) { // its order is not part of the state
            final Party party = alive.get(i);
            if (party.kind == Party.NODE && party.host.equals(host) && (id == 0 || party.id < id)) {
                id = party.id;
            }
        }
        return id;
    }

    /** Those of its host that registered before it. */
    private void adopt(final Party node) {
        for (int i = 0; i < alive.size(); i++) {
            final Party party = alive.get(i);
            if (party.kind != Party.NODE && party.nodeId == 0 && party.host.equals(node.host)) {
                unsettle(party);
                party.nodeId = node.id;
                settle(party);
                core.frames.adopted(party);
                core.scheduler.offer(party, null);
            }
        }
    }

    private static String words(final String text) {
        if (text.length() <= MAX_WORDS) {
            return text;
        }
        // Half a character would come back from a snapshot as another one.
        final boolean isSplit = Character.isHighSurrogate(text.charAt(MAX_WORDS - 1));
        return text.substring(0, isSplit ? MAX_WORDS - 1 : MAX_WORDS);
    }

    private static String key(final int kind, final String name) {
        return kind + ":" + name;
    }

    /** The most device memory of any worker that has not left in order; without bound while one has not told its own, or there is none. */
    long mostMemory() {
        if (mostMemory < 0) {
            mostMemory = 0;
            for (int i = 0; i < all.size(); i++) {
                final Party party = all.get(i);
                if (party.kind == Party.WORKER && !party.hasLeft) {
                    mostMemory = Math.max(mostMemory, party.memoryBytes <= 0 ? Long.MAX_VALUE : party.memoryBytes);
                }
            }
            mostMemory = mostMemory == 0 ? Long.MAX_VALUE : mostMemory;
        }
        return mostMemory;
    }

    /** Puts a party that is not alive into the tables. */
    void enter(final Party party) {
        mostMemory = -1;
        byId.put(party.id, party);
        byName.put(key(party.kind, party.name), party);
        all.add(party);
        if (party.kind == Party.NODE) {
            deadNodes++;
        }
    }

    void live(final Party party) {
        party.isAlive = true;
        party.hasLeft = false;
        insert(alive, party);
        settle(party);
        if (party.kind == Party.CLIENT) {
            clients++;
        } else if (party.kind == Party.NODE) {
            deadNodes--;
        }
    }

    /** Tells the shell where events for this party go now. */
    void bind(final Party party) {
        if (party.session != core.session) {
            party.session = core.session;
            core.sink.bound(party.id, core.session);
        }
    }

    private void reply(final Party party) {
        registered
                .wrapAndApplyHeader(core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH), 0, header)
                .correlationId(party.correlationId)
                .partyId(party.id)
                .incarnation(party.incarnation)
                .lastSeq(party.lastSeq)
                .lastEvent(party.lastEvent)
                .clusterTimeMs(core.nowMs())
                .maxUnacknowledged(core.config.maxUnacknowledged)
                .maxOpenTasks(core.tasks.maxOpenTasks())
                .kind(PartyKind.get((short) party.kind));
        core.sink.reply(core.session, registered.limit());
    }

    private void refuse(final long correlationId, final Reason reason, final String text) {
        refused.wrapAndApplyHeader(core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH), 0, header)
                .correlationId(correlationId)
                .reason(reason)
                .text(text);
        core.sink.reply(core.session, refused.limit());
    }

    void fence(final int partyId, final int incarnation, final Party party) {
        core.increment(Counters.FENCED);
        fenced.wrapAndApplyHeader(core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH), 0, header)
                .partyId(Integer.toUnsignedLong(partyId))
                .incarnation(Integer.toUnsignedLong(incarnation))
                .currentIncarnation(party == null || !party.isAlive ? 0 : party.incarnation);
        core.sink.reply(core.session, fenced.limit());
    }

    void heartbeat(final Party party, final HeartbeatDecoder command) {
        final boolean isMoving = command.progress() != party.progress || command.computingTaskId() == 0;
        party.progress = command.progress();
        party.errors = command.errors();
        party.dropped = command.dropped();
        final long freeBefore = party.freeBytes;
        party.freeBytes = command.freeBytes();
        if (isMoving && party.kind == Party.WORKER) {
            core.scheduler.moves(party);
        }
        if (party.kind == Party.WORKER && (party.freeBytes < 0 || party.freeBytes > freeBefore)) {
            core.scheduler.hasMoreMemory(party);
        }
    }

    /** Whether a node agent can see the processes of a party: a lock that is free on another host proves nothing. */
    static boolean isOfHost(final Party node, final Party party) {
        return party.nodeId == node.id || party.host.equals(node.host);
    }

    /** A node agent proved that an incarnation's process is dead. */
    void dead(final Party reporter, final int partyId, final int incarnation, final long detectedMs) {
        final Party party = get(partyId);
        if (party != null && !isOfHost(reporter, party)) {
            core.increment(Counters.MALFORMED);
        } else if (reporter.kind == Party.NODE
                && party != null
                && party != reporter
                && party.incarnation == incarnation) {
            if (party.isAlive) {
                end(party, Reason.ABANDONED, IncidentRule.LOCK_IS_FREE, detectedMs);
            }
            core.hung.ends(party);
        }
    }

    /** The party leaves in order. */
    void unregister(final Party party) {
        core.egress.farewell(party);
        end(party, Reason.CANCELLED, IncidentRule.LEFT_IN_ORDER, Incidents.UNKNOWN_MS);
        party.hasLeft = true;
        mostMemory = -1;
        core.allocation.changes(core.upMs());
    }

    /** The present incarnation is over: its work goes elsewhere, or ends for this reason. */
    private void end(final Party party, final Reason reason, final IncidentRule rule, final long detectedMs) {
        if (core.trace != null) {
            core.trace.gone(party.id, party.incarnation, why(rule));
        }
        final long incident = core.faults.gone(party, rule, detectedMs);
        final long reassigned = core.counters[Counters.REASSIGNED];
        final long retried = core.counters[Counters.RETRIED];
        final long cancelled = core.counters[Counters.CANCELLED];
        final int cameras = end(party, reason, rule == IncidentRule.REGISTERED_ANEW);
        core.faults.moved(
                incident,
                core.counters[Counters.REASSIGNED] - reassigned + cameras,
                core.counters[Counters.RETRIED] - retried,
                core.counters[Counters.CANCELLED] - cancelled);
    }

    private static String why(final IncidentRule rule) {
        return switch (rule) {
            case REGISTERED_ANEW -> "its name registered anew";
            case LOCK_IS_FREE -> "its node found its process dead";
            case LEFT_IN_ORDER -> "it left in order";
            case LINK_PROBE -> "its host was silent, and no node could reach it";
            default -> "it was silent for too long";
        };
    }

    /** How many cameras went to other nodes. */
    private int end(final Party party, final Reason reason, final boolean isReplaced) {
        int cameras = 0;
        party.isAlive = false;
        alive.remove(party);
        unsettle(party);
        core.egress.drop(party);
        switch (party.kind) {
            case Party.WORKER -> {
                core.scheduler.workerGone(party);
                core.hung.ends(party);
                core.allocation.changes(party.heardMs + Allocation.AWAY_MS);
            }
            case Party.CLIENT -> {
                clients--;
                core.jobs.clientGone(party);
                core.tasks.abandon(party, reason);
            }
            case Party.CAMERA -> core.jobs.cameraGone(party);
            case Party.NODE -> {
                deadNodes++;
                core.topology.gone(party);
                if (!isReplaced) {
                    cameras = core.allocation.nodeGone(party);
                }
            }
            default -> {}
        }
        core.tasks.drain();
        core.frames.ownerGone(party);
        return cameras;
    }

    /** Silence of everybody alive. */
    void checkSilence() {
        for (int i = alive.size() - 1; i >= 0; i--) {
            final Party party = alive.get(i);
            final long silentMs = core.upMs() - party.heardMs;
            final boolean isSilent = silentMs > timeoutMs(party);
            if (isSilent || (silentMs > core.topology.silenceMs() && isBehindBrokenLinks(party))) {
                final long hungMs = party.hungMs < 0 ? party.heardMs : party.hungMs;
                end(party, Reason.ABANDONED, isSilent ? IncidentRule.SILENCE : IncidentRule.LINK_PROBE, silentMs);
                if (party.kind == Party.WORKER) {
                    core.hung.begins(party, hungMs);
                }
            }
        }
    }

    /**
     * A node that no other can reach; or, once such a node is given up, what runs on its host. A node that is heard lives, whatever the
     * others say; and so does whoever is heard of its host.
     */
    private boolean isBehindBrokenLinks(final Party party) {
        if (party.kind == Party.NODE) {
            return core.topology.isUnreachable(party);
        }
        if (party.kind != Party.WORKER && party.kind != Party.CAMERA) {
            return false;
        }
        final Party node = party.nodeId == 0 ? null : get(party.nodeId);
        return node != null && !node.isAlive && core.topology.isUnreachable(node);
    }

    private long timeoutMs(final Party party) {
        switch (party.kind) {
            case Party.NODE:
            case Party.MASTER:
                return core.config.get(Setting.NODE_TIMEOUT_MS);
            case Party.CLIENT:
                return core.config.get(Setting.CLIENT_TIMEOUT_MS);
            case Party.CAMERA:
                return core.config.get(Setting.CAMERA_TIMEOUT_MS);
            default:
                final Party node = party.nodeId == 0 ? null : get(party.nodeId);
                final boolean isNodeDead = node != null && !node.isAlive;
                return isNodeDead
                        ? Math.min(core.config.get(Setting.NODE_TIMEOUT_MS), core.config.get(Setting.WORKER_TIMEOUT_MS))
                        : core.config.get(Setting.WORKER_TIMEOUT_MS);
        }
    }

    /** Forgets the name that was silent for longest and that nothing refers to; its id is never used again. */
    private boolean forgetOne() {
        Party oldest = null;
        for (int i = 0; i < all.size(); i++) {
            final Party party = all.get(i);
            if (!party.isAlive
                    && party.tasks == 0
                    && party.pools == 0
                    && party.jobs == 0
                    && party.job == null
                    && (oldest == null || party.heardMs < oldest.heardMs)) {
                oldest = party;
            }
        }
        if (oldest == null) {
            return false;
        }
        byId.remove(oldest.id);
        byName.remove(key(oldest.kind, oldest.name));
        all.remove(oldest);
        core.hung.ends(oldest);
        mostMemory = -1;
        if (oldest.kind == Party.NODE) {
            deadNodes--;
            core.topology.forget(oldest);
            core.supervision.forget(oldest);
        }
        return true;
    }
}
