package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Finds the local maxima of votes, then of the sum, among the 26 neighbours of each voxel; of equal neighbours the one that
 * comes first in memory wins. The place within the voxel is the centre of those voxels around it, two to each side, that have as many
 * votes, weighted by their sums. Keeps the best ones in order.
 */
final class PeakFinder {
    private static final int FOUND_LENGTH = 32;

    /** Votes and sum of the kept peaks, best first: votes in the upper half. */
    private long[] scores = new long[CarveResult.INLINE_PEAKS];

    private int[] indices = new int[CarveResult.INLINE_PEAKS];
    private int[] places = new int[3 * CarveResult.INLINE_PEAKS];
    private int[] bits = new int[CarveResult.INLINE_PEAKS];
    private SlabVotes votes;
    private Rig rig;
    private CarveRule rule;
    private int ny;
    private int nz;
    private int limit;
    private int count;
    private int found;
    private final Triangulation triangulation = new Triangulation();
    private final double[] point = new double[3];

    /** Begin a slab. */
    void begin(final Rig newRig, final CarveRule newRule, final int newLimit) {
        rig = newRig;
        rule = newRule;
        limit = newLimit;
        ny = newRule.grid().ny();
        nz = newRule.grid().nz();
        count = 0;
        found = 0;
        if (scores.length < limit) {
            scores = new long[limit];
            indices = new int[limit];
            places = new int[3 * limit];
            bits = new int[limit];
        }
    }

    /** Find the peaks of a piece of the slab, from its own votes and those of the layers around it. */
    void add(final SlabVotes newVotes) {
        votes = newVotes;
        for (int i = 0; limit > 0 && i < newVotes.touchedCount(); i++) {
            consider(newVotes.touched(i));
        }
    }

    /**
     * All pieces are in.
     *
     * @param masks      by camera
     * @param cameraBits the cameras that take part
     */
    void end(final MaskFrame[] masks, final int cameraBits) {
        triangulation.begin(rig, masks, rule.grid().voxel());
        for (int i = 0; i < count; i++) {
            triangulate(i, cameraBits);
        }
    }

    private void triangulate(final int peak, final int cameraBits) {
        final Grid grid = rule.grid();
        for (int axis = 0; axis < 3; axis++) {
            point[axis] = grid.origin(axis) + places[3 * peak + axis] * (grid.voxel() / CarveResult.FRACTIONS);
        }
        if (triangulation.refine(cameraBits, point)) {
            for (int axis = 0; axis < 3; axis++) {
                places[3 * peak + axis] = (int)
                        Math.floor((point[axis] - grid.origin(axis)) / grid.voxel() * CarveResult.FRACTIONS + 0.5);
            }
        }
    }

