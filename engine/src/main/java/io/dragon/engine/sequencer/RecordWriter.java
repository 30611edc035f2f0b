package io.dragon.engine.sequencer;

import io.dragon.codecs.snapshot.MessageHeaderEncoder;
import java.nio.ByteOrder;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** Takes the records of a snapshot, one after the other; counts them, and hashes them whether somebody keeps them or not. */
final class RecordWriter {
    /** The longest record is that of a job with 32 cameras and 7 frames of history each. */
    static final int MAX_RECORD_LENGTH = 16_384;

    private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

    final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ExpandableArrayBuffer scratch = new ExpandableArrayBuffer(MAX_RECORD_LENGTH);
    private RecordSink sink;
    private MutableDirectBuffer buffer;
    private long records;
    private long hash;

    /** Begins anew; null when only the hash is wanted. */
    void begin(final RecordSink to) {
        sink = to;
        records = 0;
        hash = 0;
    }

    /** Where the next record goes. */
    MutableDirectBuffer claim() {
        buffer = sink == null ? scratch : sink.claim(MAX_RECORD_LENGTH);
        return buffer;
    }

    void commit(final int length) {
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            mix(buffer.getLong(at, ByteOrder.LITTLE_ENDIAN));
        }
        for (; at < length; at++) {
            mix(buffer.getByte(at));
        }
        mix(length);
        records++;
        if (sink != null) {
            sink.commit(length);
        }
    }

    private void mix(final long value) {
        hash = (hash ^ value) * PRIME;
        hash ^= hash >>> 29;
    }

    long records() {
        return records;
    }

    long hash() {
        return hash;
    }

    static short flag(final boolean value) {
        return (short) (value ? 1 : 0);
    }
}
