package io.dragon.benchmarks;

import java.nio.ByteBuffer;

/** What every pump tells of its last run. */
abstract class MeasuredPump implements Pump {
    private final String name;
    private final ByteBuffer target;
    private long allocated;
    private long sendingNs;
    private long receivingNs;

    MeasuredPump(final String name, final ByteBuffer target) {
        this.name = name;
        this.target = target;
    }

    /** A run is over: bytes that both ends allocated, processor time of either. */
    final void measured(final long bytes, final long ofSendingNs, final long ofReceivingNs) {
        allocated = bytes;
        sendingNs = ofSendingNs;
        receivingNs = ofReceivingNs;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final long allocated() {
        return allocated;
    }

    @Override
    public final long sendingNs() {
        return sendingNs;
    }

    @Override
    public final long receivingNs() {
        return receivingNs;
    }

    @Override
    public final ByteBuffer target() {
        return target;
    }
}
