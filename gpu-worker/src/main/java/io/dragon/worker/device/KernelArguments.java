package io.dragon.worker.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The arguments of a kernel in memory as the driver wants them, made once for each kernel of a handler and changed in place: a launch
 * allocates nothing. One set is enough for all slots of a ring, because {@code cuLaunchKernel} has copied the arguments when it returns. One
 * thread at a time.
 *
 * <pre>
 *   cells: one of 8 bytes for each argument      pointers: the address of each cell
 * </pre>
 */
public final class KernelArguments {
    /** Most arguments of a kernel. */
    public static final int MAX_COUNT = 32;

    private static final int CELL_BYTES = Long.BYTES;

    private final int count;
    private final UnsafeBuffer cells;
    private final UnsafeBuffer pointers;

    /**
     * Arguments that are all 0.
     *
     * @param count how many the kernel takes, 1 to {@link #MAX_COUNT}.
     */
    public KernelArguments(final int count) {
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("a kernel takes 1 to " + MAX_COUNT + " arguments, not " + count);
        }
        this.count = count;
        final ByteBuffer memory = BufferUtil.allocateDirectAligned(2 * CELL_BYTES * count, CELL_BYTES)
                .order(ByteOrder.nativeOrder());
        cells = new UnsafeBuffer(memory, 0, CELL_BYTES * count);
        pointers = new UnsafeBuffer(memory, CELL_BYTES * count, CELL_BYTES * count);
        for (int i = 0; i < count; i++) {
            pointers.putLong(i * CELL_BYTES, cells.addressOffset() + (long) i * CELL_BYTES);
        }
    }

    /**
     * How many there are.
     *
     * @return 1 to {@link #MAX_COUNT}.
     */
    public int count() {
        return count;
    }

    /**
     * Sets an address, or an integer of 64 bits.
     *
     * @param index from 0.
     * @param value it is 0 for no address.
     * @return this.
     */
    public KernelArguments set(final int index, final long value) {
        cells.putLong(index * CELL_BYTES, value);
        return this;
    }

    /**
     * Sets an integer of 32 bits.
     *
     * @param index from 0.
     * @param value signed or unsigned.
     * @return this.
     */
    public KernelArguments setInt(final int index, final int value) {
        cells.putLong(index * CELL_BYTES, value & 0xFFFF_FFFFL);
        return this;
    }

    /**
     * Sets a float.
     *
     * @param index from 0.
     * @param value of 32 bits.
     * @return this.
     */
    public KernelArguments setFloat(final int index, final float value) {
        return setInt(index, Float.floatToRawIntBits(value));
    }

    /**
     * Sets a double.
     *
     * @param index from 0.
     * @param value of 64 bits.
     * @return this.
     */
    public KernelArguments setDouble(final int index, final double value) {
        return set(index, Double.doubleToRawLongBits(value));
    }

    /**
     * An argument as it lies in its cell.
     *
     * @param index from 0.
     * @return 64 bits; a shorter one is in the lower half.
     */
    public long cell(final int index) {
        return cells.getLong(index * CELL_BYTES);
    }

    /**
     * Where the addresses of the arguments lie, as the driver takes them.
     *
     * @return a host address, valid as long as this object is reachable.
     */
    public long pointersAddress() {
        return pointers.addressOffset();
    }
}
