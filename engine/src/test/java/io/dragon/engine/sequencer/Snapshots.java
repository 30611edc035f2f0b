package io.dragon.engine.sequencer;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Snapshots in memory, for tests. */
final class Snapshots implements RecordSink {
    final List<byte[]> records = new ArrayList<>();
    private UnsafeBuffer buffer;

    static List<byte[]> take(final Sequencer sequencer) {
        final Snapshots snapshots = new Snapshots();
        sequencer.snapshot(snapshots);
        return snapshots.records;
    }

    /** The first record in which two states differ, in words. */
    static String difference(final Sequencer a, final Sequencer b) {
        final List<byte[]> left = take(a);
        final List<byte[]> right = take(b);
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!Arrays.equals(left.get(i), right.get(i))) {
                final int at = Arrays.mismatch(left.get(i), right.get(i));
                final int template = (left.get(i)[2] & 0xFF) | (left.get(i)[3] & 0xFF) << 8;
                return "record " + i + " of template " + template + " at byte " + at + "\n"
                        + HexFormat.of().formatHex(left.get(i)) + "\n"
                        + HexFormat.of().formatHex(right.get(i));
            }
        }
        return left.size() + " and " + right.size() + " records";
    }

    static byte[] bytes(final Sequencer sequencer) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        take(sequencer).forEach(all::writeBytes);
        return all.toByteArray();
    }

    static void load(final List<byte[]> records, final Sequencer to) {
        boolean done = false;
        for (final byte[] record : records) {
            done = to.load(new UnsafeBuffer(record), 0, record.length);
        }
        if (!done) {
            throw new AssertionError("snapshot without an end");
        }
    }

    static void copy(final Sequencer from, final Sequencer to) {
        load(take(from), to);
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        if (buffer == null || buffer.capacity() < maxLength) {
            buffer = new UnsafeBuffer(new byte[maxLength]);
        }
        buffer.setMemory(0, maxLength, (byte) 0xA5); // A field that nothing fills in makes the hash another one.
        return buffer;
    }

    @Override
    public void commit(final int length) {
        final byte[] record = new byte[length];
        buffer.getBytes(0, record);
        records.add(record);
    }
}
