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
final class SocketPump extends BarePump {
    private static final int STRETCH = 65_536;

    private final SocketChannel sender;
    private final SocketChannel receiver;

    SocketPump(final PumpMemory memory) throws IOException {
        super(Transfer.SOCKETS, memory);
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            sender = SocketChannel.open(server.getLocalAddress());
            receiver = server.accept();
        }
        sender.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    @Override
    void send(final int length, final int frames) throws IOException {
        for (int frame = 0; frame < frames; frame++) {
            for (int at = 0; at < length; ) {
                source.limit(Math.min(length, at + STRETCH)).position(at);
                at += sender.write(source);
            }
        }
    }

    @Override
    void receive(final int length, final int frames) throws IOException {
        final ByteBuffer target = target();
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
