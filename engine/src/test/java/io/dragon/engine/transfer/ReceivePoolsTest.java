package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Room for frames of other hosts, whatever their sizes. */
final class ReceivePoolsTest {
    private static final int MIB = 1 << 20;

    private final DragonDirectory directory = TransferHost.sharedDirectory();
    private final ArrayDeque<Runnable> making = new ArrayDeque<>();
    private final List<Throwable> errors = new ArrayList<>();
    private final FrameReader reader = new FrameReader(directory, "test");
    private ReceivePools pools;
    private long nowNs;
    private long sequence;

    private ReceivePools pools(final long memory) {
        pools = new ReceivePools(new TransferContext()
                .directory(directory)
                .receiveMemory(memory)
                .nanoClock(() -> nowNs)
                .errorHandler(errors::add)
                .poolMaker(making::add));
        return pools;
    }

    @AfterEach
    void clean() throws IOException {
        reader.close();
        pools.close();
        try (Stream<Path> paths = Files.walk(directory.path())) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private int claim(final FrameClaim claim, final int length) {
        int result = pools.claim(claim, new FrameRef(), length, 0, nowNs);
        for (int i = 0; i < 10 && result == FetchTarget.SOON; i++) {
            making.poll().run();
            pools.doWork(nowNs);
            result = pools.claim(claim, new FrameRef(), length, 0, nowNs);
        }
        return result;
    }

    private FrameRef receive(final int length) {
        final FrameClaim claim = new FrameClaim();
        final int slot = claim(claim, length);
        assertTrue(slot >= 0, () -> "refused with " + slot + " " + errors);
        final FrameRef local = new FrameRef();
        pools.publish(claim, new FrameRef().set(7, ++sequence, 0, length), local, nowNs);
        return local;
    }

    @Test
    void shouldTakeAMuchWiderSlotRatherThanHaveNoRoom() {
        pools(8 * MIB);
        final FrameRef large = receive(3 * MIB);
        final FrameLease lease = new FrameLease();
        assertEquals(0, reader.acquire(large, lease));
        assertTrue(pools.takenBytes() > 6 * MIB, "two slots of 3 MiB");
        nowNs += 10_000_000_000L;
        // What is left is enough for small ones; when that is read too, the second wide slot is all there is.
        final List<FrameLease> leases = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            final FrameClaim claim = new FrameClaim();
            final int slot = claim(claim, 64 * 1024);
            if (slot < 0) {
                break;
            }
            final FrameRef local = new FrameRef();
            pools.publish(claim, new FrameRef().set(8, i + 1, 0, 64 * 1024), local, nowNs);
            final FrameLease small = new FrameLease();
            assertEquals(0, reader.acquire(local, small));
            leases.add(small);
            if (local.poolId() == large.poolId()) {
                leases.forEach(FrameLease::release);
                lease.release();
                return;
            }
        }
        throw new AssertionError("no small frame went into the wide pool: " + leases.size());
    }

    @Test
    void shouldRemoveIdlePoolsOfOtherSizesUntilThereIsRoom() {
        pools(8 * MIB);
        receive(64 * 1024);
        receive(300 * 1024);
        receive(MIB);
        nowNs += 10_000_000_000L;
        receive(7 * MIB);
        assertEquals(1, pools.poolCount());
    }

    @Test
    void shouldRemoveIdlePoolsWhenTheHostHasLessMemoryThanIsAllowed() {
        pools(64 * MIB);
        receive(MIB);
        final int before = pools.poolCount();
        nowNs += 10_000_000_000L;
        final FrameClaim claim = new FrameClaim();
        assertEquals(FetchTarget.SOON, pools.claim(claim, new FrameRef(), 2 * MIB, 0, nowNs));
        making.clear();
        pools.onMade(new DragonException(DragonException.FAILED, "There is no space left."));
        pools.doWork(nowNs);
        assertEquals(before - 1, pools.poolCount());
        assertEquals(1, errors.size());
        // At once, and not after a pause that is as long as anybody waits.
        assertTrue(claim(claim, 2 * MIB) >= 0);
        pools.abort(claim);
    }

    @Test
    void shouldLeaveNoPoolBehindThatIsMadeAfterTheEnd() throws IOException {
        pools(8 * MIB);
        assertEquals(FetchTarget.SOON, pools.claim(new FrameClaim(), new FrameRef(), MIB, 0, nowNs));
        pools.close();
        making.poll().run();
        try (Stream<Path> files = Files.list(directory.pools())) {
            assertEquals(List.of(), files.toList());
        }
    }
}
