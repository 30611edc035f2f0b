package io.dragon.worker.voxel;

import java.util.Arrays;

/**
 * The votes of a slab and of two layers on either side of it, so that its peaks come out as in the whole grid. A voxel has one
 * bit a camera and a sum. Keeps its memory between steps and clears only what was touched.
 */
final class SlabVotes {
    /** Layers beyond the slab: one to see whether a voxel is a peak, two to see where within it the peak lies. */
    static final int HALO = 2;

    private static final int MAX_CELLS = 1 << 28;

    private int[] bits = new int[0];
    private int[] sums = new int[0];
    private int[] touched = new int[1024];
    private int touchedCount;
    private Grid grid;
    private int begin;
    private int end;
    private int base;
    private int layers;

    /** Make ready for a slab; all votes are zero. */
    void reset(final Grid newGrid, final int newBegin, final int newEnd) {
        clear();
        final long cells = place(newGrid, newBegin, newEnd);
        if (bits.length < cells || sums.length < cells) {
            // Both are let go first: a slab that does not fit beside the one before it may fit in its place.
            bits = new int[0];
            sums = new int[0];
            bits = new int[(int) cells];
            sums = new int[(int) cells];
        }
    }

    /** Where a slab lies, without memory for its votes; how many voxels it has. */
    long place(final Grid newGrid, final int newBegin, final int newEnd) {
        grid = newGrid;
        begin = newBegin;
        end = newEnd;
        base = Math.max(newBegin - HALO, 0);
        layers = Math.min(newEnd + HALO, newGrid.nx()) - base;
        final long cells = (long) layers * newGrid.ny() * newGrid.nz();
        if (cells > MAX_CELLS) {
            throw new IllegalArgumentException("a slab of " + cells + " voxels, at most " + MAX_CELLS
                    + " are possible: cut the grid into more slabs");
        }
        return cells;
    }

    private void clear() {
        for (int i = 0; i < touchedCount; i++) {
            bits[touched[i]] = 0;
            sums[touched[i]] = 0;
        }
        touchedCount = 0;
    }

    /** Give a voxel a camera's bit and add to its sum. */
    void add(final int local, final int cameraBit, final int weight) {
        final int before = bits[local];
        if (before == 0) {
            if (touchedCount == touched.length) {
                touched = Arrays.copyOf(touched, 2 * touchedCount);
            }
            touched[touchedCount++] = local;
        }
        bits[local] = before | cameraBit;
        sums[local] += weight;
    }

    int cells() {
        return bits.length;
    }

    Grid grid() {
        return grid;
    }

    int begin() {
        return begin;
    }

    int end() {
        return end;
    }

    /** First layer that votes are kept for. */
    int base() {
        return base;
    }

    int layers() {
        return layers;
    }

    int local(final int x, final int y, final int z) {
        return ((x - base) * grid.ny() + y) * grid.nz() + z;
    }

    int bits(final int local) {
        return bits[local];
    }

    int sum(final int local) {
        return sums[local];
    }

    int touchedCount() {
        return touchedCount;
    }

    int touched(final int i) {
        return touched[i];
    }

    /** Order the touched voxels by their place in memory. */
    void sortTouched() {
        Arrays.sort(touched, 0, touchedCount);
    }
}
