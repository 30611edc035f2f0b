// BLAKE3 of the blocks of a frame, two values each in one pass over the data: the digest of the block alone, and its chaining
// value at its place in its file. The frame is laid out as BlockTable.java draws it; the tree is that of
// https://github.com/BLAKE3-team/BLAKE3-specs. Launches: chunks, as pieces of the frame arrive, then the tree above the chunks of each block.
#include "blocks.h"

#define CHUNK_START 1u
#define CHUNK_END 2u
#define PARENT 4u
#define ROOT 8u

CONSTANT u32 IV[8] = {0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au, 0x510E527Fu, 0x9B05688Cu, 0x1F83D9ABu, 0x5BE0CD19u};

#define G(a, b, c, d, x, y)                                                                                            \
    s[a] += s[b] + (x); s[d] = rotate_right(s[d] ^ s[a], 16); s[c] += s[d]; s[b] = rotate_right(s[b] ^ s[c], 12);      \
    s[a] += s[b] + (y); s[d] = rotate_right(s[d] ^ s[a], 8); s[c] += s[d]; s[b] = rotate_right(s[b] ^ s[c], 7);

#define ROUND(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, ma, mb, mc, md, me, mf)                                          \
    G(0, 4, 8, 12, m[m0], m[m1]) G(1, 5, 9, 13, m[m2], m[m3]) G(2, 6, 10, 14, m[m4], m[m5])                            \
    G(3, 7, 11, 15, m[m6], m[m7]) G(0, 5, 10, 15, m[m8], m[m9]) G(1, 6, 11, 12, m[ma], m[mb])                          \
    G(2, 7, 8, 13, m[mc], m[md]) G(3, 4, 9, 14, m[me], m[mf])

DEVICE void compress(u32 h[8], const u32 m[16], u64 counter, u32 length, u32 flags) {
    u32 s[16] = {h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au,
                 (u32)counter, (u32)(counter >> 32), length, flags};
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
    ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)
    ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)
    ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)
    ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)
    ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)
    for (int i = 0; i < 8; i++) h[i] = s[i] ^ s[i + 8];
}

// Chaining values of all chunks, one chunk a thread, in warps that load for each other: 64 bytes of every chunk at a time.
// Threads a block: a multiple of 32, at most 128. Of all chunks those from begin to end are computed. piece: what they need of the
// frame, beginning at a multiple of 4 bytes of it. own and place: 8 words a chunk, from first_value on.
KERNEL blake3_chunks(const u8 *__restrict piece, u64 piece_begin, const Entry *__restrict table, const u32 *__restrict first_chunk,
                     u32 entries, u32 begin_chunk, u32 end_chunk, u32 first_value, u32 *__restrict own, u32 *__restrict place) {
    SHARED(u32, tiles, 4 * WARP * TILE_ROW);
    u32 *const tile = tiles + thread_x() / WARP * (WARP * TILE_ROW);
    const u32 chunk = begin_chunk + block_x() * threads_x() + thread_x();
    const bool is_there = chunk < end_chunk;
    u64 begin = 0, counter = 0, place_counter = 0;
    int length = 0;
    u32 last_flags = 0;
    bool is_twice = false;
    if (is_there) {
        const u32 index = entry_of(first_chunk, entries, chunk);
        const Entry entry = table[index];
        counter = chunk - first_chunk[index];
        begin = (u64)entry.offset + counter * CHUNK - piece_begin;
        const u64 left = (u64)entry.length - counter * CHUNK;
        length = left < CHUNK ? (int)left : CHUNK;
        const u64 first = (u64)entry.counter_high << 32 | entry.counter_low;
        place_counter = first + counter;
        const bool is_only = entry.length <= CHUNK;
        last_flags = is_only ? ROOT : 0;
        is_twice = (entry.flags & WHOLE_FILE) == 0 && (is_only || first != 0);
    }
    const int steps = length == 0 ? 1 : (length + 63) / 64;
    u32 h[8], g[8];
    for (int i = 0; i < 8; i++) h[i] = g[i] = IV[i];
    for (int step = 0; step < CHUNK / 64; step++) {
        // Sixteen lanes load the 64 bytes of one chunk.
        for (int i = 0; i < WARP; i += 2) {
            const int of = i + (int)lane() / 16;
            const u32 low = shuffle((u32)begin, of), high = shuffle((u32)(begin >> 32), of);
            const int left = (int)shuffle((u32)length, of) - 64 * step - 4 * (int)(lane() & 15);
            const u64 at = ((u64)high << 32 | low) + 64 * step + 4 * (lane() & 15);
            tile[of * TILE_ROW + (lane() & 15)] = left > 0 ? load_word(piece, at, left) : 0;
        }
        sync_warp();
        if (is_there && step < steps) {
            u32 m[16];
            for (int i = 0; i < 16; i++) m[i] = tile[lane() * TILE_ROW + i];
            const bool is_last = step == steps - 1;
            const u32 bytes = is_last ? (u32)(length - 64 * step) : 64;
            const u32 flags = (step == 0 ? CHUNK_START : 0) | (is_last ? CHUNK_END : 0);
            compress(h, m, counter, bytes, flags | (is_last ? last_flags : 0));
            if (is_twice) compress(g, m, place_counter, bytes, flags);
        }
        sync_warp();
    }
    if (is_there) {
        const u64 value = 8 * (u64)(chunk - first_value);
        for (int i = 0; i < 8; i++) own[value + i] = h[i];
        if (is_twice) for (int i = 0; i < 8; i++) place[value + i] = g[i];
    }
}

