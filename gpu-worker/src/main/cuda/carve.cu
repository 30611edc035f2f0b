// Voxels out of masks: levels of a mask, gather, scatter, what counts, and peaks. Integers only in what is counted, and doubles in one
// order, so that the results are those of Gather.java, Scatter.java and PeakFinder.java, on one device or on several.
#include "camera.h"
#include "scan.h"

#define BLOCK 8
#define BLOCK_RADIUS (3.5 * 1.7320508075688774 * 1.000001)
#define VOXEL_RADIUS (0.5 * 1.7320508075688774 * 1.000001)
#define FRACTIONS 4096
#define HALO 2
#define MAX_CAMERAS 32

enum Shown { OUTSIDE, EMPTY, UNKNOWN, NO_MASK };

// A slab of the grid and the layers around it that votes are kept for.
struct Slab {
    double origin_x, origin_y, origin_z, voxel;
    int nx, ny, nz;
    int begin, end;   // layers of the slab
    int base, layers; // layers that votes are kept for
    int min_cameras, is_hull, cameras;
};

// ---- levels

// The lowest level of a camera: the bits of its mask, without what lies behind the end of a row. A thread for each word.
KERNEL levels_load(const u64 *__restrict bits, u64 *__restrict level, u32 words_a_row, u32 words, u64 last_word) {
    const u32 i = block_x() * threads_x() + thread_x();
    if (i < words) level[i] = bits[i] & (i % words_a_row == words_a_row - 1 ? last_word : ~0ull);
}

// Bit i of the result is bit 2i or bit 2i + 1 of the word.
DEVICE u64 squeeze(u64 word) {
    u64 x = (word | word >> 1) & 0x5555555555555555ull;
    x = (x | x >> 1) & 0x3333333333333333ull;
    x = (x | x >> 2) & 0x0F0F0F0F0F0F0F0Full;
    x = (x | x >> 4) & 0x00FF00FF00FF00FFull;
    x = (x | x >> 8) & 0x0000FFFF0000FFFFull;
    return (x | x >> 16) & 0xFFFFFFFFull;
}

// A level from the one below it. A thread for each word.
KERNEL levels_reduce(const u64 *__restrict from, u64 *__restrict to, u32 from_words, u32 from_rows, u32 to_words, u32 to_rows) {
    const u64 at = (u64)block_x() * threads_x() + thread_x();
    if (at >= (u64)to_words * to_rows) return;
    const u32 y = (u32)(at / to_words), i = (u32)(at % to_words);
    const u64 first = 2ull * y * from_words;
    const u64 second = 2 * y + 1 < from_rows ? first + from_words : first;
    const u64 low = from[first + 2 * i] | from[second + 2 * i];
    const u64 high = 2 * i + 1 < from_words ? from[first + 2 * i + 1] | from[second + 2 * i + 1] : 0;
    to[at] = squeeze(low) | squeeze(high) << 32;
}

// ---- gather

// What the picture of a block shows at most; skipping a block by it never changes a result.
DEVICE int shown(const Camera &c, const u64 *levels, const Slab &slab, double x, double y, double z) {
    const double depth = depth_of(c, x, y, z);
    const double radius = BLOCK_RADIUS * slab.voxel;
    const double voxel_radius = VOXEL_RADIUS * slab.voxel;
    if (depth + radius <= 0) return OUTSIDE;
    const double nearest = depth - radius - voxel_radius;
    if (!(nearest > 0.01 * radius)) return UNKNOWN;
    const double camera_x = ((c.r[0] * x + c.r[1] * y) + c.r[2] * z) + c.t[0];
    const double camera_y = ((c.r[3] * x + c.r[4] * y) + c.r[5] * z) + c.t[1];
    const double nx = camera_x / depth, ny = camera_y / depth;
    const double squared = nx * nx + ny * ny;
    const double reach = radius * square_root(1 + squared) / nearest;
    const double normalised = square_root(squared);
    if (normalised > c.view_radius) return normalised - reach > c.view_radius ? OUTSIDE : UNKNOWN;
    double u, v;
    if (!project(c, camera_x, camera_y, depth, u, v)) return UNKNOWN;
    const double spread = c.stretch * reach;
    if (!touches(c, u, v, spread)) return OUTSIDE;
    const double around = slab.is_hull ? spread + 1 : spread + c.focal_length * 2 * voxel_radius / nearest + 1;
    if (area(c, levels, u, v, around, around) != 0) return UNKNOWN;
    if (!slab.is_hull) return OUTSIDE;
    return normalised + reach <= c.view_radius && covers(c, u, v, spread) ? EMPTY : UNKNOWN;
}

