package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CamerasAllocatedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Cameras and their nodes: pairs together, by capacity, with as few moves as possible. */
class AllocationTest {
    private final Rig rig = new Rig();
    private final Peer client = rig.client("c");
    private final List<Peer> nodes = new ArrayList<>();
    private final Map<Peer, Integer> capacity = new HashMap<>();
    private final List<Peer> cameras = new ArrayList<>();
    private final List<Integer> pairs = new ArrayList<>();
    private final List<Peer> workers = new ArrayList<>();

    private Peer node(final int... windows) {
        final Peer node = rig.node("node" + nodes.size());
        nodes.add(node);
        for (final int window : windows) {
            worker(node, window);
        }
        return node;
    }

    private Peer worker(final Peer node, final int window) {
        final Peer worker = rig.join(PartyKind.WORKER, "worker" + workers.size(), window, node.id);
        workers.add(worker);
        capacity.merge(node, window, Integer::sum);
        return worker;
    }

    private void cameras(final int count, final int firstPair, final boolean paired) {
        for (int i = 0; i < count; i++) {
            cameras.add(rig.camera("camera" + rig.peers.size()));
            pairs.add(paired ? firstPair + i / 2 : Job.NO_PAIR);
        }
    }

    @Test
    void shouldAllocateForClientsOnlyAndNotMoveAnythingForAQuestionAskedTwice() {
        node(2);
        node(2);
        cameras(8, 1, true);
        final int replies = rig.replies.size();
        final long malformed = rig.sequencer.core().counters[Counters.MALFORMED];
        cameras.get(0).send(Messages.allocate(new int[] {cameras.get(0).id}, new int[] {1}));
        workers.get(0).send(Messages.allocate(new int[] {cameras.get(0).id}, new int[] {1}));
        assertEquals(replies, rig.replies.size());
        assertEquals(malformed + 2, rig.sequencer.core().counters[Counters.MALFORMED]);
        final Map<Integer, Integer> first = ask();
        final Party moved = rig.sequencer.core().parties.get(cameras.get(0).id);
        moved.allocatedNodeId = 0; // what a rebalance would put right
        assertEquals(0, ask().get(moved.id));
        pairs.set(7, 99);
        assertEquals(first.get(moved.id), ask().get(moved.id));
    }

    @Test
    void shouldPairACameraThatIsNamedTwiceWithNobodyWhoIsNotPairedWithIt() {
        node(2);
        cameras(3, 1, false);
        final int[] ids = cameras.stream().mapToInt(camera -> camera.id).toArray();
        client.send(Messages.allocate(new int[] {ids[0], ids[1], ids[2], ids[0]}, new int[] {1, 1, 2, 2}));
        final Core core = rig.sequencer.core();
        for (final int id : ids) {
            final Party first = core.parties.get(core.parties.get(id).pairedWith);
            assertEquals(first.id, first.pairedWith);
        }
    }

    /** What the reply says, by camera. */
    private Map<Integer, Integer> ask() {
        client.send(Messages.allocate(
                cameras.stream().mapToInt(camera -> camera.id).toArray(),
                pairs.stream().mapToInt(pair -> pair).toArray()));
        final Map<Integer, Integer> answer = new HashMap<>();
        for (final CamerasAllocatedDecoder.CamerasDecoder camera :
                rig.lastReply().as(new CamerasAllocatedDecoder()).cameras()) {
            answer.put((int) camera.cameraId(), (int) camera.nodeId());
        }
        return answer;
    }

    private Map<Integer, Integer> now() {
        final Map<Integer, Integer> now = new HashMap<>();
        cameras.forEach(
                camera -> now.put(camera.id, rig.sequencer.core().parties.get(camera.id).allocatedNodeId));
        return now;
    }

    private void pass(final long ms) {
        rig.pass(ms, rig.peers.toArray(Peer[]::new));
    }

