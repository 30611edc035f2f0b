package io.dragon.engine.sequencer;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What every part of the sequencer shares: the clocks, the counters, and the parts themselves. */
final class Core {
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
    final Jobs jobs;
    final Egress egress;
    final Inputs inputs;
    final Allocation allocation;
    final Incidents incidents;

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
        jobs = new Jobs(this);
        inputs = new Inputs(this);
        egress = new Egress(this);
        allocation = new Allocation(this);
        incidents = new Incidents(this);
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
            counters[Counters.NOW_MS] = clusterTimeMs;
            counters[Counters.UP_MS] += Math.min(passed, config.maxStallMs());
        }
    }

    long increment(final int counter) {
        return ++counters[counter];
    }
}
