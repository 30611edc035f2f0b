package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.driver.ext.LossGenerator;
import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameRef;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Frames on their way that somebody does not want any more. */
final class TransferLeaveTest {
    private static final LossGenerator ALL = new LossGenerator() {
        @Override
        public boolean shouldDropFrame(final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
            return true;
        }
    };
    private static final LossGenerator NONE = new LossGenerator() {
        @Override
        public boolean shouldDropFrame(final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
            return false;
        }
    };

    @Test
    void shouldBringNoFrameThatNobodyWaitsFor() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost asker = hosts.host(2);
            final FrameRef ref = TransferHost.publish(hosts.host(1).pool(2, 1 << 20, 0), 1 << 20, 0, 1);
            asker.loss = ALL;
            final long id = asker.asker.ask(ref, 1);
            hosts.await(
                    "a slot",
                    () -> asker.agent.core() != null
                            && asker.agent.core().pools.poolCount() == 1
                            && asker.agent.core().fetches.count() == 1);
            asker.asker.done(id);
            hosts.await("its end", () -> asker.agent.core().fetches.count() == 0);
            asker.loss = NONE;
            // The slot was given back: another frame goes into it, and the same one comes when it is asked for again.
            hosts.fetchWhole(asker, ref, 1, 0, 1);
            assertEquals(1, asker.agent.counters().framesFetched());
            assertEquals(0, asker.agent.counters().fetchesFailed());
        }
    }

    @Test
    void shouldBringAFrameToATaskThoughTheReaderOfTheCameraLeaves() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost reader = hosts.host(2);
            final FramePool pool = hosts.host(1).pool(4, 1 << 20, 0);
            reader.routes.pool(pool.poolId(), 1);
            try (Aeron aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(reader.directory.aeron().toString())
                    .useConductorAgentInvoker(true))) {
                final FrameMirror mirror =
                        new FrameMirror(reader.directory, pool.poolId(), "reader", reader.errors::add);
                hosts.await("a mirror", () -> {
                    aeron.conductorAgentInvoker().invoke();
                    mirror.doWork(aeron);
                    return mirror.isOpen();
                });
                final FrameRef ref = TransferHost.publish(pool, 1 << 20, 0, 9);
                hosts.await(
                        "the frame on its way",
                        () -> reader.agent.core().fetches.of(ref) != null);
                reader.loss = ALL;
                final long id = reader.asker.ask(ref, 1);
                hosts.await(
                        "the task waits too",
                        () -> reader.asker.answers.containsKey(id)
                                || reader.agent.core().fetches.of(ref) != null
                                        && reader.agent
                                                        .core()
                                                        .fetches
                                                        .of(ref)
                                                        .waiters
                                                        .size()
                                                == 2);
                assertFalse(reader.asker.answers.containsKey(id));
                mirror.close();
                hosts.await("the mirror's end", () -> {
                    aeron.conductorAgentInvoker().invoke();
                    final Fetch fetch = reader.agent.core().fetches.of(ref);
                    return fetch == null || fetch.waiters.size() == 1;
                });
                reader.loss = NONE;
                hosts.await("an answer", () -> reader.asker.answers.containsKey(id));
                final Asker.Answer answer = reader.asker.answers.get(id);
                assertEquals(FetchOutcome.HERE, answer.outcome(), answer::text);
                Hosts.check(reader, answer.frame(), 1 << 20, 0, 9);
            }
        }
    }

    @Test
    void shouldLeaveNoPoolBehindWhenItEndsWithoutADriver() throws IOException {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost asker = hosts.host(2);
            final FrameRef ref = TransferHost.publish(hosts.host(1).pool(2, 1 << 20, 0), 1 << 20, 0, 1);
            asker.loss = ALL;
            asker.asker.ask(ref, 1);
            hosts.await(
                    "a slot",
                    () -> asker.agent.core() != null
                            && asker.agent.core().pools.poolCount() == 1
                            && asker.agent.core().fetches.count() == 1);
            asker.asker.close();
            asker.asker = null;
            asker.driver.close();
            asker.driver = null;
            hosts.await("the loss of the driver", () -> !asker.agent.state().startsWith("serving"));
            asker.agent.onClose();
            asker.agent = null;
            try (Stream<Path> files = Files.list(asker.directory.pools())) {
                final List<Path> left = files.toList();
                assertTrue(left.isEmpty(), left::toString);
            }
        }
    }
}
