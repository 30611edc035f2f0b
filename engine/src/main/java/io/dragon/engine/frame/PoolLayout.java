package io.dragon.engine.frame;

import static org.agrona.BitUtil.align;
import static org.agrona.BitUtil.findNextPositivePowerOfTwo;

import io.dragon.engine.config.DragonException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Where everything is in the file of a pool. This is the only place that says so.
 *
 * <pre>
 *      0  +--------------------------------------------------------------+
 *         | magic u64 | layout version u32 | slots u32 | pool id u64     |
 *         | slot length u64 | slot stride u64 | metadata u32 | ring u32  |
 *         | slot headers at u64 | rings at u64 | slots at u64            |
 *         | file length u64 | slots a segment u32 | policy u32           |
 *         | created epoch ns u64 | owner pid u64 | name u32 + 64 bytes   |
 *    256  | sealed u64                                                   |
 *    320  | changes of subscribers u64                                   |
 *    384  | published u64 | dropped u64: back-pressured, overwritten,    |
 *         |                              timed out, too large            |
 *   1024  +--------------------------------------------------------------+
 *         | 20 reader rows of 128 bytes                                  |
 *         |     0 incarnation and kind u64 | 8 pid u64 | 16 attached ns  |
 *         |    24 missed u64 | 32 name u32 + 64 bytes                    |
 *   4096  +--------------------------------------------------------------+
 *         | a slot header of 128 bytes for each slot                     |
 *         | of which its reader fetches the first 64, a cache line:      |
 *         |     0 word u64 | 8 touched u32 | 12 length u32               |
 *         |    16 metadata u24, format u8 | 20 width u32 | 24 height u32 |
 *         |    28 camera u32 | 32 step i64 | 40 capture epoch ns i64     |
 *         |    48 captured ns i64 | 56 published ns i64                  |
 *         +--------------------------------------------------- page -----+
 *         | 20 rings of descriptors, one for each reader row:            |
 *         |     entries of 32 bytes, two in a cache line:                |
 *         |     0 number i64 | 8 sequence u64 | 16 kept u1, slot u31 |   |
 *         |    20 length u32 | 24 -                                      |
 *         |     after them, in lines of its own, 64 read up to i64       |
 *         +--------------------------------------------------- page -----+
 *         | slot 0: metadata, up to a page | payload, up to a page       |
 *         | slot 1 ...                                                   |
 *         +--------------------------------------------------------------+
 * </pre>
 *
 * <p>Everything before the slots is one mapping; the slots are mapped in segments of whole slots, at most 1 GiB each, or
 * one slot where it is longer. Numbers are little-endian. All offsets follow from the number of slots, their length and
 * that of the metadata; those written in the file only serve to be compared with.
 */
final class PoolLayout {
    static final long MAGIC = 0x4c4f4f504e475244L; // "DRGNPOOL"
    static final int VERSION = 3;
    static final int PAGE = 4096;
    static final int MAX_SLOTS = 4096;
    static final int MAX_METADATA = 65_536;
    static final int MAX_NAME = 64;
    static final long SEGMENT_LENGTH = 1L << 30;
    static final long MAX_STRIDE = Integer.MAX_VALUE / PAGE * (long) PAGE;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int SLOT_COUNT_OFFSET = 12;
    static final int POOL_ID_OFFSET = 16;
    static final int SLOT_LENGTH_OFFSET = 24;
    static final int SLOT_STRIDE_OFFSET = 32;
    static final int METADATA_LENGTH_OFFSET = 40;
    static final int RING_LENGTH_OFFSET = 44;
    static final int SLOT_HEADERS_AT_OFFSET = 48;
    static final int RINGS_AT_OFFSET = 56;
    static final int SLOTS_AT_OFFSET = 64;
    static final int FILE_LENGTH_OFFSET = 72;
    static final int SLOTS_PER_SEGMENT_OFFSET = 80;
    static final int POLICY_OFFSET = 84;
    static final int CREATED_OFFSET = 88;
    static final int OWNER_PID_OFFSET = 96;
    static final int OWNER_NAME_OFFSET = 104;
    static final int SEALED_OFFSET = 256;

    /** 1 in a pool whose frames are copies of another host's. */
    static final int COPIES_OFFSET = 264;

    static final int SUBSCRIBER_CHANGES_OFFSET = 320;
    static final int PUBLISHED_OFFSET = 384;
    static final int BACK_PRESSURED_OFFSET = 392;
    static final int OVERWRITTEN_OFFSET = 400;
    static final int TIMED_OUT_OFFSET = 408;
    static final int TOO_LARGE_OFFSET = 416;

