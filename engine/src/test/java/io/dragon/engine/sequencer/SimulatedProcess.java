package io.dragon.engine.sequencer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** An operating-system process: one session with the masters, and the parties that share it. It can be killed or stopped. */
final class SimulatedProcess implements Simulation.Actor {
    private record Up(long place, long arrivalUs, int memberId, long sessionId, byte[] bytes) {}

    private record Down(long arrivalUs, Event event) {}

    /** What is under way in each direction; more than this is back pressure. */
    private static final int MOST_UNDER_WAY = 256;

    final String name;
    final SimulatedHost host;
    final List<SimulatedPeer> peers = new ArrayList<>();
    private final Simulation simulation;
    private final SplittableRandom random;
    private final ArrayDeque<Up> up = new ArrayDeque<>();
    private final ArrayDeque<Down> down = new ArrayDeque<>();

    boolean isRunning = true;
    long restartUs;

    /** Stopped by a signal until then. */
    long stoppedUntilUs;

    long sessionId;
    private int leaderId;
    private long connectUs;
    private long dutyUs;
    private long leaderUs = Long.MAX_VALUE;
    private long lastUpUs;
    private long lastDownUs;

    SimulatedProcess(final Simulation simulation, final String name, final SimulatedHost host) {
        this.simulation = simulation;
        this.name = name;
        this.host = host;
        random = simulation.random;
        host.processes.add(this);
    }

    boolean isStopped() {
        return simulation.nowUs < stoppedUntilUs;
    }

    // ---- faults

    void kill(final long awayUs) {
        simulation.trace(name + " is killed");
        simulation.count(Covered.DEATHS);
        isRunning = false;
        stoppedUntilUs = 0;
        restartUs = simulation.nowUs + awayUs;
        for (final SimulatedPeer peer : peers) {
            if (peer.isActive && sessionId != 0 && random.nextInt(3) == 0) {
                simulation.stragglers.send(sessionId, peer.lastWords());
            }
            peer.die();
        }
        disconnect(awayUs);
    }

    void stop(final long us) {
        stoppedUntilUs = simulation.nowUs + us;
    }

    /** Whatever was under way is gone. */
    void disconnect(final long awayUs) {
        sessionId = 0;
        up.clear();
        down.clear();
        leaderUs = Long.MAX_VALUE;
        connectUs = simulation.nowUs + awayUs;
    }

    // ---- the session

    /** Its session was closed while it was away, or silent for too long. */
    void sessionLost() {
        if (sessionId != 0) {
            disconnect(random.nextInt(50_000));
        }
    }

    /** Most hear of a new leader over their session; some find out when they hear nothing any more. */
    void newLeader() {
        if (!isRunning || sessionId == 0) {
            return;
        }
        up.removeIf(message -> random.nextInt(2) == 0); // Its order within the session stays.
        if (random.nextInt(8) == 0 || isStopped()) {
            disconnect(300_000 + random.nextInt(1_000_000));
        } else {
            leaderUs = simulation.nowUs + 1_000 + random.nextInt(60_000);
        }
    }

    private void connect() {
        final SimulatedMember leader = simulation.masters.leader;
        sessionId = simulation.masters.open(this);
        if (sessionId == 0) {
            connectUs = simulation.nowUs + 50_000 + random.nextInt(100_000);
            return;
        }
        simulation.count(Covered.RECONNECTS);
        leaderId = leader.id;
        peers.forEach(SimulatedPeer::onConnected);
    }

    /** False under back pressure, or while there is no session. */
    boolean offer(final byte[] bytes) {
        if (sessionId == 0 || up.size() >= MOST_UNDER_WAY) {
            return false;
        }
        if (!simulation.isQuiet && random.nextInt(1_000) < simulation.plan.commandsLostPerMille) {
            simulation.count(Covered.COMMANDS_LOST);
            return true;
        }
        lastUpUs = Math.max(lastUpUs, simulation.nowUs + latencyUs());
        up.add(new Up(simulation.nextSent(), lastUpUs, leaderId, sessionId, bytes));
        return true;
    }

    void hear(final int memberId, final Event event) {
        if (isRunning && down.size() < MOST_UNDER_WAY) {
            // What an old leader still sends may come in between; in the order of each of them all the same.
            lastDownUs = Math.max(memberId == leaderId ? lastDownUs : 0, simulation.nowUs + latencyUs());
            down.add(new Down(lastDownUs, event));
        } else {
            simulation.count(Covered.EVENTS_LOST);
        }
    }

    private long latencyUs() {
        if (simulation.isQuiet || random.nextInt(50) != 0) {
            return 50 + random.nextInt(800);
        }
        simulation.count(Covered.DELAYED);
        return random.nextInt(40_000);
    }

    // ---- duty

    @Override
    public long dueUs() {
        if (!isRunning) {
            return restartUs;
        }
        final Up first = up.peekFirst();
        long due = isStopped() ? stoppedUntilUs : sessionId == 0 ? Math.max(connectUs, dutyUs) : dutyUs;
        if (first != null && first.arrivalUs < due) {
            due = first.arrivalUs;
        }
        final Down head = down.peekFirst();
        return head != null && !isStopped() && head.arrivalUs < due ? head.arrivalUs : due;
    }

    @Override
    public void act() {
        final long nowUs = simulation.nowUs;
        if (!isRunning) {
            isRunning = true;
            dutyUs = nowUs;
            return;
        }
        while (!up.isEmpty() && up.peekFirst().arrivalUs <= nowUs) {
            final Up message = up.pollFirst();
            simulation.arrived(message.place);
            simulation.masters.ingress(this, message.memberId, message.sessionId, message.bytes);
        }
        if (isStopped()) {
            return;
        }
        while (isRunning && !down.isEmpty() && down.peekFirst().arrivalUs <= nowUs) {
            final Event event = down.pollFirst().event;
            for (final SimulatedPeer peer : peers) {
                peer.on(event);
            }
        }
        if (!isRunning || nowUs < dutyUs) {
            return;
        }
        dutyUs = nowUs + 1_000 + random.nextInt(host.isLazy(this) ? 40_000 : 10_000);
        if (sessionId == 0) {
            if (nowUs >= connectUs) {
                connect();
            }
        } else if (nowUs >= leaderUs) {
            leaderUs = Long.MAX_VALUE;
            if (simulation.masters.leader != null) {
                leaderId = simulation.masters.leader.id;
                peers.forEach(SimulatedPeer::onNewLeader);
            }
        }
        for (int i = 0; i < peers.size() && isRunning; i++) {
            peers.get(i).duty();
        }
    }
}
