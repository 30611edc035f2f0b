package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FrameSubscriber;
import io.dragon.engine.transfer.SlowHosts.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** More frames than a link carries within the times after which something counts as stalled, unreachable or without room. */
final class SlowLinkTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MIB = 1 << 20;
    private static final int WINDOW = 64 * 1024;
    private static final int MASK = 40_000;

    private static void assertHere(final List<Wanted> wanted) {
        final List<String> missing = new ArrayList<>();
        wanted.stream().filter(one -> !one.isHere).forEach(one -> missing.add(one.toString()));
        assertEquals(List.of(), missing);
    }

    private static FrameSubscriber reader(final SlowHosts hosts, final Mirror mirror) {
        return FrameSubscriber.attach(hosts.host(2).own.directory, mirror.poolId(), "reader");
    }

    private static boolean areDone(final List<Wanted> wanted) {
        return wanted.stream().allMatch(Wanted::isDone);
    }

    @Test
    void shouldBringFramesThatWaitForEachOtherFor48Seconds() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(48, MIB), 1);
            hosts.await(60 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
            assertEquals(48L * MIB, hosts.host(1).counters.bytesServed());
            assertEquals(0, hosts.host(1).counters.lanesLost());
        }
    }

    /** 10 Mbit/s, and on its way what it carries in 5 s: every question was given up before its answer came, and asked again, without an end. */
    @Test
    void shouldWaitForWhatComesBehindMoreThanALinkCarriesInTheTimeOfAStall() {
        final int window = 25 * MIB / 4;
        try (SlowHosts hosts = new SlowHosts(2, 5 * MIB / 4, window, ctx -> ctx.window(window))) {
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(20, MIB), 1);
            hosts.pass(6 * SECOND_NS);
            wanted.addAll(hosts.host(2).fetchAll(hosts.host(1).publish(4, MASK), 1));
            hosts.await(60 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
            assertEquals(20L * MIB + 4 * MASK, hosts.host(1).counters.bytesServed());
            assertEquals(0, hosts.host(2).counters.late(), "nothing came for nobody");
        }
    }

    /** Its node has forgotten what it was asked, and goes on with others. */
    @Test
    void shouldAskAgainForWhatNeverComesThoughOthersDo() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            final List<FrameRef> refs = hosts.host(1).publish(48, MIB);
            final List<Wanted> others = hosts.host(2).fetchAll(refs.subList(0, 40), 1);
            hosts.pass(SECOND_NS);
            final Wanted one = hosts.host(2).fetch(refs.get(47), 1);
            hosts.pass(SECOND_NS / 10);
            hosts.host(1).core.servings.onLeave(hosts.host(2).core.fetches.of(one.ref).requestId);
            hosts.await(60 * SECOND_NS, one::isDone);
            assertTrue(one.isHere, one::toString);
            hosts.await(60 * SECOND_NS, () -> areDone(others));
            assertHere(others);
        }
    }

    @Test
    void shouldWaitForRoomWhileFramesAreOnTheirWay() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> ctx.receiveMemory(4 << 20))) {
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(12, MIB), 1);
            hosts.await(60 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
        }
    }

    @Test
    void shouldWaitForFramesThatAnotherHostBringsFirst() {
        try (SlowHosts hosts = new SlowHosts(3, MIB, WINDOW, ctx -> ctx.chunkLength(16 * 1024))) {
            hosts.host(2).own.routes.hop(1, 3);
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(56, MIB), 1);
            hosts.await(90 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
            assertEquals(56L * MIB, hosts.host(1).counters.bytesServed());
            assertEquals(56L * MIB, hosts.host(3).counters.bytesServed());
        }
    }

    @Test
    void shouldWaitForRoomWhileFramesAreSentOn() {
        try (SlowHosts hosts = new SlowHosts(
                3, MIB, WINDOW, ctx -> ctx.receiveMemory(ctx.nodeId().getAsInt() == 3 ? 4 << 20 : 32 << 20))) {
            hosts.host(2).own.routes.hop(1, 3);
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(4, 3 * MIB), 1);
            hosts.await(60 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
        }
    }

    @Test
    void shouldGiveBackEverythingWhateverIsGivenUpAndLost() {
        for (long seed = Long.getLong("seed", 1L), last = seed + Integer.getInteger("times", 1); seed < last; seed++) {
            final Random random = new Random(seed);
            try (SlowHosts hosts = new SlowHosts(3, MIB, WINDOW, ctx -> ctx.receiveMemory(8 << 20))) {
                final FramePool pool = hosts.host(1).own.pool(12, MIB, 0);
                final List<FrameRef> refs = new ArrayList<>();
                for (int i = 1; i <= 12; i++) {
                    refs.add(TransferHost.publish(pool, 1 + random.nextInt(MIB), 0, i));
                }
                final List<Wanted> wanted = new ArrayList<>();
                final List<Wanted> left = new ArrayList<>();
                for (int i = 0; i < 600; i++) {
                    final SlowHosts.Host by = hosts.host(2 + random.nextInt(2));
                    final int dice = random.nextInt(100);
                    if (dice < 30) {
                        wanted.add(by.fetch(refs.get(random.nextInt(12)), 1));
                    } else if (dice < 45 && !wanted.isEmpty()) {
                        final Wanted one = wanted.remove(random.nextInt(wanted.size()));
                        one.leave();
                        left.add(one);
                    } else if (dice < 48) {
                        hosts.host(1 + random.nextInt(3)).isDown = true;
                    } else if (dice < 70) {
                        hosts.host(1 + random.nextInt(3)).isDown = false;
                    } else if (dice < 75) {
                        hosts.host(2).own.routes.hop(1, random.nextBoolean() ? 1 : 3);
                    }
                    hosts.pass(random.nextInt(100) * 1_000_000L);
                }
                for (final SlowHosts.Host host : hosts.all) {
                    host.isDown = false;
                }
                hosts.await(60 * SECOND_NS, () -> areDone(wanted));
                final long here = wanted.stream().filter(one -> one.isHere).count();
                assertTrue(here > wanted.size() / 2, seed + ": " + here + " of " + wanted);
                hosts.pass(10 * SECOND_NS);
                refs.forEach(pool::release);
                assertFalse(pool.isInUse(), "seed " + seed);
                for (final SlowHosts.Host host : hosts.all) {
                    assertEquals(List.of(), host.own.errors, "seed " + seed);
                    assertEquals(0, host.core.fetches.count(), "seed " + seed);
                }
            }
        }
    }

    @Test
    void shouldGreetOverALaneThatIsAlwaysFull() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            hosts.host(1).takesNothingForNs = SECOND_NS / 1_000;
            final List<Wanted> wanted = hosts.host(2).fetchAll(hosts.host(1).publish(12, MIB), 1);
            hosts.await(
                    SECOND_NS,
                    () -> hosts.host(1).core.knownPeer(2) != null
                            && hosts.host(1).core.knownPeer(2).isHelloAnswered());
            hosts.await(60 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
            assertEquals(0, hosts.host(1).counters.lanesLost());
            assertEquals(12L * MIB, hosts.host(1).counters.bytesServed());
        }
    }

    @Test
    void shouldLetAMaskPassManyFrames() {
        try (SlowHosts hosts = new SlowHosts(2, 3 * MIB / 2, WINDOW, ctx -> ctx.chunkLength(8 * 1024))) {
            final List<Wanted> frames = hosts.host(2).fetchAll(hosts.host(1).publish(47, MIB), 1);
            hosts.pass(5 * SECOND_NS);
            final FrameRef ref = hosts.host(1).publish(1, MASK).get(0);
            final long beganNs = hosts.nowNs;
            final Wanted mask = hosts.host(2).fetch(ref, 1);
            hosts.await(10 * SECOND_NS, mask::isDone);
            assertTrue(mask.isHere, mask::toString);
            final long tookMs = (hosts.nowNs - beganNs) / 1_000_000;
            assertTrue(tookMs < 300, "a mask of five chunks took " + tookMs + " ms");
            hosts.await(60 * SECOND_NS, () -> areDone(frames));
            assertHere(frames);
        }
    }

    @Test
    void shouldMirrorACameraBesideAQueueOfFrames() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            final FramePool camera = hosts.host(1).own.pool(8, MASK, 0);
            hosts.host(2).fetchAll(hosts.host(1).publish(60, MIB), 1);
            final Mirror mirror = hosts.host(2).core.mirrors.of(camera.poolId(), 1);
            hosts.await(5 * SECOND_NS, () -> mirror.poolId() != 0);
            int seen = 0;
            try (FrameSubscriber reader = reader(hosts, mirror)) {
                for (int i = 1; i <= 10; i++) {
                    camera.release(TransferHost.publish(camera, MASK, 0, i));
                    hosts.pass(SECOND_NS / 2);
                    seen += reader.poll(lease -> {}, 8);
                }
            }
            assertTrue(seen >= 8, seen + " of 10 frames");
        }
    }

    @Test
    void shouldMirrorTheLastFrameThoughTheNewsOfItIsLost() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            final FramePool camera = hosts.host(1).own.pool(8, MASK, 0);
            final Mirror mirror = hosts.host(2).core.mirrors.of(camera.poolId(), 1);
            hosts.await(5 * SECOND_NS, () -> mirror.poolId() != 0);
            try (FrameSubscriber reader = reader(hosts, mirror)) {
                camera.release(TransferHost.publish(camera, MASK, 0, 1));
                hosts.pass(SECOND_NS / 2_000);
                hosts.host(2).isDown = true;
                hosts.pass(SECOND_NS / 10);
                hosts.host(2).isDown = false;
                hosts.pass(4 * SECOND_NS);
                assertEquals(1, reader.poll(lease -> {}, 8));
            }
        }
    }

    @Test
    void shouldNotSendWhatWasGivenUpBeforeItWasAskedFor() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> {})) {
            final List<FrameRef> refs = hosts.host(1).publish(40, MIB);
            hosts.host(1).isDown = true;
            for (int round = 0; round < 40; round++) {
                final List<Wanted> wanted = hosts.host(2).fetchAll(refs, 1);
                hosts.pass(SECOND_NS / 100);
                for (final Wanted one : wanted) {
                    final Fetch fetch = hosts.host(2).core.fetches.of(one.ref);
                    hosts.host(2).core.fetches.leave(fetch, one);
                }
            }
            hosts.host(1).isDown = false;
            hosts.pass(5 * SECOND_NS);
            assertEquals(0, hosts.host(1).counters.bytesServed());
            final Wanted wanted = hosts.host(2).fetch(refs.get(0), 1);
            hosts.await(5 * SECOND_NS, wanted::isDone);
            assertTrue(wanted.isHere, wanted::toString);
        }
    }

    @Test
    void shouldAskAgainForTheRestOfAFrameThoughOthersCome() {
        try (SlowHosts hosts = new SlowHosts(2, MIB, WINDOW, ctx -> ctx.window(25 * MIB / 4))) {
            final List<FrameRef> refs = hosts.host(1).publish(40, MIB);
            final List<Wanted> wanted = hosts.host(2).fetchAll(refs, 1);
            final Fetch first = hosts.host(2).core.fetches.of(refs.get(0));
            hosts.await(5 * SECOND_NS, first::isMoreComing);
            hosts.host(1).core.servings.onLeave(first.requestId);
            hosts.await(90 * SECOND_NS, () -> areDone(wanted));
            assertHere(wanted);
        }
    }
}
