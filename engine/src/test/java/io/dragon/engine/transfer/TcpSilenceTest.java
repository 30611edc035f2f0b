package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.transfer.TcpTransport.Sending;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that carry nothing, in a time that the test makes: those of nodes stay, those of others do not. */
class TcpSilenceTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long DEADLINE_NS = 10 * SECOND_NS;
    private static final int WINDOW = 1 << 18;

    private final TransportEnd receiver = end();
    private final TransportEnd sender = end();
    private long nowNs = -7 * SECOND_NS;

    private static TransportEnd end() {
        return new TransportEnd(
                new TcpTransport("127.0.0.1", 0, WINDOW, Sending.FROM_MEMORY, address -> true), null, null, null, 64);
    }

    @AfterEach
    void after() {
        sender.close();
        receiver.close();
    }

    private void poll() {
        sender.transport.poll(sender, nowNs);
        receiver.transport.poll(receiver, nowNs);
    }

    private void await(final BooleanSupplier condition) {
        final long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            poll();
            LockSupport.parkNanos(100_000);
            assertTrue(System.nanoTime() - beganNs < DEADLINE_NS, "it took too long");
        }
    }

    /** Time passes a second at a time, and what is said in it is heard: sockets need a moment, whatever the clock says. */
    private void pass(final int seconds) {
        for (int i = 0; i < seconds; i++) {
            nowNs += SECOND_NS;
            for (int k = 0; k < 4; k++) {
                poll();
                LockSupport.parkNanos(50_000);
            }
        }
    }

    @Test
    void shouldKeepALaneThatHasNothingToCarryForAnHour() {
        final Lane lane = sender.transport.open("127.0.0.1", receiver.port());
        await(() -> lane.isConnected() && receiver.inlets.size() == 1);
        pass(3_600);
        assertEquals(1, receiver.inlets.size());
        assertEquals(0, receiver.closed);
        assertEquals(0, receiver.malformed);
        assertTrue(sender.sendMessage(lane, 1, 64) > 0);
        await(() -> receiver.messagesArrived == 1);
    }

    @Test
    void shouldHangUpOnWhoeverGreetsAndSaysNothingMore() throws IOException {
        try (SocketChannel stranger = SocketChannel.open(new InetSocketAddress("127.0.0.1", receiver.port()))) {
            stranger.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(TcpTransport.GREETING)
                    .flip());
            await(() -> receiver.inlets.size() == 1);
            pass(58);
            assertEquals(0, receiver.closed);
            pass(4);
            assertEquals(1, receiver.closed);
            assertEquals(-1, stranger.read(ByteBuffer.allocate(1)));
        }
    }
}