    private void consider(final int local) {
        final int x = votes.base() + local / (ny * nz);
        if (x < votes.begin() || x >= votes.end()) {
            return;
        }
        final long score = score(local);
        if (score == 0) {
            return;
        }
        final int y = local / nz % ny;
        final int z = local % nz;
        for (int nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, votes.grid().nx() - 1); nx++) {
            for (int my = Math.max(y - 1, 0); my <= Math.min(y + 1, ny - 1); my++) {
                for (int mz = Math.max(z - 1, 0); mz <= Math.min(z + 1, nz - 1); mz++) {
                    final int neighbour = votes.local(nx, my, mz);
                    final long other = score(neighbour);
                    if (other > score || other == score && neighbour < local) {
                        return;
                    }
                }
            }
        }
        found++;
        insert(score, local, x, y, z);
    }

    private long score(final int local) {
        final int cameras = votes.bits(local);
        if (cameras == 0 || !Carver.counts(rig, rule, cameras)) {
            return 0;
        }
        return (long) Integer.bitCount(cameras) << 32 | votes.sum(local) & 0xFFFF_FFFFL;
    }

    private void insert(final long score, final int local, final int x, final int y, final int z) {
        final int at = insert(score, votes.base() * ny * nz + local, votes.bits(local));
        if (at >= 0) {
            refine(at, x, y, z);
        }
    }

    /** Takes peaks that were found elsewhere, in no order: votes, sum, index, bits, x, y, z, 0, 4 bytes each. */
    void add(final DirectBuffer list, final int offset, final int number) {
        found += limit > 0 ? number : 0;
        for (int i = 0; i < number && limit > 0; i++) {
            final int from = offset + i * FOUND_LENGTH;
            final long score =
                    (long) list.getInt(from, Wire.ORDER) << 32 | list.getInt(from + 4, Wire.ORDER) & 0xFFFF_FFFFL;
            final int at = insert(score, list.getInt(from + 8, Wire.ORDER), list.getInt(from + 12, Wire.ORDER));
            for (int axis = 0; axis < 3 && at >= 0; axis++) {
                places[3 * at + axis] = list.getInt(from + 16 + 4 * axis, Wire.ORDER);
            }
        }
    }

    /** Where the peak is among those kept; -1 when it is not. */
    private int insert(final long score, final int index, final int cameras) {
        int at = count;
        while (at > 0 && (scores[at - 1] < score || scores[at - 1] == score && indices[at - 1] > index)) {
            at--;
        }
        if (at == limit) {
            return -1;
        }
        final int moved = Math.min(count, limit - 1) - at;
        System.arraycopy(scores, at, scores, at + 1, moved);
        System.arraycopy(indices, at, indices, at + 1, moved);
        System.arraycopy(bits, at, bits, at + 1, moved);
        System.arraycopy(places, 3 * at, places, 3 * at + 3, 3 * moved);
        count = Math.min(count + 1, limit);
        scores[at] = score;
        indices[at] = index;
        bits[at] = cameras;
        return at;
    }

    private void refine(final int at, final int x, final int y, final int z) {
        final int reach = SlabVotes.HALO;
        final long wanted = scores[at] >>> 32;
        long weights = 0;
        long sumX = 0;
        long sumY = 0;
        long sumZ = 0;
        for (int nx = Math.max(x - reach, 0);
                nx <= Math.min(x + reach, votes.grid().nx() - 1);
                nx++) {
            for (int my = Math.max(y - reach, 0); my <= Math.min(y + reach, ny - 1); my++) {
                for (int mz = Math.max(z - reach, 0); mz <= Math.min(z + reach, nz - 1); mz++) {
                    final long score = score(votes.local(nx, my, mz));
                    if (score >>> 32 == wanted) {
                        final long weight = score & 0xFFFF_FFFFL;
                        weights += weight;
                        sumX += weight * (nx - x);
                        sumY += weight * (my - y);
                        sumZ += weight * (mz - z);
                    }
                }
            }
        }
        places[3 * at] = place(x, sumX, weights);
        places[3 * at + 1] = place(y, sumY, weights);
        places[3 * at + 2] = place(z, sumZ, weights);
    }

    private static int place(final int cell, final long sum, final long weights) {
        final long middle = (long) cell * CarveResult.FRACTIONS + CarveResult.FRACTIONS / 2;
        return (int) (middle + (weights == 0 ? 0 : Math.floorDiv(sum * CarveResult.FRACTIONS, weights)));
    }

    /** Peaks kept. */
    int count() {
        return count;
    }

    /** Peaks there were. */
    int found() {
        return found;
    }

    void encode(final MutableDirectBuffer buffer, final int offset, final int number) {
        for (int i = 0; i < number; i++) {
            final int at = offset + i * CarveResult.PEAK_LENGTH;
            buffer.putInt(at, places[3 * i], Wire.ORDER);
            buffer.putInt(at + 4, places[3 * i + 1], Wire.ORDER);
            buffer.putInt(at + 8, places[3 * i + 2], Wire.ORDER);
            buffer.putInt(at + 12, bits[i], Wire.ORDER);
            buffer.putInt(at + 16, (int) scores[i], Wire.ORDER);
        }
    }
}