// Whether cameras stand at two stations at least.
DEVICE bool spans_stations(const Camera *cameras, u32 bits) {
    return bits != 0 && (bits & ~cameras[trailing_zeros(bits)].stations) != 0;
}

// Whether a voxel has enough cameras at enough places.
DEVICE bool counts(const Slab &slab, const Camera *cameras, u32 bits) {
    return count_bits(bits) >= slab.min_cameras && (slab.is_hull || spans_stations(cameras, bits));
}

// Voxels look themselves up in the masks. Blocks of 512 threads: x along z of the grid, y along y, z along x from the first block on
// that holds the slab's base. bits and sums: zero before, a word for each voxel of the slab's layers.
KERNEL gather(const Slab *__restrict slab_at, const Camera *__restrict cameras, const u64 *__restrict levels,
              u32 *__restrict bits, u32 *__restrict sums) {
    SHARED(int, states, MAX_CAMERAS);
    const Slab slab = *slab_at;
    const int bx = slab.base / BLOCK + (int)block_z(), by = (int)block_y(), bz = (int)block_x();
    if (thread_x() < (u32)slab.cameras) {
        const double size = BLOCK * slab.voxel;
        const Camera &c = cameras[thread_x()];
        states[thread_x()] = c.has_mask == 0 ? NO_MASK
                : shown(c, levels, slab, slab.origin_x + (bx + 0.5) * size, slab.origin_y + (by + 0.5) * size,
                        slab.origin_z + (bz + 0.5) * size);
    }
    sync_block();
    u32 candidates = 0;
    for (int i = 0; i < slab.cameras; i++) {
        if (slab.is_hull && states[i] == EMPTY) return;
        if (states[i] == UNKNOWN) candidates |= 1u << i;
    }
    if (count_bits(candidates) < slab.min_cameras || (!slab.is_hull && !spans_stations(cameras, candidates))) return;
    const int x = bx * BLOCK + (int)thread_x() / 64, y = by * BLOCK + (int)thread_x() / 8 % 8, z = bz * BLOCK + (int)thread_x() % 8;
    if (x < slab.base || x >= slab.base + slab.layers || y >= slab.ny || z >= slab.nz) return;
    const double wx = slab.origin_x + (x + 0.5) * slab.voxel;
    const double wy = slab.origin_y + (y + 0.5) * slab.voxel;
    const double wz = slab.origin_z + (z + 0.5) * slab.voxel;
    u32 seen = 0, sum = 0;
    for (u32 left = candidates; left != 0; left &= left - 1) {
        const int i = trailing_zeros(left);
        const Camera &c = cameras[i];
        const double cx = c.r[0] * wx + c.r[1] * wy;
        const double cy = c.r[3] * wx + c.r[4] * wy;
        const double cz = c.r[6] * wx + c.r[7] * wy;
        const double depth = (cz + c.r[8] * wz) + c.t[2];
        double u, v;
        if (!project(c, (cx + c.r[2] * wz) + c.t[0], (cy + c.r[5] * wz) + c.t[1], depth, u, v) || !contains(c, u, v)) continue;
        if (slab.is_hull) {
            if (!is_set(c, levels, u, v)) return; // outside one silhouette is outside for good
            seen |= 1u << i;
            sum++;
        } else {
            const double half_x = 0.5 * slab.voxel * (absolute(c.r[0]) + absolute(c.r[1]) + absolute(c.r[2])) * c.k[0];
            const double half_y = 0.5 * slab.voxel * (absolute(c.r[3]) + absolute(c.r[4]) + absolute(c.r[5])) * c.k[4];
            const int covered = area(c, levels, u, v, half_x / depth, half_y / depth);
            if (covered != 0) {
                seen |= 1u << i;
                sum += (u32)covered;
            }
        }
    }
    if ((int)sum > 0 && counts(slab, cameras, seen)) {
        const u64 local = ((u64)(x - slab.base) * slab.ny + y) * slab.nz + z;
        bits[local] = seen;
        sums[local] = sum;
    }
}

