package io.dragon.benchmarks;

import java.nio.ByteBuffer;

/** Brings the same memory from one end of a loopback connection to the other, again and again. One thread. */
interface Pump extends AutoCloseable {
    /** What it is called in tables. */
    String name();

    /**
     * Brings the first bytes of the source to the target.
     *
     * @param length bytes of a frame
     * @param frames how often, one right behind the other
     * @return what it took, in nanoseconds
     */
    long run(int length, int frames);

    /** Bytes that both ends allocated in the last run. */
    long allocated();

    /** Processor time of the sending thread in the last run, in nanoseconds. */
    long sendingNs();

    /** Processor time of the receiving thread in the last run, in nanoseconds. */
    long receivingNs();

    /** Where frames arrive. */
    ByteBuffer target();

    @Override
    void close();
}
