package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import io.dragon.codecs.control.SupervisedState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
        IncidentKind.FRAME_CORRUPT,
        IncidentKind.INTRUDER
    };

    /** Processes by whether they ran when that was told last; names that are still to be told. */
    private final Map<SimulatedProcess, Boolean> told = new HashMap<>();

    private int names;
    private int restarts;
    private long linksUs;
    private long factsUs;
    private byte[] earlier;

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
        earlier = null;
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
        reportNetwork();
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

    /** What it measures of the others; now and then again, or late, or not for a while. */
    private void reportNetwork() {
        final long nowUs = simulation.nowUs;
        if (nowUs >= linksUs) {
            linksUs = nowUs + 60_000 + random.nextInt(simulation.isQuiet ? 100_000 : 300_000);
            reportLinks();
            ask();
        }
        if (nowUs >= factsUs) {
            factsUs = nowUs + 500_000 + random.nextInt(1_000_000);
            simulation.count(Covered.NODES_REPORTED);
            tell(Messages.nodeReport(
                    random.nextInt(256),
                    random.nextInt(1_002),
                    random.nextInt(1_000) - 1,
                    random.nextInt(8) == 0 ? "10.0.0." + random.nextInt(9) + " fe80::1" : "10.0.0.1"));
        }
    }

    private void reportLinks() {
        final List<Messages.Told> links = new ArrayList<>();
        for (final SimulatedHost host : simulation.hosts) {
            final SimulatedPeer other = host.agent.peers.get(0);
            if (host != process.host && other.id != 0 && (simulation.isQuiet || random.nextInt(12) != 0)) {
                links.add(link(host, other.id));
            }
        }
        simulation.count(Covered.LINKS_REPORTED);
        final byte[] report = Messages.linkReport(links.toArray(new Messages.Told[0]));
        tell(report.clone());
        if (simulation.isQuiet) {
            earlier = null;
        } else if (earlier != null && random.nextInt(20) == 0) {
            simulation.count(Covered.LINKS_REPORTED_LATE);
            tell(earlier);
            earlier = null;
        } else if (earlier == null) {
            earlier = report;
        }
    }

    private Messages.Told link(final SimulatedHost host, final int id) {
        if (simulation.links.isCut(process.host, host)) {
            return Messages.Told.down(id);
        }
        final long roundTripNs = simulation.links.roundTripNs(process.host, host);
        return simulation.links.isBad(process.host, host)
                ? Messages.Told.degraded(id, 2 * roundTripNs)
                : Messages.Told.up(id, roundTripNs, simulation.links.bytesPerSecond(process.host, host));
    }

    private void ask() {
        if (random.nextInt(3) == 0) {
            simulation.count(Covered.ROUTES_ASKED);
            tell(Messages.routeQuery(simulation.nextCorrelation(), random.nextInt(40), random.nextInt(8)));
        }
        if (random.nextInt(12) == 0) {
            simulation.count(Covered.POOLS_ASKED);
            tell(Messages.poolQuery(simulation.anyPool()));
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
