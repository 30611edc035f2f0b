package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A machine: its processes, and what its node agent can find on it of those that died. */
final class SimulatedHost {
    /** An incarnation whose lock is free. */
    record Dead(int partyId, int incarnation) {}

    final String name;
    final List<SimulatedProcess> processes = new ArrayList<>();
    SimulatedProcess agent;

    /** Not reported yet. */
    final List<Dead> dead = new ArrayList<>();

    /** Pool files without an owner, and whether the present agent has reported them. */
    final Map<Long, Boolean> orphans = new LinkedHashMap<>();

    long cutOffUntilUs;

    SimulatedHost(final String name) {
        this.name = name;
    }

    boolean isLazy(final SimulatedProcess process) {
        return process == agent;
    }
}
