// Runs the kernels on a processor for KernelsOnHostTest: reads requests from standard input, writes answers to standard output.
//
//   request:  kind u32 | length u32 | length bytes        answer:  length u32 | length bytes
//
// The launches are those of the production code.
#include "../../main/cuda/blake3.cu"
#include "../../main/cuda/carve.cu"
#include "../../main/cuda/mask.cu"
#include "../../main/cuda/sha256.cu"

static std::vector<u8> request;
static std::vector<u8> answer;
static size_t at;

static u32 word() {
    u32 value;
    memcpy(&value, request.data() + at, 4);
    at += 4;
    return value;
}

// A copy of its own, so that a kernel that reads beyond it is seen.
template <class T> static std::vector<T> array(size_t count) {
    std::vector<T> values(count);
    if (count != 0) memcpy((void *)values.data(), request.data() + at, count * sizeof(T));
    at += count * sizeof(T);
    return values;
}

template <class T> static void put(const T *values, size_t count) {
    const u8 *const bytes = (const u8 *)values;
    answer.insert(answer.end(), bytes, bytes + count * sizeof(T));
}

static u32 blocks(u64 threads, u32 a_block) { return (u32)((threads + a_block - 1) / a_block); }

static void blake3() {
    const u32 entries = word(), length = word();
    const std::vector<u8> frame = array<u8>(length);
    std::vector<Entry> table(entries);
    memcpy((void *)table.data(), frame.data() + 16, entries * sizeof(Entry));
    std::vector<u32> first_chunk(1, 0);
    for (const Entry &entry : table) first_chunk.push_back(first_chunk.back() + chunks_of(entry.length));
    const u32 chunks = first_chunk.back();
    std::vector<u32> own(8 * chunks), place(8 * chunks), results(16 * entries);
    // In three parts, as if the frame came in pieces.
    for (u32 begin = 0, end = chunks / 3; begin < chunks; begin = end, end = end < chunks / 2 ? chunks / 2 : chunks) {
        if (end == begin) continue;
        lockstep::launch(blocks(end - begin, 128), 1, 1, 128, [&] {
            blake3_chunks(frame.data(), 0, table.data(), first_chunk.data(), entries, begin, end, 0, own.data(), place.data());
        });
    }
    lockstep::launch(entries, 1, 1, 128, [&] {
        blake3_trees(table.data(), first_chunk.data(), 0, own.data(), place.data(), results.data());
    });
    put(results.data(), results.size());
}

static void sha256() {
    const u32 entries = word(), piece_chunks = word(), length = word();
    const std::vector<u8> frame = array<u8>(length);
    std::vector<Entry> table(entries);
    memcpy((void *)table.data(), frame.data() + 16, entries * sizeof(Entry));
    std::vector<u32> first_chunk(1, 0);
    for (const Entry &entry : table) first_chunk.push_back(first_chunk.back() + chunks_of(entry.length));
    const u32 chunks = first_chunk.back();
    std::vector<u32> states(8 * entries, 0xA5A5A5A5u), results(16 * entries, 0xA5A5A5A5u);
    for (u32 begin = 0; begin < chunks; begin += piece_chunks) {
        const u32 end = chunks - begin > piece_chunks ? begin + piece_chunks : chunks;
        lockstep::launch(blocks(entries, 32), 1, 1, 32, [&] {
            sha256_blocks(frame.data(), 0, table.data(), first_chunk.data(), entries, begin, end, states.data(), results.data());
        });
    }
    put(results.data(), results.size());
}

static void mask() {
    const int width = (int)word(), height = (int)word(), format = (int)word(), threshold = (int)word();
    const u32 has_reference = word(), limit = word(), radii[2] = {word(), word()}, bytes = word();
    const std::vector<u8> frame = array<u8>(bytes), before = array<u8>(has_reference ? bytes : 0);
    const u8 *const reference = has_reference ? before.data() : nullptr;
    const int words = (width + 63) / 64 * 2;
    std::vector<u32> bits((size_t)words * height, 0xA5A5A5A5u), rows(height, 0xA5A5A5A5u), list(limit);
    std::vector<u8> weights(limit);
    u32 count = 0;
    const u64 warps = (u64)((words + 3) / 4) * height;
    lockstep::launch(blocks(warps * 32, 256), 1, 1, 256, [&] {
        mask_bits(frame.data(), reference, bits.data(), &count, width, height, words, format, threshold);
    });
    for (int stage = 0; stage < 2; stage++) { // grown, then shrunk
        if (radii[stage] == 0) continue;
        const std::vector<u32> from = bits;
        count = 0;
        lockstep::launch(blocks((u64)words * height, 256), 1, 1, 256, [&] {
            mask_disc(from.data(), bits.data(), &count, width, height, words, (int)radii[stage], stage);
        });
    }
    lockstep::launch(blocks(height * 32ull, 256), 1, 1, 256, [&] { mask_rows(bits.data(), rows.data(), height, words); });
    lockstep::launch(1, 1, 1, 1024, [&] { mask_scan(rows.data(), height); });
    lockstep::launch(blocks(height * 32ull, 256), 1, 1, 256, [&] {
        mask_list(frame.data(), reference, bits.data(), rows.data(), list.data(), weights.data(), limit, width, height, words, format);
    });
    put(&count, 1);
    put(bits.data(), bits.size());
    const u32 listed = count < limit ? count : limit;
    put(list.data(), listed);
    put(weights.data(), listed);
}

