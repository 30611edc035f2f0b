package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AllocateCamerasDecoder;
import io.dragon.codecs.control.CamerasAllocatedEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import java.util.ArrayList;
import java.util.Comparator;
import org.agrona.collections.Int2IntHashMap;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Which node a camera belongs to.
 *
 * <p>The rule: a node can do as much as the windows of its workers add up to (where no node has workers, all can do the same). A pair
 * goes to one node. Nodes are balanced when none has more cameras for what it can do than any other would have with one
 * pair more. Cameras without a node go where they are then used least; after that, as long as nodes are not balanced, a pair goes from
 * the node used most to the one used least, the pair registered last first. So whoever does not have to move stays.
 *
 * <p>That is done when cameras are asked for, when a node is lost, and at the next tick after a node, worker or camera has come or
 * left in order; a worker that died counts until it was away for so long that nobody expects it back.
 */
final class Allocation {
    /** A worker that died is restarted within this time, or not at all. */
    static final int AWAY_MS = 60_000;

    private static final int NOT_ASKED = Integer.MIN_VALUE;

    private final Core core;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CamerasAllocatedEncoder encoder = new CamerasAllocatedEncoder();

    Allocation(final Core core) {
        this.core = core;
    }

    /** The same question again, because the answer was lost, has the same answer, and costs nothing but that. */
    void allocate(final AllocateCamerasDecoder command) {
        final AllocateCamerasDecoder.CamerasDecoder asked = command.cameras();
        final int[] ids = new int[asked.count()];
        final int[] pairs = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            asked.next();
            ids[i] = (int) asked.cameraId();
            pairs[i] = asked.pair();
        }
        if (pair(ids, pairs) || core.counters[Counters.REBALANCE_MS] != 0) {
            rebalance();
        }
        encoder.wrapAndApplyHeader(core.sink.claim(Sequencer.MAX_MESSAGE_LENGTH), 0, header)
                .correlationId(command.correlationId());
        final int most = (Sequencer.MAX_MESSAGE_LENGTH - 8 - CamerasAllocatedEncoder.BLOCK_LENGTH - 4)
                / CamerasAllocatedEncoder.CamerasEncoder.sbeBlockLength();
        final int count = Math.min(ids.length, most);
        final CamerasAllocatedEncoder.CamerasEncoder answer = encoder.camerasCount(count);
        for (int i = 0; i < count; i++) {
            final Party camera = core.parties.get(ids[i]);
            answer.next().cameraId(Integer.toUnsignedLong(ids[i])).nodeId(camera == null ? 0 : camera.allocatedNodeId);
        }
        core.sink.reply(core.session, encoder.limit());
    }

    /** Cameras of one number are a pair from now on, and of no other. Whether that changes anything. */
    private boolean pair(final int[] ids, final int[] pairs) {
        final Int2IntHashMap firstOf = new Int2IntHashMap(NOT_ASKED);
        final Int2IntHashMap now = new Int2IntHashMap(NOT_ASKED);
        for (int i = 0; i < ids.length; i++) {
            if (camera(ids[i]) != null) {
                int first = ids[i];
                if (pairs[i] != Job.NO_PAIR) {
                    first = firstOf.getOrDefault(pairs[i], ids[i]);
                    firstOf.put(pairs[i], first);
                }
                now.put(ids[i], first);
            }
        }
        boolean isChanged = false;
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party camera = core.parties.all.get(i);
            final int asked = now.get(camera.id);
            int pairedWith = camera.pairedWith;
            if (asked != NOT_ASKED) {
                pairedWith = now.get(asked) == asked ? asked : camera.id;
            } else if (pairedWith != camera.id && now.containsKey(pairedWith)) {
                pairedWith = camera.id; // its partner has another one now, or none
            }
            isChanged |= pairedWith != camera.pairedWith;
            camera.pairedWith = pairedWith;
        }
        return isChanged;
    }

    private Party camera(final int id) {
        final Party party = core.parties.get(id);
        return party == null || party.kind != Party.CAMERA ? null : party;
    }

    /** The cameras of a dead node go to the others; how many they are. */
    int nodeGone(final Party node) {
        int cameras = 0;
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party camera = core.parties.all.get(i);
            if (camera.pairedWith != 0 && camera.allocatedNodeId == node.id) {
                camera.allocatedNodeId = 0;
                cameras++;
            }
        }
        if (cameras > 0) {
            rebalance();
        }
        return cameras;
    }

    /** What nodes can do, or how many cameras there are, is another from now on, or from then on. */
    void changes(final long atMs) {
        final long due = core.counters[Counters.REBALANCE_MS];
        if (due == 0 || atMs < due) {
            core.counters[Counters.REBALANCE_MS] = Math.max(1, atMs);
        }
    }

    void check() {
        final long due = core.counters[Counters.REBALANCE_MS];
        if (due != 0 && core.upMs() >= due) {
            rebalance();
        }
    }

    // ---- the rule

    /** Cameras that go together. */
    private static final class Unit {
        final ArrayList<Party> cameras = new ArrayList<>(2);
        int place = -1;

        int size() {
            return cameras.size();
        }
    }

    private void rebalance() {
        core.counters[Counters.REBALANCE_MS] = 0;
        final ArrayList<Party> nodes = new ArrayList<>();
        for (int i = 0; i < core.parties.alive.size(); i++) {
            if (core.parties.alive.get(i).kind == Party.NODE) {
                nodes.add(core.parties.alive.get(i));
            }
        }
        final long[] capacity = capacities(nodes);
        final ArrayList<Unit> units = units(nodes, capacity);
        if (!nodes.isEmpty()) {
            spread(units, capacity);
        }
        for (final Unit unit : units) {
            for (final Party camera : unit.cameras) {
                camera.allocatedNodeId = unit.place < 0 ? 0 : nodes.get(unit.place).id;
            }
        }
    }

    private long[] capacities(final ArrayList<Party> nodes) {
        final long[] capacity = new long[nodes.size()];
        long total = 0;
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party worker = core.parties.all.get(i);
            if (worker.kind == Party.WORKER && isExpected(worker)) {
                for (int n = 0; n < capacity.length; n++) {
                    if (worker.nodeId == nodes.get(n).id) {
                        capacity[n] += worker.window;
                        total += worker.window;
                    }
                }
            }
        }
        for (int n = 0; n < capacity.length && total == 0; n++) {
            capacity[n] = 1;
        }
        return capacity;
    }

    private boolean isExpected(final Party worker) {
        if (worker.isAlive || worker.hasLeft) {
            return worker.isAlive;
        }
        final long untilMs = worker.heardMs + AWAY_MS;
        if (core.upMs() < untilMs) {
            changes(untilMs);
            return true;
        }
        return false;
    }

    /** By id of their first camera, and where they are now: at the node of the first camera that has one. */
    private ArrayList<Unit> units(final ArrayList<Party> nodes, final long[] capacity) {
        final ArrayList<Unit> units = new ArrayList<>();
        final Int2ObjectHashMap<Unit> byPair = new Int2ObjectHashMap<>();
        for (int i = 0; i < core.parties.all.size(); i++) {
            final Party camera = core.parties.all.get(i);
            if (camera.pairedWith != 0 && !camera.hasLeft) {
                final Unit unit = unitOf(byPair, units, camera.pairedWith);
                unit.cameras.add(camera);
                for (int n = 0; n < capacity.length && unit.place < 0; n++) {
                    if (nodes.get(n).id == camera.allocatedNodeId && capacity[n] > 0) {
                        unit.place = n;
                    }
                }
            }
        }
        return units;
    }

    private static Unit unitOf(
            final Int2ObjectHashMap<Unit> byPair, final ArrayList<Unit> units, final int pairedWith) {
        Unit unit = byPair.get(pairedWith);
        if (unit == null) {
            unit = new Unit();
            byPair.put(pairedWith, unit);
            units.add(unit);
        }
        return unit;
    }

    /** Places what has no place, then moves as few as needed. Of the capacities at least one is more than 0. */
    private static void spread(final ArrayList<Unit> units, final long[] capacity) {
        final long[] load = new long[capacity.length];
        final ArrayList<Unit> homeless = new ArrayList<>();
        int largest = 1;
        for (final Unit unit : units) {
            largest = Math.max(largest, unit.size());
            if (unit.place < 0) {
                homeless.add(unit);
            } else {
                load[unit.place] += unit.size();
            }
        }
        homeless.sort(Comparator.comparingInt(unit -> -unit.size()));
        for (final Unit unit : homeless) {
            put(unit, least(load, capacity, unit.size()), load);
        }
        while (true) {
            final int from = most(load, capacity);
            final int to = least(load, capacity, largest);
            if (load[from] * capacity[to] <= (load[to] + largest) * capacity[from]) {
                return;
            }
            put(lastLargest(units, from), to, load);
        }
    }

    private static void put(final Unit unit, final int place, final long[] load) {
        if (unit.place >= 0) {
            load[unit.place] -= unit.size();
        }
        unit.place = place;
        load[place] += unit.size();
    }

    private static int most(final long[] load, final long[] capacity) {
        int most = -1;
        for (int n = 0; n < load.length; n++) {
            if (capacity[n] > 0 && (most < 0 || load[n] * capacity[most] > load[most] * capacity[n])) {
                most = n;
            }
        }
        return most;
    }

    private static int least(final long[] load, final long[] capacity, final int more) {
        int least = -1;
        for (int n = 0; n < load.length; n++) {
            if (capacity[n] > 0
                    && (least < 0 || (load[n] + more) * capacity[least] < (load[least] + more) * capacity[n])) {
                least = n;
            }
        }
        return least;
    }

    private static Unit lastLargest(final ArrayList<Unit> units, final int place) {
        Unit chosen = null;
        for (final Unit unit : units) {
            if (unit.place == place && (chosen == null || unit.size() >= chosen.size())) {
                chosen = unit;
            }
        }
        return chosen;
    }
}
