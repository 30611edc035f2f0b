package io.dragon.engine.transfer;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long the socket buffers can be, and with them the window: what is on its way and not read yet must find room in the receiver's.
 *
 * @param window bytes that may be on their way
 * @param receiveBuffer bytes of SO_RCVBUF
 * @param sendBuffer bytes of SO_SNDBUF
 * @param advice how to mend it, one sentence; null when there is nothing to mend
 */
record SocketBuffers(int window, int receiveBuffer, int sendBuffer, String advice) {
    private static final Path RECEIVE_LIMIT = Path.of("/proc/sys/net/core/rmem_max");
    private static final Path SEND_LIMIT = Path.of("/proc/sys/net/core/wmem_max");
    private static final int SMALLEST_WINDOW = 64 * 1024;

    /** For a window, on this host. */
    static SocketBuffers of(final int window) {
        return of(window, read(RECEIVE_LIMIT), read(SEND_LIMIT));
    }

    static SocketBuffers of(final int window, final long receiveLimit, final long sendLimit) {
        final int receive = (int) Math.min(window, receiveLimit);
        final int send = (int) Math.min(window, sendLimit);
        String advice = null;
        if (receive < window) {
            advice = "This host allows socket buffers of " + receiveLimit + " bytes where transfer.window is " + window
                    + ", so that no more than " + receive
                    + " bytes are on their way at a time and fast links are not used up: run sysctl -w net.core.rmem_max="
                    + window + (send < window ? " net.core.wmem_max=" + window : "") + ".";
        } else if (send < window) {
            advice = "This host allows socket buffers of " + sendLimit + " bytes for sending where transfer.window is "
                    + window + ": run sysctl -w net.core.wmem_max=" + window + ".";
        }
        return new SocketBuffers(Math.max(SMALLEST_WINDOW, receive), receive, send, advice);
    }

    private static long read(final Path file) {
        // Such a file gives everything to the first read and nothing to a second one; Files.readString reads one byte
        // first.
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return Long.parseLong(reader.readLine().strip());
        } catch (final IOException | NumberFormatException e) {
            // Not Linux, or hidden: Aeron says itself what it cannot have.
            return Integer.MAX_VALUE;
        }
    }
}