    private void assertPairsTogether() {
        final Map<Integer, Integer> now = now();
        for (int i = 0; i < cameras.size(); i++) {
            for (int k = 0; k < i; k++) {
                if (pairs.get(i) != Job.NO_PAIR && pairs.get(i).equals(pairs.get(k))) {
                    assertEquals(now.get(cameras.get(k).id), now.get(cameras.get(i).id), "a pair");
                }
            }
        }
    }

    private static long moved(final Map<Integer, Integer> before, final Map<Integer, Integer> after) {
        return before.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
                .count();
    }

    private int on(final Peer node) {
        return (int) now().values().stream().filter(id -> id == node.id).count();
    }

    @Test
    void shouldSpreadByCapacityAndKeepPairsTogether() {
        final Peer small = node(2);
        final Peer large = node(2, 2);
        cameras(12, 1, true);
        final Map<Integer, Integer> answer = ask();
        assertEquals(now(), answer);
        assertEquals(4, on(small));
        assertEquals(8, on(large));
        assertPairsTogether();
    }

    @Test
    void shouldAnswerTheSameWhenAskedAgainBecauseTheAnswerWasLost() {
        node(2);
        node(3);
        node(1);
        cameras(11, 1, true);
        final Map<Integer, Integer> first = ask();
        rig.restart();
        assertEquals(first, ask());
        assertEquals(first, ask());
    }

    @Test
    void shouldMoveOnlyTheCamerasOfALostNodeAndAsFewAsPossibleBack() {
        final Peer a = node(2);
        final Peer b = node(2);
        final Peer c = node(2);
        cameras(12, 1, true);
        final Map<Integer, Integer> before = ask();
        rig.peers.remove(c);
        rig.peers.remove(workers.get(2));
        pass(5_100);
        final Map<Integer, Integer> without = now();
        assertEquals(6, on(a));
        assertEquals(6, on(b));
        assertEquals(4, moved(before, without));
        assertPairsTogether();
        final Peer again = rig.node("node2");
        rig.join(PartyKind.WORKER, "worker2", 2, again.id);
        pass(100);
        assertEquals(4, moved(without, now()));
        assertEquals(4, on(again));
        assertPairsTogether();
    }

    @Test
    void shouldFollowCapacityThatStaysAwayButNotARestartedWorker() {
        final Peer a = node(2, 2);
        node(2, 2);
        cameras(16, 1, true);
        final Map<Integer, Integer> before = ask();
        rig.peers.remove(workers.get(0));
        pass(30_000); // Dead after 10 s, and not back yet.
        assertEquals(before, now());
        rig.restart();
        pass(31_000);
        assertTrue(on(a) < 8);
        assertPairsTogether();
        final Map<Integer, Integer> less = now();
        rig.join(PartyKind.WORKER, "worker0", 2, a.id);
        pass(100);
        assertEquals(8, on(a));
        assertEquals(8 - less.values().stream().filter(id -> id == a.id).count(), moved(less, now()));
    }

    @Test
    void shouldGiveCamerasANodeWhenTheFirstOneComes() {
        cameras(4, 1, true);
        assertEquals(List.of(0, 0, 0, 0), List.copyOf(ask().values()));
        final Peer a = node(1);
        pass(50);
        assertEquals(4, on(a));
    }

    @Test
    void shouldNotMixUpPairsOfTwoQuestions() {
        node(1);
        node(1);
        cameras(2, 1, true);
        ask();
        final List<Peer> first = List.copyOf(cameras);
        cameras.clear();
        pairs.clear();
        cameras(2, 1, true); // Pair 1 again, of other cameras.
        ask();
        final Parties parties = rig.sequencer.core().parties;
        assertTrue(parties.get(first.get(0).id).allocatedNodeId != parties.get(cameras.get(0).id).allocatedNodeId);
    }

    // ---- property

    @Test
    void shouldKeepItsPromisesForRandomFleets() {
        int compared = 0;
        for (int seed = 1; seed <= 120; seed++) {
            compared += new AllocationTest().play(new SplittableRandom(seed), seed);
        }
        assertTrue(compared > 200, compared + " comparisons");
    }

