package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kills publishing and reading processes with -9 in random moments, and stops one for five seconds. */
class KillTest {
    private static final long SEED = Long.getLong("dragon.test.seed", 20_261_122L);
    private static final int ROUNDS = 10;
    private static final int LENGTH = CheckedFrames.MAX_LENGTH;
    private static final long FREE_WITHIN_NS = 100_000_000;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final Random random = new Random(SEED);
    private final CheckedFrames frames = new CheckedFrames(SEED);
    private final FrameClaim claim = new FrameClaim();
    private final ArrayDeque<FrameRef> held = new ArrayDeque<>();
    private final List<Child> children = new ArrayList<>();
    private final List<Long> freedNs = new ArrayList<>();
    private int framesRead;

    @AfterEach
    void clean() {
        children.forEach(Child::close);
        Tests.delete(directory);
    }

    private Child child(final String... args) {
        final Child child = new Child(args);
        children.add(child);
        return child;
    }

    @Test
    void shouldSurviveKillsOfPublishersAndReaders() {
        survive(FullPolicy.OVERWRITE_OLDEST, ROUNDS);
    }

    /** Frames that nobody holds are lent to subscribers then. */
    @Test
    void shouldSurviveKillsBesidePoolsThatKeepWhatIsNotRead() {
        survive(FullPolicy.BACK_PRESSURED, ROUNDS / 2);
    }

