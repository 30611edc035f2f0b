/**
 * Frames from one host to another: node agent to node agent, chunk by chunk straight into a slot of the receiving host's pool.
 *
 * <p>A {@link io.dragon.engine.transfer.TransferAgent} serves the frames of its host and fetches those of others, once for all
 * programs of the host. What goes over the wire is in {@code frame.xml}; how it goes is a
 * {@link io.dragon.engine.transfer.Transport}: a {@link io.dragon.engine.transfer.Lane} to each node, and what comes in from
 * all of them. Where the nodes are and which way leads to them is a {@link io.dragon.engine.transfer.RouteView}.
 */
package io.dragon.engine.transfer;
