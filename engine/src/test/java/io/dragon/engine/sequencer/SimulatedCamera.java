package io.dragon.engine.sequencer;

import io.dragon.codecs.control.PartyKind;

/** A camera: frames with rising step numbers, now and then one too late, twice, or captured beside its pair. */
final class SimulatedCamera extends SimulatedPeer {
    private static final int MOST_HELD = 12;
    private static final long STEP_US = 60_000;

    private long step;

    SimulatedCamera(final Simulation simulation, final SimulatedProcess process, final String name) {
        super(simulation, process, PartyKind.CAMERA, name);
    }

    @Override
    void registered() {
        makePool();
    }

    @Override
    void forgotten() {
        step = 0;
    }

    @Override
    void work() {
        if (simulation.isQuiet || held.size() >= MOST_HELD) {
            return;
        }
        final long now = simulation.nowUs / STEP_US;
        if (now > step || random.nextInt(100) == 0) {
            if (random.nextInt(12) != 0) {
                step = Math.max(now, step + (random.nextInt(8) == 0 ? 2 : 1));
            }
            final long jitter = random.nextInt(10) == 0 ? 1_000 : random.nextInt(40);
            send(Messages.published(step, step * 1_000_000 + jitter, frame()));
        }
    }

    @Override
    void counted(final Event event) {}
}
