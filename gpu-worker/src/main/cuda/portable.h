// What the kernels need of CUDA, so that one source serves two compilers: clang without any CUDA toolkit, which makes the PTX,
// and any C++ compiler, with which the tests run the same code on a processor (lockstep.h plays the threads of a block).
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define WARP 32
#define ALL_LANES 0xFFFFFFFFu

#if defined(DRAGON_ON_HOST)

#include "lockstep.h"

#define KERNEL extern "C" void
#define DEVICE static inline
#define CONSTANT static const
#define SHARED(type, name, length) type *const name = (type *)lockstep::shared(sizeof(type) * (length))

#else

#define __device__ __attribute__((device))
#define KERNEL extern "C" __attribute__((global)) void
#define DEVICE static __device__ __attribute__((always_inline)) inline
#define CONSTANT static __device__ __attribute__((constant)) const
#define SHARED(type, name, length) static __device__ __attribute__((shared)) type name[length]

DEVICE u32 thread_x() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE u32 threads_x() { return __nvvm_read_ptx_sreg_ntid_x(); }
DEVICE u32 block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE u32 block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE u32 block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE u32 blocks_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE void sync_block() { __syncthreads(); }
DEVICE void sync_warp() { __nvvm_bar_warp_sync(ALL_LANES); }
DEVICE u32 shuffle(u32 value, int from) { return (u32)__nvvm_shfl_sync_idx_i32(ALL_LANES, (int)value, from, 0x1F); }
DEVICE u32 shuffle_xor(u32 value, int lane) { return (u32)__nvvm_shfl_sync_bfly_i32(ALL_LANES, (int)value, lane, 0x1F); }
DEVICE u32 shuffle_up(u32 value, int by) { return (u32)__nvvm_shfl_sync_up_i32(ALL_LANES, (int)value, by, 0); }
DEVICE u32 ballot(bool predicate) { return __nvvm_vote_ballot_sync(ALL_LANES, predicate); }
DEVICE u32 atomic_add(u32 *at, u32 value) { return (u32)__nvvm_atom_add_gen_i((int *)at, (int)value); }
DEVICE u32 atomic_or(u32 *at, u32 value) { return (u32)__nvvm_atom_or_gen_i((int *)at, (int)value); }
DEVICE u32 atomic_min(u32 *at, u32 value) { return __nvvm_atom_min_gen_ui(at, value); }
DEVICE u32 atomic_max(u32 *at, u32 value) { return __nvvm_atom_max_gen_ui(at, value); }
DEVICE double square_root(double x) { return __nvvm_sqrt_rn_d(x); }
DEVICE double floor_of(double x) { return __nvvm_floor_d(x); }

#endif

DEVICE u32 lane() { return thread_x() & (WARP - 1); }
DEVICE u32 rotate_right(u32 x, int by) { return x >> by | x << (32 - by); }
DEVICE int count_bits(u32 x) { return __builtin_popcount(x); }
DEVICE int count_bits(u64 x) { return __builtin_popcountll(x); }
DEVICE int trailing_zeros(u32 x) { return __builtin_ctz(x); }
DEVICE int leading_zeros(u32 x) { return x == 0 ? 32 : __builtin_clz(x); }
DEVICE double absolute(double x) { return __builtin_fabs(x); }
DEVICE double smaller(double a, double b) { return a < b ? a : b; }
DEVICE double larger(double a, double b) { return a > b ? a : b; }
DEVICE int smaller(int a, int b) { return a < b ? a : b; }
DEVICE int larger(int a, int b) { return a > b ? a : b; }
