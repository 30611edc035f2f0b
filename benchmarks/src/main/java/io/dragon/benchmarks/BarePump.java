package io.dragon.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** A pump that sends on the calling thread and receives on another for the time of a run; nothing but the bytes travels. */
abstract class BarePump extends MeasuredPump {
    final ByteBuffer source;

    BarePump(final String name, final PumpMemory memory) {
        super(name, memory.target().duplicate());
        source = memory.source().duplicate();
    }

    /** Sends as many frames, one right behind the other. */
    abstract void send(int length, int frames) throws IOException;

    /** Receives as many; the other thread. */
    abstract void receive(int length, int frames) throws IOException;

    @Override
    public final long run(final int length, final int frames) {
        final long before = PumpThread.allocatedHere();
        final long sendingBeforeNs = PumpThread.processorNsHere();
        final long startNs = System.nanoTime();
        try {
            final PumpThread thread = PumpThread.begin(() -> {
                try {
                    receive(length, frames);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            send(length, frames);
            final long mine = PumpThread.allocatedHere() - before;
            final long sendingNs = PumpThread.processorNsHere() - sendingBeforeNs;
            measured(mine + thread.end(), sendingNs, thread.processorNs());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return System.nanoTime() - startNs;
    }
}