// ---- scatter

#define NEVER __builtin_inf()

DEVICE double inverse_of(double component) { return absolute(component) < 1e-12 ? 0 : 1.0 / component; }

DEVICE double crossing(double origin, double inverse, int plane, double voxel) {
    return inverse == 0 ? NEVER : (plane * voxel - origin) * inverse;
}

DEVICE double enter_at(double origin, double inverse, int first, int after, double voxel) {
    if (inverse == 0) return origin >= first * voxel && origin < after * voxel ? -NEVER : NEVER;
    return crossing(origin, inverse, inverse > 0 ? first : after, voxel);
}

DEVICE double leave_at(double origin, double inverse, int first, int after, double voxel) {
    return crossing(origin, inverse, inverse > 0 ? after : first, voxel);
}

DEVICE bool is_crossed(double distance, double start, bool before) { return before ? distance <= start : distance < start; }

DEVICE int cell_at(double origin, double direction, double inverse, double start, bool before, double voxel) {
    if (inverse == 0) return to_int(floor_of(origin / voxel));
    int cell = to_int(floor_of((origin + direction * start) / voxel));
    const int step = inverse > 0 ? 1 : -1;
    const int ahead = inverse > 0 ? 1 : 0;
    while (is_crossed(crossing(origin, inverse, cell + ahead, voxel), start, before)) cell += step;
    while (!is_crossed(crossing(origin, inverse, cell + ahead - step, voxel), start, before)) cell -= step;
    return cell;
}

