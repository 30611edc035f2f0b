// Masks of frames: one bit for each pixel whose luma, or whose difference of luma, is over a threshold, and the list of these pixels
// in raster order. The same integers as Masker.java.
#include "scan.h"

#define GREY8 0
#define RGB8 1
#define RGB32F 2
#define GREY16 3

#define PIXELS_A_LANE 4
#define PIXELS_A_WARP (WARP * PIXELS_A_LANE)

DEVICE int luma_of(int red, int green, int blue) { return (77 * red + 150 * green + 29 * blue) >> 8; }

// A float of 0 to 1 as a byte, rounded to nearest and clamped; NaN is 0.
DEVICE int to_byte(float value) {
    const float scaled = value * 255.0f + 0.5f;
    return !(scaled >= 1.0f) ? 0 : scaled >= 255.0f ? 255 : (int)scaled;
}

DEVICE int luma(const u8 *pixels, int format, u64 index) {
    switch (format) {
        case GREY8: return pixels[index];
        case RGB8: return luma_of(pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2]);
        case GREY16: return pixels[2 * index + 1];
        default: {
            const float *const at = (const float *)(pixels + 12 * index);
            return luma_of(to_byte(at[0]), to_byte(at[1]), to_byte(at[2]));
        }
    }
}

// Read at once.
struct alignas(16) Floats {
    float x, y, z, w;
};

// Lumas of four pixels in a row, a byte each, read by words or by four of them. The first pixel's index is a multiple of four.
DEVICE u32 four_lumas(const u8 *pixels, int format, u64 index) {
    switch (format) {
        case GREY8: return *(const u32 *)(pixels + index);
        case RGB8: {
            const u32 *const at = (const u32 *)(pixels + 3 * index);
            const u32 a = at[0], b = at[1], c = at[2];
            return (u32)luma_of(a & 255, a >> 8 & 255, a >> 16 & 255)
                    | (u32)luma_of(a >> 24, b & 255, b >> 8 & 255) << 8
                    | (u32)luma_of(b >> 16 & 255, b >> 24, c & 255) << 16
                    | (u32)luma_of(c >> 8 & 255, c >> 16 & 255, c >> 24) << 24;
        }
        case GREY16: {
            const u32 *const at = (const u32 *)(pixels + 2 * index);
            const u32 a = at[0], b = at[1];
            return (a >> 8 & 255) | a >> 24 << 8 | (b >> 8 & 255) << 16 | b >> 24 << 24;
        }
        default: {
            const Floats *const at = (const Floats *)(pixels + 12 * index);
            const Floats a = at[0], b = at[1], c = at[2];
            return (u32)luma_of(to_byte(a.x), to_byte(a.y), to_byte(a.z))
                    | (u32)luma_of(to_byte(a.w), to_byte(b.x), to_byte(b.y)) << 8
                    | (u32)luma_of(to_byte(b.z), to_byte(b.w), to_byte(c.x)) << 16
                    | (u32)luma_of(to_byte(c.y), to_byte(c.z), to_byte(c.w)) << 24;
        }
    }
}

DEVICE int difference(const u8 *frame, const u8 *reference, int format, u64 index) {
    const int now = luma(frame, format, index);
    if (reference == 0) return now;
    const int before = luma(reference, format, index);
    return now > before ? now - before : before - now;
}

// The bits, in rows padded to 64: words_a_row counts words of 32 bits and is even. A warp for 128 pixels of a row; count is added to.
KERNEL mask_bits(const u8 *__restrict frame, const u8 *__restrict reference, u32 *__restrict bits, u32 *count, int width,
                 int height, int words_a_row, int format, int threshold) {
    const u32 segments = ((u32)words_a_row + PIXELS_A_LANE - 1) / PIXELS_A_LANE;
    const u32 warp = (u32)(((u64)block_x() * threads_x() + thread_x()) / WARP);
    const u32 y = warp / segments, segment = warp % segments;
    if (y >= (u32)height) return;
    const u32 x = segment * PIXELS_A_WARP + lane() * PIXELS_A_LANE;
    const u64 index = (u64)y * width + x;
    u32 nibble = 0;
    if (x + PIXELS_A_LANE <= (u32)width && (index & 3) == 0) {
        const u32 now = four_lumas(frame, format, index);
        const u32 before = reference == 0 ? 0 : four_lumas(reference, format, index);
        for (int i = 0; i < PIXELS_A_LANE; i++) {
            const int a = now >> (8 * i) & 255, b = before >> (8 * i) & 255;
            nibble |= (u32)((a > b ? a - b : b - a) > threshold) << i;
        }
    } else {
        for (u32 i = 0; i < PIXELS_A_LANE && x + i < (u32)width; i++) {
            nibble |= (u32)(difference(frame, reference, format, index + i) > threshold) << i;
        }
    }
    u32 word = nibble << (4 * (lane() & 7));
    word |= shuffle_xor(word, 1);
    word |= shuffle_xor(word, 2);
    word |= shuffle_xor(word, 4);
    const u32 place = segment * PIXELS_A_LANE + lane() / 8;
    if ((lane() & 7) == 0 && place < (u32)words_a_row) {
        bits[(u64)y * words_a_row + place] = word;
        if (word != 0) atomic_add(count, (u32)count_bits(word));
    }
}

