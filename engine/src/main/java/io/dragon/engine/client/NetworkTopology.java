package io.dragon.engine.client;

/**
 * The ways that frames take between the nodes, after all of them were computed anew; as they are, when that was done less than 100 ms ago.
 *
 * @param nodes       nodes that answer.
 * @param changed     ordered pairs of them whose frames take another way from now on.
 * @param relayed     ordered pairs whose frames come by way of a third node.
 * @param unreachable ordered pairs without any way.
 * @param version     grows with every change of a node, an address or a way.
 */
public record NetworkTopology(int nodes, int changed, int relayed, int unreachable, long version) {}
