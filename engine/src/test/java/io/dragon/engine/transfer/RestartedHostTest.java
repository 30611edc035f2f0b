package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.frame.FetchOutcome;
import io.dragon.engine.frame.FramePool;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Hosts that end and come back while frames are on their way to them: {@code -Dtimes} and {@code -Dseed} try more. */
class RestartedHostTest {
    private static final int MOST_REST_MS = 1_000;
    private static final int FRAME = 4 << 20;

    @Test
    void shouldServeAHostThatComesBackWithNewStreams() {
        final int times = Integer.getInteger("times", 4);
        final Random random = new Random(Long.getLong("seed", 1L));
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost owner = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = owner.pool(2 * times, FRAME, 0);
            for (int i = 1; i <= times; i++) {
                asker.asker.ask(TransferHost.publish(pool, FRAME, 0, i), 1);
                final long part = owner.agent.counters().bytesServed() + random.nextInt(FRAME * 3 / 4);
                hosts.await("a part of frame " + i, () -> owner.agent.counters().bytesServed() >= part);
                final long lost = owner.agent.counters().lanesLost();
                if (random.nextBoolean()) {
                    asker.kill();
                } else {
                    stopInOrder(hosts, asker, random.nextInt(200));
                }
                rest(owner, random.nextInt(MOST_REST_MS) * 1_000_000L);
                asker.start();
                hosts.fetchWhole(asker, TransferHost.publish(pool, 1 << 20, 0, -i), 1, 0, -i);
                assertTrue(
                        owner.agent.counters().lanesLost() > lost,
                        "what goes to the former agent is no way to the new one");
            }
        }
    }

    @Test
    void shouldTryAnotherStreamWhenNobodyReadsThatOne() {
        try (Hosts hosts = new Hosts(2, ctx -> {})) {
            final TransferHost mute = hosts.host(1);
            final TransferHost asker = hosts.host(2);
            final FramePool pool = mute.pool(1, 1 << 20, 0);
            rest(mute, 500_000_000L); // it listens
            final TransferAgent agent = mute.agent;
            mute.agent = null;
            final long id = asker.asker.ask(TransferHost.publish(pool, 1 << 20, 0, 1), 1);
            hosts.await(
                    "that the lane is given up", () -> asker.agent.counters().lanesLost() > 0);
            mute.agent = agent;
            hosts.await("the frame", () -> asker.asker.answers.containsKey(id));
            assertEquals(FetchOutcome.HERE, asker.asker.answers.get(id).outcome(), hosts::trouble);
        }
    }

    private static void stopInOrder(final Hosts hosts, final TransferHost host, final int cycles) {
        host.agent.onClose();
        host.agent = null;
        for (int cycle = 0; cycle < cycles; cycle++) {
            hosts.doWork();
        }
        host.kill();
    }

    private static void rest(final TransferHost other, final long ns) {
        final long beganNs = System.nanoTime();
        while (System.nanoTime() - beganNs < ns) {
            other.doWork();
        }
    }
}
