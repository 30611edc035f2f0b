package io.dragon.engine.node;

import io.dragon.codecs.control.LinkState;

/**
 * The way to a node at one moment.
 *
 * @param nodeId       of the node.
 * @param state        of its best address.
 * @param address      which of its addresses that is.
 * @param lossPermille of the last 100 probes to it.
 * @param roundTripNs  the median of the last 5 s; 0 unknown.
 * @param spikeNs      the longest of the spikes that made it degraded; 0 when it is not, or because of losses.
 * @param usualNs      the round trip that those were compared with; 0 otherwise.
 */
public record LinkView(
        int nodeId, LinkState state, int address, int lossPermille, long roundTripNs, long spikeNs, long usualNs) {}
