package io.dragon.engine.sequencer;

import io.dragon.codecs.control.PartyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Masters of one, three or five members and everybody around them, in one thread and in virtual time, everything going wrong
 * that can; one seed, one history. See docs/simulation.md.
 */
final class Simulation {
    /** Anything that does something at a time. */
    interface Actor {
        /** Microseconds of virtual time; not before it does anything happen here. */
        long dueUs();

        void act();
    }

    static final String[] TYPES = {"mask", "carve", "plain"};

    /** Of a device; tasks need less, but for a few that fit nowhere where it is known. */
    static final int MEMORY = 1_000;

    /** Cluster time at which everything begins. */
    static final long EPOCH_MS = 10_000;

    /** Once the faults have ended, everything must have ended within this virtual time. */
    static final long REST_US = 60_000_000;

    /** Faults are injected for so long at most, however little comes of it. */
    private static final long ACTIVE_US = 20_000_000;

    static final int MOST_KINDS = 256;

    private static final int TRACED = 80;
    private static final int HASH_EVERY = 127;
    private static final long MOST_STEPS = 2_000_000;

    final long seed;
    final SplittableRandom random;
    final SimulationPlan plan;
    final Oracle oracle;
    final SimulatedMasters masters;
    final SimulatedLinks links;
    final List<SimulatedHost> hosts = new ArrayList<>();
    final List<SimulatedProcess> processes = new ArrayList<>();
    final List<SimulatedPeer> peers = new ArrayList<>();
    final Set<Long> vanishedPools = new HashSet<>();
    final long[] covered = new long[Covered.values().length];

    /** Records written, by the value of their kind. */
    final long[] incidents = new long[MOST_KINDS];

    private final List<Actor> actors = new ArrayList<>();
    final Stragglers stragglers = new Stragglers(this);
    private final Chaos chaos;
    private final ArrayDeque<Object> trace;

    /** No more faults, no more work. */
    boolean isQuiet;

    private boolean isFrozen;
    long nowUs = 1;
    long step;
    private long correlation;
    private long pool = 0x1000;
    private long sent;
    private long furthest;

    Simulation(final long seed) {
        this(seed, false);
    }

    /** One that is traced remembers its last events and compares the members after every entry. */
    Simulation(final long seed, final boolean isTraced) {
        this.seed = seed;
        trace = isTraced ? new ArrayDeque<>() : null;
        random = new SplittableRandom(seed * 0x9E37_79B9_7F4A_7C15L);
        plan = new SimulationPlan(random);
        oracle = new Oracle(this);
        masters = new SimulatedMasters(this, plan.members);
        links = new SimulatedLinks(this);
        actors.add(masters);
        actors.addAll(List.of(masters.members));
        people();
        chaos = new Chaos(this);
        actors.add(chaos);
        actors.add(stragglers);
    }

    private void people() {
        for (int i = 0; i < plan.hosts; i++) {
            final SimulatedHost host = new SimulatedHost("host of node" + i);
            hosts.add(host);
            host.agent = process("agent" + i, host);
            new SimulatedNode(this, host.agent, "node" + i);
        }
        for (int i = 0; i < plan.clients; i++) {
            final SimulatedHost host = anyHost();
            final String name = "client" + i + "@" + host.name;
            new SimulatedClient(this, process("client" + i, host), name, i == 0 && plan.cameras > 0);
        }
        for (int i = 0; i < plan.workers; i++) {
            final SimulatedHost host = hosts.get(i % hosts.size());
            new SimulatedWorker(
                    this,
                    process("worker" + i, host),
                    "worker" + i + "@" + host.name,
                    1 + random.nextInt(3),
                    1_000 + random.nextInt(20_000));
        }
        SimulatedProcess publisher = null;
        for (int i = 0; i < plan.cameras; i++) {
            publisher = i % 2 == 0 ? process("publisher" + i, anyHost()) : publisher;
            new SimulatedCamera(this, publisher, "camera" + i + "@" + publisher.host.name);
        }
        for (final SimulatedMember member : masters.members) {
            final SimulatedHost host = new SimulatedHost("host of member " + member.id);
            member.process = process("master" + member.id, host);
            new SimulatedMaster(this, member.process, member);
        }
        actors.addAll(processes);
    }

    private SimulatedProcess process(final String name, final SimulatedHost host) {
        final SimulatedProcess process = new SimulatedProcess(this, name, host);
        processes.add(process);
        return process;
    }

    private SimulatedHost anyHost() {
        return hosts.get(random.nextInt(hosts.size()));
    }

    // ---- the run

    void run() {
        while (masters.log.size() < plan.entries && nowUs < ACTIVE_US) {
            step();
        }
        isQuiet = true;
        trace("quiet from here on");
        chaos.end();
        final long endUs = nowUs + REST_US;
        while (!isAtRest()) {
            for (int i = 0; i < 100; i++) {
                step();
            }
            if (nowUs > endUs) {
                throw new AssertionError(
                        "everything comes to rest: not within " + REST_US / 1_000_000 + " s" + describe());
            }
        }
        isFrozen = true;
        while (!masters.isLevel()) {
            step();
        }
        oracle.atRest();
        for (final SimulatedMember member : masters.members) {
            member.compare(masters.log.get(masters.log.size() - 1));
        }
    }

