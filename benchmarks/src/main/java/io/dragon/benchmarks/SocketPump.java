package io.dragon.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The plain copy loop: blocking sockets, written from mapped memory and read into mapped memory, 64 KiB at a time. */
final class SocketPump implements Pump {
    private static final int STRETCH = 65_536;

    private final ByteBuffer source;
    private final ByteBuffer target;
    private final SocketChannel sender;
    private final SocketChannel receiver;
    private long allocated;
    private long sendingNs;
    private long receivingNs;

    SocketPump(final PumpMemory memory) throws IOException {
        source = memory.source().duplicate();
        target = memory.target().duplicate();
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            sender = SocketChannel.open(server.getLocalAddress());
            receiver = server.accept();
        }
        sender.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    public String name() {
        return Transfer.SOCKETS;
    }

    @Override
    public long run(final int length, final int frames) {
        final long before = PumpThread.allocatedHere();
        final long sendingBeforeNs = PumpThread.processorNsHere();
        final long startNs = System.nanoTime();
        final PumpThread thread = PumpThread.begin(() -> receive(length, frames));
        try {
            for (int frame = 0; frame < frames; frame++) {
                for (int at = 0; at < length; ) {
                    source.limit(Math.min(length, at + STRETCH)).position(at);
                    at += sender.write(source);
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        final long mine = PumpThread.allocatedHere() - before;
        sendingNs = PumpThread.processorNsHere() - sendingBeforeNs;
        allocated = mine + thread.end();
        receivingNs = thread.processorNs();
        return System.nanoTime() - startNs;
    }

    private void receive(final int length, final int frames) {
        try {
            for (int frame = 0; frame < frames; frame++) {
                for (int at = 0; at < length; ) {
                    target.limit(Math.min(length, at + STRETCH)).position(at);
                    final int read = receiver.read(target);
                    if (read < 0) {
                        throw new IllegalStateException("the sending end is gone");
                    }
                    at += read;
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long allocated() {
        return allocated;
    }

    @Override
    public long sendingNs() {
        return sendingNs;
    }

    @Override
    public long receivingNs() {
        return receivingNs;
    }

    @Override
    public ByteBuffer target() {
        return target;
    }

    @Override
    public void close() {
        try {
            sender.close();
            receiver.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