// Rays of one camera's listed pixels walk the slab. A thread for each pixel. bits and sums are added to.
KERNEL scatter(const Slab *__restrict slab_at, const Camera *__restrict cameras, int camera, const u32 *__restrict list,
               const u8 *__restrict weights, u32 listed, u32 *bits, u32 *sums) {
    const u32 i = block_x() * threads_x() + thread_x();
    if (i >= listed) return;
    const Slab slab = *slab_at;
    const Camera &c = cameras[camera];
    const u32 pixel = list[i];
    double d[3];
    if (!ray(c, (double)(pixel & 0xFFFF), (double)(pixel >> 16), d)) return;
    const int first_x = slab.base, after_x = slab.base + slab.layers, ny = slab.ny, nz = slab.nz;
    const double voxel = slab.voxel;
    const double ox = c.position[0] - slab.origin_x, oy = c.position[1] - slab.origin_y, oz = c.position[2] - slab.origin_z;
    const double ix = inverse_of(d[0]), iy = inverse_of(d[1]), iz = inverse_of(d[2]);
    const double enter_x = enter_at(ox, ix, first_x, after_x, voxel);
    const double enter_y = enter_at(oy, iy, 0, ny, voxel);
    const double enter_z = enter_at(oz, iz, 0, nz, voxel);
    const double leave = smaller(leave_at(ox, ix, first_x, after_x, voxel),
                                 smaller(leave_at(oy, iy, 0, ny, voxel), leave_at(oz, iz, 0, nz, voxel)));
    const double start = larger(larger(enter_x, enter_y), larger(enter_z, 0.0));
    if (!(start <= leave)) return;
    // The plane crossed last: z before y before x when several are crossed at once, after the others in the walk's order.
    const int last = enter_z == start ? 2 : enter_y == start ? 1 : enter_x == start ? 0 : 3;
    int x = cell_at(ox, d[0], ix, start, last > 0, voxel);
    int y = cell_at(oy, d[1], iy, start, last > 1, voxel);
    int z = cell_at(oz, d[2], iz, start, last > 2, voxel);
    if (last == 0) x = ix > 0 ? first_x : after_x - 1;
    else if (last == 1) y = iy > 0 ? 0 : ny - 1;
    else if (last == 2) z = iz > 0 ? 0 : nz - 1;
    const int sx = ix > 0 ? 1 : -1, sy = iy > 0 ? 1 : -1, sz = iz > 0 ? 1 : -1;
    const int px = ix > 0 ? 1 : 0, py = iy > 0 ? 1 : 0, pz = iz > 0 ? 1 : 0;
    double tx = crossing(ox, ix, x + px, voxel), ty = crossing(oy, iy, y + py, voxel), tz = crossing(oz, iz, z + pz, voxel);
    const u32 bit = 1u << camera, weight = weights[i];
    for (;;) {
        if (x >= first_x && x < after_x && y >= 0 && y < ny && z >= 0 && z < nz) {
            const u64 local = ((u64)(x - first_x) * ny + y) * nz + z;
            atomic_or(bits + local, bit);
            atomic_add(sums + local, weight);
        }
        if (tx <= ty && tx <= tz) {
            if (!(tx <= leave)) return;
            x += sx;
            tx = crossing(ox, ix, x + px, voxel);
        } else if (ty <= tz) {
            if (!(ty <= leave)) return;
            y += sy;
            ty = crossing(oy, iy, y + py, voxel);
        } else {
            if (!(tz <= leave)) return;
            z += sz;
            tz = crossing(oz, iz, z + pz, voxel);
        }
    }
}

// ---- what counts, and peaks

// occupied, then the least and the largest x, y, z of what counts: 0xFFFFFFFF and 0 before. Any number of blocks.
KERNEL summarise(const Slab *__restrict slab_at, const Camera *__restrict cameras, const u32 *__restrict bits, u32 *summary) {
    const Slab slab = *slab_at;
    const u64 layer = (u64)slab.ny * slab.nz;
    const u64 first = (u64)(slab.begin - slab.base) * layer, end = (u64)(slab.end - slab.base) * layer;
    u32 occupied = 0, least[3] = {~0u, ~0u, ~0u}, most[3] = {0, 0, 0};
    for (u64 i = first + (u64)block_x() * threads_x() + thread_x(); i < end; i += (u64)blocks_x() * threads_x()) {
        if (bits[i] == 0 || !counts(slab, cameras, bits[i])) continue;
        const u32 place[3] = {(u32)slab.base + (u32)(i / layer), (u32)(i % layer) / (u32)slab.nz, (u32)(i % layer) % (u32)slab.nz};
        occupied++;
        for (int k = 0; k < 3; k++) {
            least[k] = place[k] < least[k] ? place[k] : least[k];
            most[k] = place[k] > most[k] ? place[k] : most[k];
        }
    }
    for (int by = 16; by > 0; by >>= 1) {
        occupied += shuffle_xor(occupied, by);
        for (int k = 0; k < 3; k++) {
            const u32 low = shuffle_xor(least[k], by), high = shuffle_xor(most[k], by);
            least[k] = low < least[k] ? low : least[k];
            most[k] = high > most[k] ? high : most[k];
        }
    }
    if (lane() == 0 && occupied != 0) {
        atomic_add(summary, occupied);
        for (int k = 0; k < 3; k++) {
            atomic_min(summary + 1 + k, least[k]);
            atomic_max(summary + 4 + k, most[k]);
        }
    }
}