// A word of a row; what lies outside the picture is not set, also when the others are inverted.
DEVICE u32 word_at(const u32 *row, int i, int words_a_row, int width, int is_inverted) {
    const int pixels = width - 32 * i;
    if (i < 0 || i >= words_a_row || pixels <= 0) return 0;
    return (is_inverted ? ~row[i] : row[i]) & (pixels >= 32 ? ~0u : (1u << pixels) - 1);
}

// Every pixel within a disc of a set one is set; inverted: of one that is not set, is not. The radius is 64 at most, so that two words to
// each side tell all of a row. A thread for each word; count, where it is wanted, is added to.
KERNEL mask_disc(const u32 *__restrict from, u32 *__restrict to, u32 *count, int width, int height, int words_a_row,
                 int radius, int is_inverted) {
    const u64 index = (u64)block_x() * threads_x() + thread_x();
    const int y = (int)(index / (u32)words_a_row), i = (int)(index % (u32)words_a_row);
    if (y >= height) return;
    u32 reached = 0;
    for (int dy = -radius, half = 0; dy <= radius; dy++) {
        while ((half + 1) * (half + 1) + dy * dy <= radius * radius) half++;
        while (half * half + dy * dy > radius * radius) half--;
        if (y + dy < 0 || y + dy >= height) continue;
        const u32 *const row = from + (u64)(y + dy) * words_a_row;
        const u32 a = word_at(row, i - 2, words_a_row, width, is_inverted), b = word_at(row, i - 1, words_a_row, width, is_inverted);
        const u32 c = word_at(row, i, words_a_row, width, is_inverted), d = word_at(row, i + 1, words_a_row, width, is_inverted);
        const u32 e = word_at(row, i + 2, words_a_row, width, is_inverted);
        if ((a | b | c | d | e) == 0) continue;
        u64 up = (u64)c << 32 | b, below = (u64)a << 32, down = (u64)d << 32 | c, above = e;
        for (int done = 0; done < half;) { // each round reaches twice as far and one
            const int by = smaller(done + 1, half - done);
            up |= up << by | below >> (64 - by);
            below |= below << by;
            down |= down >> by | above << (64 - by);
            above |= above >> by;
            done += by;
        }
        reached |= (u32)(up >> 32) | (u32)down;
    }
    const int pixels = width - 32 * i;
    const u32 there = pixels <= 0 ? 0 : pixels >= 32 ? ~0u : (1u << pixels) - 1;
    const u32 word = (is_inverted ? ~reached : reached) & there;
    to[index] = word;
    if (count != 0 && word != 0) atomic_add(count, (u32)count_bits(word));
}

// How many bits of each row are set. A warp for each row.
KERNEL mask_rows(const u32 *__restrict bits, u32 *__restrict rows, int height, int words_a_row) {
    const u32 y = (u32)(((u64)block_x() * threads_x() + thread_x()) / WARP);
    if (y >= (u32)height) return;
    u32 sum = 0;
    for (u32 i = lane(); i < (u32)words_a_row; i += WARP) sum += (u32)count_bits(bits[(u64)y * words_a_row + i]);
    for (int by = 16; by > 0; by >>= 1) sum += shuffle_xor(sum, by);
    if (lane() == 0) rows[y] = sum;
}

// Each row's count becomes the number of bits in the rows before it. One block of at most 1,024 threads.
KERNEL mask_scan(u32 *rows, int height) { scan_block(rows, (u32)height); }

// The list, y << 16 | x, and the weights, 1 to 255, in raster order; what is beyond the limit is left out. A warp for each row.
KERNEL mask_list(const u8 *__restrict frame, const u8 *__restrict reference, const u32 *__restrict bits,
                 const u32 *__restrict rows, u32 *__restrict list, u8 *__restrict weights, u32 limit, int width, int height,
                 int words_a_row, int format) {
    const u32 y = (u32)(((u64)block_x() * threads_x() + thread_x()) / WARP);
    if (y >= (u32)height) return;
    u32 before = rows[y];
    for (u32 first = 0; first < (u32)words_a_row; first += WARP) {
        const u32 i = first + lane();
        u32 word = i < (u32)words_a_row ? bits[(u64)y * words_a_row + i] : 0;
        const u32 own = (u32)count_bits(word);
        u32 upto = own;
        for (int by = 1; by < WARP; by <<= 1) {
            const u32 more = shuffle_up(upto, by);
            upto += lane() >= (u32)by ? more : 0;
        }
        u32 at = before + upto - own;
        for (; word != 0; word &= word - 1, at++) {
            const u32 x = i * 32 + (u32)trailing_zeros(word);
            if (at < limit) {
                const int weight = difference(frame, reference, format, (u64)y * width + x);
                list[at] = y << 16 | x;
                weights[at] = (u8)(weight < 1 ? 1 : weight > 255 ? 255 : weight);
            }
        }
        before += shuffle(upto, WARP - 1);
    }
}
