// What the hashes have in common: the table of a frame of blocks, laid out as BlockTable.java draws it, and how blocks are read.
#pragma once

#include "portable.h"

#define CHUNK 1024
#define WHOLE_FILE 1u
#define TILE_ROW 17 // words of a 64-byte block, and one more so that lanes meet in different banks

// An entry of the frame's table.
struct Entry {
    u32 offset, length;
    u32 counter_low, counter_high;
    u32 flags, reserved;
};

DEVICE u32 chunks_of(u32 length) { return length == 0 ? 1 : (u32)(((u64)length + CHUNK - 1) / CHUNK); }

// The word at an offset of the frame; what lies behind the end of its chunk is zero.
DEVICE u32 load_word(const u8 *frame, u64 at, int left) {
    if (left >= 4 && (at & 3) == 0) return *(const u32 *)(frame + at);
    u32 word = 0;
    for (int i = 0; i < 4 && i < left; i++) word |= (u32)frame[at + i] << (8 * i);
    return word;
}

// The entry that a chunk belongs to: first_chunk holds the number of chunks before each entry, and at the end that of all.
DEVICE u32 entry_of(const u32 *first_chunk, u32 entries, u32 chunk) {
    u32 low = 0, high = entries - 1;
    while (low < high) {
        const u32 middle = (low + high + 1) / 2;
        if (first_chunk[middle] <= chunk) low = middle; else high = middle - 1;
    }
    return low;
}
