package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.dragon.codecs.frame.AskEncoder;
import io.dragon.codecs.frame.HelloEncoder;
import io.dragon.codecs.frame.Integrity;
import io.dragon.codecs.frame.MessageHeaderEncoder;
import io.dragon.codecs.frame.WatchEncoder;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody who knows the port, and how messages look. */
final class TransferStrangerTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();

    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"UDP", "TCP"})
    void shouldTakeNothingFromAnAddressOfNobodyWhoIsKnown(final TransportKind kind) {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind).allowedAddresses(address -> false))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            asker.routes.known(true);
            final FrameRef ref = TransferHost.publish(owner.pool(2, 1 << 20, 0), 300_000, 0, 1);
            final long id = asker.asker.ask(ref, 1);
            hosts.await("a refusal", () -> owner.agent.counters().intruders() > 0);
            assertFalse(asker.asker.answers.containsKey(id));
            assertTrue(owner.log.toString().contains("Nothing is taken from 127.0.0.1"), owner.log::toString);
            // The masters tell of the new node only now.
            owner.routes.known(true);
            hosts.await("the frame", () -> asker.asker.answers.containsKey(id));
            Hosts.check(asker, asker.asker.answers.get(id).frame(), 300_000, 0, 1);
        }
    }

    @Test
    void shouldKeepNothingOfNodesThatNoRouteLeadsTo() {
        try (Hosts hosts = new Hosts(1, ctx -> {})) {
            final TransferHost host = hosts.host(1);
            final FramePool pool = host.pool(2, 1 << 20, 0);
            try (Aeron aeron = aeron(host)) {
                final ExclusivePublication stranger = lane(hosts, aeron, host);
                for (int i = 0; i < 1_000; i++) {
                    final int node = 100 + i;
                    say(hosts, stranger, hello(node, i));
                    say(hosts, stranger, ask(node, node, i + 1, new FrameRef().set(pool.poolId(), 1, 0, 100), 100));
                    say(hosts, stranger, watch(node, i + 1, pool.poolId()));
                }
                hosts.await("a count", () -> host.agent.counters().intruders() >= 3_000);
                assertEquals(0, host.agent.core().peerList.size());
            }
        }
    }

    @Test
    void shouldServeOthersAfterAFrameOfImpossibleLengthWasAskedFor() {
        try (Hosts hosts = new Hosts(3, ctx -> {})) {
            final TransferHost host = hosts.host(1);
            final FrameRef ref = TransferHost.publish(hosts.host(2).pool(2, 1 << 20, 0), 200_000, 0, 5);
            try (Aeron aeron = aeron(host)) {
                final ExclusivePublication stranger = lane(hosts, aeron, host);
                // It is to be had of node 2, and node 3 wants it.
                say(hosts, stranger, ask(3, 2, 77, new FrameRef().set(4_711, 1, 0, 0), 0xffff_fff0L));
                hosts.await("a count", () -> host.agent.counters().intruders() > 0);
                hosts.fetchWhole(host, ref, 2, 0, 5);
                assertTrue(host.errors.isEmpty(), host.errors::toString);
            }
        }
    }

    private static Aeron aeron(final TransferHost host) {
        return Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(host.directory.aeron().toString())
                .useConductorAgentInvoker(true));
    }

    private static ExclusivePublication lane(final Hosts hosts, final Aeron aeron, final TransferHost to) {
        final long id = aeron.asyncAddExclusivePublication("aeron:udp?endpoint=127.0.0.1:" + to.port, 9877);
        final ExclusivePublication[] lane = new ExclusivePublication[1];
        hosts.await("a lane", () -> {
            aeron.conductorAgentInvoker().invoke();
            lane[0] = lane[0] == null ? aeron.getExclusivePublication(id) : lane[0];
            return lane[0] != null && lane[0].isConnected();
        });
        return lane[0];
    }

    private void say(final Hosts hosts, final ExclusivePublication lane, final int length) {
        hosts.await("room", () -> lane.offer(buffer, 0, length) > 0);
    }

    private int hello(final int nodeId, final long agentId) {
        final HelloEncoder hello = new HelloEncoder();
        final int length = MessageHeaderEncoder.ENCODED_LENGTH + HelloEncoder.BLOCK_LENGTH;
        hello.wrapAndApplyHeader(buffer, 0, header)
                .nodeId(nodeId)
                .agentId(agentId)
                .number(1)
                .length(length);
        return length;
    }

    private int ask(final int nodeId, final int origin, final long requestId, final FrameRef ref, final long length) {
        final AskEncoder ask = new AskEncoder();
        ask.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .agentId(1)
                .nodeId(nodeId)
                .originId(origin)
                .firstChunk(0)
                .chunkLength(65_536)
                .integrity(Integrity.CRC32C)
                .compression((short) 0)
                .hops((short) 3)
                .via1(0)
                .via2(0)
                .via3(0)
                .via4(0);
        Wording.put(ask.frame(), ref);
        ask.frame().length(length);
        return MessageHeaderEncoder.ENCODED_LENGTH + ask.encodedLength();
    }

    private int watch(final int nodeId, final long requestId, final long poolId) {
        final WatchEncoder watch = new WatchEncoder();
        watch.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .agentId(1)
                .nodeId(nodeId)
                .originId(1)
                .poolId(poolId);
        return MessageHeaderEncoder.ENCODED_LENGTH + watch.encodedLength();
    }
}