static void carve() {
    const u32 is_scatter = word(), limit = word(), level_words = word(), reserved = word();
    (void)reserved;
    const Slab slab = array<Slab>(1)[0];
    const std::vector<Camera> cameras = array<Camera>(slab.cameras);
    std::vector<u64> levels(level_words, 0xA5A5A5A5A5A5A5A5ull);
    const size_t cells = (size_t)slab.layers * slab.ny * slab.nz;
    std::vector<u32> bits(cells), sums(cells);
    for (int i = 0; i < slab.cameras; i++) {
        const Camera &c = cameras[i];
        if (!c.has_mask) continue;
        const std::vector<u64> mask_bits = array<u64>((size_t)c.words[0] * c.height);
        const u32 listed = word();
        const std::vector<u32> list = array<u32>(listed);
        const std::vector<u8> weights = array<u8>(listed);
        at = (at + 7) & ~(size_t)7;
        if (is_scatter) {
            if (listed == 0) continue;
            lockstep::launch(blocks(listed, 128), 1, 1, 128, [&] {
                scatter(&slab, cameras.data(), i, list.data(), weights.data(), listed, bits.data(), sums.data());
            });
            continue;
        }
        const u32 words = c.words[0] * c.height;
        lockstep::launch(blocks(words, 256), 1, 1, 256, [&] {
            levels_load(mask_bits.data(), levels.data() + c.level[0], c.words[0], words, ~0ull >> (-c.width & 63));
        });
        for (u32 k = 1; k < LEVELS; k++) {
            const u32 from_rows = (c.height + (1u << (k - 1)) - 1) >> (k - 1), to_rows = (c.height + (1u << k) - 1) >> k;
            lockstep::launch(blocks((u64)c.words[k] * to_rows, 256), 1, 1, 256, [&] {
                levels_reduce(levels.data() + c.level[k - 1], levels.data() + c.level[k], c.words[k - 1], from_rows, c.words[k], to_rows);
            });
        }
    }
    if (!is_scatter) {
        const int last = slab.base + slab.layers - 1;
        lockstep::launch(blocks(slab.nz, BLOCK), blocks(slab.ny, BLOCK), last / BLOCK - slab.base / BLOCK + 1, 512, [&] {
            gather(&slab, cameras.data(), levels.data(), bits.data(), sums.data());
        });
    }
    u32 summary[7] = {0, ~0u, ~0u, ~0u, 0, 0, 0};
    lockstep::launch(3, 1, 1, 256, [&] { summarise(&slab, cameras.data(), bits.data(), summary); });
    std::vector<Peak> list(limit);
    u32 found = 0;
    const u64 own = (u64)(slab.end - slab.begin) * slab.ny * slab.nz;
    if (limit != 0 && own != 0) {
        lockstep::launch(blocks(own, 256), 1, 1, 256, [&] {
            peaks(&slab, cameras.data(), bits.data(), sums.data(), list.data(), limit, &found);
        });
    }
    const u64 row_count = (u64)(slab.end - slab.begin) * slab.ny;
    std::vector<u32> rows(row_count, 0xA5A5A5A5u);
    u32 runs = 0;
    if (row_count != 0) {
        lockstep::launch(blocks(32 * row_count, 256), 1, 1, 256, [&] { runs_rows(&slab, cameras.data(), bits.data(), sums.data(), rows.data()); });
        lockstep::launch(1, 1, 1, 1024, [&] { runs_scan(rows.data(), (u32)row_count, &runs); });
    }
    std::vector<Run> run_list(runs);
    if (runs != 0) {
        lockstep::launch(blocks(32 * row_count, 256), 1, 1, 256, [&] {
            runs_write(&slab, cameras.data(), bits.data(), sums.data(), rows.data(), run_list.data(), runs);
        });
    }
    put(summary, 7);
    put(&found, 1);
    put(list.data(), found < limit ? found : limit);
    put(bits.data(), cells);
    put(sums.data(), cells);
    put(&runs, 1);
    put(run_list.data(), runs);
}

int main(int count, char **) {
    lockstep::machine().is_backwards = count > 1;
    u32 head[2];
    while (fread(head, 4, 2, stdin) == 2) {
        request.resize(head[1]);
        if (fread(request.data(), 1, head[1], stdin) != head[1]) return 2;
        at = 0;
        answer.clear();
        switch (head[0]) {
            case 1: blake3(); break;
            case 2: mask(); break;
            case 3: carve(); break;
            case 4: sha256(); break;
            default: return 2;
        }
        const u32 length = (u32)answer.size();
        fwrite(&length, 4, 1, stdout);
        fwrite(answer.data(), 1, length, stdout);
        fflush(stdout);
    }
    return 0;
}
