package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.NodeReportDecoder;
import io.dragon.engine.config.DiscoveryConfig;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.HostLine;
import io.dragon.engine.node.NodeReports;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a host counts does not fall back when one of its parts is made anew. */
final class OtherHostsCountsTest {
    private final Scratch scratch = new Scratch();
    private final Line line = new Line();
    private final int port = 34_000 + ThreadLocalRandom.current().nextInt(1_000);
    private long nowNs;

    @AfterEach
    void after() {
        scratch.close();
    }

    @Test
    void shouldGoOnCountingIntrudersWhenTheMastersMove() throws IOException {
        final HostAgent.Context context = new HostAgent.Context()
                .dragonDirectory(scratch.directory())
                .errorHandler(scratch::onError)
                .network(new NetworkContext()
                        .discovery(new DiscoveryContext()
                                .config(new DiscoveryConfig(true, port, "counts-test", List.of()))));
        final OtherHosts hosts = scratch.closing(new OtherHosts(context, line, new NodeReports(), nowNs));
        comeStrangers(hosts, "0=10.1.2.3:9900", 5, 5);
        comeStrangers(hosts, "0=10.1.2.4:9900", 2, 7);
        hosts.close();
        comeStrangers(hosts, "0=10.1.2.4:9900", 1, 8);
    }

    private void comeStrangers(final OtherHosts hosts, final String masters, final int count, final long expected)
            throws IOException {
        hosts.tellStrangers(masters);
        try (DatagramSocket socket = new DatagramSocket()) {
            for (int i = 0; i < count; i++) {
                socket.send(new DatagramPacket(new byte[40], 40, InetAddress.getLoopbackAddress(), port));
            }
        }
        scratch.await("all of them to be counted", () -> {
            nowNs += OtherHosts.REPORT_NS;
            hosts.tellStrangers(masters);
            hosts.doWork(nowNs);
            return line.intruders >= expected;
        });
        assertEquals(expected, line.intruders);
    }

    /** Takes everything, and looks at reports of the node. */
    private static final class Line implements HostLine {
        private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
        private final MessageHeaderDecoder header = new MessageHeaderDecoder();
        private final NodeReportDecoder report = new NodeReportDecoder();
        private long seq;
        private long intruders;

        @Override
        public MutableDirectBuffer scratch() {
            return scratch;
        }

        @Override
        public long offer(final int length) {
            return ++seq;
        }

        @Override
        public boolean tell(final int length) {
            header.wrap(scratch, 0);
            if (header.templateId() == NodeReportDecoder.TEMPLATE_ID) {
                intruders = report.wrapAndApplyHeader(scratch, 0, header).intruders();
            }
            return true;
        }

        @Override
        public long acknowledgedSeq() {
            return seq;
        }

        @Override
        public long incarnation() {
            return 1;
        }
    }
}
