package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;

/** What a member of the masters is to its own sequencer: a party that tells how far it is, and what went wrong with it. */
final class SimulatedMaster extends SimulatedPeer {
    private final SimulatedMember member;
    private boolean isDriverLost;

    SimulatedMaster(final Simulation simulation, final SimulatedProcess process, final SimulatedMember member) {
        super(simulation, process, PartyKind.MASTER, "member-" + member.id);
        this.member = member;
    }

    @Override
    void registered() {
        if (member.hasLostDisk) {
            member.hasLostDisk = false;
            send(Messages.incident(
                    IncidentKind.MEMBER_REJOINED,
                    IncidentRule.SNAPSHOT_UNREADABLE,
                    id,
                    -1,
                    0,
                    "its snapshot cannot be read: it took that of another"));
        }
    }

    @Override
    void forgotten() {
        isDriverLost = false;
    }

    @Override
    long progress() {
        return member.applied;
    }

    @Override
    void work() {
        if (simulation.isQuiet) {
            return;
        }
        if (random.nextInt(400) == 0) {
            isDriverLost = !isDriverLost;
            send(Messages.incident(
                    isDriverLost ? IncidentKind.DRIVER_LOST : IncidentKind.DRIVER_RETURNED,
                    isDriverLost ? IncidentRule.DRIVER_TIMEOUT : IncidentRule.PROBE_SUCCEEDED,
                    id,
                    random.nextInt(3_000),
                    0,
                    "the media driver of its host"));
        }
        if (random.nextInt(100) == 0) {
            query();
        }
    }

    @Override
    void counted(final Event event) {}
}
