package io.dragon.engine.sequencer;

/** One task waits for, or uses the outputs of, another. In two lists: the dependant's and the dependency's. */
final class Edge {
    Task dependency;
    Task dependant;
    Edge nextOfDependant;
    Edge previousOfDependency;
    Edge nextOfDependency;
}
