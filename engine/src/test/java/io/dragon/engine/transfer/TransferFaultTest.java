package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.driver.ext.LossGenerator;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What becomes of frames when something goes wrong on the way. */
final class TransferFaultTest {
    /** More frames than are brought at a time. */
    private static final int MANY = 80;

    /** Damages some arrivals of some chunks. */
    private static final class Damage implements ChunkFault {
        private final int every;
        private final int most;
        private int arrivals;
        private int damaged;

        Damage(final int every, final int most) {
            this.every = every;
            this.most = most;
        }

        @Override
        public void onChunk(final long poolId, final int chunk, final ByteBuffer bytes) {
            if (++arrivals % every == 0 && damaged < most) {
                damaged++;
                final int at = bytes.position() + bytes.remaining() / 2;
                bytes.put(at, (byte) (bytes.get(at) ^ 4));
            }
        }
    }

    private static LossGenerator random(final double rate, final long seed) {
        final Random random = new Random(seed);
        return new LossGenerator() {
            @Override
            public boolean shouldDropFrame(
                    final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
                return random.nextDouble() < rate;
            }
        };
    }

    /** A switch that does not know jumbo frames between two hosts that do. */
    private static LossGenerator longerThan(final int most) {
        return new LossGenerator() {
            @Override
            public boolean shouldDropFrame(
                    final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
                return length > most;
            }
        };
    }

