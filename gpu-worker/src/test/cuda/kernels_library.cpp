// The kernels as a shared library: a launch by name, with the arguments in cells of 8 bytes, as EmulatedDriver and the
// stand-in for the driver's library (stub_driver.cpp) call them. One launch at a time.
#include <tuple>
#include <utility>

#include "../../main/cuda/blake3.cu"
#include "../../main/cuda/carve.cu"
#include "../../main/cuda/mask.cu"
#include "../../main/cuda/sha256.cu"

namespace {

template <class T> T cell(const u64 *at) {
    T value;
    memcpy((void *)&value, at, sizeof(T)); // little-endian: the lower half of the cell
    return value;
}

template <class... A, size_t... I>
void call(void (*kernel)(A...), const u64 *cells, std::index_sequence<I...>) {
    kernel(cell<A>(cells + I)...);
}

struct Shape {
    unsigned x, y, z, threads;
};

template <class... A> int run(void (*kernel)(A...), const Shape *shape, const u64 *cells) {
    if (shape != nullptr) {
        lockstep::launch(shape->x, shape->y, shape->z, shape->threads, [&] {
            call(kernel, cells, std::index_sequence_for<A...>());
        });
    }
    return (int)sizeof...(A);
}

int dispatch(const char *name, const Shape *shape, const u64 *cells) {
#define CASE(kernel) if (strcmp(name, #kernel) == 0) return run(kernel, shape, cells)
    CASE(blake3_chunks);
    CASE(blake3_trees);
    CASE(sha256_blocks);
    CASE(mask_bits);
    CASE(mask_disc);
    CASE(mask_rows);
    CASE(mask_scan);
    CASE(mask_list);
    CASE(levels_load);
    CASE(levels_reduce);
    CASE(gather);
    CASE(scatter);
    CASE(summarise);
    CASE(peaks);
    CASE(runs_rows);
    CASE(runs_scan);
    CASE(runs_write);
#undef CASE
    return -1;
}

} // namespace

// How many arguments a kernel takes; -1 when there is none of this name.
extern "C" int dragon_arguments(const char *name) { return dispatch(name, nullptr, nullptr); }

extern "C" int dragon_launch(
        const char *name, unsigned x, unsigned y, unsigned z, unsigned threads, const u64 *cells, int is_backwards) {
    const Shape shape = {x, y, z, threads};
    lockstep::machine().is_backwards = is_backwards != 0;
    return dispatch(name, &shape, cells);
}
