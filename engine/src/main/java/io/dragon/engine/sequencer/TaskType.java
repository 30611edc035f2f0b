package io.dragon.engine.sequencer;

import io.dragon.engine.sequencer.balance.Strategy;

/** A kind of work by name: its ready tasks, the workers that can run it, how long it takes. */
final class TaskType {
    static final int PRIORITIES = 8;

    final int id;
    final String name;
    final ClientQueue[] first = new ClientQueue[PRIORITIES];
    final ClientQueue[] last = new ClientQueue[PRIORITIES];
    final TaskList parked = new TaskList();
    final Execution execution = new Execution();

    /** Bit p is set while tasks of priority p are ready. */
    int readyPriorities;

    /** Workers alive and not suspect. */
    int usable;

    /** Tasks in the ready queues; those parked are not among them. */
    int queued;

    String strategyName;
    Strategy strategy;

    TaskType(final int id, final String name, final String strategyName) {
        this.id = id;
        this.name = name;
        this.strategyName = strategyName;
        strategy = Strategy.of(strategyName);
    }
}
