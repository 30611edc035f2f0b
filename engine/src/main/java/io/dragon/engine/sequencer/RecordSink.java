package io.dragon.engine.sequencer;

import org.agrona.MutableDirectBuffer;

/** Where the records of a snapshot go, one after the other. */
public interface RecordSink {
    /**
     * A scratch buffer to encode one record into, from its index 0 on, header included.
     *
     * @param maxLength the most bytes the record can take
     * @return the buffer
     */
    MutableDirectBuffer claim(int maxLength);

    /**
     * The buffer claimed last holds a whole record.
     *
     * @param length bytes of the record with its header
     */
    void commit(int length);
}
