package io.dragon.engine.sequencer;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What every part of the sequencer shares: the clocks, the counters, and the parts themselves. */
final class Core {
    /** So many ticks left out are more than a late one. */
    private static final long TICKS_OF_A_GAP = 2;

    /** The settings that hold: state, replaced as a whole. */
    SequencerConfig config;

    final EventSink sink;
    final long[] counters = new long[Counters.COUNT];
    final Bytes bytes = new Bytes();
    final Parties parties;
    final TaskTypes types;
    final Frames frames;
    final ReadyQueue ready;
    final Tasks tasks;
    final Scheduler scheduler;
    final Completions completions;
    final Jobs jobs;
    final Egress egress;
    final Inputs inputs;
    final Allocation allocation;
    final Fitness fitness;
    final Hung hung;
    final Splits splits;
    final Incidents incidents;
    final Faults faults;
    final RecentEnds recentEnds;
    final Supervision supervision;
    final Topology topology;
    final Routes routes;
    final RouteAnswers answers;
    final Locality locality;
    final Devices devices;

    /** Of the command that is being handled. */
    long session;

    /** Not state: who hears what is decided; null in production. */
    Trace trace;

    /** Not state: whether this step has a later time than the one before. */
    boolean hasAdvanced;

    /** To look into byte arrays. */
    final MutableDirectBuffer view = new UnsafeBuffer(Bytes.NONE);

    Core(final SequencerConfig config, final EventSink sink) {
        this.config = config;
        this.sink = sink;
        types = new TaskTypes(this);
        parties = new Parties(this);
        frames = new Frames(this);
        ready = new ReadyQueue(this);
        tasks = new Tasks(this);
        scheduler = new Scheduler(this);
        completions = new Completions(this);
        jobs = new Jobs(this);
        inputs = new Inputs(this);
        egress = new Egress(this);
        allocation = new Allocation(this);
        fitness = new Fitness(this);
        hung = new Hung(this);
        splits = new Splits(this);
        incidents = new Incidents(this);
        faults = new Faults(this);
        recentEnds = new RecentEnds(this);
        supervision = new Supervision(this);
        topology = new Topology(this);
        routes = new Routes(this);
        answers = new RouteAnswers(this);
        locality = new Locality(this);
        devices = new Devices(this);
    }

    /** Cluster time of this step. */
    long nowMs() {
        return counters[Counters.NOW_MS];
    }

    /** Time that the masters were up: silence and execution are measured with it. */
    long upMs() {
        return counters[Counters.UP_MS];
    }

    void advance(final long clusterTimeMs) {
        final long passed = clusterTimeMs - counters[Counters.NOW_MS];
        hasAdvanced = passed > 0;
        if (hasAdvanced) {
            final boolean isTicking = counters[Counters.NOW_MS] > 0 && needsTick();
            counters[Counters.NOW_MS] = clusterTimeMs;
            counters[Counters.UP_MS] += Math.min(passed, config.maxStallMs);
            if (isTicking && passed > TICKS_OF_A_GAP * config.tickMs) {
                counters[Counters.GAP_MS] = passed;
                counters[Counters.GAP_END_MS] = clusterTimeMs;
                if (passed > config.maxStallMs) {
                    faults.gap(passed);
                }
            }
        }
    }

    /** A deadline exists: somebody is alive, who may fall silent, or a task has one. */
    boolean needsTick() {
        return !parties.alive.isEmpty() || tasks.deadlines.first() != null;
    }

    long increment(final int counter) {
        return ++counters[counter];
    }
}
