package io.dragon.engine.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Kills each party at every step of the protocol, one after the other, as the operating system would: it stops between
 * two effects, and its locks are gone. Then the others go on through their own mapping, and nothing may be wrong.
 */
class CrashEnumerationTest {
    private static final int SLOTS = 3;
    private static final int LENGTH = 64;

    private final DragonDirectory directory = Tests.sharedDirectory();
    private final Set<String> deaths = new TreeSet<>();
    private final FrameClaim claim = new FrameClaim();

    /** Not an exception: no code of ours may catch it. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;

        Death(final String step) {
            super(step, null, false, false);
        }
    }

    /** Dies at the n-th step. */
    private final class Mortal extends Steps {
        private int left;

        Mortal(final int left) {
            this.left = left;
        }

        @Override
        void reached(final String step) {
            if (left-- == 0) {
                deaths.add(step);
                throw new Death(step);
            }
        }
    }

    private interface Life {
        void live(Steps steps);
    }

    private interface Afterwards {
        void check(String death);
    }

    @AfterEach
    void clean() {
        Tests.delete(directory);
    }

    /** Lives again and again, dying one step later each time, until it lives to its end. */
    private int enumerate(final Life life, final Afterwards afterwards) {
        for (int n = 0; ; n++) {
            String death = null;
            try {
                life.live(new Mortal(n));
            } catch (final Death e) {
                death = n + " " + e.getMessage();
            }
            afterwards.check(death);
            if (death == null) {
                return n;
            }
        }
    }

