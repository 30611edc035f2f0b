package io.dragon.worker.hash;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.hash.BlockTable.BadTableException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    private final Blake3 blake3 = Blake3.fastest();
    private final UnsafeBuffer results = new UnsafeBuffer(new byte[BlockTable.MAX_ENTRIES * BlockTable.RESULT_LENGTH]);

    @Test
    void shouldHashEveryEntryOfAFullTable() throws Exception {
        final Random random = new Random(3);
        final UnsafeBuffer frame = new UnsafeBuffer(ByteBuffer.allocateDirect(4 << 20));
        fill(frame, random);
        final int count = BlockTable.MAX_ENTRIES;
        final int[] offsets = new int[count];
        final int[] lengths = new int[count];
        int at = BlockTable.dataOffset(count);
        BlockTable.header(frame, count);
        for (int i = 0; i < count; i++) {
            offsets[i] = at;
            lengths[i] = random.nextInt(4000);
            BlockTable.entry(frame, i, at, lengths[i], 0, true);
            at += lengths[i];
        }
        assertEquals(count, blake3.blocks(frame, frame.capacity(), results));
        final Blake3 reference = Blake3.scalar();
        for (int i = 0; i < count; i++) {
            final byte[] bytes = new byte[lengths[i]];
            frame.getBytes(offsets[i], bytes);
            final byte[] digest = new byte[32];
            results.getBytes(i * BlockTable.RESULT_LENGTH, digest);
            assertArrayEquals(reference.digest(bytes), digest, "entry " + i);
        }
    }

    @Test
    void shouldSayWhatIsWrongWithATable() {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[1000]);
        assertFault("header of 16 bytes", frame, 15);
        assertFault("begins with", frame, 1000);
        BlockTable.header(frame, 0);
        assertFault("1 to 1024 entries", frame, 1000);
        BlockTable.header(frame, 1025);
        assertFault("1 to 1024 entries", frame, 1000);
        BlockTable.header(frame, -1);
        assertFault("1 to 1024 entries", frame, 1000);
        BlockTable.header(frame, 50);
        assertFault("does not fit", frame, 1000);
        assertFault("in all", frame, 1001);
        BlockTable.header(frame, 1);
        assertEntry("not between", frame, 39, 1, 0, true);
        assertEntry("not between", frame, 40, 961, 0, true);
        assertEntry("not between", frame, 40, -1, 0, true);
        assertEntry("not between", frame, -1, 10, 0, true);
        assertEntry("not between", frame, Integer.MAX_VALUE, Integer.MAX_VALUE, 0, true);
        assertEntry("chunk counter", frame, 40, 10, -1, false);
        assertEntry("chunk counter", frame, 40, 10, Long.MAX_VALUE, false);
        assertEntry("whole file", frame, 40, 10, 4, true);
        BlockTable.entry(frame, 0, 40, 960, 0, true);
        frame.putInt(BlockTable.HEADER_LENGTH + 16, 2);
        assertFault("unknown flags", frame, 1000);
    }

    @Test
    void shouldSurviveRandomAndMutatedTables() throws Exception {
        final Random random = new Random(17);
        final byte[] bytes = new byte[20_000];
        final UnsafeBuffer frame = new UnsafeBuffer(bytes);
        int accepted = 0;
        int refused = 0;
        for (int round = 0; round < 4_000; round++) {
            random.nextBytes(bytes);
            final int count = 1 + random.nextInt(20);
            if (round % 4 != 0) {
                valid(frame, count, random);
                final int tableLength = BlockTable.HEADER_LENGTH + count * BlockTable.ENTRY_LENGTH;
                for (int mutations = random.nextInt(4); mutations > 0; mutations--) {
                    final int at = random.nextInt(tableLength);
                    switch (random.nextInt(3)) {
                        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                        case 1 -> bytes[at] = (byte) random.nextInt();
                        default -> frame.putInt(at & ~3, random.nextBoolean() ? -1 : Integer.MAX_VALUE);
                    }
                }
            }
            final int length = random.nextInt(5) == 0 ? random.nextInt(bytes.length + 100) : bytes.length;
            try {
                final int hashed = blake3.blocks(frame, length, results);
                assertTrue(hashed >= 1 && hashed <= BlockTable.MAX_ENTRIES);
                accepted++;
            } catch (final BadTableException ex) {
                assertTrue(ex.getMessage().length() > 20, ex.getMessage());
                refused++;
            }
        }
        assertTrue(accepted > 500 && refused > 500, accepted + " accepted, " + refused + " refused");
        valid(frame, 1, new Random(1));
        BlockTable.entry(frame, 0, 1000, 5000, 0, true);
        blake3.blocks(frame, bytes.length, results);
        final byte[] digest = new byte[32];
        results.getBytes(0, digest);
        assertArrayEquals(
                Blake3.scalar().digest(Arrays.copyOfRange(bytes, 1000, 6000)),
                digest,
                "a refused table leaves no trace");
    }

    private static void valid(final UnsafeBuffer frame, final int count, final Random random) {
        BlockTable.header(frame, count);
        final int data = BlockTable.dataOffset(count);
        for (int i = 0; i < count; i++) {
            final int offset = data + random.nextInt(frame.capacity() - data);
            final boolean whole = random.nextBoolean();
            BlockTable.entry(
                    frame,
                    i,
                    offset,
                    random.nextInt(frame.capacity() - offset + 1),
                    whole ? 0 : random.nextInt(1 << 20),
                    whole);
        }
    }

    private void assertEntry(
            final String words,
            final UnsafeBuffer frame,
            final int offset,
            final int length,
            final long counter,
            final boolean whole) {
        BlockTable.entry(frame, 0, offset, length, counter, whole);
        assertFault(words, frame, 1000);
    }

    private void assertFault(final String words, final UnsafeBuffer frame, final int length) {
        final BadTableException fault =
                assertThrows(BadTableException.class, () -> blake3.blocks(frame, length, results));
        assertTrue(fault.getMessage().contains(words), fault.getMessage());
    }

    private static void fill(final UnsafeBuffer frame, final Random random) {
        for (int i = 0; i < frame.capacity(); i += 8) {
            frame.putLong(i, random.nextLong());
        }
    }
}
