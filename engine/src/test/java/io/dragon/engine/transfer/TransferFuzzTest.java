package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two peers that are known and lie about everything: messages of every kind whose fields are the right ones, nearly the right ones, impossible or
 * random, cut short and out of turn, for frames that are really on their way. Whatever they do, nothing is thrown, nothing grows without bound, every
 * waiter is told once, every slot and lease is given back, and the frames of an honest peer come.
 */
final class TransferFuzzTest {
    private static final int MESSAGES = 200_000;
    private static final int AT_A_TIME = 40;
    private static final int LENGTH = 150_000;
    private static final int METADATA = 300;
    private static final long STEP_NS = 20_000;
    private static final int MEMORY = 64 << 20;
    private static final int CHUNK = 16_384;

    private final TransferHost host = new TransferHost(1, 1);
    private final ArrayList<Throwable> errors = new ArrayList<>();
    private final ForgedLanes lanes = new ForgedLanes();
    private long nowNs = 1_000_000_000L;
    private int told;
    private int came;

    @AfterEach
    void after() {
        host.close();
    }

    @Test
    void shouldOutliveTwoHundredThousandLies() {
        host.ctx
                .nanoClock(() -> nowNs)
                .poolMaker(Runnable::run)
                .chunkLength(CHUNK)
                .receiveMemory(MEMORY)
                .errorHandler(errors::add);
        host.routes.node(2, 2).node(3, 3);
        final FramePool own = host.pool(8, LENGTH, METADATA);
        final List<FrameRef> published = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            published.add(TransferHost.publish(own, 1 + i * 45_000, METADATA, i));
        }
        final TransferCounters counters = new TransferCounters();
        try (TransferCore core = new TransferCore(host.ctx.conclude(), counters, new ConcurrentHashMap<>())) {
            core.transport = lanes;
            core.fetches.longestPiece(lanes.longestPiece());
            final Inbox inbox = new Inbox(core);
            final ForgedMessages liar = new ForgedMessages(inbox, lanes, published, 20_261_122L);
            int asked = 0;
            for (int i = 0; i < MESSAGES; i++) {
                if (asked - told < AT_A_TIME) {
                    final int node = 2 + asked % 2;
                    fetch(core, new FrameRef().set(node, ++asked, asked % 64, LENGTH - asked % 3), node);
                }
                liar.tell();
                nowNs += STEP_NS;
                work(core);
            }
            assertTrue(liar.pieces() > 1_000, "no piece has found its way");
            assertTrue(counters.intruders() > MESSAGES / 10, () -> counters.intruders() + " intruders");
            assertTrue(counters.chunksRepeated() > 0, "no chunk was damaged");
            assertEquals(2, core.peerList.size());
            assertTrue(core.pools.takenBytes() <= MEMORY);
            // The liars fall silent.
            liar.close();
            for (int i = 0; i < 60_000 && told < asked; i++) {
                nowNs += 1_000_000;
                work(core);
            }
            assertEquals(asked, told, "waiters that nobody told");
            for (int i = 0; i < 10_000; i++) {
                nowNs += 1_000_000;
                work(core);
            }
            published.forEach(own::release);
            assertFalse(own.isInUse(), "a frame of this host is still leased");
            assertEquals(List.of(), errors);
            // As many honest frames at a time as there is room for slots: none of them has been lost.
            final int before = came;
            final Inlet honest = new Inlet("honest");
            inbox.onOpened(honest);
            final HonestPeer peer = new HonestPeer(inbox, honest, lanes, CHUNK);
            for (int i = 0; i < AT_A_TIME; i++) {
                final FrameRef ref = new FrameRef().set(2, 1_000_000 + i, 0, LENGTH);
                final FrameLease lease = new FrameLease();
                fetch(core, ref, 2, lease);
                work(core);
                while (lanes.request(0) != core.fetches.of(ref).requestId) {
                    // The lane may have to be opened, and a node that never answers waits for that.
                    nowNs += 1_000_000;
                    work(core);
                }
                peer.serve(LENGTH, i);
                work(core);
                assertEquals(before + i + 1, came);
                final byte[] bytes = new byte[LENGTH];
                lease.buffer().getBytes(0, bytes);
                assertArrayEquals(TransferHost.content(LENGTH, i), bytes);
                lease.release();
            }
        }
    }

    private void work(final TransferCore core) {
        core.nowNs(nowNs);
        core.pools.doWork(nowNs);
        core.fetches.doWork(nowNs);
        core.servings.doWork(nowNs);
        core.watches.doWork(nowNs);
        core.mirrors.doWork(nowNs);
        core.workPeers();
    }

    private void fetch(final TransferCore core, final FrameRef ref, final int node) {
        fetch(core, ref, node, null);
    }

    private void fetch(final TransferCore core, final FrameRef ref, final int node, final FrameLease into) {
        final boolean[] isTold = {false};
        core.fetches.fetch(ref, node, core.pools, new FetchWaiter() {
            @Override
            public void onFetched(final FrameRef local) {
                tell();
                came++;
                assertTrue(into == null || core.reader.acquire(local, into) == 0);
            }

            @Override
            public void onFailed(final FetchOutcome outcome, final String text) {
                tell();
                assertNotNull(text);
            }

            private void tell() {
                assertFalse(isTold[0], "told twice");
                isTold[0] = true;
                told++;
            }
        });
    }
}
