package io.dragon.engine.sequencer;

import io.dragon.codecs.control.LinkReportDecoder;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.NodeReportDecoder;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The nodes between which ways are kept, what their agents tell of their hosts, and what they measure of the ways to each other. Reports
 * come all the time: what does not change anything changes nothing here, and none of it allocates.
 */
final class Topology {
    /** Nodes between which ways are kept: with more, those that came last have none but the direct ones. */
    static final int MOST = 64;

    private static final int MOST_ADDRESSES = 8;
    private static final int MOST_ADDRESS_BYTES = 256;
    private static final int MOST_LINKS = 24;
    private static final int PERMILLE = 1_000;
    private static final long LONGEST_NS = 60_000_000_000L;
    private static final long MOST_BYTES_PER_SECOND = 1_000_000_000_000L;

    /** A measured time counts as another only when it differs by so much, and by a quarter. */
    private static final long DEAD_BAND_NS = 200_000;

    private static final int A_QUARTER = 4;

    /** Of the time after which silence alone gives a node up: in so many fifths with the word of those who cannot reach it. */
    private static final int SILENT_FIFTHS = 2;

    private static final int FIFTHS = 5;

    private final Core core;

    /** By place; null where there is none. */
    final NodePlace[] places = new NodePlace[MOST];

    /** Places below which all nodes stand; and how many of them are alive. */
    int end;

    int alive;

    Topology(final Core core) {
        this.core = core;
    }

    /** Whether there is more than one host to choose from. */
    boolean isSeveral() {
        return alive > 1;
    }

    /** The place of a node by its party id; null for one without, and for anybody else. */
    NodePlace of(final int nodeId) {
        final Party node = nodeId == 0 ? null : core.parties.get(nodeId);
        return node == null ? null : node.nodePlace;
    }

    // ---- who takes part

    /** A node has registered, and is alive. */
    void joined(final Party node) {
        if (node.nodePlace != null) {
            node.nodePlace.forget();
            alive++;
            core.routes.nodeChanged();
        } else if (!isGivenPlace(node)) {
            core.faults.full("ways are kept between " + MOST + " nodes: '" + node.name + "' is one more");
        }
    }

    private boolean isGivenPlace(final Party node) {
        final int index = freePlace();
        if (index < 0) {
            return false;
        }
        enter(new NodePlace(index, node));
        alive++;
        core.routes.nodeChanged();
        return true;
    }

    /** Also of a snapshot. */
    void enter(final NodePlace place) {
        places[place.index] = place;
        place.node.nodePlace = place;
        end = Math.max(end, place.index + 1);
    }

    private int freePlace() {
        NodePlace longestDead = null;
        for (int i = 0; i < MOST; i++) {
            final NodePlace place = places[i];
            if (place == null) {
                return i;
            }
            if (!place.node.isAlive && (longestDead == null || place.node.heardMs < longestDead.node.heardMs)) {
                longestDead = place;
            }
        }
        if (longestDead == null) {
            return -1;
        }
        forget(longestDead.node);
        return longestDead.index;
    }

    /** It is not alive any more. */
    void gone(final Party node) {
        if (node.nodePlace != null) {
            alive--;
            core.routes.nodeChanged();
        }
    }

    /** Its name is forgotten, or its place is another's. */
    void forget(final Party node) {
        if (node.nodePlace == null) {
            return;
        }
        final int index = node.nodePlace.index;
        for (int i = 0; i < end; i++) {
            if (places[i] != null) {
                places[i].links[index] = null;
            }
        }
        places[index] = null;
        node.nodePlace = null;
        while (end > 0 && places[end - 1] == null) {
            end--;
        }
        core.routes.nodeChanged();
    }

    // ---- what they say

    void report(final Party node, final NodeReportDecoder report) {
        final int cpuPermille = report.cpuPermille();
        final DirectBuffer buffer = report.buffer();
        final int factsAt = report.offset() + NodeReportDecoder.memoryBytesEncodingOffset();
        final int length = report.addressesLength();
        final int addressesAt = report.limit() + NodeReportDecoder.addressesHeaderLength();
        if (node.kind != Party.NODE
                || (cpuPermille > PERMILLE && cpuPermille != NodePlace.UNKNOWN_PERMILLE)
                || !areFacts(buffer, factsAt)
                || !areAddresses(buffer, addressesAt, length)) {
            core.increment(Counters.MALFORMED);
            return;
        }
        if (node.nodePlace == null && !isGivenPlace(node)) {
            return; // One more than there are places for, and still: said when it registered.
        }
        final NodePlace place = node.nodePlace;
        place.cores = report.cores();
        place.cpuPermille = cpuPermille;
        for (int i = 0; i < NodePlace.FACTS; i++) {
            place.facts[i] = buffer.getLong(factsAt + i * Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        }
        final int transportPort = report.transportPort();
        final int probePort = report.probePort();
        if (transportPort != place.transportPort
                || probePort != place.probePort
                || !isSame(place.addresses, buffer, addressesAt, length)) {
            place.transportPort = transportPort;
            place.probePort = probePort;
            place.addresses = new byte[length];
            buffer.getBytes(addressesAt, place.addresses);
            core.routes.addressChanged();
        }
    }

    private static boolean areFacts(final DirectBuffer buffer, final int at) {
        for (int i = 0; i < NodePlace.FACTS; i++) {
            if (buffer.getLong(at + i * Long.BYTES, ByteOrder.LITTLE_ENDIAN) < -1) {
                return false;
            }
        }
        return true;
    }

    /** Numbers of IP with one space between two of them. */
    private static boolean areAddresses(final DirectBuffer buffer, final int at, final int length) {
        if (length > MOST_ADDRESS_BYTES) {
            return false;
        }
        int addresses = length == 0 ? 0 : 1;
        byte before = ' ';
        for (int i = 0; i < length; i++) {
            final byte c = buffer.getByte(at + i);
            final boolean isOfAddress =
                    (c >= '0' && c <= ':') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.';
            if (c == ' ' ? before == ' ' || i == length - 1 : !isOfAddress) {
                return false;
            }
            addresses += c == ' ' ? 1 : 0;
            before = c;
        }
        return addresses <= MOST_ADDRESSES;
    }

    private static boolean isSame(final byte[] bytes, final DirectBuffer buffer, final int at, final int length) {
        if (bytes.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[i] != buffer.getByte(at + i)) {
                return false;
            }
        }
        return true;
    }

