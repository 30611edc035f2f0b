package io.dragon.tools.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One direction of a wire between two ends that give and take a packet at a time, as tap devices do: each arrives when, and as often as, the
 * rules say. A thread that reads and one that writes, both daemons.
 */
public final class Wire {
    private static final int LONGEST = 1 << 16;
    private static final int MOST_WAITING = 50_000;

    private final InputStream from;
    private final OutputStream to;
    private final WireRules rules;
    private final DelayQueue<Packet> waiting = new DelayQueue<>();
    private volatile long carried;
    private volatile long refused;
    private volatile boolean ended;

    /**
     * A wire; it carries nothing before it is started.
     *
     * @param from  where packets come from, one a read.
     * @param to    where they go, one a write.
     * @param rules for them.
     */
    public Wire(final InputStream from, final OutputStream to, final WireRules rules) {
        this.from = from;
        this.to = to;
        this.rules = rules;
    }

    /**
     * Starts both threads.
     *
     * @param name of the direction.
     */
    public void start(final String name) {
        daemon(this::read, name + "-in");
        daemon(this::write, name + "-out");
    }

    /**
     * Whether an end has failed, so that nothing more is carried.
     *
     * @return true once it has.
     */
    public boolean hasEnded() {
        return ended;
    }

    /**
     * What became of the packets so far.
     *
     * @return a line.
     */
    public String text() {
        return carried + " packets, " + rules.lost() + " lost, " + rules.reordered() + " overtaken, " + rules.doubled()
                + " doubled, " + refused + " not taken";
    }

    private static void daemon(final Runnable task, final String name) {
        final Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        final byte[] packet = new byte[LONGEST];
        final long[] dueNs = new long[WireRules.MOST_COPIES];
        try {
            for (int length = from.read(packet); length >= 0; length = from.read(packet)) {
                final int copies = rules.draw(System.nanoTime(), dueNs);
                final byte[] bytes =
                        copies == 0 || waiting.size() >= MOST_WAITING ? null : Arrays.copyOf(packet, length);
                for (int i = 0; bytes != null && i < copies; i++) {
                    waiting.add(new Packet(bytes, dueNs[i]));
                }
                carried++; // this thread alone writes it
            }
        } catch (final IOException ex) {
            ended = true;
            return;
        }
        ended = true;
    }

    private void write() {
        try {
            while (true) {
                final Packet packet = waiting.take();
                try {
                    to.write(packet.bytes);
                    to.flush();
                } catch (final IOException full) { // a device that is down, or has no room, loses packets
                    refused++;
                }
            }
        } catch (final InterruptedException ex) {
            ended = true;
        }
    }

    /** A packet on its way; of two that arrive at the same time, the one that was sent first comes first. */
    private static final class Packet implements Delayed {
        private static final AtomicLong NUMBERS = new AtomicLong();

        private final byte[] bytes;
        private final long dueNs;
        private final long number = NUMBERS.getAndIncrement();

        Packet(final byte[] bytes, final long dueNs) {
            this.bytes = bytes;
            this.dueNs = dueNs;
        }

        @Override
        public long getDelay(final TimeUnit unit) {
            return unit.convert(dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(final Delayed other) {
            final Packet that = (Packet) other;
            final int byTime = Long.compare(dueNs - that.dueNs, 0);
            return byTime != 0 ? byTime : Long.compare(number, that.number);
        }
    }
}
