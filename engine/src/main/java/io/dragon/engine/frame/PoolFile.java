package io.dragon.engine.frame;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.checkFromIndexSize;
import static java.util.Objects.checkIndex;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A mapped pool. It stays mapped as long as anyone in this process uses it: the last to end unmaps it, since memory that
 * is touched after that kills the process.
 */
final class PoolFile {
    final long poolId;
    final PoolLayout layout;
    /** Everything before the slots. */
    final UnsafeBuffer header;
    /** Of the header, for what each frame needs: {@link #slotHeader}, and offsets of the layout. */
    final long address;

    private final MappedByteBuffer mappedHeader;
    private final MappedByteBuffer[] segments;
    private final long[] addresses;
    /** Of each slot: a division for each frame to find its segment would cost more than the exchange that claims it. */
    private final long[] slotAddresses;

    private final LockFile locks;
    private final AtomicInteger users = new AtomicInteger(1);
    private final List<Consumer<Runnable>> beforeUnmapped = new ArrayList<>();
    private Runnable onUnmapped = () -> {};

    private PoolFile(
            final long poolId,
            final PoolLayout layout,
            final MappedByteBuffer mappedHeader,
            final MappedByteBuffer[] segments,
            final LockFile locks) {
        this.poolId = poolId;
        this.layout = layout;
        this.mappedHeader = mappedHeader;
        this.segments = segments;
        this.locks = locks;
        addresses = new long[segments.length];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = BufferUtil.address(segments[i]);
        }
        slotAddresses = new long[segments.length == 0 ? 0 : layout.slotCount];
        for (int slot = 0; slot < slotAddresses.length; slot++) {
            slotAddresses[slot] = addresses[layout.segment(slot)] + layout.slotInSegment(slot);
        }
        header = new UnsafeBuffer(mappedHeader);
        address = header.addressOffset();
    }

    /** Maps a file that has just been made and has its full length. */
    static PoolFile map(final FileChannel channel, final long poolId, final PoolLayout layout, final LockFile locks)
            throws IOException {
        return map(channel, poolId, layout, locks, layout.segmentCount);
    }

    /**
     * Maps a pool that someone made.
     *
     * @return null when there is no such file
     * @throws DragonException when the file is not a pool of this layout
     */
    static PoolFile open(final Path path, final long poolId, final LockFile locks, final boolean withSlots) {
        boolean interrupted = false;
        try {
            for (; ; ) {
                // An interrupt closes a channel that is used; it says nothing about the pool.
                interrupted |= Thread.interrupted();
                try {
                    return openOnce(path, poolId, locks, withSlots);
                } catch (final ClosedByInterruptException e) {
                    interrupted = true;
                } catch (final IOException e) {
                    throw new DragonException(
                            DragonException.FAILED, "The frame pool " + path + " cannot be mapped: " + e + ".", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static PoolFile openOnce(final Path path, final long poolId, final LockFile locks, final boolean withSlots)
            throws IOException {
        try (FileChannel channel = FileChannel.open(path, READ, WRITE)) {
            final long realLength = channel.size();
            if (realLength < PoolLayout.PAGE) {
                throw new DragonException(path + " is not a frame pool: it has only " + realLength + " bytes.");
            }
            final ByteBuffer page = ByteBuffer.allocate(PoolLayout.PAGE);
            int read = 0;
            while (page.hasRemaining() && read >= 0) {
                read = channel.read(page, page.position());
            }
            final PoolLayout layout = PoolLayout.read(new UnsafeBuffer(page), path, poolId, realLength);
            return map(channel, poolId, layout, locks, withSlots ? layout.segmentCount : 0);
        } catch (final NoSuchFileException e) {
            return null;
        }
    }

    private static PoolFile map(
            final FileChannel channel,
            final long poolId,
            final PoolLayout layout,
            final LockFile locks,
            final int segmentCount)
            throws IOException {
        final MappedByteBuffer[] segments = new MappedByteBuffer[segmentCount];
        final MappedByteBuffer mappedHeader = channel.map(MapMode.READ_WRITE, 0, layout.slotsAt);
        try {
            for (int i = 0; i < segmentCount; i++) {
                segments[i] = channel.map(MapMode.READ_WRITE, layout.segmentOffset(i), layout.segmentLength(i));
            }
        } catch (final IOException e) {
            unmap(mappedHeader, segments);
            throw e;
        }
        return new PoolFile(poolId, layout, mappedHeader, segments, locks);
    }

    private static void unmap(final MappedByteBuffer mappedHeader, final MappedByteBuffer[] segments) {
        for (final MappedByteBuffer segment : segments) {
            if (segment != null) {
                BufferUtil.free(segment);
            }
        }
        BufferUtil.free(mappedHeader);
    }

    /** Maps every page now, so that the first frame in a slot is not slower than the others. */
    void load() {
        for (final MappedByteBuffer segment : segments) {
            segment.load();
        }
    }

    /** Runs once, when the last user has ended: after it the locks are given up. */
    void onUnmapped(final Runnable action) {
        onUnmapped = action;
    }

    /**
     * Runs once, when the last user has ended and the mapping is still there; by one who uses the mapping. It stays until the action has
     * called what it is given, on any thread.
     */
    void beforeUnmapped(final Consumer<Runnable> action) {
        synchronized (beforeUnmapped) {
            beforeUnmapped.add(action);
        }
    }

    LockFile locks() {
        return locks;
    }

    /** Begins to use the mapping; false when it is gone. */
    boolean retain() {
        int count;
        do {
            count = users.get();
            if (count == 0) {
                return false;
            }
        } while (!users.compareAndSet(count, count + 1));
        return true;
    }

    /** Ends the use of the mapping. */
    void release() {
        if (users.decrementAndGet() == 0) {
            final List<Consumer<Runnable>> actions;
            synchronized (beforeUnmapped) {
                actions = List.copyOf(beforeUnmapped);
            }
            final AtomicInteger left = new AtomicInteger(actions.size() + 1);
            actions.forEach(action -> run(action, left));
            leave(left);
        }
    }

    /** An action that fails must not keep the others, and not the mapping: it has its own way to tell. */
    private void run(final Consumer<Runnable> action, final AtomicInteger left) {
        final AtomicBoolean isDone = new AtomicBoolean();
        final Runnable done = () -> {
            if (isDone.compareAndSet(false, true)) {
                leave(left);
            }
        };
        try {
            action.accept(done);
        } catch (final RuntimeException e) {
            done.run();
        }
    }

    private void leave(final AtomicInteger left) {
        if (left.decrementAndGet() == 0) {
            try {
                onUnmapped.run();
            } finally {
                unmap(mappedHeader, segments);
                if (locks != null) {
                    locks.close();
                }
            }
        }
    }

    /**
     * The address of a slot's header. A buffer has its bounds checked anew for each field, and as it could lie in an array, all that the
     * compiler knows of any object is loaded anew after each write; of an address it knows that it is no object's.
     */
    long slotHeader(final int slot) {
        return address + PoolLayout.slotHeader(checkIndex(slot, layout.slotCount));
    }

    long word(final int slot) {
        return UnsafeApi.getLongVolatile(null, slotHeader(slot));
    }

    boolean casWord(final int slot, final long expected, final long word) {
        return UnsafeApi.compareAndSetLong(null, slotHeader(slot), expected, word);
    }

    /** Of the one that may change the word at all: the producer, while it fills the slot. */
    void putWord(final int slot, final long word) {
        UnsafeApi.putLongRelease(null, slotHeader(slot), word);
    }

    /** Clears one reader's bit of a slot. */
    void clearReader(final int slot, final long bit) {
        long word;
        do {
            word = word(slot);
        } while ((word & bit) != 0 && !casWord(slot, word, word & ~bit));
    }

    /** Clears what a dead reader left, given the proof that it is dead. */
    void clearReader(final long bit) {
        for (int slot = 0; slot < layout.slotCount; slot++) {
            clearReader(slot, bit);
        }
    }

    boolean isSealed() {
        return UnsafeApi.getLongVolatile(null, address + PoolLayout.SEALED_OFFSET) != 0;
    }

    void seal() {
        header.putLongVolatile(PoolLayout.SEALED_OFFSET, 1);
    }

    /** Whether a frame is held or leased; one that is lent ({@link AttachedPool#lend}) has no bit, and does not count. */
    boolean isInUse() {
        for (int slot = 0; slot < layout.slotCount; slot++) {
            if ((word(slot) & (SlotWord.HOLD | SlotWord.READER_MASK)) != 0) {
                return true;
            }
        }
        return false;
    }

    /** By address: a reference stored anew for each frame would cost the collector's barrier, and that a fence. */
    void wrapPayload(final UnsafeBuffer buffer, final int slot, final int length) {
        checkFromIndexSize(0, length, (int) layout.slotLength);
        buffer.wrap(slotAddresses[slot] + layout.metadataArea, length);
    }

    void wrapMetadata(final UnsafeBuffer buffer, final int slot, final int length) {
        checkFromIndexSize(0, length, layout.metadataLength);
        buffer.wrap(slotAddresses[slot], length);
    }

    /** Where the payload of a slot begins in the file. */
    long payloadPosition(final int slot) {
        return layout.segmentOffset(layout.segment(slot)) + layout.slotInSegment(slot) + layout.metadataArea;
    }

    /** Where the segment of a slot is mapped. */
    long segmentAddress(final int slot) {
        return addresses[layout.segment(slot)];
    }

    /** Bytes of the segment of a slot. */
    long segmentLength(final int slot) {
        return layout.segmentLength(layout.segment(slot));
    }

    /** Every touch of the buffer from now on is an exception. */
    static void unwrap(final UnsafeBuffer buffer) {
        buffer.wrap(0, 0);
    }

    /** The payloads of all slots as byte buffers. */
    ByteBuffer[] payloads(final boolean readOnly) {
        final ByteBuffer[] payloads = new ByteBuffer[layout.slotCount];
        for (int slot = 0; slot < layout.slotCount; slot++) {
            final ByteBuffer slice = segments[layout.segment(slot)].slice(
                    layout.slotInSegment(slot) + layout.metadataArea, (int) layout.slotLength);
            payloads[slot] = (readOnly ? slice.asReadOnlyBuffer() : slice).order(ByteOrder.LITTLE_ENDIAN);
        }
        return payloads;
    }

    static void putName(final UnsafeBuffer buffer, final int offset, final String name) {
        final byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        final int length = Math.min(bytes.length, PoolLayout.MAX_NAME);
        buffer.putInt(offset, length);
        buffer.putBytes(offset + Integer.BYTES, bytes, 0, length);
    }

    static String name(final DirectBuffer buffer, final int offset) {
        final int length = Math.max(0, Math.min(buffer.getInt(offset), PoolLayout.MAX_NAME));
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset + Integer.BYTES, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
