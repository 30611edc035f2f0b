// SHA-256 (FIPS 180-4) of each block of a frame. A message is serial, so there is one thread for each, and only many blocks of like
// length keep a GPU busy; GpuHash has others hashed by the processor. Launches: one for each piece of the frame that arrives.
#include "blocks.h"

CONSTANT u32 SHA_IV[8] = {0x6A09E667u, 0xBB67AE85u, 0x3C6EF372u, 0xA54FF53Au, 0x510E527Fu, 0x9B05688Cu, 0x1F83D9ABu, 0x5BE0CD19u};

DEVICE u32 big_endian(u32 x) { return x >> 24 | (x >> 8 & 0xFF00u) | (x << 8 & 0xFF0000u) | x << 24; }

// The schedule lives in m, which is computed 16 words at a time; all indices are constants, so that it stays in registers.
#define SHA_WORD(i)                                                                                                    \
    (m[(i) & 15] += (rotate_right(m[((i) + 14) & 15], 17) ^ rotate_right(m[((i) + 14) & 15], 19) ^ m[((i) + 14) & 15] >> 10) + \
                    m[((i) + 9) & 15] +                                                                                \
                    (rotate_right(m[((i) + 1) & 15], 7) ^ rotate_right(m[((i) + 1) & 15], 18) ^ m[((i) + 1) & 15] >> 3))

#define SHA_ROUND(a, b, c, d, e, f, g, h, k, w)                                                                        \
    t = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + (g ^ (e & (f ^ g))) + (k) + (w);        \
    d += t;                                                                                                            \
    h = t + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & b) | (c & (a | b)));

#define SHA_EIGHT(W, i, k0, k1, k2, k3, k4, k5, k6, k7)                                                                \
    SHA_ROUND(a, b, c, d, e, f, g, h, k0, W(i)) SHA_ROUND(h, a, b, c, d, e, f, g, k1, W(i + 1))                        \
    SHA_ROUND(g, h, a, b, c, d, e, f, k2, W(i + 2)) SHA_ROUND(f, g, h, a, b, c, d, e, k3, W(i + 3))                    \
    SHA_ROUND(e, f, g, h, a, b, c, d, k4, W(i + 4)) SHA_ROUND(d, e, f, g, h, a, b, c, k5, W(i + 5))                    \
    SHA_ROUND(c, d, e, f, g, h, a, b, k6, W(i + 6)) SHA_ROUND(b, c, d, e, f, g, h, a, k7, W(i + 7))

#define SHA_FIRST(i) m[i]

DEVICE void sha256_compress(u32 s[8], u32 m[16]) {
    u32 a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7], t;
    SHA_EIGHT(SHA_FIRST, 0, 0x428A2F98u, 0x71374491u, 0xB5C0FBCFu, 0xE9B5DBA5u, 0x3956C25Bu, 0x59F111F1u, 0x923F82A4u, 0xAB1C5ED5u)
    SHA_EIGHT(SHA_FIRST, 8, 0xD807AA98u, 0x12835B01u, 0x243185BEu, 0x550C7DC3u, 0x72BE5D74u, 0x80DEB1FEu, 0x9BDC06A7u, 0xC19BF174u)
    SHA_EIGHT(SHA_WORD, 16, 0xE49B69C1u, 0xEFBE4786u, 0x0FC19DC6u, 0x240CA1CCu, 0x2DE92C6Fu, 0x4A7484AAu, 0x5CB0A9DCu, 0x76F988DAu)
    SHA_EIGHT(SHA_WORD, 24, 0x983E5152u, 0xA831C66Du, 0xB00327C8u, 0xBF597FC7u, 0xC6E00BF3u, 0xD5A79147u, 0x06CA6351u, 0x14292967u)
    SHA_EIGHT(SHA_WORD, 32, 0x27B70A85u, 0x2E1B2138u, 0x4D2C6DFCu, 0x53380D13u, 0x650A7354u, 0x766A0ABBu, 0x81C2C92Eu, 0x92722C85u)
    SHA_EIGHT(SHA_WORD, 40, 0xA2BFE8A1u, 0xA81A664Bu, 0xC24B8B70u, 0xC76C51A3u, 0xD192E819u, 0xD6990624u, 0xF40E3585u, 0x106AA070u)
    SHA_EIGHT(SHA_WORD, 48, 0x19A4C116u, 0x1E376C08u, 0x2748774Cu, 0x34B0BCB5u, 0x391C0CB3u, 0x4ED8AA4Au, 0x5B9CCA4Fu, 0x682E6FF3u)
    SHA_EIGHT(SHA_WORD, 56, 0x748F82EEu, 0x78A5636Fu, 0x84C87814u, 0x8CC70208u, 0x90BEFFFAu, 0xA4506CEBu, 0xBEF9A3F7u, 0xC67178F2u)
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
}