    /** Of a node that is not known, or not any more, an entry says nothing. */
    void report(final Party node, final LinkReportDecoder report) {
        final LinkReportDecoder.LinksDecoder links = report.links();
        if (node.kind != Party.NODE || links.count() > MOST_LINKS) {
            core.increment(Counters.MALFORMED);
            return;
        }
        while (links.hasNext()) {
            links.next();
            final NodePlace to = of((int) links.nodeId());
            if (isMalformed(links)) {
                core.increment(Counters.MALFORMED);
            } else if (node.nodePlace != null && to != null && to.node != node) {
                take(node, to, links);
            }
        }
    }

    private static boolean isMalformed(final LinkReportDecoder.LinksDecoder link) {
        return link.stateRaw() > Link.DOWN
                || link.address() >= MOST_ADDRESSES
                || link.lossPermille() > PERMILLE
                || link.roundTripNs() < 0
                || link.roundTripNs() > LONGEST_NS
                || link.spikeNs() < 0
                || link.spikeNs() > LONGEST_NS
                || link.usualNs() < 0
                || link.usualNs() > LONGEST_NS
                || link.bytesPerSecond() < 0
                || link.bytesPerSecond() > MOST_BYTES_PER_SECOND;
    }

    private void take(final Party from, final NodePlace to, final LinkReportDecoder.LinksDecoder told) {
        final Link link = from.nodePlace.link(to.index);
        final long oneWayNs = told.roundTripNs() / 2;
        final int before = link.state;
        link.state = told.stateRaw();
        link.address = told.address();
        link.lossPermille = told.lossPermille();
        link.roundTripNs = told.roundTripNs();
        link.spikeNs = told.spikeNs();
        link.usualNs = told.usualNs();
        link.bytesPerSecond = told.bytesPerSecond();
        if (link.state != before) {
            link.sinceMs = Math.max(1, core.upMs());
            link.countedNs = oneWayNs;
            core.routes.linkChanged();
            if (core.trace != null) {
                core.trace.linkChanged(
                        from.id, to.node.id, LinkState.get((short) link.state), link.lossPermille, link.roundTripNs);
            }
            core.faults.linkChanged(from, to.node, link, before);
        } else if (isAnother(oneWayNs, link.countedNs)) {
            link.countedNs = oneWayNs;
            core.routes.linkChanged();
        }
    }

    private static boolean isAnother(final long measuredNs, final long countedNs) {
        final long difference = Math.abs(measuredNs - countedNs);
        return measuredNs > 0
                && (countedNs == 0 || (difference >= DEAD_BAND_NS && difference * A_QUARTER >= countedNs));
    }

    // ---- who cannot be reached

    /** For so long a node must have been silent before the word of the others counts: up time. */
    long silenceMs() {
        return (long) core.config.get(Setting.NODE_TIMEOUT_MS) * SILENT_FIFTHS / FIFTHS;
    }

    /** Whether every other node that is alive and has a word on this one says that it cannot reach it, and at least one does. */
    boolean isUnreachable(final Party node) {
        final NodePlace place = node == null ? null : node.nodePlace;
        int reporters = 0;
        for (int i = 0; i < end && place != null; i++) {
            final NodePlace other = places[i];
            if (other != null && other != place && other.node.isAlive && isHeard(other.node)) {
                final Link link = other.links[place.index];
                if (link != null && link.state != Link.UNKNOWN) {
                    if (link.state != Link.DOWN) {
                        return false;
                    }
                    reporters++;
                }
            }
        }
        return reporters > 0;
    }

    /** One that is silent itself may be as much behind a broken link as the one it speaks of. */
    private boolean isHeard(final Party node) {
        return core.upMs() - node.heardMs < silenceMs();
    }
}
