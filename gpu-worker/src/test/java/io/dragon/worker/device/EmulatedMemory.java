package io.dragon.worker.device;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/** The memory of an {@link EmulatedDriver}: blocks of the host with guards on both sides, garbage in them when new and when given back. */
final class EmulatedMemory {
    private static final int GUARD_BYTES = 512;
    private static final byte GUARD = (byte) 0xA7;
    private static final int ALIGNMENT = 256;
    private static final int PIECE = 1 << 30;

    private final long limitBytes;
    private final Random random;
    private final TreeMap<Long, Block> device = new TreeMap<>();
    private final TreeMap<Long, Block> pinned = new TreeMap<>();
    private final List<Long> stages = new ArrayList<>();
    private final UnsafeBuffer to = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer from = new UnsafeBuffer(0, 0);
    private long usedBytes;

    private record Block(long raw, long address, long bytes) {}

    EmulatedMemory(final long limitBytes, final long seed) {
        this.limitBytes = limitBytes;
        this.random = new Random(~seed);
    }

    long freeBytes() {
        return limitBytes - usedBytes;
    }

    long allocateDevice(final long bytes) {
        usedBytes += bytes;
        return allocate(device, bytes);
    }

    long allocatePinned(final long bytes) {
        return allocate(pinned, bytes);
    }

    void freeDevice(final long address) {
        usedBytes -= deviceBytes(address);
        free(device, address);
    }

    void freePinned(final long address) {
        pinnedBytes(address);
        free(pinned, address);
    }

    long deviceBytes(final long address) {
        return block(device, address).bytes;
    }

    long pinnedBytes(final long address) {
        return block(pinned, address).bytes;
    }

    boolean isPinned(final long address, final long bytes) {
        return isWithin(pinned, address, bytes);
    }

    void checkDevice(final long address, final long bytes) {
        if (!isWithin(device, address, bytes)) {
            throw new AssertionError(bytes + " bytes at 0x" + Long.toHexString(address)
                    + " are not within memory that was taken of the device");
        }
    }

    void checkGuards() {
        device.values().forEach(EmulatedMemory::checkGuards);
        pinned.values().forEach(EmulatedMemory::checkGuards);
    }

    void copy(final long target, final long source, final long bytes) {
        for (long at = 0; at < bytes; at += PIECE) {
            final int length = (int) Math.min(PIECE, bytes - at);
            to.wrap(target + at, length);
            from.wrap(source + at, length);
            to.putBytes(0, from, 0, length);
        }
    }

    void fill(final long address, final int value, final long words) {
        for (long i = 0; i < words; i++) {
            to.wrap(address + 4 * i, 4);
            to.putInt(0, value);
        }
    }

    long stage(final long source, final long bytes) {
        final long stage = Native.malloc(Math.max(1, bytes));
        stages.add(stage);
        copy(stage, source, bytes);
        return stage;
    }

    void dropStage(final long stage) {
        stages.remove(stage);
        Native.free(stage);
    }

    List<String> leaks() {
        final List<String> left = new ArrayList<>();
        device.values().forEach(block -> left.add(block.bytes + " bytes of the device"));
        pinned.values().forEach(block -> left.add(block.bytes + " bytes of pinned memory"));
        return left;
    }

    void close() {
        checkGuards();
        device.values().forEach(block -> Native.free(block.raw));
        pinned.values().forEach(block -> Native.free(block.raw));
        stages.forEach(Native::free);
        device.clear();
        pinned.clear();
        stages.clear();
    }

    private long allocate(final TreeMap<Long, Block> blocks, final long bytes) {
        final long raw = Native.malloc(bytes + 2 * GUARD_BYTES + ALIGNMENT);
        if (raw == 0) {
            throw new OutOfMemoryError("the host has no " + bytes + " bytes to play a GPU's memory");
        }
        final long address = (raw + GUARD_BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        final Pointer pointer = new Pointer(address);
        pointer.setMemory(-GUARD_BYTES, GUARD_BYTES, GUARD);
        pointer.setMemory(0, bytes, (byte) random.nextInt());
        pointer.setMemory(bytes, GUARD_BYTES, GUARD);
        blocks.put(address, new Block(raw, address, bytes));
        return address;
    }

    private static void free(final TreeMap<Long, Block> blocks, final long address) {
        final Block block = blocks.remove(address);
        checkGuards(block);
        new Pointer(address).setMemory(0, block.bytes, (byte) 0xDD);
        Native.free(block.raw);
    }

    private static Block block(final TreeMap<Long, Block> blocks, final long address) {
        final Block block = blocks.get(address);
        if (block == null) {
            throw new AssertionError("nothing was taken at 0x" + Long.toHexString(address));
        }
        return block;
    }

    private static boolean isWithin(final TreeMap<Long, Block> blocks, final long address, final long bytes) {
        final Map.Entry<Long, Block> below = blocks.floorEntry(address);
        return bytes >= 0 && below != null && address + bytes <= below.getKey() + below.getValue().bytes;
    }

    private static void checkGuards(final Block block) {
        final Pointer pointer = new Pointer(block.address);
        final byte[] before = pointer.getByteArray(-GUARD_BYTES, GUARD_BYTES);
        final byte[] after = pointer.getByteArray(block.bytes, GUARD_BYTES);
        for (int i = 0; i < GUARD_BYTES; i++) {
            if (before[i] != GUARD || after[i] != GUARD) {
                throw new AssertionError("something was written beside " + block.bytes + " bytes of memory, at "
                        + (before[i] != GUARD ? i - GUARD_BYTES : block.bytes + i));
            }
        }
    }
}
