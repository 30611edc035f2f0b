package io.dragon.engine.sequencer;

import io.dragon.codecs.control.KillWorkerDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.PoolReleasedDecoder;
import java.util.Map;

/** The node agent of a host: proves deaths, reports pools without an owner, kills what it is told to kill. */
final class SimulatedNode extends SimulatedPeer {
    SimulatedNode(final Simulation simulation, final SimulatedProcess process, final String name) {
        super(simulation, process, PartyKind.NODE, name);
    }

    @Override
    void registered() {}

    @Override
    void forgotten() {
        process.host.orphans.replaceAll((pool, isReported) -> false);
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
        for (final Map.Entry<Long, Boolean> orphan : host.orphans.entrySet()) {
            if (!orphan.getValue() && unacked.size() < 30) {
                orphan.setValue(true);
                simulation.count(Covered.POOLS_ORPHANED);
                send(Messages.orphaned(orphan.getKey()));
            }
        }
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
                    each.kill(20_000 + random.nextInt(200_000));
                }
            }
        }
    }
}
