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
                upMs += Math.min(entry.timeMs - nowMs, core.config.maxStallMs());
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

    /** Those that this tick gave up. */
    List<Party> afterTick(final Core core) {
        gone.clear();
        for (final Party party : alive) {
            final long silentMs = upMs - heardMs.get(party.id);
            final SequencerConfig config = core.config;
            final int most =
                    switch (party.kind) {
                        case Party.CLIENT -> config.clientTimeoutMs();
                        case Party.CAMERA -> config.cameraTimeoutMs();
                        case Party.NODE, Party.MASTER -> config.nodeTimeoutMs();
                        default -> config.workerTimeoutMs();
                    };
            final int least = party.kind == Party.WORKER ? Math.min(most, config.nodeTimeoutMs()) : most;
            if (party.isAlive) {
                if (!(silentMs <= most)) {
                    throw Invariants.broken("the silent are given up: " + party.name + " after " + silentMs);
                }
            } else {
                if (!(silentMs > least)) {
                    throw Invariants.broken("nobody is given up early: " + party.name + " after " + silentMs);
                }
                simulation.count(Covered.SILENT);
                gone.add(party);
            }
        }
        return gone;
    }
}
