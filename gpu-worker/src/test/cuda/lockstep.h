// Plays a grid of threads on one processor thread, for tests of the kernels: every thread of a block is a context of its own that runs
// until it meets a barrier. Threads run forwards or backwards between barriers, so that what depends on their order shows.
#pragma once

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <functional>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define LOCKSTEP_ASAN 1
extern "C" void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t size);
extern "C" void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *size);
#else
#define LOCKSTEP_ASAN 0
#endif

namespace lockstep {

enum State { RUNNING, AT_WARP, AT_BLOCK, ENDED };
const size_t STACK = 256 * 1024;
const size_t SHARED = 96 * 1024; // more than a block may have

struct Thread {
    ucontext_t context;
    jmp_buf place; // swapcontext asks the kernel for the signal mask each time, _setjmp does not
    bool is_begun;
    std::vector<char> stack;
    State state;
    size_t shared_used;
    void *fake_stack;
};

struct Machine {
    std::vector<Thread> threads;
    std::vector<char> shared = std::vector<char>(SHARED + 128);
    unsigned exchange[1024];
    ucontext_t scheduler;
    jmp_buf scheduler_place;
    size_t shared_used = SHARED;
    void *scheduler_fake = nullptr;
    const void *scheduler_bottom = nullptr;
    size_t scheduler_size = 0;
    std::function<void()> kernel;
    unsigned now = 0, count = 0, block[3] = {0, 0, 0}, blocks[3] = {1, 1, 1};
    bool is_backwards = false;
    long barriers = 0;
};

inline Machine &machine() {
    static Machine only;
    return only;
}

inline void *shared(size_t bytes) {
    Machine &m = machine();
    Thread &t = m.threads[m.now];
    char *base = m.shared.data();
    base += (64 - ((size_t)base & 63)) & 63;
    void *const at = base + t.shared_used;
    t.shared_used += (bytes + 63) & ~(size_t)63;
    if (t.shared_used > m.shared_used) m.shared_used = t.shared_used;
    if (t.shared_used > 48 * 1024) {
        fprintf(stderr, "a block asks for %zu bytes of shared memory, more than 48 KiB\n", t.shared_used);
        abort();
    }
    return at;
}

inline void leave(Thread &t) {
    Machine &m = machine();
#if LOCKSTEP_ASAN
    __sanitizer_start_switch_fiber(t.state == ENDED ? nullptr : &t.fake_stack, m.scheduler_bottom, m.scheduler_size);
    swapcontext(&t.context, &m.scheduler);
    __sanitizer_finish_switch_fiber(t.fake_stack, &m.scheduler_bottom, &m.scheduler_size);
#else
    if (_setjmp(t.place) == 0) _longjmp(m.scheduler_place, 1);
#endif
}

inline void wait(State what) {
    Machine &m = machine();
    Thread &t = m.threads[m.now];
    t.state = what;
    leave(t);
}

inline void enter() {
    Machine &m = machine();
#if LOCKSTEP_ASAN
    __sanitizer_finish_switch_fiber(nullptr, &m.scheduler_bottom, &m.scheduler_size);
#endif
    m.kernel();
    Thread &t = m.threads[m.now];
    t.state = ENDED;
    leave(t);
}

inline void resume(unsigned i) {
    Machine &m = machine();
    m.now = i;
    Thread &t = m.threads[i];
#if LOCKSTEP_ASAN
    __sanitizer_start_switch_fiber(&m.scheduler_fake, t.stack.data(), t.stack.size());
    swapcontext(&m.scheduler, &t.context);
    __sanitizer_finish_switch_fiber(m.scheduler_fake, nullptr, nullptr);
#else
    if (_setjmp(m.scheduler_place) == 0) {
        if (t.is_begun) _longjmp(t.place, 1);
        t.is_begun = true;
        setcontext(&t.context);
    }
#endif
}

/** Releases those between two numbers when all of them that have not ended wait for the same. */
inline bool release(unsigned first, unsigned end, State what) {
    Machine &m = machine();
    unsigned waiting = 0;
    for (unsigned i = first; i < end; i++) {
        if (m.threads[i].state == what) waiting++;
        else if (m.threads[i].state != ENDED) return false;
    }
    if (waiting == 0) return false;
    for (unsigned i = first; i < end; i++) if (m.threads[i].state == what) m.threads[i].state = RUNNING;
    m.barriers++;
    return true;
}

inline void run_block() {
    Machine &m = machine();
    memset(m.shared.data(), 0xA5, m.shared_used + 128 < m.shared.size() ? m.shared_used + 128 : m.shared.size()); // nobody may count on what is in it
    m.shared_used = 0;
    for (unsigned i = 0; i < m.count; i++) {
        Thread &t = m.threads[i];
        t.stack.resize(STACK);
        t.state = RUNNING;
        t.is_begun = false;
        t.shared_used = 0;
        t.fake_stack = nullptr;
        getcontext(&t.context);
        t.context.uc_stack.ss_sp = t.stack.data();
        t.context.uc_stack.ss_size = t.stack.size();
        t.context.uc_link = nullptr;
        makecontext(&t.context, (void (*)())enter, 0);
    }
    for (bool moves = true; moves;) {
        for (unsigned k = 0; k < m.count; k++) {
            const unsigned i = m.is_backwards ? m.count - 1 - k : k;
            if (m.threads[i].state == RUNNING) resume(i);
        }
        moves = false;
        for (unsigned first = 0; first < m.count; first += 32) {
            moves |= release(first, first + 32 < m.count ? first + 32 : m.count, AT_WARP);
        }
        moves |= release(0, m.count, AT_BLOCK);
    }
    for (unsigned i = 0; i < m.count; i++) {
        if (m.threads[i].state != ENDED) {
            fprintf(stderr, "thread %u of block %u waits at a barrier that others do not reach\n", i, m.block[0]);
            abort();
        }
    }
}

inline void launch(unsigned x, unsigned y, unsigned z, unsigned threads, const std::function<void()> &kernel) {
    Machine &m = machine();
    m.count = threads;
    if (m.threads.size() < threads) m.threads.resize(threads);
    m.kernel = kernel;
    m.blocks[0] = x, m.blocks[1] = y, m.blocks[2] = z;
    for (unsigned k = 0; k < z; k++) {
        for (unsigned j = 0; j < y; j++) {
            for (unsigned i = 0; i < x; i++) {
                m.block[0] = m.is_backwards ? x - 1 - i : i, m.block[1] = j, m.block[2] = k;
                run_block();
            }
        }
    }
}

} // namespace lockstep