// A local maximum: the score orders, the index decides among equals. In no order; the host sorts.
struct Peak {
    u32 votes, sum;
    u32 index; // in the whole grid
    u32 bits;
    int x, y, z; // in parts of a voxel
    u32 reserved;
};

DEVICE u64 score_of(const Slab &slab, const Camera *cameras, const u32 *bits, const u32 *sums, u64 local) {
    const u32 seen = bits[local];
    if (seen == 0 || !counts(slab, cameras, seen)) return 0;
    return (u64)count_bits(seen) << 32 | sums[local];
}

DEVICE int place_of(int cell, i64 sum, i64 weights) {
    i64 offset = 0;
    if (weights != 0) {
        const i64 n = sum * FRACTIONS;
        offset = n / weights;
        if (n % weights != 0 && (n < 0) != (weights < 0)) offset--;
    }
    return (int)((i64)cell * FRACTIONS + FRACTIONS / 2 + offset);
}

// Peaks of the slab, at most limit of them; found counts all. A thread for each voxel of the slab's own layers.
KERNEL peaks(const Slab *__restrict slab_at, const Camera *__restrict cameras, const u32 *__restrict bits,
             const u32 *__restrict sums, Peak *__restrict list, u32 limit, u32 *found) {
    const Slab slab = *slab_at;
    const u64 layer = (u64)slab.ny * slab.nz;
    const u64 local = (u64)(slab.begin - slab.base) * layer + (u64)block_x() * threads_x() + thread_x();
    if (local >= (u64)(slab.end - slab.base) * layer) return;
    const u64 score = score_of(slab, cameras, bits, sums, local);
    if (score == 0) return;
    const int x = slab.base + (int)(local / layer), y = (int)(local % layer) / slab.nz, z = (int)(local % layer) % slab.nz;
    for (int nx = larger(x - 1, 0); nx <= smaller(x + 1, slab.nx - 1); nx++) {
        for (int ny = larger(y - 1, 0); ny <= smaller(y + 1, slab.ny - 1); ny++) {
            for (int nz = larger(z - 1, 0); nz <= smaller(z + 1, slab.nz - 1); nz++) {
                const u64 neighbour = ((u64)(nx - slab.base) * slab.ny + ny) * slab.nz + nz;
                const u64 other = score_of(slab, cameras, bits, sums, neighbour);
                if (other > score || (other == score && neighbour < local)) return;
            }
        }
    }
    const u32 at = atomic_add(found, 1);
    if (at >= limit) return;
    i64 weights = 0, sum_x = 0, sum_y = 0, sum_z = 0;
    for (int nx = larger(x - HALO, 0); nx <= smaller(x + HALO, slab.nx - 1); nx++) {
        for (int ny = larger(y - HALO, 0); ny <= smaller(y + HALO, slab.ny - 1); ny++) {
            for (int nz = larger(z - HALO, 0); nz <= smaller(z + HALO, slab.nz - 1); nz++) {
                const u64 other = score_of(slab, cameras, bits, sums, ((u64)(nx - slab.base) * slab.ny + ny) * slab.nz + nz);
                if (other >> 32 == score >> 32) {
                    const i64 weight = (i64)(other & 0xFFFFFFFFull);
                    weights += weight;
                    sum_x += weight * (nx - x);
                    sum_y += weight * (ny - y);
                    sum_z += weight * (nz - z);
                }
            }
        }
    }
    Peak peak;
    peak.votes = (u32)(score >> 32);
    peak.sum = (u32)score;
    peak.index = (u32)((u64)slab.base * layer + local);
    peak.bits = bits[local];
    peak.x = place_of(x, sum_x, weights);
    peak.y = place_of(y, sum_y, weights);
    peak.z = place_of(z, sum_z, weights);
    peak.reserved = 0;
    list[at] = peak;
}

// ---- runs of equal voxels along z, as VoxelFrame.java draws them

struct Run {
    u32 index; // of the first voxel in the whole grid
    u32 length, bits, sum;
};