    private int play(final SplittableRandom random, final int seed) {
        final int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            node(random.ints(1 + random.nextInt(2), 1, 5).toArray());
        }
        cameras(2 * (1 + random.nextInt(3)), 1, true);
        cameras(random.nextInt(3), 0, false);
        ask();
        assertBalanced(seed);
        int compared = 0;
        for (int step = 0; step < 6; step++) {
            final Map<Integer, Integer> before = now();
            change(random);
            pass(50);
            assertPairsTogether();
            assertBalanced(seed);
            final int moves = (int)
                    units().stream().filter(unit -> hasMoved(unit, before)).count();
            assertEquals(fewest(before), moves, "moves, seed " + seed + " step " + step);
            compared++;
        }
        return compared;
    }

    private void change(final SplittableRandom random) {
        final int what = random.nextInt(3);
        if (what == 0 && nodes.size() < 3) {
            node(random.ints(1, 1, 5).toArray());
        } else if (what == 1 && workers.size() > 1) {
            final Peer worker = workers.get(random.nextInt(workers.size()));
            if (rig.sequencer.core().parties.get(worker.id).isAlive) {
                worker.send(Messages.unregister());
            }
        } else {
            worker(nodes.get(random.nextInt(nodes.size())), 1 + random.nextInt(4));
        }
    }

    private long[] capacities() {
        final long[] windows = new long[nodes.size()];
        for (final Party party : rig.sequencer.core().parties.alive) {
            for (int n = 0; n < windows.length; n++) {
                windows[n] += party.kind == Party.WORKER && party.nodeId == nodes.get(n).id ? party.window : 0;
            }
        }
        if (Arrays.stream(windows).sum() == 0) {
            Arrays.fill(windows, 1);
        }
        return windows;
    }

    private List<int[]> units() {
        final Map<Integer, int[]> units = new HashMap<>();
        for (int i = 0; i < cameras.size(); i++) {
            final int key = pairs.get(i) == Job.NO_PAIR ? -1 - i : pairs.get(i);
            final int id = cameras.get(i).id;
            units.merge(key, new int[] {id}, (x, y) -> new int[] {x[0], y[0]});
        }
        return List.copyOf(units.values());
    }

    private boolean hasMoved(final int[] unit, final Map<Integer, Integer> before) {
        return !now().get(unit[0]).equals(before.get(unit[0]));
    }

    /** No node has more for what it can do than another would have with one pair more; none without workers has any. */
    private static boolean isBalanced(final long[] load, final long[] capacity, final int largest) {
        for (int n = 0; n < load.length; n++) {
            for (int m = 0; m < load.length; m++) {
                if (load[n] > 0 && capacity[n] == 0
                        || capacity[m] > 0 && load[n] * capacity[m] > (load[m] + largest) * capacity[n]) {
                    return false;
                }
            }
        }
        return true;
    }

    private void assertBalanced(final int seed) {
        final long[] load = new long[nodes.size()];
        for (int n = 0; n < load.length; n++) {
            load[n] = on(nodes.get(n));
        }
        assertEquals(cameras.size(), Arrays.stream(load).sum());
        assertTrue(isBalanced(load, capacities(), 2), "seed " + seed + ": " + Arrays.toString(load));
    }

    /** By trying every allocation there is. */
    private int fewest(final Map<Integer, Integer> before) {
        final List<int[]> units = units();
        final long[] capacity = capacities();
        int fewest = Integer.MAX_VALUE;
        final int all = (int) Math.pow(nodes.size(), units.size());
        for (int code = 0; code < all; code++) {
            final long[] load = new long[nodes.size()];
            int rest = code;
            int moves = 0;
            for (final int[] unit : units) {
                final int place = rest % nodes.size();
                rest /= nodes.size();
                load[place] += unit.length;
                moves += before.get(unit[0]) == nodes.get(place).id ? 0 : 1;
            }
            if (moves < fewest && isBalanced(load, capacity, 2)) {
                fewest = moves;
            }
        }
        return fewest;
    }
}