    static final int ROWS_OFFSET = 1024;
    static final int ROW_LENGTH = 128;
    static final int ROW_STATE_OFFSET = 0;
    static final int ROW_PID_OFFSET = 8;
    static final int ROW_ATTACHED_OFFSET = 16;
    static final int ROW_MISSED_OFFSET = 24;
    static final int ROW_NAME_OFFSET = 32;

    static final int SLOT_HEADERS_OFFSET = PAGE;
    static final int SLOT_HEADER_LENGTH = 128;
    static final int SLOT_WORD_OFFSET = 0;
    static final int SLOT_TOUCHED_OFFSET = 8;
    static final int SLOT_PAYLOAD_LENGTH_OFFSET = 12;
    static final int SLOT_METADATA_AND_FORMAT_OFFSET = 16;
    static final int SLOT_WIDTH_OFFSET = 20;
    static final int SLOT_HEIGHT_OFFSET = 24;
    static final int SLOT_CAMERA_OFFSET = 28;
    static final int SLOT_STEP_OFFSET = 32;
    static final int SLOT_CAPTURE_EPOCH_OFFSET = 40;
    static final int SLOT_CAPTURED_OFFSET = 48;
    static final int SLOT_PUBLISHED_OFFSET = 56;

    static final int DESCRIPTOR_NUMBER_OFFSET = 0;
    static final int DESCRIPTOR_SEQUENCE_OFFSET = 8;
    static final int DESCRIPTOR_SLOT_OFFSET = 16;
    static final int DESCRIPTOR_LENGTH_OFFSET = 20;
    static final int DESCRIPTOR_LENGTH = 32;

    /** After the entries of a ring: where its consumer has read up to, in a cache line (and its neighbour) of its own. */
    static final int RING_HEAD_OFFSET = 64;

    private static final int METADATA_BITS = 24;
    private static final int METADATA_MASK = (1 << METADATA_BITS) - 1;
    private static final int RING_TRAILER_LENGTH = 128;
    private static final int LEAST_RING_ENTRIES = 64;

    final int slotCount;
    final long slotLength;
    final int metadataLength;
    final int metadataArea;
    final long slotStride;
    final int ringEntries;
    final int ringLength;
    final int ringsAt;
    final int slotsAt;
    final long fileLength;
    final int slotsPerSegment;
    final int segmentCount;

    private PoolLayout(final int slotCount, final long slotLength, final int metadataLength) {
        this.slotCount = slotCount;
        this.slotLength = slotLength;
        this.metadataLength = metadataLength;
        metadataArea = align(metadataLength, PAGE);
        slotStride = metadataArea + align(Math.max(slotLength, 1), PAGE);
        ringEntries = findNextPositivePowerOfTwo(Math.max(LEAST_RING_ENTRIES, 2 * slotCount));
        ringLength = ringEntries * DESCRIPTOR_LENGTH + RING_TRAILER_LENGTH;
        ringsAt = align(SLOT_HEADERS_OFFSET + slotCount * SLOT_HEADER_LENGTH, PAGE);
        slotsAt = align(ringsAt + SlotWord.READERS * ringLength, PAGE);
        fileLength = slotsAt + slotCount * slotStride;
        slotsPerSegment = (int) Math.min(slotCount, Math.max(1, SEGMENT_LENGTH / slotStride));
        segmentCount = (slotCount + slotsPerSegment - 1) / slotsPerSegment;
    }

    /**
     * The layout of a pool, or null when it is impossible; {@link #fault} says why.
     */
    static PoolLayout of(final int slotCount, final long slotLength, final int metadataLength) {
        return fault(slotCount, slotLength, metadataLength) == null
                ? new PoolLayout(slotCount, slotLength, metadataLength)
                : null;
    }

    static String fault(final int slotCount, final long slotLength, final int metadataLength) {
        if (slotCount < 1 || slotCount > MAX_SLOTS) {
            return "a frame pool has 1 to " + MAX_SLOTS + " slots, not " + slotCount;
        }
        if (metadataLength < 0 || metadataLength > MAX_METADATA) {
            return "the metadata of a frame takes 0 to " + MAX_METADATA + " bytes, not " + metadataLength;
        }
        final long longest = longestSlot(metadataLength);
        if (slotLength < 0 || slotLength > longest) {
            return "a slot takes 0 to " + longest + " bytes, not " + slotLength;
        }
        return null;
    }

    /** The longest payload: a slot is one mapping. */
    static long longestSlot(final int metadataLength) {
        return MAX_STRIDE - align(metadataLength, PAGE);
    }

