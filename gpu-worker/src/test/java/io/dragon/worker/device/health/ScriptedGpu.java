package io.dragon.worker.device.health;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Instruments that show what a test sets, from any thread. */
public final class ScriptedGpu implements GpuTelemetry {
    private final ConcurrentLinkedQueue<Integer> xids = new ConcurrentLinkedQueue<>();
    private volatile GpuSample.Access access = GpuSample.Access.REACHED;
    private volatile int celsius = 50;
    private volatile long uncorrected;
    private volatile String unknown = "";
    private volatile CountDownLatch silence;
    private volatile boolean isClosed;
    private volatile long patienceNs = GpuTelemetry.super.patienceNs();

    /** Its temperature from now on. */
    public void celsius(final int value) {
        celsius = value;
    }

    /** All uncorrected memory errors from now on. */
    public void uncorrected(final long value) {
        uncorrected = value;
    }

    /** An error of the driver. */
    public void xid(final int xid) {
        xids.add(xid);
    }

    /** Whether it can be reached from now on. */
    public void access(final GpuSample.Access value) {
        access = value;
    }

    /** Nothing can be read from now on; or again, for the empty string. */
    public void unknown(final String why) {
        unknown = why;
    }

    /** The instruments do not answer until the latch opens. */
    public void silent(final CountDownLatch until) {
        silence = until;
    }

    /** How long a look may take from now on, nanoseconds. */
    public void patience(final long ns) {
        patienceNs = ns;
    }

    @Override
    public long patienceNs() {
        return patienceNs;
    }

    /** Whether it was let go of. */
    public boolean isClosed() {
        return isClosed;
    }

    @Override
    public String words() {
        return "a script";
    }

    @Override
    public GpuSample sample() {
        final CountDownLatch until = silence;
        if (until != null) {
            try {
                until.await();
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }
        final GpuSample.Reading reading = new GpuSample.Reading();
        reading.unknown = unknown;
        reading.access = access;
        if (unknown.isEmpty() && access == GpuSample.Access.REACHED) {
            reading.temperatureCelsius = celsius;
            reading.utilisationPercent = 99;
            reading.memoryBytes = 1L << 37;
            reading.memoryUsedBytes = 1L << 30;
            reading.powerMilliwatts = 250_000;
            reading.powerLimitMilliwatts = 700_000;
            reading.eccCorrected = 3;
            reading.eccUncorrected = uncorrected;
        }
        final Integer xid = xids.poll();
        reading.xids = xid == null ? List.of() : List.of(xid);
        return reading.sample();
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
