package io.dragon.worker.hash;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Layout of a frame of blocks to hash: a table, and behind it the blocks, wherever the table says. One frame carries one
 * block of a large file as well as a thousand small files.
 *
 * <pre>
 *    0        4        8                16
 *   +--------+--------+----------------+
 *   | "BLK1" | count  | 0              |  header, 16 bytes, all numbers little-endian
 *   +--------+--------+----------------+-------------------+--------+--------+
 *   | offset | length | chunk counter (8 bytes)            | flags  | 0      |  entry, 24 bytes, count times
 *   +--------+--------+------------------------------------+--------+--------+
 *   :                                                                        :
 *   +------------------------------------------------------------------------+
 *   | blocks, at offsets from the beginning of the frame                     |
 *   +------------------------------------------------------------------------+
 *
 *   result, 64 bytes for every entry, as HashAlgorithm draws it
 * </pre>
 *
 * <p>The chunk counter is the block's offset in its file divided by 1,024. Flag 1 says that the block is a whole file: its chaining
 * value is not computed and zero in the result. Other algorithms than BLAKE3 check both and use neither.
 *
 * <p>The table lies in memory that another process can write, so each field is read once and checked before it is used.
 */
public final class BlockTable {
    /** Most entries of a table. */
    public static final int MAX_ENTRIES = 1024;

    /** Flag of a block that is all of its file. */
    public static final int WHOLE_FILE = 1;

    /** Bytes of the result of one entry. */
    public static final int RESULT_LENGTH = Blake3.RESULT_LENGTH;

    static final int HEADER_LENGTH = 16;
    static final int ENTRY_LENGTH = 24;
    static final int COUNT_OFFSET = 4;
    static final int MAGIC = 'B' | 'L' << 8 | 'K' << 16 | '1' << 24;

    private static final int LENGTH_OFFSET = 4;
    private static final int COUNTER_OFFSET = 8;
    private static final int FLAGS_OFFSET = 16;
    private static final int DATA_ALIGNMENT = 64;
    private static final long MAX_CHUNK_COUNTER = 1L << 53;

    private BlockTable() {}

    /**
     * Bytes in front of the first block of a frame.
     *
     * @param count entries of its table
     * @return a multiple of 64
     */
    public static int dataOffset(final int count) {
        if (count < 1 || count > MAX_ENTRIES) {
            throw new IllegalArgumentException("a table has 1 to " + MAX_ENTRIES + " entries, not " + count);
        }
        return (HEADER_LENGTH + count * ENTRY_LENGTH + DATA_ALIGNMENT - 1) & -DATA_ALIGNMENT;
    }

