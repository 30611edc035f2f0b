package io.dragon.engine.sequencer;

/** A worker process that a node agent starts, watches and starts again, as the agent told last. */
final class SupervisedProcess {
    final int number;
    final Party node;
    final int nodeIncarnation;
    final String name;
    int state;
    int restarts;
    int waitMs;
    long processId;

    /** In this state since then; up time of the masters. */
    long sinceMs;

    String text = "";

    SupervisedProcess(final int number, final Party node, final int nodeIncarnation, final String name) {
        this.number = number;
        this.node = node;
        this.nodeIncarnation = nodeIncarnation;
        this.name = name;
    }
}