    private void survive(final FullPolicy policy, final int rounds) {
        final FramePool pool =
                FramePool.create(Tests.context(directory, 8, LENGTH).fullPolicy(policy));
        for (int round = 0; round < rounds; round++) {
            killEveryone(pool, round, policy);
        }
        while (!held.isEmpty()) {
            assertTrue(pool.release(held.remove()));
        }
        pool.close();
        assertEquals(0, new PoolJanitor(directory).pools().length);
        assertEquals(0, new PoolJanitor(directory).removeLeftovers());
        final long[] sorted =
                freedNs.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "seed %d: %d kills, %d frames read here, all whole; slots of the dead free after %.1f ms (median),"
                        + " %.1f ms (longest)%n",
                SEED, 3 * rounds, framesRead, sorted[sorted.length / 2] / 1e6, sorted[sorted.length - 1] / 1e6);
        assertTrue(framesRead > 100);
        assertTrue(sorted[sorted.length / 2] < FREE_WITHIN_NS, () -> Arrays.toString(sorted));
    }

    private void killEveryone(final FramePool pool, final int round, final FullPolicy policy) {
        final Child publisher = child("publish", directory.toString(), Long.toString(random.nextLong()), policy.name());
        final String other = publisher.readLine();
        final long otherId = Long.parseUnsignedLong(other, 16);
        final String mine = Long.toHexString(pool.poolId());
        final List<Child> victims = new ArrayList<>(List.of(
                publisher,
                child("read", directory.toString(), "1" + round, mine, other),
                child("read", directory.toString(), "2" + round, mine, other)));
        assertEquals("READY", victims.get(1).readLine());
        assertEquals("READY", victims.get(2).readLine());
        Collections.shuffle(victims, random);
        final FrameSubscriber subscriber = FrameSubscriber.attach(directory, otherId, "parent");
        final PoolJanitor janitor = new PoolJanitor(directory);
        for (final Child victim : victims) {
            work(pool, subscriber, 5_000_000L + random.nextInt(60_000_000));
            assertTrue(victim.isAlive());
            final long deadNs = victim.kill();
            if (victim == publisher) {
                Tests.await("the proof of death", 5_000, () -> !janitor.isOwnerAlive(otherId));
                freedNs.add(System.nanoTime() - deadNs);
                assertFalse(janitor.status(otherId).sealed());
            } else {
                Tests.await("the end of its leases", 5_000, () -> isSweptOf(pool, victim));
                freedNs.add(System.nanoTime() - deadNs);
            }
        }
        work(pool, subscriber, 1_000_000);
        subscriber.close();
        for (final Child victim : victims) {
            final List<String> words = victim.lastWords();
            assertTrue(words.isEmpty(), words::toString);
        }
        assertEquals(List.of(), janitor.status(pool.poolId()).readers());
        assertEquals(0, janitor.status(pool.poolId()).read());
        readOrphan(janitor, otherId);
    }

    private static boolean isSweptOf(final FramePool pool, final Child dead) {
        pool.sweepDeadReaders();
        final long pid = dead.pid();
        for (int row = 0; row < SlotWord.READERS; row++) {
            if (ReaderRows.pid(pool.file(), row) == pid
                    && ReaderRows.kind(ReaderRows.state(pool.file(), row)) != ReaderRows.FREE) {
                return false;
            }
        }
        return true;
    }

    private void work(final FramePool pool, final FrameSubscriber subscriber, final long forNs) {
        final long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < forNs) {
            FrameChild.publishOne(pool, claim, frames, held);
            framesRead += subscriber.poll(frame -> assertEquals(null, frames.fault(frame, frame.ref())), 4);
            LockSupport.parkNanos(10_000);
        }
    }

    /** What a dead publisher left stays readable, and whole. */
    private void readOrphan(final PoolJanitor janitor, final long poolId) {
        janitor.sweep(poolId);
        final PoolStatus status = janitor.status(poolId);
        assertTrue(status.sealed());
        assertEquals(List.of(0, 0), List.of(status.filling(), status.read()));
        try (FrameReader reader = new FrameReader(directory, "heir")) {
            final FrameLease lease = new FrameLease();
            final FrameRef ref = new FrameRef();
            int readable = 0;
            reader.acquire(ref.set(poolId, 0, 0, 0), lease);
            final PoolFile file = reader.attached(poolId).file;
            for (int slot = 0; slot < status.slotCount(); slot++) {
                ref.set(poolId, SlotWord.sequence(file.word(slot)), slot, 0);
                if (reader.acquire(ref, lease) == 0) {
                    assertEquals(null, frames.fault(lease, lease.ref()));
                    lease.release();
                    readable++;
                }
            }
            assertEquals(status.readable(), readable);
        }
        assertTrue(janitor.delete(poolId));
    }

    @Test
    void shouldKeepTheSlotOfAStoppedReaderUntilItWakes() {
        final FramePool pool =
                FramePool.create(Tests.context(directory, 4, LENGTH).fullPolicy(FullPolicy.OVERWRITE_OLDEST));
        for (int i = 0; i < 9; i++) {
            FrameChild.publishOne(pool, claim, frames, held);
        }
        while (!held.isEmpty()) {
            pool.release(held.remove());
        }
        final FrameRef ref = new FrameRef();
        assertTrue(pool.tryClaim(claim, frames.nextLength()) >= 0);
        frames.fill(claim, pool.poolId());
        claim.publish(ref, false);
        final Child reader = child(
                "hold",
                directory.toString(),
                Long.toHexString(pool.poolId()),
                Long.toString(ref.sequence()),
                Integer.toString(ref.slot()),
                Integer.toString(ref.length()));
        assertEquals("HELD 0", reader.readLine());
        reader.signal("STOP");
        final long startNs = System.nanoTime();
        int published = 0;
        while (System.nanoTime() - startNs < 5_000_000_000L) {
            final int slot = pool.tryClaim(claim, frames.nextLength());
            assertTrue(slot >= 0 && slot != ref.slot(), () -> "slot " + slot);
            frames.fill(claim, pool.poolId());
            claim.publish(null, false);
            assertEquals(0, pool.sweepDeadReaders());
            published++;
            LockSupport.parkNanos(1_000_000);
        }
        reader.signal("CONT");
        reader.writeLine("check");
        final String[] woke = reader.readLine().split(" ");
        assertEquals(List.of("WOKE", "true"), List.of(woke[0], woke[1]));
        assertEquals("STALE -1", reader.readLine());
        // Whatever it was too slow for, it knows of.
        assertEquals(published, Integer.parseInt(woke[2]) + Integer.parseInt(woke[3]));
        for (int i = 0; i < 4; i++) {
            assertTrue(pool.tryClaim(claim, LENGTH) >= 0);
            claim.publish(null, true);
        }
        reader.writeLine("end");
        Tests.await("its end", 10_000, () -> !reader.isAlive());
        assertEquals(
                0, new PoolJanitor(directory).status(pool.poolId()).readers().size());
        pool.deleteNow();
    }
}
