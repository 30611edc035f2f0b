package io.dragon.engine.sequencer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A node among those between which ways are kept: what it told last, and what it measured of the ways to the others. */
final class NodePlace {
    /** Fields of a report that are numbers of 64 bits, in the order of the message: memoryBytes to intruders. */
    static final int FACTS = 14;

    static final int FRAMES_FETCHED = 7;

    static final int UNKNOWN_PERMILLE = 0xFFFF;
    private static final long UNKNOWN = -1;

    final int index;
    final Party node;
    final byte[] name;
    final Link[] links = new Link[Topology.MOST];
    final long[] facts = new long[FACTS];
    int cores;
    int cpuPermille;
    int transportPort;
    int probePort;
    byte[] addresses = Bytes.NONE;

    NodePlace(final int index, final Party node) {
        this.index = index;
        this.node = node;
        name = node.name.getBytes(StandardCharsets.UTF_8);
        forget();
    }

    /** It has told nothing, and measured nothing. */
    void forget() {
        Arrays.fill(facts, UNKNOWN);
        cores = 0;
        cpuPermille = UNKNOWN_PERMILLE;
        transportPort = 0;
        probePort = 0;
        addresses = Bytes.NONE;
        for (final Link link : links) {
            if (link != null) {
                link.forget();
            }
        }
    }

    /** Of the way to the node at a place; made when it is asked for first. */
    Link link(final int to) {
        Link link = links[to];
        if (link == null) {
            link = new Link();
            links[to] = link;
        }
        return link;
    }
}
