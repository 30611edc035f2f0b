package io.dragon.engine.node;

import java.net.InetAddress;
import java.util.List;

/**
 * A node that is probed.
 *
 * @param nodeId    of the node.
 * @param addresses on which it is reached, the preferred first.
 * @param probePort where it answers.
 */
public record ProbePeer(int nodeId, List<InetAddress> addresses, int probePort) {}
