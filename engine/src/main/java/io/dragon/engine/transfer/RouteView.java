package io.dragon.engine.transfer;

import java.net.InetAddress;

/**
 * What a host knows of the others: where they are, which way leads to them, and which of them holds a pool. Asked by the thread of
 * the {@link TransferAgent}, whatever thread fills it; nothing here blocks.
 */
public interface RouteView {
    /** Not known yet: it is being asked for, look again. */
    int UNKNOWN = 0;

    /** No host has it. */
    int NOWHERE = -1;

    /**
     * The node that holds a pool.
     *
     * @param poolId of the pool
     * @return the party id of the node, {@link #UNKNOWN} or {@link #NOWHERE}
     */
    int nodeOf(long poolId);

    /**
     * The node to ask for the frames of a node.
     *
     * @param nodeId party id of the node that holds them
     * @return the node itself where the direct way is the best or nothing is known of others; 0 when there is no way
     */
    int nextHop(int nodeId);

    /**
     * Whether a node is known to be dead: what was in its memory is lost.
     *
     * @param nodeId its party id
     * @return false also for a node that is not known
     */
    boolean isDead(int nodeId);

    /**
     * The address in use of a node that can be reached directly.
     *
     * @param nodeId its party id
     * @return an IP address or a host name; null when the node is not known
     */
    String address(int nodeId);

    /**
     * The port of a node's transport.
     *
     * @param nodeId its party id
     * @return UDP or TCP port; 0 when the node is not known or takes part in no transfer
     */
    int port(int nodeId);

    /**
     * The name of a node, for people.
     *
     * @param nodeId its party id
     * @return its name, or its number where none is known
     */
    String name(int nodeId);

    /**
     * Whether an address is one of those of a node, in use or not.
     *
     * @param address of somebody who sends
     * @return false for an address of nobody who is known
     */
    default boolean isNodeAddress(final InetAddress address) {
        return false;
    }

    /**
     * Changes with every change of anything but the places of pools.
     *
     * @return a number to compare with the last one
     */
    long version();
}
