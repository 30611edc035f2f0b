package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who was heard when, in the time that the masters were up: nobody is given up early, nobody is waited for too long. */
final class Silence {
    private final Simulation simulation;
    private final Map<Integer, Long> heardMs = new HashMap<>();
    private final List<Party> alive = new ArrayList<>();
    private final List<Party> gone = new ArrayList<>();
    private long nowMs;
    private long upMs;

    Silence(final Simulation simulation) {
        this.simulation = simulation;
    }

    void before(final LogEntry entry, final Core core) {
        if (entry.kind == LogEntry.COMMAND || entry.kind == LogEntry.TICK || entry.kind == LogEntry.SETTINGS) {
            if (entry.timeMs > nowMs) {
                upMs += Math.min(entry.timeMs - nowMs, core.config.get(Setting.MAX_STALL_MS));
                nowMs = entry.timeMs;
            }
            alive.clear();
            if (entry.kind == LogEntry.TICK) {
                alive.addAll(core.parties.alive);
            }
        }
    }

    void heard(final int partyId) {
        heardMs.put(partyId, upMs);
    }

    /** Its node, which may be itself, is given up too, and all who are heard and speak of it say that they do not reach it. */
    private static boolean isBehindLinks(final Party party, final Core core) {
        final Party node = party.kind == Party.NODE ? party : core.parties.get(party.nodeId);
        if (node == null || node.isAlive || node.nodePlace == null) {
            return false;
        }
        int reporters = 0;
        for (final Party other : core.parties.alive) {
            final Link link = other.nodePlace == null ? null : other.nodePlace.links[node.nodePlace.index];
            final boolean speaks = link != null && link.state != Link.UNKNOWN;
            if (speaks && core.upMs() - other.heardMs < 2 * core.config.get(Setting.NODE_TIMEOUT_MS) / 5) {
                reporters++;
                if (link.state != Link.DOWN) {
                    return false;
                }
            }
        }
        return reporters > 0;
    }

    /** Those that this tick gave up. */
    List<Party> afterTick(final Core core) {
        gone.clear();
        for (final Party party : alive) {
            final long silentMs = upMs - heardMs.get(party.id);
            final SequencerConfig config = core.config;
            final int most =
                    switch (party.kind) {
                        case Party.CLIENT -> config.get(Setting.CLIENT_TIMEOUT_MS);
                        case Party.CAMERA -> config.get(Setting.CAMERA_TIMEOUT_MS);
                        case Party.NODE, Party.MASTER -> config.get(Setting.NODE_TIMEOUT_MS);
                        default -> config.get(Setting.WORKER_TIMEOUT_MS);
                    };
            final int least = party.kind == Party.WORKER ? Math.min(most, config.get(Setting.NODE_TIMEOUT_MS)) : most;
            if (party.isAlive) {
                if (!(silentMs <= most)) {
                    throw Invariants.broken("the silent are given up: " + party.name + " after " + silentMs);
                }
            } else {
                final boolean isBehindLinks = silentMs <= least && isBehindLinks(party, core);
                if (!(silentMs > least || isBehindLinks && silentMs > 2 * config.get(Setting.NODE_TIMEOUT_MS) / 5)) {
                    throw Invariants.broken("nobody is given up early: " + party.name + " after " + silentMs);
                }
                simulation.count(isBehindLinks ? Covered.SILENT_BY_PROBES : Covered.SILENT);
                gone.add(party);
            }
        }
        return gone;
    }
}