    /** What the kernel does when a process dies: its locks are gone, and its descriptors. */
    private void dropLocks(final long first, final long last, final Set<Long> others) {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(directory.pools(), "*.lock")) {
            for (final Path path : locks) {
                try (LockFile file = LockFile.open(path)) {
                    for (long position = first; position <= last; position++) {
                        if (!others.contains(position)) {
                            file.unlock(position);
                        }
                    }
                }
            }
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    private void ownerDies() {
        dropLocks(PoolCreator.OWNER_POSITION, PoolCreator.OWNER_POSITION, Set.of());
    }

    private void readersDieExcept(final Integer row) {
        dropLocks(
                ReaderRows.FIRST_POSITION,
                ReaderRows.FIRST_POSITION + SlotWord.READERS,
                row == null ? Set.of() : Set.of(ReaderRows.FIRST_POSITION + row));
    }

    @Test
    void shouldSurviveTheDeathOfAnOwnerAtEveryStep() {
        final Map<FrameRef, Integer> held = new HashMap<>();
        final Map<FrameRef, Integer> published = new HashMap<>();
        final FrameReader[] survivor = new FrameReader[1];
        final FrameLease lease = new FrameLease();
        final int steps = enumerate(
                mortal -> {
                    held.clear();
                    published.clear();
                    survivor[0] = new FrameReader(directory, "survivor");
                    ownAPool(mortal, survivor[0], lease, held, published);
                },
                death -> {
                    if (death != null) {
                        ownerDies();
                    }
                    new PoolJanitor(directory).removeLeftovers();
                    checkOrphans(death, survivor[0], lease, held, published);
                });
        assertTrue(steps > 50, () -> "only " + steps + " steps: " + deaths);
        assertTrue(deaths.containsAll(Set.of("create.filled", "claim.filling", "publish.readable", "unhold.cleared")));
        assertTrue(deaths.containsAll(Set.of("abort.looked", "sweep.slot", "close.sealed", "delete.pool")));
    }

    private void ownAPool(
            final Steps steps,
            final FrameReader survivor,
            final FrameLease lease,
            final Map<FrameRef, Integer> held,
            final Map<FrameRef, Integer> published) {
        final FrameClaim mine = new FrameClaim();
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH)
                .fullPolicy(FullPolicy.OVERWRITE_OLDEST)
                .steps(steps));
        final FrameSubscriber subscriber = FrameSubscriber.attach(directory, pool.poolId(), "viewer");
        final FrameRef first = fill(pool, mine, 1);
        held.put(first, 1);
        published.put(first, 1);
        mine.publish(new FrameRef(), true);
        assertEquals(0, survivor.acquire(first, lease));
        published.put(fill(pool, mine, 2), 2);
        mine.publish(null, false);
        fill(pool, mine, 3);
        mine.abort();
        for (int value = 4; value < 8; value++) {
            published.put(fill(pool, mine, value), value);
            mine.publish(null, value % 3 == 0);
            if (value % 3 == 0) {
                held.put(new FrameRef().set(last), value);
            }
        }
        subscriber.poll(frame -> Tests.assertFrame(frame, LENGTH, (int) frame.step()), 10);
        subscriber.close();
        held.remove(first);
        assertTrue(pool.release(first));
        lease.release();
        final FrameReader dead = new FrameReader(directory, "dead");
        dead.acquire(first, new FrameLease());
        dropLocks(
                ReaderRows.FIRST_POSITION + dead.attached(pool.poolId()).row,
                ReaderRows.FIRST_POSITION + dead.attached(pool.poolId()).row,
                Set.of());
        assertEquals(1, pool.sweepDeadReaders());
        published.put(fill(pool, mine, 9), 9);
        mine.publish(null, false);
        held.keySet().forEach(pool::release);
        held.clear();
        pool.close();
    }

    private final FrameRef last = new FrameRef();

    private FrameRef fill(final FramePool pool, final FrameClaim mine, final int value) {
        final int slot = pool.tryClaim(mine, LENGTH);
        assertTrue(slot >= 0);
        mine.step(value).buffer().setMemory(0, LENGTH, (byte) value);
        last.set(pool.poolId(), SlotWord.sequence(pool.file().word(slot)), slot, LENGTH);
        return new FrameRef().set(last);
    }

    private void checkOrphans(
            final String death,
            final FrameReader survivor,
            final FrameLease lease,
            final Map<FrameRef, Integer> held,
            final Map<FrameRef, Integer> published) {
        if (lease.isHeld()) {
            Tests.assertFrame(lease, LENGTH, 1);
        }
        final FrameLease another = new FrameLease();
        final PoolJanitor janitor = new PoolJanitor(directory);
        for (final long poolId : janitor.pools()) {
            assertFalse(janitor.isOwnerAlive(poolId), death);
            janitor.sweep(poolId);
            final PoolStatus status = janitor.status(poolId);
            assertTrue(status.sealed(), death);
            assertEquals(0, status.filling(), death);
        }
        published.forEach((ref, value) -> {
            final int code = survivor.acquire(ref, another);
            if (code == 0) {
                Tests.assertFrame(another, LENGTH, value);
                another.release();
            }
        });
        held.forEach((ref, value) -> {
            final int code = survivor.acquire(ref, another);
            if (code == 0) {
                another.release();
            } else {
                assertTrue(death != null && isBeforePublish(death), () -> "held frame lost at " + death);
            }
        });
        lease.release();
        survivor.close();
        for (final long poolId : janitor.pools()) {
            assertFalse(janitor.isRead(poolId), death);
            assertTrue(janitor.delete(poolId), death);
        }
        assertEquals(List.of(), files(), death);
    }

    private static boolean isBeforePublish(final String death) {
        return death.endsWith("publish.filled");
    }

    private List<String> files() {
        final List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.pools())) {
            files.forEach(path -> names.add(path.getFileName().toString()));
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        return names;
    }

    @Test
    void shouldSurviveTheDeathOfAReaderAtEveryStep() {
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
        final List<FrameRef> frames = new ArrayList<>();
        final FrameReader survivor = new FrameReader(directory, "survivor");
        final FrameLease lease = new FrameLease();
        final int[] value = {0};
        final Runnable refill = () -> {
            frames.clear();
            for (int i = 0; i < SLOTS; i++) {
                frames.add(Tests.publish(pool, LENGTH, value[0] = value[0] + 1 & 0x7f, true));
            }
            assertEquals(0, survivor.acquire(frames.get(0), lease));
        };
        refill.run();
        final int row = survivor.attached(pool.poolId()).row;
        final int steps = enumerate(
                mortal -> {
                    final FrameReader reader = new FrameReader(directory, "mortal", mortal);
                    final FrameLease one = new FrameLease();
                    final FrameLease two = new FrameLease();
                    final FrameLease again = new FrameLease();
                    assertEquals(0, reader.acquire(frames.get(0), one));
                    assertEquals(0, reader.acquire(frames.get(1), two));
                    assertEquals(0, reader.acquire(frames.get(1), again));
                    one.release();
                    two.release();
                    again.release();
                    assertEquals(0, reader.acquire(frames.get(2), one));
                    reader.close();
                    one.release();
                },
                death -> {
                    readersDieExcept(row);
                    pool.sweepDeadReaders();
                    Tests.assertFrame(lease, LENGTH, (int) lease.step());
                    assertTrue(lease.isHeld());
                    frames.forEach(frame -> assertTrue(pool.release(frame), death));
                    assertEquals(
                            1, new PoolJanitor(directory).status(pool.poolId()).read(), death);
                    // Everything but the survivor's slot can be taken.
                    for (int i = 0; i < SLOTS - 1; i++) {
                        assertTrue(pool.release(Tests.publish(pool, LENGTH, 99, true)), death);
                    }
                    lease.release();
                    assertEquals(
                            1,
                            new PoolJanitor(directory)
                                    .status(pool.poolId())
                                    .readers()
                                    .size(),
                            death);
                    refill.run();
                });
        assertTrue(steps > 18, () -> "only " + steps + " steps: " + deaths);
        assertTrue(deaths.containsAll(Set.of("attach.locked", "attach.row", "acquire.bit", "release.counted")));
        lease.release();
        survivor.close();
        pool.deleteNow();
    }

    @Test
    void shouldClearWhatADeadReaderLeftBeforeItsRowIsUsedAgain() {
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
        final FrameRef read = Tests.publish(pool, LENGTH, 1, false);
        final FrameRef other = Tests.publish(pool, LENGTH, 2, false);
        assertEquals(0, new FrameReader(directory, "dead").acquire(read, new FrameLease()));
        readersDieExcept(null);
        final FrameLease lease = new FrameLease();
        try (FrameReader next = new FrameReader(directory, "next")) {
            assertEquals(0, next.acquire(other, lease));
            assertEquals(
                    1,
                    new PoolJanitor(directory).status(pool.poolId()).readers().size());
            assertFalse(SlotWord.isRead(pool.file().word(read.slot())));
            lease.release();
        }
        pool.deleteNow();
    }

    @Test
    void shouldSurviveTheDeathOfASubscriberAtEveryStep() {
        final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
        final FrameRef held = new FrameRef();
        final int steps = enumerate(
                mortal -> {
                    final FrameSubscriber subscriber =
                            FrameSubscriber.attach(directory, pool.poolId(), "mortal", mortal);
                    Tests.publish(pool, LENGTH, 1, false);
                    // One that its producer keeps until it is read, and one that is leased.
                    held.set(Tests.publish(pool, LENGTH, 2, true));
                    subscriber.poll(frame -> Tests.assertFrame(frame, LENGTH, (int) frame.step()), 10);
                    Tests.publish(pool, LENGTH, 3, false);
                    subscriber.close();
                },
                death -> {
                    readersDieExcept(null);
                    pool.sweepDeadReaders();
                    pool.release(held);
                    assertFalse(pool.isInUse(), death);
                    for (int i = 0; i < 2 * SLOTS; i++) {
                        Tests.publish(pool, LENGTH, i, false);
                    }
                    try (FrameSubscriber next = FrameSubscriber.attach(directory, pool.poolId(), "next")) {
                        Tests.publish(pool, LENGTH, 77, false);
                        assertEquals(1, next.poll(frame -> Tests.assertFrame(frame, LENGTH, 77), 10), death);
                    }
                });
        assertTrue(steps > 12, () -> "only " + steps + " steps: " + deaths);
        assertTrue(deaths.containsAll(List.of("lend.begun", "acquire.bit", "release.counted")), deaths::toString);
        pool.deleteNow();
    }

    @Test
    void shouldSurviveTheDeathOfAJanitorAtEveryStep() {
        final int steps = enumerate(
                mortal -> {
                    final FramePool pool = FramePool.create(Tests.context(directory, SLOTS, LENGTH));
                    final FrameRef ref = Tests.publish(pool, LENGTH, 1, true);
                    assertTrue(pool.tryClaim(new FrameClaim(), LENGTH) >= 0);
                    new FrameReader(directory, "dead").acquire(ref, new FrameLease());
                    ownerDies();
                    readersDieExcept(null);
                    final PoolJanitor janitor = new PoolJanitor(directory, mortal);
                    assertEquals(1, janitor.sweep(pool.poolId()));
                    assertTrue(janitor.delete(pool.poolId()));
                },
                death -> {
                    final PoolJanitor next = new PoolJanitor(directory);
                    for (final long poolId : next.pools()) {
                        next.sweep(poolId);
                        final PoolStatus status = next.status(poolId);
                        assertEquals(List.of(0, 0, 1), List.of(status.filling(), status.read(), status.held()), death);
                        assertTrue(next.delete(poolId), death);
                    }
                    next.removeLeftovers();
                    assertEquals(List.of(), files(), death);
                });
        assertTrue(steps > 7, () -> "only " + steps + " steps: " + deaths);
    }
}
