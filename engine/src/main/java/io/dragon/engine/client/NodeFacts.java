package io.dragon.engine.client;

import io.dragon.codecs.control.NodePageDecoder;
import java.util.List;

/** What the agents of nodes have told about their hosts, out of a page of nodes; and what follows from it for the whole. */
final class NodeFacts {
    private static final int UNKNOWN_PERMILLE = 0xFFFF;
    private static final double NANOS_PER_MILLI = 1e6;

    private NodeFacts() {}

    static ClusterStatus.Node decode(final NodePageDecoder.NodesDecoder from) {
        final String name = from.name(); // strings in their order
        final String host = from.host();
        final String addresses = from.addresses();
        return new ClusterStatus.Node(
                (int) from.partyId(),
                (int) from.incarnation(),
                name,
                host,
                from.state(),
                from.workers(),
                from.cameras(),
                from.silentMs(),
                addresses.isBlank() ? List.of() : List.of(addresses.strip().split(" +")),
                resources(from),
                traffic(from));
    }

    private static ClusterStatus.Resources resources(final NodePageDecoder.NodesDecoder from) {
        return new ClusterStatus.Resources(
                from.cores(),
                from.cpuPermille() == UNKNOWN_PERMILLE ? -1 : from.cpuPermille() / 1_000.0,
                from.memoryBytes(),
                from.memoryFreeBytes(),
                from.sharedBytes(),
                from.sharedFreeBytes(),
                from.receivedBytesPerSecond(),
                from.sentBytesPerSecond(),
                from.udpErrors());
    }

    private static ClusterStatus.Traffic traffic(final NodePageDecoder.NodesDecoder from) {
        return new ClusterStatus.Traffic(
                Math.max(0, from.framesFetched()),
                Math.max(0, from.bytesFetched()),
                Math.max(0, from.fetchNs()),
                Math.max(0, from.framesServed()),
                Math.max(0, from.framesRelayed()),
                Math.max(0, from.chunksRepeated()),
                Math.max(0, from.intruders()));
    }

    /** The path of the frames: what jobs took, and what of it had to travel. */
    static Statistics.Pipeline pipeline(final long frames, final long bytes, final List<ClusterStatus.Node> nodes) {
        long fetched = 0;
        long bytesFetched = 0;
        long fetchNanos = 0;
        long served = 0;
        long relayed = 0;
        for (final ClusterStatus.Node node : nodes) {
            if (!node.isAlive()) { // what it told last is of an agent that does not run any more
                continue;
            }
            fetched += node.traffic().framesFetched();
            bytesFetched += node.traffic().bytesFetched();
            fetchNanos += node.traffic().fetchNanos();
            served += node.traffic().framesServed();
            relayed += node.traffic().framesRelayed();
        }
        final double stayed = bytesFetched == 0 ? 1 : Math.max(0, 1 - (double) bytesFetched / Math.max(1, bytes));
        return new Statistics.Pipeline(
                frames,
                bytes,
                stayed,
                fetched == 0 ? 0 : fetchNanos / NANOS_PER_MILLI / fetched,
                fetched,
                bytesFetched,
                served,
                relayed);
    }
}
