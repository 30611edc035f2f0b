package io.dragon.benchmarks;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One command into the sequencer's core and the events it causes, in a mix of 45 submits, 45 completions and 10 heartbeats
 * while
 * tasks wait for a place. Encoding the commands and decoding the events is part of it. The baseline is one hop through an
 * Agrona queue: what a message costs that nobody thinks about.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SequencerBenchmark {
    /** A sequencer under its load. */
    @State(Scope.Thread)
    public static class Core {
        @Param({"weighted", "round-robin", "weighted-round-robin", "least-loaded", "scored", "prefer-local"})
        public String strategy;

        @Param({"100", "10", "1000"})
        public int workers;

        @Param({"1000", "100", "100000"})
        public int waiting;

        private SteadyLoad load;

        @Setup
        public void open() {
            load = new SteadyLoad(strategy, workers, waiting);
        }

        SteadyLoad load() {
            return load;
        }
    }

    /** A queue with room for 1,024 messages. */
    @State(Scope.Thread)
    public static class Queue {
        private final OneToOneConcurrentArrayQueue<Object> queue = new OneToOneConcurrentArrayQueue<>(1 << 10);
        private final Object message = new Object();
    }

    /**
     * 100 commands.
     *
     * @param state the sequencer
     * @return results delivered so far
     */
    @Benchmark
    @OperationsPerInvocation(SteadyLoad.TURN)
    public long commandMix(final Core state) {
        state.load.turn();
        return state.load.results();
    }

    /**
     * 100 times into the queue and out of it.
     *
     * @param state the queue
     * @return messages that came out
     */
    @Benchmark
    @OperationsPerInvocation(SteadyLoad.TURN)
    public int queueHop(final Queue state) {
        int hops = 0;
        for (int i = 0; i < SteadyLoad.TURN; i++) {
            if (state.queue.offer(state.message) && state.queue.poll() != null) {
                hops++;
            }
        }
        return hops;
    }
}