// Whether two voxels of a row, next to each other, belong to one run, when they count at all.
DEVICE bool are_alike(const u32 *bits, const u32 *sums, u64 a, u64 b) { return bits[a] == bits[b] && sums[a] == sums[b]; }

DEVICE bool is_counted(const Slab &slab, const Camera *cameras, const u32 *bits, u64 local, int z) {
    return z < slab.nz && bits[local] != 0 && counts(slab, cameras, bits[local]);
}

DEVICE bool is_last_of_run(const Slab &slab, const u32 *bits, const u32 *sums, u64 local, int z) {
    return z + 1 == slab.nz || !are_alike(bits, sums, local, local + 1);
}

// How many runs end in each row of the slab's own layers. A warp for each row.
KERNEL runs_rows(const Slab *__restrict slab_at, const Camera *__restrict cameras, const u32 *__restrict bits,
                 const u32 *__restrict sums, u32 *__restrict rows) {
    const Slab slab = *slab_at;
    const u64 row = ((u64)block_x() * threads_x() + thread_x()) / WARP;
    if (row >= (u64)(slab.end - slab.begin) * slab.ny) return;
    const u64 first = ((u64)(slab.begin - slab.base) * slab.ny + row) * slab.nz;
    u32 ends = 0;
    for (int z = (int)lane(); z < slab.nz; z += WARP) {
        ends += (u32)(is_counted(slab, cameras, bits, first + z, z) && is_last_of_run(slab, bits, sums, first + z, z));
    }
    for (int by = 16; by > 0; by >>= 1) ends += shuffle_xor(ends, by);
    if (lane() == 0) rows[row] = ends;
}

// Each row's count becomes the number of runs in the rows before it; total is that of all. One block of at most 1,024 threads.
KERNEL runs_scan(u32 *rows, u32 count, u32 *total) {
    const u32 all = scan_block(rows, count);
    if (thread_x() == 0) *total = all;
}

// The runs in the order of memory; what is beyond the limit is left out. A warp for each row.
KERNEL runs_write(const Slab *__restrict slab_at, const Camera *__restrict cameras, const u32 *__restrict bits,
                  const u32 *__restrict sums, const u32 *__restrict rows, Run *__restrict list, u32 limit) {
    const Slab slab = *slab_at;
    const u64 row = ((u64)block_x() * threads_x() + thread_x()) / WARP;
    if (row >= (u64)(slab.end - slab.begin) * slab.ny) return;
    const u64 first = ((u64)(slab.begin - slab.base) * slab.ny + row) * slab.nz;
    const u32 first_index = (u32)((u64)slab.begin * slab.ny * slab.nz + row * slab.nz);
    u32 before = rows[row];
    int open = 0; // where the run that goes on from the lanes before began
    for (int begin = 0; begin < slab.nz; begin += WARP) {
        const int z = begin + (int)lane();
        const u64 local = first + z;
        const bool counted = is_counted(slab, cameras, bits, local, z);
        const bool is_first = counted && (z == 0 || !are_alike(bits, sums, local - 1, local));
        const bool is_last = counted && is_last_of_run(slab, bits, sums, local, z);
        const u32 firsts = ballot(is_first), lasts = ballot(is_last);
        if (is_last) {
            const u32 upto_here = firsts & ~0u >> (WARP - 1 - lane());
            const int from = upto_here != 0 ? begin + WARP - 1 - leading_zeros(upto_here) : open;
            const u32 at = before + (u32)count_bits(lasts & ((1u << lane()) - 1));
            if (at < limit) {
                Run run;
                run.index = first_index + (u32)from;
                run.length = (u32)(z - from + 1);
                run.bits = bits[local];
                run.sum = sums[local];
                list[at] = run;
            }
        }
        if (firsts != 0) open = begin + WARP - 1 - leading_zeros(firsts);
        before += (u32)count_bits(lasts);
    }
}
