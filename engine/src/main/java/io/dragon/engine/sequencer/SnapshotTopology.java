package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.SnapshotLinkDecoder;
import io.dragon.codecs.snapshot.SnapshotLinkEncoder;
import io.dragon.codecs.snapshot.SnapshotNodeDecoder;
import io.dragon.codecs.snapshot.SnapshotNodeEncoder;

/** The records of the nodes and of the links between them. */
final class SnapshotTopology {
    private final Core core;
    private final RecordWriter out;

    SnapshotTopology(final Core core, final RecordWriter out) {
        this.core = core;
        this.out = out;
    }

    void write() {
        final SnapshotNodeEncoder encoder = new SnapshotNodeEncoder();
        for (int i = 0; i < core.topology.end; i++) {
            final NodePlace place = core.topology.places[i];
            if (place != null) {
                encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                        .place(i)
                        .partyId(Integer.toUnsignedLong(place.node.id))
                        .cores(place.cores)
                        .cpuPermille(place.cpuPermille)
                        .transportPort(place.transportPort)
                        .probePort(place.probePort);
                final SnapshotNodeEncoder.FactsEncoder facts = encoder.factsCount(NodePlace.FACTS);
                for (final long fact : place.facts) {
                    facts.next().value(fact);
                }
                encoder.putAddresses(place.addresses, 0, place.addresses.length);
                out.commit(encoder.limit());
            }
        }
        final SnapshotLinkEncoder link = new SnapshotLinkEncoder();
        for (int i = 0; i < core.topology.end; i++) {
            for (int j = 0; j < core.topology.end && core.topology.places[i] != null; j++) {
                write(link, i, j, core.topology.places[i].links[j]);
            }
        }
    }

    void node(final SnapshotNodeDecoder record) {
        final NodePlace place = new NodePlace(record.place(), core.parties.get((int) record.partyId()));
        place.cores = record.cores();
        place.cpuPermille = record.cpuPermille();
        place.transportPort = record.transportPort();
        place.probePort = record.probePort();
        int index = 0;
        for (final SnapshotNodeDecoder.FactsDecoder fact : record.facts()) {
            place.facts[index++] = fact.value();
        }
        place.addresses = new byte[record.addressesLength()];
        record.getAddresses(place.addresses, 0, place.addresses.length);
        core.topology.enter(place);
        core.topology.alive += place.node.isAlive ? 1 : 0;
    }

    private void write(final SnapshotLinkEncoder encoder, final int from, final int to, final Link link) {
        if (link != null && (link.isTold() || link.hop != Link.NONE)) {
            encoder.wrapAndApplyHeader(out.claim(), 0, out.header)
                    .fromPlace(from)
                    .toPlace(to)
                    .hop((short) link.hop)
                    .state((short) link.state)
                    .address((short) link.address)
                    .lossPermille(link.lossPermille)
                    .roundTripNs(link.roundTripNs)
                    .bytesPerSecond(link.bytesPerSecond)
                    .countedNs(link.countedNs)
                    .sinceMs(link.sinceMs)
                    .spikeNs(link.spikeNs)
                    .usualNs(link.usualNs);
            out.commit(encoder.limit());
        }
    }

    void link(final SnapshotLinkDecoder record) {
        final Link link = core.topology.places[record.fromPlace()].link(record.toPlace());
        link.hop = record.hop();
        link.state = record.state();
        link.address = record.address();
        link.lossPermille = record.lossPermille();
        link.roundTripNs = record.roundTripNs();
        link.bytesPerSecond = record.bytesPerSecond();
        link.countedNs = record.countedNs();
        link.sinceMs = record.sinceMs();
        link.spikeNs = record.spikeNs();
        link.usualNs = record.usualNs();
    }
}
