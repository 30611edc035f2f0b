package io.dragon.tools;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.node.AllowedAddresses;
import io.dragon.engine.node.StrangerCount;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.concurrent.SystemNanoClock;

/**
 * The TCP port of a GPU server. Its protocol is not built yet: whoever may connect gets one line that says how the host is, and
 * the connection is closed; nobody else gets anything. One thread of its own, one connection at a time.
 */
final class ServerPort implements AutoCloseable {
    private static final int BACKLOG = 16;
    private static final long PAUSE_NS = 1_000_000_000;

    private final ServerSocket socket;
    private final AllowedAddresses allowed;
    private final Supplier<String> line;
    private final Consumer<String> log;
    private final StrangerCount refused = new StrangerCount();
    private final Thread thread;

    private ServerPort(
            final ServerSocket socket,
            final AllowedAddresses allowed,
            final Supplier<String> line,
            final Consumer<String> log) {
        this.socket = socket;
        this.allowed = allowed;
        this.line = line;
        this.log = log;
        thread = new Thread(this::serve, "server-port");
        thread.setDaemon(true);
    }

    /**
     * Opens it.
     *
     * @param host    the address to listen on.
     * @param port    the port.
     * @param allowed who may connect.
     * @param line    what they are told.
     * @param log     takes a line about each that may not.
     * @throws DragonException in words, when it cannot be opened.
     */
    static ServerPort open(
            final String host,
            final int port,
            final AllowedAddresses allowed,
            final Supplier<String> line,
            final Consumer<String> log) {
        ServerSocket socket = null;
        try {
            socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port), BACKLOG);
            final ServerPort opened = new ServerPort(socket, allowed, line, log);
            opened.thread.start();
            return opened;
        } catch (final UnknownHostException ex) {
            throw new DragonException("The address '" + host + "' of server.bind_address is not known here.");
        } catch (final IOException ex) {
            closeQuietly(socket);
            throw new DragonException("Port " + port + " of " + host + " cannot be opened (" + ex.getMessage()
                    + "): another process may have it; server.port names another one.");
        }
    }

    /** {@code HOST:PORT} as it was opened. */
    String address(final String host) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            final Socket accepted;
            try {
                accepted = socket.accept();
            } catch (final IOException ex) {
                if (!socket.isClosed()) {
                    log.accept("no connection can be taken now: " + ex.getMessage());
                    LockSupport.parkNanos(PAUSE_NS); // what is missing, as descriptors are, does not come back at once
                }
                continue;
            }
            try (accepted) {
                answer(accepted);
            } catch (final IOException ex) {
                log.accept("a connection was lost: " + ex.getMessage());
            }
        }
    }

    private void answer(final Socket connection) throws IOException {
        if (allowed.contains(connection.getInetAddress())) {
            final OutputStream out = connection.getOutputStream();
            out.write((line.get() + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } else {
            refuse(connection.getInetAddress().getHostAddress());
        }
    }

    /** However many there are, the log is not filled by them. */
    private void refuse(final String address) {
        final long count = refused.add(SystemNanoClock.INSTANCE.nanoTime());
        if (count > 0) {
            log.accept((count == 1 ? "refused a connection from " : "refused " + count + " connections, the last from ")
                    + address + ", which is not among security.allowed_ips");
        }
    }

    @Override
    public void close() {
        closeQuietly(socket);
    }

    private static void closeQuietly(final ServerSocket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (final IOException ignored) { // nothing was to be kept
            return;
        }
    }
}
