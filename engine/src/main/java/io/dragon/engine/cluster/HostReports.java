package io.dragon.engine.cluster;

import io.dragon.codecs.control.LinkReportEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.NodeReportEncoder;
import io.dragon.codecs.control.PoolQueryEncoder;
import io.dragon.codecs.control.RouteQueryEncoder;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.node.HostLine;
import io.dragon.engine.node.HostResources;
import io.dragon.engine.node.LinkView;
import io.dragon.engine.transfer.TransferAgent;
import io.dragon.engine.transfer.TransferCounters;
import java.util.List;
import java.util.stream.Collectors;

/** What a host agent tells and asks the masters about hosts; none of it is numbered. One thread. */
final class HostReports {
    /** As many as a message has room for. */
    static final int LINKS_A_MESSAGE = 24;

    private final HostLine line;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final NodeReportEncoder nodeReport = new NodeReportEncoder();
    private final LinkReportEncoder linkReport = new LinkReportEncoder();
    private final RouteQueryEncoder routeQuery = new RouteQueryEncoder();
    private final PoolQueryEncoder poolQuery = new PoolQueryEncoder();

    HostReports(final HostLine line) {
        this.line = line;
    }

    boolean node(
            final HostResources resources,
            final TransferAgent transfer,
            final int transportPort,
            final int probePort,
            final long intruders,
            final List<HostAddress> addresses) {
        final TransferCounters counters = transfer == null ? null : transfer.counters();
        nodeReport
                .wrapAndApplyHeader(line.scratch(), 0, header)
                .cores(resources.cores())
                .cpuPermille(resources.cpuPermille())
                .memoryBytes(resources.memoryBytes())
                .memoryFreeBytes(resources.memoryFreeBytes())
                .sharedBytes(resources.sharedBytes())
                .sharedFreeBytes(resources.sharedFreeBytes())
                .receivedBytesPerSecond(resources.receivedBytesPerSecond())
                .sentBytesPerSecond(resources.sentBytesPerSecond())
                .udpErrors(resources.udpErrors())
                .framesFetched(counters == null ? 0 : counters.framesFetched())
                .bytesFetched(counters == null ? 0 : counters.bytesFetched())
                .fetchNs(counters == null ? 0 : counters.fetchNs())
                .framesServed(counters == null ? 0 : counters.framesServed())
                .framesRelayed(counters == null ? 0 : counters.framesRelayed())
                .chunksRepeated(counters == null ? 0 : counters.chunksRepeated())
                .intruders(intruders + (counters == null ? 0 : counters.intruders()))
                .transportPort(transportPort)
                .probePort(probePort)
                .addresses(addresses.stream()
                        .map(each -> each.address().getHostAddress())
                        .collect(Collectors.joining(" ")));
        return line.tell(MessageHeaderEncoder.ENCODED_LENGTH + nodeReport.encodedLength());
    }

    /** All of them, in as many messages as it takes; false when one was not taken. */
    boolean links(final List<LinkView> links, final TransferAgent transfer) {
        boolean isTold = true;
        for (int from = 0; from < links.size(); from += LINKS_A_MESSAGE) {
            isTold &= linksOfOne(links.subList(from, Math.min(links.size(), from + LINKS_A_MESSAGE)), transfer);
        }
        return isTold;
    }

    private boolean linksOfOne(final List<LinkView> links, final TransferAgent transfer) {
        final LinkReportEncoder.LinksEncoder group =
                linkReport.wrapAndApplyHeader(line.scratch(), 0, header).linksCount(links.size());
        for (final LinkView link : links) {
            group.next()
                    .nodeId(Integer.toUnsignedLong(link.nodeId()))
                    .state(link.state())
                    .address((short) link.address())
                    .lossPermille(link.lossPermille())
                    .roundTripNs(link.roundTripNs())
                    .bytesPerSecond(transfer == null ? 0 : transfer.bytesPerSecond(link.nodeId()))
                    .spikeNs(link.spikeNs())
                    .usualNs(link.usualNs());
        }
        return line.tell(MessageHeaderEncoder.ENCODED_LENGTH + linkReport.encodedLength());
    }

    boolean routeQuery(final long correlationId, final long knownVersion, final int afterId) {
        routeQuery
                .wrapAndApplyHeader(line.scratch(), 0, header)
                .correlationId(correlationId)
                .knownVersion(knownVersion)
                .afterId(Integer.toUnsignedLong(afterId));
        return line.tell(MessageHeaderEncoder.ENCODED_LENGTH + routeQuery.encodedLength());
    }

    boolean poolQuery(final long poolId) {
        poolQuery.wrapAndApplyHeader(line.scratch(), 0, header).poolId(poolId);
        return line.tell(MessageHeaderEncoder.ENCODED_LENGTH + poolQuery.encodedLength());
    }
}
