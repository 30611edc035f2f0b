package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.codecs.control.SupervisedState;
import java.util.HashMap;
import java.util.Map;

/** The node agent of a host: proves deaths, reports pools without an owner, kills what it is told to kill. */
final class SimulatedNode extends SimulatedPeer {
    private static final int MOST_UNACKED = 25;
    private static final int MORE_THAN_FIT = 70;
    private static final IncidentKind[] OTHERS = {
        IncidentKind.WORKER_GIVEN_UP,
        IncidentKind.DRIVER_LOST,
        IncidentKind.DRIVER_RETURNED,
        IncidentKind.DEVICE_UNFIT,
        IncidentKind.LINK_CHANGED,
        IncidentKind.ROUTE_CHANGED,
        IncidentKind.FRAME_CORRUPT,
        IncidentKind.INTRUDER
    };

    /** Processes by whether they ran when that was told last; names that are still to be told. */
    private final Map<SimulatedProcess, Boolean> told = new HashMap<>();

    private int names;
    private int restarts;

    SimulatedNode(final Simulation simulation, final SimulatedProcess process, final String name) {
        super(simulation, process, PartyKind.NODE, name);
    }

    @Override
    void registered() {}

    @Override
    void forgotten() {
        process.host.orphans.replaceAll((pool, isReported) -> false);
        told.clear();
        names = 0;
    }

    @Override
    boolean isAtRest() {
        return super.isAtRest() && process.host.orphans.isEmpty() && process.host.dead.isEmpty();
    }

    @Override
    void work() {
        final SimulatedHost host = process.host;
        while (!host.dead.isEmpty() && unacked.size() < 20) {
            final SimulatedHost.Dead dead = host.dead.remove(0);
            // A worker without a lock file: only its silence tells.
            if (random.nextInt(5) != 0) {
                simulation.count(Covered.DEATHS_PROVED);
                send(Messages.dead(dead.partyId(), dead.incarnation()));
            }
        }
        if (!simulation.isQuiet) {
            reportWorkers();
            reportOther();
        }
        for (final Map.Entry<Long, Boolean> orphan : host.orphans.entrySet()) {
            if (!orphan.getValue() && unacked.size() < 30) {
                orphan.setValue(true);
                simulation.count(Covered.POOLS_ORPHANED);
                send(Messages.orphaned(orphan.getKey()));
            }
        }
    }

    /** Whoever of its host runs or does not run now, where that is news. */
    private void reportWorkers() {
        for (final SimulatedProcess each : process.host.processes) {
            final SimulatedPeer peer = each.peers.get(0);
            if (peer.kind == PartyKind.WORKER && unacked.size() < MOST_UNACKED) {
                final Boolean before = told.put(each, each.isRunning);
                if (before == null || before != each.isRunning) {
                    simulation.count(Covered.SUPERVISED);
                    send(Messages.supervised(
                            each.name,
                            each.isRunning ? SupervisedState.RUNNING : SupervisedState.BACKING_OFF,
                            restarts,
                            each.isRunning ? 0 : 100,
                            each.isRunning ? 1 + random.nextInt(1_000) : 0,
                            each.isRunning ? "" : "ended by signal 9"));
                    if (before != null && each.isRunning) {
                        restarts++;
                        incident(IncidentKind.WORKER_RESTARTED, IncidentRule.PROCESS_ENDED, peer.id, -1, each.name);
                    }
                }
            }
        }
    }

    /** Rare things of all kinds, about anybody or nobody; and more names than there is room for. */
    private void reportOther() {
        if (random.nextInt(200) == 0) {
            final IncidentKind what = OTHERS[random.nextInt(OTHERS.length)];
            incident(what, IncidentRule.LINK_PROBE, random.nextInt(40), random.nextInt(-1, 500), words());
        }
        if (names == 0 && random.nextInt(1_200) == 0) {
            names = MORE_THAN_FIT;
        }
        for (; names > 0 && unacked.size() < MOST_UNACKED; names--) {
            send(Messages.supervised("worker " + names, SupervisedState.GIVEN_UP, 5, 0, 0, words()));
        }
    }

    private void incident(
            final IncidentKind what,
            final IncidentRule rule,
            final int subject,
            final long detectedMs,
            final String text) {
        simulation.count(Covered.REPORTED);
        send(Messages.incident(what, rule, subject, detectedMs, 0, text));
    }

    private String words() {
        return "reason \u00e4\u4e16\ud83d\ude00\n ".repeat(random.nextInt(14));
    }

    @Override
    void counted(final Event event) {
        if (event.is(PoolReleasedDecoder.TEMPLATE_ID)) {
            process.host.orphans.remove(event.as(new PoolReleasedDecoder()).poolId());
        } else if (event.is(KillWorkerDecoder.TEMPLATE_ID)) {
            final KillWorkerDecoder kill = event.as(new KillWorkerDecoder());
            for (final SimulatedProcess each : process.host.processes) {
                final SimulatedPeer peer = each.peers.get(0);
                if (each.isRunning
                        && peer.isActive
                        && peer.id == (int) kill.workerId()
                        && peer.incarnation == (int) kill.workerIncarnation()) {
                    simulation.count(Covered.KILLS_DONE);
                    each.kill(20_000 + random.nextInt(200_000));
                    incident(
                            IncidentKind.WORKER_KILLED,
                            IncidentRule.HANG_KILL_AFTER,
                            peer.id,
                            kill.hungMs(),
                            "it hung");
                }
            }
        }
    }
}