// The part of each block that is among the chunks (of 1,024 bytes) from begin to end, one block of data a thread, in warps that load for each
// other: 64 bytes of every block at a time. Threads a block: a multiple of 32, at most 128; for all entries of the table. piece: what the
// chunks need of the frame, beginning at a multiple of 4 bytes of it. states: 8 words an entry, of blocks that are not at their end.
// results: 16 words an entry: the digest, and zeros.
KERNEL sha256_blocks(const u8 *__restrict piece, u64 piece_begin, const Entry *__restrict table, const u32 *__restrict first_chunk,
                     u32 entries, u32 begin_chunk, u32 end_chunk, u32 *__restrict states, u32 *__restrict results) {
    SHARED(u32, sha_tiles, 4 * WARP * TILE_ROW);
    u32 *const tile = sha_tiles + thread_x() / WARP * (WARP * TILE_ROW);
    const u32 index = block_x() * threads_x() + thread_x();
    u64 begin = 0;
    u32 length = 0, steps = 0, whole_length = 0;
    bool is_end = false;
    u32 s[8];
    for (int i = 0; i < 8; i++) s[i] = SHA_IV[i];
    if (index < entries) {
        const u32 first = first_chunk[index], last = first_chunk[index + 1];
        const u32 from = first > begin_chunk ? first : begin_chunk, to = last < end_chunk ? last : end_chunk;
        if (from < to) {
            const Entry entry = table[index];
            const u64 done = (u64)(from - first) * CHUNK;
            whole_length = entry.length;
            begin = entry.offset + done - piece_begin;
            is_end = to == last;
            length = is_end ? (u32)(entry.length - done) : (to - from) * CHUNK;
            steps = is_end ? (length + 8) / 64 + 1 : length / 64; // at the end: the bit behind the data, and its length
            if (from != first) for (int i = 0; i < 8; i++) s[i] = states[8 * (u64)index + i];
        }
    }
    u32 most = steps;
    for (int by = WARP / 2; by > 0; by /= 2) {
        const u32 other = shuffle_xor(most, by);
        most = other > most ? other : most;
    }
    for (u32 step = 0; step < most; step++) {
        // Sixteen lanes load the 64 bytes of one block.
        for (int i = 0; i < WARP; i += 2) {
            const int of = i + (int)lane() / 16;
            const u32 low = shuffle((u32)begin, of), high = shuffle((u32)(begin >> 32), of), bytes = shuffle(length, of);
            const u64 offset = 64 * (u64)step + 4 * (lane() & 15);
            const int left = offset < bytes ? (bytes - offset < 4 ? (int)(bytes - offset) : 4) : 0;
            tile[of * TILE_ROW + (lane() & 15)] = left > 0 ? load_word(piece, ((u64)high << 32 | low) + offset, left) : 0;
        }
        sync_warp();
        if (step < steps) {
            u32 m[16];
            for (int i = 0; i < 16; i++) m[i] = big_endian(tile[lane() * TILE_ROW + i]);
            if (is_end && step == length / 64) {
                const u32 bit = 0x80000000u >> (8 * (length & 3));
                for (u32 i = 0; i < 16; i++) m[i] |= i == (length & 63) / 4 ? bit : 0;
            }
            if (is_end && step == steps - 1) {
                m[14] = whole_length >> 29;
                m[15] = whole_length << 3;
            }
            sha256_compress(s, m);
        }
        sync_warp();
    }
    if (is_end) {
        for (int i = 0; i < 8; i++) results[16 * (u64)index + i] = big_endian(s[i]);
        for (int i = 8; i < 16; i++) results[16 * (u64)index + i] = 0;
    } else if (steps != 0) {
        for (int i = 0; i < 8; i++) states[8 * (u64)index + i] = s[i];
    }
}
