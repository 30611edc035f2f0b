package io.dragon.engine.sequencer;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Commands of processes that have died, still under way: some arrive when the next incarnation is there. */
final class Stragglers implements Simulation.Actor {
    private record Straggler(long dueUs, long sessionId, byte[] bytes) {}

    private static final int LATEST_US = 4_000_000;

    private final Simulation simulation;
    private final PriorityQueue<Straggler> underWay =
            new PriorityQueue<>(Comparator.comparingLong(Straggler::dueUs).thenComparingLong(Straggler::sessionId));

    Stragglers(final Simulation simulation) {
        this.simulation = simulation;
    }

    void send(final long sessionId, final byte[] bytes) {
        underWay.add(new Straggler(simulation.nowUs + simulation.random.nextInt(LATEST_US), sessionId, bytes));
    }

    @Override
    public long dueUs() {
        return underWay.isEmpty() ? Long.MAX_VALUE : underWay.peek().dueUs;
    }

    @Override
    public void act() {
        final Straggler straggler = underWay.poll();
        if (simulation.masters.straggler(straggler.sessionId, straggler.bytes)) {
            simulation.count(Covered.STRAGGLERS);
        }
    }
}
