package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is said of a host that does not allow socket buffers as long as the window. */
final class SocketBuffersTest {
    private static final int WINDOW = 2 << 20;

    @Test
    void shouldSayNothingWhereTheWindowFits() {
        for (final long limit : new long[] {WINDOW, 1L << 40}) {
            assertEquals(new SocketBuffers(WINDOW, WINDOW, WINDOW, null), SocketBuffers.of(WINDOW, limit, limit));
        }
    }

    @Test
    void shouldMakeTheWindowAsShortAsTheReceiveBufferAndNameTheSetting() {
        final SocketBuffers buffers = SocketBuffers.of(WINDOW, 212_992, WINDOW);
        assertEquals(212_992, buffers.window());
        assertEquals(212_992, buffers.receiveBuffer());
        assertEquals(WINDOW, buffers.sendBuffer());
        assertTrue(buffers.advice().contains("buffers of 212992 bytes"), buffers.advice());
        assertTrue(buffers.advice().endsWith("run sysctl -w net.core.rmem_max=2097152."), buffers.advice());
    }

    @Test
    void shouldNameBothSettingsWhereBothAreTooSmall() {
        final SocketBuffers buffers = SocketBuffers.of(WINDOW, 212_992, 100_000);
        assertEquals(100_000, buffers.sendBuffer());
        assertTrue(
                buffers.advice().endsWith("sysctl -w net.core.rmem_max=2097152 net.core.wmem_max=2097152."),
                buffers.advice());
    }

    /** What is on its way lies in the receiver's buffer, not in the sender's. */
    @Test
    void shouldKeepTheWindowWhereOnlyTheSendBufferIsTooSmall() {
        final SocketBuffers buffers = SocketBuffers.of(WINDOW, WINDOW, 212_992);
        assertEquals(WINDOW, buffers.window());
        assertEquals(212_992, buffers.sendBuffer());
        assertTrue(buffers.advice().endsWith("run sysctl -w net.core.wmem_max=2097152."), buffers.advice());
    }

    @Test
    void shouldNeverMakeTheWindowShorterThanAFewPackets() {
        final SocketBuffers buffers = SocketBuffers.of(WINDOW, 4_096, WINDOW);
        assertEquals(64 * 1024, buffers.window());
        assertEquals(4_096, buffers.receiveBuffer());
    }

    @Test
    void shouldReadTheLimitsOfThisHost() {
        assertNull(SocketBuffers.of(2_048).advice(), "every Linux allows that much");
    }
}