    /**
     * Writes the header.
     *
     * @param frame of blocks
     * @param count entries the table has
     */
    public static void header(final MutableDirectBuffer frame, final int count) {
        frame.putInt(0, MAGIC, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(COUNT_OFFSET, count, ByteOrder.LITTLE_ENDIAN);
        frame.putLong(8, 0);
    }

    /**
     * Writes an entry.
     *
     * @param frame        of blocks
     * @param index        of the entry
     * @param offset       of the block in the frame
     * @param length       of the block, 0 and more
     * @param chunkCounter the block's offset in its file divided by 1,024
     * @param wholeFile    whether the block is all of its file
     */
    public static void entry(
            final MutableDirectBuffer frame,
            final int index,
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile) {
        put(frame, HEADER_LENGTH + index * ENTRY_LENGTH, offset, length, chunkCounter, wholeFile);
    }

    /** Writes an entry somewhere. */
    static void put(
            final MutableDirectBuffer frame,
            final int at,
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile) {
        frame.putInt(at, offset, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(at + LENGTH_OFFSET, length, ByteOrder.LITTLE_ENDIAN);
        frame.putLong(at + COUNTER_OFFSET, chunkCounter, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(at + FLAGS_OFFSET, wholeFile ? WHOLE_FILE : 0, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(at + FLAGS_OFFSET + 4, 0);
    }

    /**
     * The number of entries of a frame, checked.
     *
     * @param frame  that someone sent
     * @param length of it
     * @return 1 to {@value #MAX_ENTRIES}, and the table lies within the frame
     * @throws BadTableException when it is not a frame of blocks, in words
     */
    public static int count(final DirectBuffer frame, final int length) throws BadTableException {
        if (length < HEADER_LENGTH || length > frame.capacity()) {
            throw new BadTableException("a frame of blocks has a header of " + HEADER_LENGTH + " bytes, this frame has "
                    + Math.min(length, frame.capacity()) + " bytes in all");
        }
        final int magic = frame.getInt(0, ByteOrder.LITTLE_ENDIAN);
        if (magic != MAGIC) {
            throw new BadTableException("a frame of blocks begins with 0x" + Integer.toHexString(MAGIC)
                    + ", this one with 0x" + Integer.toHexString(magic));
        }
        final int count = frame.getInt(COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
        if (count < 1 || count > MAX_ENTRIES) {
            throw new BadTableException("a table has 1 to " + MAX_ENTRIES + " entries, this one says " + count);
        }
        if (length < HEADER_LENGTH + count * ENTRY_LENGTH) {
            throw new BadTableException("a table of " + count + " entries does not fit into " + length + " bytes");
        }
        return count;
    }

    /** What is done with a block. */
    interface Sink {
        /**
         * Takes a block that is possible.
         *
         * @param offset       of the block in the frame
         * @param length       of the block in bytes
         * @param chunkCounter its offset in its file divided by 1,024
         * @param wholeFile    whether it is all of its file
         * @param resultOffset where in the results its bytes go
         */
        void block(int offset, int length, long chunkCounter, boolean wholeFile, int resultOffset);
    }

    /**
     * Reads one entry, and has its block hashed.
     *
     * @param frame  of blocks
     * @param length of it
     * @param count  as {@link #count} gave it
     * @param index  of the entry
     * @param sink   takes the block; its result goes to {@code index * 64}
     * @throws BadTableException when the entry is not possible, in words
     */
    static void entry(final DirectBuffer frame, final int length, final int count, final int index, final Sink sink)
            throws BadTableException {
        final int at = HEADER_LENGTH + index * ENTRY_LENGTH;
        final int offset = frame.getInt(at, ByteOrder.LITTLE_ENDIAN);
        final int blockLength = frame.getInt(at + LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final long chunkCounter = frame.getLong(at + COUNTER_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final int flags = frame.getInt(at + FLAGS_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final int tableEnd = HEADER_LENGTH + count * ENTRY_LENGTH;
        if (offset < tableEnd || blockLength < 0 || (long) offset + blockLength > length) {
            throw new BadTableException("block " + index + " is said to have " + blockLength + " bytes at " + offset
                    + ", which is not between the table's end at " + tableEnd + " and the frame's at " + length);
        }
        if (chunkCounter < 0 || chunkCounter > MAX_CHUNK_COUNTER) {
            throw new BadTableException("block " + index + " has the impossible chunk counter " + chunkCounter);
        }
        if ((flags & ~WHOLE_FILE) != 0) {
            throw new BadTableException("block " + index + " has unknown flags 0x" + Integer.toHexString(flags));
        }
        if (flags == WHOLE_FILE && chunkCounter != 0) {
            throw new BadTableException(
                    "block " + index + " is said to be a whole file and to begin at chunk " + chunkCounter + " of it");
        }
        sink.block(offset, blockLength, chunkCounter, flags == WHOLE_FILE, index * RESULT_LENGTH);
    }

    /** A frame that is not what it should be; the message says how. */
    public static final class BadTableException extends Exception {
        private static final long serialVersionUID = 1L;

        BadTableException(final String message) {
            super(message);
        }
    }
}
