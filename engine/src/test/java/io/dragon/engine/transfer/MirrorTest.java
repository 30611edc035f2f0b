package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import org.agrona.collections.MutableInteger;
import org.agrona.collections.MutableLong;
import org.junit.jupiter.api.Test;

/** A camera of another host, read as if it were of this one. */
final class MirrorTest {
    private static Aeron aeron(final TransferHost host) {
        return Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(host.directory.aeron().toString())
                .useConductorAgentInvoker(true));
    }

    @Test
    void shouldReadTheFramesOfACameraOfAnotherHost() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost reader = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(8, 1 << 20, 100);
            reader.routes.pool(pool.poolId(), 1);
            try (Aeron aeron = aeron(reader);
                    FrameMirror mirror =
                            new FrameMirror(reader.directory, pool.poolId(), "reader", reader.errors::add)) {
                hosts.await("a mirror", () -> {
                    aeron.conductorAgentInvoker().invoke();
                    mirror.doWork(aeron);
                    mirror.poll(lease -> {}, 1);
                    return mirror.isOpen();
                });
                final MutableLong last = new MutableLong();
                final MutableInteger read = new MutableInteger();
                for (int i = 1; i <= 20; i++) {
                    final int step = i;
                    final FrameRef ref = TransferHost.publish(pool, 200_000 + i, 50, i);
                    pool.release(ref);
                    hosts.await("frame " + i, () -> {
                        aeron.conductorAgentInvoker().invoke();
                        mirror.doWork(aeron);
                        mirror.poll(
                                lease -> {
                                    assertEquals(
                                            200_000 + lease.step(),
                                            lease.buffer().capacity());
                                    assertEquals(50, lease.metadataLength());
                                    last.set(lease.step());
                                    read.increment();
                                },
                                4);
                        return last.get() == step;
                    });
                }
                assertEquals(20, read.get());
                assertEquals(0, reader.agent.counters().framesSkipped());
                pool.seal();
                hosts.await("the end", () -> {
                    aeron.conductorAgentInvoker().invoke();
                    mirror.doWork(aeron);
                    return mirror.end() != null;
                });
                assertTrue(mirror.end().contains("sealed"), mirror.end());
            }
        }
    }

    @Test
    void shouldTakeTheNewestWhenTheLinkIsSlow() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost reader = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(8, 1 << 20, 0);
            reader.routes.pool(pool.poolId(), 1);
            try (Aeron aeron = aeron(reader);
                    FrameMirror mirror =
                            new FrameMirror(reader.directory, pool.poolId(), "reader", reader.errors::add)) {
                final MutableLong last = new MutableLong();
                final MutableInteger read = new MutableInteger();
                final Runnable cycle = () -> {
                    aeron.conductorAgentInvoker().invoke();
                    mirror.doWork(aeron);
                    mirror.poll(
                            lease -> {
                                assertTrue(lease.step() > last.get());
                                last.set(lease.step());
                                read.increment();
                            },
                            4);
                };
                hosts.await("a mirror", () -> {
                    cycle.run();
                    return mirror.isOpen();
                });
                for (int i = 1; i <= 40; i++) {
                    pool.release(TransferHost.publish(pool, 1 << 20, 0, i));
                    // Far fewer cycles than a frame needs.
                    for (int k = 0; k < 8; k++) {
                        hosts.doWork();
                        cycle.run();
                    }
                }
                hosts.await("the newest", () -> {
                    cycle.run();
                    return last.get() == 40;
                });
                assertTrue(reader.agent.counters().framesSkipped() > 0);
                assertEquals(40, read.get() + reader.agent.counters().framesSkipped());
            }
        }
    }
}