    @Test
    void shouldSendSmallerPacketsWhereLargeOnesDoNotPassAndSaySoOnce() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.mtu(8_960))) {
            hosts.host(1).loss = longerThan(1_500);
            hosts.host(2).loss = longerThan(1_500);
            final FramePool pool = hosts.host(1).pool(2, 1 << 20, 100);
            for (int i = 1; i <= 2; i++) {
                hosts.fetchWhole(hosts.host(2), TransferHost.publish(pool, 1 << 20, 10, i), 1, 10, i);
            }
            final long said = hosts.host(1).log.stream()
                    .filter(line -> line.contains("it is sent packets of 1408 bytes from now on"))
                    .count();
            assertEquals(1, said, hosts::trouble);
        }
    }

    @Test
    void shouldAskAgainForAChunkWithAFlippedBit() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.chunkFault(new Damage(7, 5)))) {
            final FramePool pool = hosts.host(1).pool(2, 4 << 20, 100);
            final FrameRef ref = TransferHost.publish(pool, 4 << 20, 100, 3);
            hosts.fetchWhole(hosts.host(2), ref, 1, 100, 3);
            final TransferCounters counters = hosts.host(2).agent.counters();
            assertEquals(5, counters.chunksRepeated());
            assertEquals(0, counters.framesRepeated());
        }
    }

    @Test
    void shouldGiveUpAFrameThatComesDamagedEveryTime() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.chunkFault(new Damage(1, Integer.MAX_VALUE)))) {
            final FramePool pool = hosts.host(1).pool(2, 1 << 20, 0);
            final FrameRef ref = TransferHost.publish(pool, 60_000, 0, 3);
            final Asker.Answer answer = hosts.fetch(hosts.host(2), ref, 1);
            assertEquals(FetchOutcome.CORRUPT, answer.outcome(), answer.text());
            final TransferCounters counters = hosts.host(2).agent.counters();
            assertEquals(9, counters.chunksRepeated());
            assertEquals(2, counters.framesRepeated());
            assertEquals(1, counters.framesCorrupt());
        }
    }

    @Test
    void shouldBringFramesWholeThroughAnyLoss() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final FramePool pool = hosts.host(1).pool(8, 2 << 20, 64);
            hosts.host(1).loss = random(0.05, 1);
            hosts.host(2).loss = random(0.05, 2);
            for (int i = 1; i <= 6; i++) {
                final FrameRef ref = TransferHost.publish(pool, 300_000 * i, 10 * i, i);
                hosts.fetchWhole(hosts.host(2), ref, 1, 10 * i, i);
            }
            assertEquals(0, hosts.host(2).agent.counters().chunksRepeated());
        }
    }

    @Test
    void shouldGoAnotherWayWhenTheDirectOneIsCut() {
        try (Hosts hosts = new Hosts(3, ctx -> {})) {
            final TransferHost asker = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(2, 16 << 20, 0);
            final FrameRef ref = TransferHost.publish(pool, 16 << 20, 0, 8);
            final long id = asker.asker.ask(ref, 1);
            hosts.await(
                    "a part of the frame", () -> hosts.host(1).agent.counters().bytesServed() > 3 << 20);
            hosts.host(1).routes.node(2, 1);
            asker.routes.hop(1, 3);
            hosts.await("the frame", () -> asker.asker.answers.containsKey(id));
            final Asker.Answer answer = asker.asker.answers.get(id);
            assertEquals(FetchOutcome.HERE, answer.outcome(), answer.text());
            Hosts.check(asker, answer.frame(), 16 << 20, 0, 8);
            assertEquals(1, hosts.host(3).agent.counters().framesRelayed());
            final long relayed = hosts.host(3).agent.counters().bytesServed();
            assertTrue(relayed < 16 << 20, () -> "chunks that were there came again: " + relayed + " bytes");
        }
    }

    @Test
    void shouldServeOthersWhileOneTakesNothing() {
        try (Hosts hosts = new Hosts(3, ctx -> ctx.peerTimeoutNs(1_000_000_000L))) {
            final TransferHost owner = hosts.host(1);
            final FramePool pool = owner.pool(4, 8 << 20, 0);
            final FrameRef large = TransferHost.publish(pool, 8 << 20, 0, 1);
            final FrameRef small = TransferHost.publish(pool, 1 << 20, 0, 2);
            hosts.host(3).asker.ask(large, 1);
            hosts.await("a part", () -> owner.agent.counters().bytesServed() > 1 << 20);
            final TransferAgent stopped = hosts.host(3).agent;
            hosts.host(3).agent = null;
            hosts.fetchWhole(hosts.host(2), small, 1, 0, 2);
            pool.release(large);
            pool.release(small);
            hosts.await("the end of the stalled transfer", () -> !pool.isInUse());
            hosts.host(3).agent = stopped;
        }
    }

    @Test
    void shouldBringFramesOfOthersWhileAllOfOneStall() {
        try (Hosts hosts = new Hosts(3, ctx -> {})) {
            final TransferHost asker = hosts.host(3);
            final FramePool stalled = hosts.host(1).pool(MANY, 1_000, 0);
            final FramePool other = hosts.host(2).pool(1, 1_000, 0);
            asker.routes.pool(stalled.poolId(), 1).pool(other.poolId(), 2);
            hosts.host(1).agent.onClose();
            hosts.host(1).agent = null;
            for (int i = 0; i < MANY; i++) {
                asker.asker.ask(TransferHost.publish(stalled, 1_000, 0, i), RouteView.UNKNOWN);
            }
            final long id = asker.asker.ask(TransferHost.publish(other, 1_000, 0, 3), RouteView.UNKNOWN);
            hosts.await("an answer", () -> !asker.asker.answers.isEmpty());
            assertEquals(Set.of(id), asker.asker.answers.keySet(), "it waited for the frames that stall");
            assertEquals(FetchOutcome.HERE, asker.asker.answers.get(id).outcome(), hosts::trouble);
        }
    }

    @Test
    void shouldSayInWordsThatNotEvenSmallerPacketsPass() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.mtu(8960).unreachableTimeoutNs(7_000_000_000L))) {
            final FramePool pool = hosts.host(1).pool(2, 1 << 20, 0);
            final FrameRef ref = TransferHost.publish(pool, 60_000, 0, 3);
            final LossGenerator narrow = longerThan(1_300);
            hosts.host(1).loss = narrow;
            hosts.host(2).loss = narrow;
            final Asker.Answer answer = hosts.fetch(hosts.host(2), ref, 1);
            assertEquals(FetchOutcome.UNREACHABLE, answer.outcome(), answer.text());
            assertTrue(
                    hosts.host(2).log.stream().anyMatch(line -> line.contains("transfer.mtu 1408")),
                    () -> hosts.host(2).log.toString());
        }
    }

    @Test
    void shouldMakeRoomAndCountWhatIsRead() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.receiveMemory(12 << 20).roomTimeoutNs(500_000_000L))) {
            final TransferHost asker = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(16, 4 << 20, 0);
            final FrameRef[] local = new FrameRef[2];
            for (int i = 0; i < local.length; i++) {
                final FrameRef ref = TransferHost.publish(pool, 4 << 20, 0, i + 1);
                final long id = asker.asker.ask(ref, 1);
                hosts.await("frame " + i, () -> asker.asker.answers.containsKey(id));
                local[i] = asker.asker.answers.get(id).frame();
            }
            final FrameRef third = TransferHost.publish(pool, 4 << 20, 0, 3);
            assertEquals(FetchOutcome.NO_ROOM, hosts.fetch(asker, third, 1).outcome());
            Hosts.check(asker, local[0], 4 << 20, 0, 1);
            Hosts.check(asker, local[1], 4 << 20, 0, 2);
            asker.asker.done(1);
            hosts.fetchWhole(asker, third, 1, 0, 3);
            Hosts.check(asker, local[1], 4 << 20, 0, 2);
            asker.asker.done(2);
            for (int i = 4; i < 10; i++) {
                hosts.fetchWhole(asker, TransferHost.publish(pool, 100_000 * i, 0, i), 1, 0, i);
            }
        }
    }

    @Test
    void shouldGoOnWithAnotherMediaDriver() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.peerTimeoutNs(2_000_000_000L))) {
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 0);
            hosts.fetchWhole(hosts.host(2), TransferHost.publish(pool, 1 << 20, 0, 1), 1, 0, 1);
            hosts.host(2).restartDriver();
            hosts.fetchWhole(hosts.host(2), TransferHost.publish(pool, 1 << 20, 0, 2), 1, 0, 2);
            hosts.host(1).restartDriver();
            hosts.fetchWhole(hosts.host(2), TransferHost.publish(pool, 1 << 20, 0, 3), 1, 0, 3);
        }
    }

    @Test
    void shouldForgetAProgramThatAskedAndDied() {
        try (Hosts hosts = new Hosts(2, ctx -> ctx.holdTimeoutNs(200_000_000L).receiveMemory(3 << 20))) {
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 0);
            for (int i = 1; i <= 4; i++) {
                final FrameRef ref = TransferHost.publish(pool, 1 << 20, 0, i);
                assertEquals(
                        FetchOutcome.HERE,
                        hosts.fetch(hosts.host(2), ref, 1).outcome(),
                        "nobody said that it has its lease, and yet its time ended");
            }
        }
    }
}
