// Sums of what comes before, by one block of threads.
#pragma once
#include "portable.h"

#define MOST_SCANNING 1024 // threads

// Each value becomes the sum of those before it; the sum of all is returned. All threads of the only block, at most 1,024.
DEVICE u32 scan_block(u32 *values, u32 count) {
    SHARED(u32, sums, MOST_SCANNING);
    const u32 share = (u32)(((u64)count + threads_x() - 1) / threads_x());
    const u32 first = (u64)thread_x() * share < count ? thread_x() * share : count;
    const u32 end = (u64)first + share < count ? first + share : count;
    u32 sum = 0;
    for (u32 i = first; i < end; i++) sum += values[i];
    sums[thread_x()] = sum;
    sync_block();
    for (u32 by = 1; by < threads_x(); by <<= 1) {
        const u32 before = thread_x() >= by ? sums[thread_x() - by] : 0;
        sync_block();
        sums[thread_x()] += before;
        sync_block();
    }
    u32 before = sums[thread_x()] - sum;
    for (u32 i = first; i < end; i++) {
        const u32 here = values[i];
        values[i] = before;
        before += here;
    }
    return sums[threads_x() - 1];
}
