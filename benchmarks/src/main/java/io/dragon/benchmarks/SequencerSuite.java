package io.dragon.benchmarks;

import com.sun.management.ThreadMXBean;
import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.sequencer.balance.Strategy;
import java.lang.management.ManagementFactory;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * A command into the sequencer's core and the events it causes, of seven shapes of the same load by turns, in one thread and its
 * processor time. The baseline, a hop through an Agrona queue, takes its turn among them; for growth it is the small shape in the same round.
 */
final class SequencerSuite implements Suite {
    private static final String NAME = "sequencer";
    private static final String QUEUE = "Agrona queue hop";
    private static final String UNIT = "ns a command";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final double SECONDS = 1;
    private static final int ROUNDS = 9;

    /** A command takes a fifth of a microsecond: so many turns are a second of the seven shapes together. */
    private static final double TURNS_A_SECOND = 7_000;

    private static final int HOPS_A_TURN = 100;
    private static final int LEAST_TURNS = 20;
    private static final String SOURCE = "1,000 tasks a second and more (scheduling rate)";

    private int rounds;
    private int turns;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "commands into the core: their cost, what they allocate, how it grows with workers and waiting tasks";
    }

    @Override
    public void run(final SuiteRun run) {
        rounds = run.rounds(ROUNDS);
        turns = Math.max(LEAST_TURNS, (int) (run.seconds(SECONDS) * TURNS_A_SECOND / 7));
        for (final String strategy : Strategy.NAMES) {
            run.say(strategy);
            add(run, strategy, new SequencerScaling(rounds, turns).measure(strategy, this::queueHop));
        }
    }

    private static void add(final SuiteRun run, final String strategy, final SequencerScaling.Result result) {
        run.add(Row.ofRounds(
                        NAME,
                        strategy + ", 100 workers, 1,000 tasks wait",
                        UNIT,
                        Better.LOWER,
                        result.ns(SequencerScaling.BUSY_100),
                        QUEUE,
                        result.baseline())
                .withSource(SOURCE));
        final double[] most = {0};
        for (final double bytes : result.bytes()) {
            most[0] = Math.max(most[0], bytes);
        }
        run.add(Row.ofRounds(NAME, strategy + ", allocated", "bytes a command", Better.LOWER, most, null, null));
        grows(run, strategy + ", busy", result, SequencerScaling.BUSY_1000, SequencerScaling.BUSY_10, "10 workers");
        grows(
                run,
                strategy + ", half idle",
                result,
                SequencerScaling.IDLE_1000,
                SequencerScaling.IDLE_10,
                "10 workers");
        grows(
                run,
                strategy + ", waiting",
                result,
                SequencerScaling.WAITING_100000,
                SequencerScaling.WAITING_100,
                "100 waiting tasks");
    }

    private static void grows(
            final SuiteRun run,
            final String title,
            final SequencerScaling.Result result,
            final int large,
            final int small,
            final String baseline) {
        final String what = baseline.endsWith("workers") ? ", 1,000 workers" : ", 100,000 tasks";
        run.add(Row.ofRounds(NAME, title + what, UNIT, Better.LOWER, result.ns(large), baseline, result.ns(small)));
    }

    /** Processor time of a hop. */
    private double queueHop() {
        final OneToOneConcurrentArrayQueue<Object> queue = new OneToOneConcurrentArrayQueue<>(1 << 10);
        final Object message = new Object();
        final int hops = turns * HOPS_A_TURN * 10;
        final long beginNs = THREADS.getCurrentThreadCpuTime();
        int came = 0;
        for (int i = 0; i < hops; i++) {
            if (queue.offer(message) && queue.poll() == message) {
                came++;
            }
        }
        if (came != hops) {
            throw new IllegalStateException("the queue lost " + (hops - came) + " messages");
        }
        return (double) (THREADS.getCurrentThreadCpuTime() - beginNs) / hops;
    }
}
