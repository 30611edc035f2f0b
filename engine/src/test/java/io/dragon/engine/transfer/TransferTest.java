package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.codecs.frame.Integrity;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames between two and three hosts over UDP. */
final class TransferTest {
    @Test
    void shouldBringFramesOfAnyLengthWhole() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(16, 4 << 20, 65_536);
            asker.routes.pool(pool.poolId(), 1);
            final int chunk = 64 * 1024 / 1352 * 1352;
            final int[] lengths = {0, 1, 1351, 1352, 1353, chunk - 1, chunk, chunk + 1, 65_536, 1_000_001, 4 << 20};
            final int[] metadata = {0, 1, 100, 4096, 4097, 65_536, 0, 3, 0, 12, 0};
            for (int i = 0; i < lengths.length; i++) {
                final FrameRef ref = TransferHost.publish(pool, lengths[i], metadata[i], i + 1);
                hosts.fetchWhole(asker, ref, i % 2, metadata[i], i + 1);
            }
            final TransferCounters counters = asker.agent.counters();
            assertEquals(lengths.length, counters.framesFetched());
            assertEquals(0, counters.chunksRepeated());
            assertEquals(0, counters.intruders() + owner.agent.counters().intruders());
            // A frame whose metadata is long is asked for twice: how long it is, is known only then.
            assertEquals(lengths.length + 2, owner.agent.counters().framesServed());
            assertEquals(0, owner.agent.counters().framesRelayed());
            assertTrue(owner.errors.isEmpty() && asker.errors.isEmpty(), () -> owner.errors + " " + asker.errors);
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldBringFramesByEveryTransportWithEveryChecksum(final TransportKind kind) {
        for (final Integrity integrity : List.of(Integrity.CRC32C, Integrity.MD5, Integrity.NONE)) {
            final Compression compression = integrity == Integrity.MD5 ? Compression.AUTO : Compression.ON;
            try (Hosts hosts =
                    new Hosts(2, ctx -> ctx.transport(kind).integrity(integrity).compression(compression))) {
                final FramePool pool = hosts.host(1).pool(4, 1 << 20, 65_536);
                final int[] lengths = {0, 1, 70_000, 1 << 20};
                for (int i = 0; i < lengths.length; i++) {
                    final long seed = i % 2 == 0 ? i + 1 : TransferHost.COMPRESSIBLE + i;
                    final FrameRef ref = TransferHost.publish(pool, lengths[i], 10_000 * i, seed);
                    hosts.fetchWhole(hosts.host(2), ref, 1, 10_000 * i, seed);
                    pool.release(ref);
                }
                if (compression == Compression.ON) {
                    final long sent = hosts.host(1).agent.counters().bytesServed();
                    assertTrue(sent < 1_000_000, () -> "nothing was compressed: " + sent + " bytes");
                }
                assertEquals(0, hosts.host(2).agent.counters().intruders());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void shouldKeepChunksThatAreThereWhenTheServingAgentStartsAnew(final TransportKind kind) {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.transport(kind))) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(2, 16 << 20, 0);
            final FrameRef ref = TransferHost.publish(pool, 16 << 20, 0, 8);
            final long id = asker.asker.ask(ref, 1);
            hosts.await("a part of the frame", () -> owner.agent.counters().bytesServed() > 6 << 20);
            owner.restartAgent();
            hosts.await("the frame", () -> asker.asker.answers.containsKey(id));
            assertEquals(
                    FetchOutcome.HERE,
                    asker.asker.answers.get(id).outcome(),
                    asker.asker.answers.get(id).text());
            Hosts.check(asker, asker.asker.answers.get(id).frame(), 16 << 20, 0, 8);
            assertTrue(owner.agent.counters().bytesServed() < 14 << 20, "chunks that were there came again");
        }
    }

    @Test
    void shouldBringAFrameOnceHoweverManyAsk() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost asker = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 0);
            final FrameRef ref = TransferHost.publish(pool, 1 << 20, 0, 5);
            asker.routes.pool(pool.poolId(), 1);
            final long[] ids = new long[8];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = asker.asker.ask(ref, 0);
            }
            for (final long id : ids) {
                hosts.await("answer " + id, () -> asker.asker.answers.containsKey(id));
                Hosts.check(asker, asker.asker.answers.get(id).frame(), 1 << 20, 0, 5);
                asker.asker.done(id);
            }
            hosts.fetchWhole(asker, ref, 1, 0, 5);
            assertEquals(1, asker.agent.counters().framesFetched());
            assertEquals(1, hosts.host(1).agent.counters().framesServed());
        }
    }

    @Test
    void shouldRelayThroughTheNextHop() {
        try (Hosts hosts = new Hosts(3, ctx -> {})) {
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 64);
            final FrameRef ref = TransferHost.publish(pool, 777_777, 33, 9);
            hosts.host(2).routes.pool(pool.poolId(), 1).hop(1, 3);
            hosts.fetchWhole(hosts.host(2), ref, 0, 33, 9);
            assertEquals(1, hosts.host(3).agent.counters().framesRelayed());
            assertEquals(1, hosts.host(3).agent.counters().framesFetched());
            assertEquals(1, hosts.host(1).agent.counters().framesServed());
        }
    }

    @Test
    void shouldRefuseALoopOfRoutes() {
        try (Hosts hosts = new Hosts(3, ctx -> ctx.unreachableTimeoutNs(1_000_000_000L))) {
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 64);
            final FrameRef ref = TransferHost.publish(pool, 1_000, 0, 9);
            hosts.host(2).routes.hop(1, 3);
            hosts.host(3).routes.hop(1, 2);
            final Asker.Answer answer = hosts.fetch(hosts.host(2), ref, 1);
            assertEquals(FetchOutcome.UNREACHABLE, answer.outcome());
            assertTrue(answer.text().contains("no way to node host1"), answer.text());
        }
    }

    @Test
    void shouldSayInWordsWhatIsNotToBeHad() {
        try (Hosts hosts =
                new Hosts(2, ctx -> ctx.unreachableTimeoutNs(500_000_000L).receiveMemory(8 << 20))) {
            final TransferHost asker = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(2, 16 << 20, 64);
            final FrameRef large = TransferHost.publish(pool, 16 << 20, 0, 1);
            final Asker.Answer noRoom = hosts.fetch(asker, large, 1);
            assertEquals(FetchOutcome.NO_ROOM, noRoom.outcome());
            assertTrue(noRoom.text().contains("transfer.receive_memory"), noRoom.text());
            final FrameRef gone = new FrameRef().set(pool.poolId(), 99, 0, 10);
            final Asker.Answer stale = hosts.fetch(asker, gone, 1);
            assertEquals(FetchOutcome.GONE, stale.outcome(), stale.text());
            final FrameRef nowhere = new FrameRef().set(4711, 1, 0, 10);
            assertEquals(FetchOutcome.GONE, hosts.fetch(asker, nowhere, 1).outcome());
            assertEquals(
                    FetchOutcome.UNREACHABLE, hosts.fetch(asker, nowhere, 77).outcome());
            asker.routes.pool(4711, RouteView.NOWHERE);
            assertEquals(FetchOutcome.GONE, hosts.fetch(asker, nowhere, 0).outcome());
            asker.routes.dead(1);
            assertEquals(FetchOutcome.UNREACHABLE, hosts.fetch(asker, gone, 1).outcome());
        }
    }
}
