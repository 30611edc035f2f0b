package io.dragon.engine.sequencer;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One seed, run to its end or to what broke. */
final class Trial {
    final Throwable failure;
    final long step;
    final long entries;
    final long[] covered;
    final long[] incidents;

    private Trial(final Throwable failure, final Simulation simulation) {
        this.failure = failure;
        step = simulation.step;
        entries = simulation.masters.log.size();
        covered = simulation.covered;
        incidents = simulation.incidents;
    }

    static Trial of(final long seed) {
        return run(new Simulation(seed));
    }

    private static Trial run(final Simulation simulation) {
        try {
            simulation.run();
            return new Trial(null, simulation);
        } catch (final RuntimeException | AssertionError ex) {
            return new Trial(ex, simulation);
        }
    }

    /** Runs a seed that failed once more, looking at everything after every entry, and tells how it comes to fail. */
    static String explain(final long seed) {
        final Trial first = of(seed);
        final Simulation simulation = new Simulation(seed, true);
        final Trial again = run(simulation);
        final Throwable failure = again.failure == null ? first.failure : again.failure;
        final StringBuilder text = new StringBuilder("seed " + seed + ", step " + again.step + ", "
                + (failure == null ? "does not fail again: something is not deterministic" : failure.getMessage()));
        text.append("\nwith ").append(simulation.plan);
        text.append("\nthe last events:\n").append(simulation.traced());
        text.append("replay: ").append(command(seed)).append('\n');
        if (failure != null) {
            final StringWriter stack = new StringWriter();
            failure.printStackTrace(new PrintWriter(stack));
            text.append(stack);
        }
        return text.toString();
    }

    static String command(final long seed) {
        return "./mvnw -q test -pl engine -am -Dtest=SimulationTest -Ddragon.simulation.seeds=1"
                + " -Ddragon.simulation.first=" + seed;
    }
}