static inline unsigned thread_x() { return lockstep::machine().now; }
static inline unsigned threads_x() { return lockstep::machine().count; }
static inline unsigned block_x() { return lockstep::machine().block[0]; }
static inline unsigned block_y() { return lockstep::machine().block[1]; }
static inline unsigned block_z() { return lockstep::machine().block[2]; }
static inline unsigned blocks_x() { return lockstep::machine().blocks[0]; }
static inline void sync_block() { lockstep::wait(lockstep::AT_BLOCK); }
static inline void sync_warp() { lockstep::wait(lockstep::AT_WARP); }

/** What every lane of the warp says, seen by all of them. */
static inline unsigned exchanged(unsigned value, unsigned from) {
    lockstep::Machine &m = lockstep::machine();
    const unsigned me = m.now;
    m.exchange[me] = value;
    sync_warp();
    const unsigned other = (me & ~31u) + (from & 31u);
    const unsigned seen = other < m.count ? m.exchange[other] : 0;
    sync_warp();
    return seen;
}

static inline unsigned shuffle(unsigned value, int from) { return exchanged(value, (unsigned)from); }
static inline unsigned shuffle_xor(unsigned value, int by) { return exchanged(value, (thread_x() & 31u) ^ (unsigned)by); }
static inline unsigned shuffle_up(unsigned value, int by) {
    const unsigned me = thread_x() & 31u;
    return exchanged(value, me >= (unsigned)by ? me - (unsigned)by : me);
}
static inline unsigned ballot(bool predicate) {
    lockstep::Machine &m = lockstep::machine();
    const unsigned me = m.now, first = me & ~31u;
    m.exchange[me] = predicate;
    sync_warp();
    unsigned bits = 0;
    for (unsigned i = first; i < first + 32 && i < m.count; i++) {
        if (m.threads[i].state != lockstep::ENDED && m.exchange[i]) bits |= 1u << (i - first);
    }
    sync_warp();
    return bits;
}
static inline unsigned atomic_add(unsigned *at, unsigned value) { const unsigned old = *at; *at += value; return old; }
static inline unsigned atomic_or(unsigned *at, unsigned value) { const unsigned old = *at; *at |= value; return old; }
static inline unsigned atomic_min(unsigned *at, unsigned value) { const unsigned old = *at; if (value < old) *at = value; return old; }
static inline unsigned atomic_max(unsigned *at, unsigned value) { const unsigned old = *at; if (value > old) *at = value; return old; }
static inline double square_root(double x) { return __builtin_sqrt(x); }
static inline double floor_of(double x) { return __builtin_floor(x); }
