package io.dragon.engine.sequencer;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** The ways between the hosts: how long they are, and which are cut or bad for now. */
final class SimulatedLinks {
    private static final int LONGEST_US = 30_000;
    private static final int FASTEST = 50_000_000;

    private final Simulation simulation;
    private final SplittableRandom random;
    private final int[] roundTripUs;
    private final long[] bytesPerSecond;
    private final long[] cutUntilUs;
    private final long[] badUntilUs;

    /** The host of every pool that there ever was. */
    private final Map<Long, SimulatedHost> pools = new HashMap<>();

    SimulatedLinks(final Simulation simulation) {
        this.simulation = simulation;
        random = simulation.random;
        final int pairs = simulation.plan.hosts * simulation.plan.hosts;
        roundTripUs = new int[pairs];
        bytesPerSecond = new long[pairs];
        cutUntilUs = new long[pairs];
        badUntilUs = new long[pairs];
        for (int i = 0; i < pairs; i++) {
            roundTripUs[i] = 50 + random.nextInt(random.nextBoolean() ? 800 : LONGEST_US);
            bytesPerSecond[i] = random.nextInt(4) == 0 ? 0 : 100_000 + random.nextInt(FASTEST);
        }
    }

    /** The same for both directions. */
    private int pair(final SimulatedHost one, final SimulatedHost other) {
        final int i = simulation.hosts.indexOf(one);
        final int j = simulation.hosts.indexOf(other);
        return i < 0 || j < 0 ? -1 : Math.min(i, j) * simulation.plan.hosts + Math.max(i, j);
    }

    private SimulatedHost anyHost() {
        return simulation.hosts.get(random.nextInt(simulation.hosts.size()));
    }

    void cut() {
        final int pair = pair(anyHost(), anyHost());
        simulation.count(Covered.LINKS_CUT);
        cutUntilUs[pair] = simulation.nowUs + random.nextInt(4_000_000);
    }

    void spoil() {
        final int pair = pair(anyHost(), anyHost());
        simulation.count(Covered.LINKS_BAD);
        badUntilUs[pair] = simulation.nowUs + random.nextInt(3_000_000);
        if (random.nextBoolean()) {
            roundTripUs[pair] = 50 + random.nextInt(LONGEST_US);
        }
    }

    void end() {
        java.util.Arrays.fill(cutUntilUs, 0);
        java.util.Arrays.fill(badUntilUs, 0);
    }

    /** Frames cannot come from one to the other directly. */
    boolean isCut(final SimulatedHost one, final SimulatedHost other) {
        return one != other && (isAlone(one) || isAlone(other) || simulation.nowUs < cutUntilUs[pair(one, other)]);
    }

    private boolean isAlone(final SimulatedHost host) {
        return simulation.nowUs < host.cutOffUntilUs || !host.agent.isRunning || host.agent.isStopped();
    }

    boolean isBad(final SimulatedHost one, final SimulatedHost other) {
        return simulation.nowUs < badUntilUs[pair(one, other)];
    }

    long roundTripNs(final SimulatedHost one, final SimulatedHost other) {
        return 1_000L * roundTripUs[pair(one, other)] + random.nextInt(100_000);
    }

    long bytesPerSecond(final SimulatedHost one, final SimulatedHost other) {
        return bytesPerSecond[pair(one, other)];
    }

    void made(final long pool, final SimulatedHost host) {
        pools.put(pool, host);
    }

    /** Whether a frame of the pool cannot be brought to a host now. */
    boolean isOutOfReach(final long pool, final SimulatedHost host) {
        final SimulatedHost from = pools.get(pool);
        return from != null && from != host && pair(from, host) >= 0 && isCut(from, host);
    }
}
