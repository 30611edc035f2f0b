package io.dragon.benchmarks;

import com.sun.management.ThreadMXBean;
import io.dragon.benchmarks.harness.Spread;
import io.dragon.engine.sequencer.balance.Strategy;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * How the cost of a command into the sequencer's core grows with the workers and with the tasks that wait, for every strategy.
 * The shapes of a strategy run in turn in one virtual machine, and what is told are ratios within a round, in processor time
 * of the one thread; so a neighbour on the machine touches all of them alike.
 */
public final class SequencerScaling {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Tasks that wait when all workers are busy; with half of the workers' places free no task waits. */
    private static final int WAITING = 1_000;

    private static final int MANY_WAITING = 100_000;
    private static final int FEW_WAITING = 100;

    /** A shape of load. */
    private record Shape(String name, int workers, int waiting) {}

    private static final List<Shape> SHAPES = List.of(
            new Shape("10 workers, busy", 10, WAITING),
            new Shape("100 workers, busy", 100, WAITING),
            new Shape("1,000 workers, busy", 1_000, WAITING),
            new Shape("10 workers, half idle", 10, -10),
            new Shape("1,000 workers, half idle", 1_000, -1_000),
            new Shape("100 tasks wait", 100, FEW_WAITING),
            new Shape("100,000 tasks wait", 100, MANY_WAITING));

    static final int BUSY_10 = 0;
    static final int BUSY_100 = 1;
    static final int BUSY_1000 = 2;
    static final int IDLE_10 = 3;
    static final int IDLE_1000 = 4;
    static final int WAITING_100 = 5;
    static final int WAITING_100000 = 6;

    private final int rounds;
    private final int turns;

    SequencerScaling(final int rounds, final int turns) {
        this.rounds = rounds;
        this.turns = turns;
    }

    /**
     * Measures and prints.
     *
     * @param args rounds (15 by default), and turns of 100 commands a shape and round (1,000 by default)
     */
    public static void main(final String[] args) {
        final int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
        final int turns = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
        System.out.printf(
                Locale.ROOT,
                "Java %s, %d cores, load %.1f; %d rounds of %,d commands%n",
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                rounds,
                turns * SteadyLoad.TURN);
        final SequencerScaling scaling = new SequencerScaling(rounds, turns);
        for (final String strategy : Strategy.NAMES) {
            scaling.measure(strategy, System.out);
        }
    }

    /**
     * What one strategy gave.
     *
     * @param ns    processor time of a command, by shape and round
     * @param bytes allocated for a command, by shape
     * @param baseline what it gave, by round
     */
    record Result(double[][] ns, double[] bytes, double[] baseline) {
        double[] ns(final int shape) {
            return ns[shape];
        }
    }

    /** Whose turn it is: each side is first, second, ... equally often, and who follows whom changes, too. */
    static int side(final int round, final int step, final int sides) {
        return Math.floorMod(Math.floorMod(round, 2 * sides) < sides ? round + step : round - step, sides);
    }

    /** The shapes, and a baseline that takes its turn among them. */
    Result measure(final String strategy, final DoubleSupplier baseline) {
        final double[] baselines = new double[rounds];
        final SteadyLoad[] loads = new SteadyLoad[SHAPES.size()];
        for (int i = 0; i < loads.length; i++) {
            final Shape shape = SHAPES.get(i);
            loads[i] = new SteadyLoad(strategy, shape.workers, shape.waiting);
        }
        final double[][] ns = new double[loads.length][rounds];
        final double[] bytes = new double[loads.length];
        Arrays.fill(bytes, Double.MAX_VALUE);
        final long thread = Thread.currentThread().getId();
        // The first rounds only warm up.
        for (int round = -Math.max(2, rounds / 3); round < rounds; round++) {
            for (int step = 0; step <= loads.length; step++) {
                final int i = side(round, step, loads.length + 1);
                if (i == loads.length) {
                    final double value = baseline.getAsDouble();
                    if (round >= 0) {
                        baselines[round] = value;
                    }
                    continue;
                }
                final long allocated = THREADS.getThreadAllocatedBytes(thread);
                final long start = THREADS.getCurrentThreadCpuTime();
                for (int turn = 0; turn < turns; turn++) {
                    loads[i].turn();
                }
                final double commands = (double) turns * SteadyLoad.TURN;
                if (round >= 0) {
                    ns[i][round] = (THREADS.getCurrentThreadCpuTime() - start) / commands;
                    bytes[i] = Math.min(bytes[i], (THREADS.getThreadAllocatedBytes(thread) - allocated) / commands);
                }
            }
        }
        for (final SteadyLoad load : loads) {
            if (load.results() == 0 || load.refusals() > 0) {
                throw new IllegalStateException("the sequencer refused " + load.refusals() + " commands of the load");
            }
        }
        return new Result(ns, bytes, baselines);
    }

    void measure(final String strategy, final PrintStream out) {
        final Result result = measure(strategy, () -> 0);
        final double[][] ns = result.ns;
        final double[] bytes = result.bytes;
        out.printf("%n%s%n", strategy);
        for (int i = 0; i < ns.length; i++) {
            out.printf(
                    Locale.ROOT,
                    "  %-26s %.2f million commands a second, %.3f B/command%n",
                    SHAPES.get(i).name,
                    1e3 / Spread.of(ns[i]).median(),
                    bytes[i]);
        }
        out.println("  1,000 to 10 workers, busy       " + Spread.ofRatios(ns[BUSY_1000], ns[BUSY_10]));
        out.println("  1,000 to 10 workers, half idle  " + Spread.ofRatios(ns[IDLE_1000], ns[IDLE_10]));
        out.println("  100,000 to 100 waiting          " + Spread.ofRatios(ns[WAITING_100000], ns[WAITING_100]));
        out.flush();
    }
}