    private void step() {
        Actor next = null;
        long due = Long.MAX_VALUE;
        for (int i = 0; i < actors.size(); i++) {
            final Actor actor = actors.get(i);
            if (!isFrozen || actor instanceof SimulatedMember) {
                final long at = actor.dueUs();
                if (at < due) {
                    due = at;
                    next = actor;
                }
            }
        }
        if (next == null || ++step > MOST_STEPS) {
            throw new AssertionError("everything comes to rest: stuck at step " + step + describe());
        }
        nowUs = Math.max(nowUs, due);
        next.act();
    }

    private boolean isAtRest() {
        if (!masters.isLed()) {
            return false;
        }
        for (final SimulatedMember member : masters.members) {
            // Of each of them: a follower may not have heard of a task yet whose result has been delivered.
            if (!member.isUp || !member.sequencer.core().tasks.table.isEmpty()) {
                return false;
            }
        }
        for (final SimulatedPeer peer : peers) {
            if (!peer.process.isRunning || !peer.isAtRest()) {
                return false;
            }
        }
        return isNobodyOfOldNames();
    }

    /** A client that came back under another name has a job under the old one until that has been silent for long enough. */
    private boolean isNobodyOfOldNames() {
        for (final Party party : masters.members[0].sequencer.core().parties.alive) {
            boolean isBorne = false;
            for (int i = 0; i < peers.size() && !isBorne; i++) {
                isBorne = peers.get(i).id == party.id;
            }
            if (!isBorne) {
                return false;
            }
        }
        return true;
    }

    private String describe() {
        final StringBuilder text = new StringBuilder();
        final Core core = masters.members[0].sequencer.core();
        text.append("; ").append(core.tasks.table.size()).append(" tasks");
        for (final SimulatedMember member : masters.members) {
            text.append("; member ").append(member.id).append(member.isUp ? "" : " down");
            text.append(" applied ").append(member.applied).append(" of ").append(masters.log.size());
        }
        for (final SimulatedPeer peer : peers) {
            if (!peer.isAtRest()) {
                text.append("; ").append(peer.name).append(peer.isActive ? " active" : " not active");
                text.append(", ").append(peer.unacked.size()).append(" commands unacknowledged");
                text.append(", holds ").append(peer.held);
                text.append(", orphans ").append(peer.process.host.orphans.keySet());
                final Party party = core.parties.get(peer.id);
                text.append(party == null ? "" : ", event " + peer.lastEvent + " of " + party.lastEvent);
            }
        }
        for (final Task task : core.tasks.table.values()) {
            text.append("; task ")
                    .append(Long.toHexString(task.id))
                    .append(" state ")
                    .append(task.state);
            text.append(task.parked ? " parked" : "").append(" acknowledged ").append(task.acknowledged);
            text.append(" type ").append(task.type == null ? "" : task.type.name + " " + task.type.strategy);
            text.append(" memory ").append(task.memoryBytes).append(" pieces ").append(task.leastSplit);
            text.append(" of most ").append(core.parties.mostMemory());
        }
        return text.toString();
    }

    // ---- what others ask

    long nowMs() {
        return nowUs / 1_000;
    }

    long nextCorrelation() {
        return ++correlation;
    }

    long nextPool() {
        return ++pool;
    }

    /** One that there was, or will be. */
    long anyPool() {
        return pool - random.nextInt(10) + random.nextInt(2);
    }

    boolean isThorough() {
        return trace != null;
    }

    boolean isHashed(final int position) {
        return isThorough() || position % HASH_EVERY == 0;
    }

    boolean isReachable(final SimulatedProcess process) {
        return nowUs >= process.host.cutOffUntilUs;
    }

    /** Those that are registered now, in their order. */
    int[] activeCameras() {
        return peers.stream()
                .filter(peer -> peer.kind == PartyKind.CAMERA && peer.isActive)
                .mapToInt(peer -> peer.id)
                .toArray();
    }

    SimulatedClient anyClient() {
        final int at = random.nextInt(plan.clients);
        return (SimulatedClient) processes.get(plan.hosts + at).peers.get(0);
    }

    /** Where a command stands among all that were sent. */
    long nextSent() {
        return ++sent;
    }

    void arrived(final long place) {
        if (place < furthest) {
            count(Covered.OVERTAKEN);
        }
        furthest = Math.max(furthest, place);
    }

    void incident(final int kind) {
        incidents[kind]++;
    }

    void count(final Covered what) {
        count(what, 1);
    }

    void count(final Covered what, final long times) {
        covered[what.ordinal()] += times;
    }

    void trace(final Object what) {
        if (trace != null) {
            if (trace.size() == TRACED) {
                trace.removeFirst();
            }
            trace.add(nowMs() + " ms: " + what);
        }
    }

    String traced() {
        final StringBuilder text = new StringBuilder();
        trace.forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }
}