// Merges chaining values, in place, until two are left or the one that there was; an odd one moves up as it is. All threads of the block.
DEVICE u32 reduce(u32 *values, u32 count) {
    while (count > 2) {
        const u32 pairs = count / 2;
        for (u32 first = 0; first < pairs; first += threads_x()) {
            const u32 i = first + thread_x();
            u32 h[8], m[16];
            if (i < pairs) {
                for (int k = 0; k < 8; k++) h[k] = IV[k];
                for (int k = 0; k < 16; k++) m[k] = values[16 * (u64)i + k];
                compress(h, m, 0, 64, PARENT);
            }
            sync_block(); // what is written now was read before it by a thread of this strip, or of an earlier one
            if (i < pairs) for (int k = 0; k < 8; k++) values[8 * (u64)i + k] = h[k];
            sync_block();
        }
        if ((count & 1) == 1 && thread_x() < 8) values[8 * (u64)pairs + thread_x()] = values[8 * (u64)(count - 1) + thread_x()];
        sync_block();
        count = pairs + (count & 1);
    }
    return count;
}

DEVICE void root_of(const u32 *values, u32 flags, u32 *result) {
    u32 h[8], m[16];
    for (int k = 0; k < 8; k++) h[k] = IV[k];
    for (int k = 0; k < 16; k++) m[k] = values[k];
    compress(h, m, 0, 64, PARENT | flags);
    for (int k = 0; k < 8; k++) result[k] = h[k];
}

// The results, 16 words an entry: digest, chaining value. A block of threads for each entry, from the first on, at whose first chunk
// own and place begin.
KERNEL blake3_trees(const Entry *__restrict table, const u32 *__restrict first_chunk, u32 first, u32 *own, u32 *place,
                    u32 *__restrict results) {
    const u32 index = first + block_x();
    const Entry entry = table[index];
    const u32 chunks = chunks_of(entry.length);
    const bool is_whole = (entry.flags & WHOLE_FILE) != 0;
    const bool is_first = (entry.counter_low | entry.counter_high) == 0;
    const u64 values = 8 * (u64)(first_chunk[index] - first_chunk[first]);
    u32 *const own_values = own + values;
    u32 *const place_values = place + values;
    u32 *const result = results + 16 * (u64)index;
    if (chunks > 1) {
        reduce(own_values, chunks);
        if (!is_whole && !is_first) reduce(place_values, chunks);
    }
    if (thread_x() == 0) {
        if (chunks == 1) {
            for (int k = 0; k < 8; k++) result[k] = own_values[k];
            for (int k = 0; k < 8; k++) result[8 + k] = is_whole ? 0 : place_values[k];
        } else {
            root_of(own_values, ROOT, result);
            if (is_whole) {
                for (int k = 0; k < 8; k++) result[8 + k] = 0;
            } else {
                root_of(is_first ? own_values : place_values, 0, result + 8);
            }
        }
    }
}