    /** Reads and checks the first page of a file; nothing in it is believed that does not follow from the rest. */
    static PoolLayout read(final DirectBuffer page, final Path file, final long poolId, final long realLength) {
        final long magic = page.getLong(MAGIC_OFFSET);
        if (magic != MAGIC) {
            throw new DragonException(file + " is not a frame pool.");
        }
        final int version = page.getInt(VERSION_OFFSET);
        if (version != VERSION) {
            throw new DragonException("The frame pool " + file + " has layout version " + version
                    + ", this process knows version " + VERSION + ": run one release of Dragon on this host.");
        }
        final int slotCount = page.getInt(SLOT_COUNT_OFFSET);
        final long slotLength = page.getLong(SLOT_LENGTH_OFFSET);
        final int metadataLength = page.getInt(METADATA_LENGTH_OFFSET);
        final PoolLayout layout = of(slotCount, slotLength, metadataLength);
        if (layout == null) {
            throw damaged(file, fault(slotCount, slotLength, metadataLength));
        }
        if (page.getLong(POOL_ID_OFFSET) != poolId) {
            throw damaged(file, "it belongs to another pool");
        }
        if (!layout.agreesWith(page)) {
            throw damaged(file, "its offsets contradict its sizes");
        }
        if (layout.fileLength != realLength) {
            throw damaged(
                    file, "it has " + realLength + " bytes where its header needs " + layout.fileLength + " bytes");
        }
        return layout;
    }

    private static DragonException damaged(final Path file, final String why) {
        return new DragonException("The frame pool " + file + " is damaged: " + why + ".");
    }

    private boolean agreesWith(final DirectBuffer page) {
        return page.getLong(SLOT_STRIDE_OFFSET) == slotStride
                && page.getInt(RING_LENGTH_OFFSET) == ringLength
                && page.getLong(SLOT_HEADERS_AT_OFFSET) == SLOT_HEADERS_OFFSET
                && page.getLong(RINGS_AT_OFFSET) == ringsAt
                && page.getLong(SLOTS_AT_OFFSET) == slotsAt
                && page.getLong(FILE_LENGTH_OFFSET) == fileLength
                && page.getInt(SLOTS_PER_SEGMENT_OFFSET) == slotsPerSegment;
    }

    void write(final MutableDirectBuffer page, final long poolId) {
        page.putLong(MAGIC_OFFSET, MAGIC);
        page.putInt(VERSION_OFFSET, VERSION);
        page.putInt(SLOT_COUNT_OFFSET, slotCount);
        page.putLong(POOL_ID_OFFSET, poolId);
        page.putLong(SLOT_LENGTH_OFFSET, slotLength);
        page.putLong(SLOT_STRIDE_OFFSET, slotStride);
        page.putInt(METADATA_LENGTH_OFFSET, metadataLength);
        page.putInt(RING_LENGTH_OFFSET, ringLength);
        page.putLong(SLOT_HEADERS_AT_OFFSET, SLOT_HEADERS_OFFSET);
        page.putLong(RINGS_AT_OFFSET, ringsAt);
        page.putLong(SLOTS_AT_OFFSET, slotsAt);
        page.putLong(FILE_LENGTH_OFFSET, fileLength);
        page.putInt(SLOTS_PER_SEGMENT_OFFSET, slotsPerSegment);
    }

    static int metadataAndFormat(final int metadataLength, final int formatCode) {
        return metadataLength | formatCode << METADATA_BITS;
    }

    static int metadata(final int metadataAndFormat) {
        return metadataAndFormat & METADATA_MASK;
    }

    static int format(final int metadataAndFormat) {
        return metadataAndFormat >>> METADATA_BITS;
    }

    static int row(final int row) {
        return ROWS_OFFSET + row * ROW_LENGTH;
    }

    static int slotHeader(final int slot) {
        return SLOT_HEADERS_OFFSET + slot * SLOT_HEADER_LENGTH;
    }

    int ring(final int row) {
        return ringsAt + row * ringLength;
    }

    int segment(final int slot) {
        return slot / slotsPerSegment;
    }

    /** Where a slot begins in its segment: below 2 GiB, since a segment is one mapping. */
    int slotInSegment(final int slot) {
        return (int) (slot % slotsPerSegment * slotStride);
    }

    long segmentOffset(final int segment) {
        return slotsAt + (long) segment * slotsPerSegment * slotStride;
    }

    long segmentLength(final int segment) {
        return Math.min(slotsPerSegment, slotCount - segment * slotsPerSegment) * slotStride;
    }
}
