package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a link takes by itself for so many bytes: they go there and back over a plain TCP socket between two programs that do nothing else, and
 * half of that is one way.
 */
public final class LinkTime {
    private static final int PIECE = 1 << 16;
    private static final long CONNECT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private LinkTime() {}

    /**
     * Sends back what comes, for one program after another, until the process ends; and answers packets on the same port.
     *
     * @param port to listen on, on every address.
     * @throws IOException when it cannot.
     */
    public static void serve(final int port) throws IOException {
        PacketTime.serve(port);
        try (ServerSocket server = new ServerSocket(port)) {
            while (true) {
                try (Socket socket = server.accept()) {
                    answer(socket);
                } catch (final IOException gone) { // the next one
                    continue;
                }
            }
        }
    }

    private static void answer(final Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        final DataInputStream in = new DataInputStream(socket.getInputStream());
        final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        byte[] bytes = new byte[0];
        while (true) {
            final int length = in.readInt();
            bytes = bytes.length < length ? new byte[length] : bytes;
            in.readFully(bytes, 0, length);
            write(out, bytes, length);
        }
    }

    /**
     * Measures.
     *
     * @param host   who serves.
     * @param port   where.
     * @param length bytes each time, beside the four that say how many.
     * @param times  how often; a fifth more is not counted.
     * @return nanoseconds of one way, from the shortest to the longest.
     */
    static long[] measure(final String host, final int port, final int length, final int times) {
        try (Socket socket = connect(host, port)) {
            socket.setTcpNoDelay(true);
            final DataInputStream in = new DataInputStream(socket.getInputStream());
            final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            final byte[] bytes = Content.of(length, (length + 7) / 8 * 8);
            final long[] took = new long[times];
            for (int i = -1 - times / 5; i < times; i++) {
                final long startNs = System.nanoTime();
                out.writeInt(length);
                write(out, bytes, length);
                in.readFully(bytes, 0, length);
                if (i >= 0) {
                    took[i] = (System.nanoTime() - startNs) / 2;
                }
            }
            Arrays.sort(took);
            return took;
        } catch (final IOException ex) {
            throw new DragonException("The link to " + host + " cannot be measured: " + ex.getMessage() + '.');
        }
    }

    private static void write(final DataOutputStream out, final byte[] bytes, final int length) throws IOException {
        for (int at = 0; at < length; at += PIECE) {
            out.write(bytes, at, Math.min(PIECE, length - at));
        }
        out.flush();
    }

    private static Socket connect(final String host, final int port) throws IOException {
        final long deadlineNs = System.nanoTime() + CONNECT_NS;
        while (true) {
            final Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(host, port), 1_000);
                return socket;
            } catch (final IOException notYet) {
                socket.close();
                if (System.nanoTime() - deadlineNs > 0) {
                    throw notYet;
                }
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }
}
