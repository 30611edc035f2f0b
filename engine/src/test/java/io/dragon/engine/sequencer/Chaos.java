package io.dragon.engine.sequencer;

import io.dragon.codecs.control.PartyKind;
import java.util.SplittableRandom;

/** Everything that goes wrong. Each seed has its own mixture, so that rare things also happen often somewhere. */
final class Chaos implements Simulation.Actor {
    private enum Fault {
        KILL_LEADER,
        CUT_OFF_LEADER,
        HAND_OVER,
        KILL_FOLLOWER,
        CUT_OFF_FOLLOWER,
        WIPE_FOLLOWER,
        MASTERS_AWAY,
        SNAPSHOT,
        SETTINGS,
        DISCONNECT,
        KILL_PROCESS,
        STOP_PROCESS,
        LEAVE,
        HANG,
        SLOW,
        FAIL,
        VANISH_HOST,
        CUT_OFF_HOST,
        CUT_LINK,
        SPOIL_LINK
    }

    private static final Fault[] FAULTS = Fault.values();
    private static final int MOST_WEIGHT = 5;

    private final Simulation simulation;
    private final SplittableRandom random;
    private final int[] weights = new int[FAULTS.length];
    private int weight;
    private long nextUs;

    Chaos(final Simulation simulation) {
        this.simulation = simulation;
        random = simulation.random;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(3) == 0 ? 0 : random.nextInt(MOST_WEIGHT);
            weight += weights[i];
        }
        nextUs = random.nextInt(500_000);
    }

    @Override
    public long dueUs() {
        return simulation.isQuiet || weight == 0 ? Long.MAX_VALUE : nextUs;
    }

    @Override
    public void act() {
        nextUs = simulation.nowUs + random.nextInt(2 * simulation.plan.faultUs);
        int at = random.nextInt(weight);
        for (int i = 0; i < weights.length; i++) {
            at -= weights[i];
            if (at < 0) {
                simulation.trace(FAULTS[i]);
                inject(FAULTS[i]);
                return;
            }
        }
    }

    private void inject(final Fault fault) {
        final SimulatedProcess process =
                simulation.processes.get(random.nextInt(simulation.processes.size() - simulation.plan.members));
        switch (fault) {
            case KILL_PROCESS -> {
                if (process.isRunning) {
                    process.kill(random.nextInt(2_500_000));
                }
            }
            case STOP_PROCESS -> {
                if (process.isRunning) {
                    simulation.count(Covered.STOPS);
                    process.stop(random.nextInt(random.nextInt(3) == 0 ? 5_000_000 : 800_000));
                }
            }
            case DISCONNECT -> process.disconnect(random.nextInt(200_000));
            case LEAVE -> {
                if (process.isRunning && !process.isStopped() && process != process.host.agent) {
                    process.peers.forEach(SimulatedPeer::leave);
                }
            }
            case HANG, SLOW, FAIL -> injectIntoWorker(fault);
            case VANISH_HOST -> vanish(process.host);
            case CUT_LINK -> simulation.links.cut();
            case SPOIL_LINK -> simulation.links.spoil();
            case CUT_OFF_HOST -> {
                simulation.count(Covered.HOSTS_CUT_OFF);
                process.host.cutOffUntilUs = simulation.nowUs + random.nextInt(2_000_000);
            }
            default -> injectIntoMasters(fault);
        }
    }

    private void injectIntoWorker(final Fault fault) {
        final SimulatedPeer peer = simulation.peers.get(random.nextInt(simulation.peers.size()));
        if (peer.kind != PartyKind.WORKER) {
            return;
        }
        final SimulatedWorker worker = (SimulatedWorker) peer;
        final long untilUs = simulation.nowUs + 100_000 + random.nextInt(2_500_000);
        switch (fault) {
            case HANG -> {
                simulation.count(Covered.HANGS);
                worker.hangUntilUs = untilUs;
            }
            case SLOW -> {
                simulation.count(Covered.SLOW);
                worker.slowUntilUs = untilUs;
            }
            default -> {
                simulation.count(Covered.BURSTS);
                worker.failUntilUs = untilUs;
            }
        }
    }

    /** All of it at once, memory and all; it comes back empty. */
    private void vanish(final SimulatedHost host) {
        simulation.count(Covered.HOSTS_VANISHED);
        final long awayUs = 200_000 + random.nextInt(2_500_000);
        for (final SimulatedProcess process : host.processes) {
            if (process.isRunning) {
                process.peers.forEach(peer -> simulation.vanishedPools.add(peer.pool));
                process.kill(awayUs + random.nextInt(200_000));
            }
        }
        simulation.vanishedPools.addAll(host.orphans.keySet());
        simulation.vanishedPools.remove(0L);
        host.dead.clear();
        host.orphans.clear();
    }

    private void injectIntoMasters(final Fault fault) {
        final SimulatedMasters masters = simulation.masters;
        final SimulatedMember leader = masters.isLed() ? masters.leader : null;
        final SimulatedMember any = masters.members[random.nextInt(masters.members.length)];
        final SimulatedMember follower = any == leader || !any.isUp ? null : any;
        final long awayUs = 50_000 + random.nextInt(1_500_000);
        switch (fault) {
            case KILL_LEADER -> {
                if (leader != null) {
                    simulation.count(Covered.LEADERS_KILLED);
                    leader.kill(awayUs);
                }
            }
            case CUT_OFF_LEADER -> {
                if (leader != null) {
                    simulation.count(Covered.LEADERS_CUT_OFF);
                    leader.cutOff(awayUs);
                    leader.stall(random.nextInt((int) awayUs));
                    masters.leaderLost();
                }
            }
            case HAND_OVER -> {
                if (leader != null) {
                    simulation.count(Covered.HANDOVERS);
                    masters.handOver(awayUs);
                }
            }
            case KILL_FOLLOWER -> {
                if (follower != null) {
                    simulation.count(Covered.FOLLOWERS_KILLED);
                    follower.kill(awayUs);
                }
            }
            case CUT_OFF_FOLLOWER -> {
                if (follower != null) {
                    simulation.count(Covered.FOLLOWERS_CUT_OFF);
                    follower.cutOff(awayUs);
                }
            }
            case WIPE_FOLLOWER -> {
                if (follower != null && leader != null && masters.areComplete()) {
                    simulation.count(Covered.MEMBERS_WIPED);
                    follower.kill(awayUs);
                    follower.wipe(leader);
                }
            }
            case MASTERS_AWAY -> {
                simulation.count(Covered.MASTERS_AWAY);
                for (final SimulatedMember member : masters.members) {
                    if (member.isUp) {
                        member.kill(500_000 + random.nextInt(4_000_000));
                    }
                }
            }
            case SNAPSHOT -> masters.snapshot();
            default -> {
                simulation.plan.change(random);
                masters.newSettings();
            }
        }
    }

    /** Everything is mended. */
    void end() {
        simulation.plan.quiet();
        simulation.links.end();
        for (final SimulatedMember member : simulation.masters.members) {
            member.cutOffUntilUs = 0;
        }
        for (final SimulatedHost host : simulation.hosts) {
            host.cutOffUntilUs = 0;
        }
        for (final SimulatedProcess process : simulation.processes) {
            process.stoppedUntilUs = 0;
        }
        for (final SimulatedPeer peer : simulation.peers) {
            if (peer.kind == PartyKind.WORKER) {
                final SimulatedWorker worker = (SimulatedWorker) peer;
                worker.hangUntilUs = 0;
                worker.slowUntilUs = 0;
                worker.failUntilUs = 0;
            }
        }
        simulation.masters.newSettings();
    }
}
