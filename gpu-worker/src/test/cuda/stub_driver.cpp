// A stand-in for NVIDIA's driver library, for tests of what calls it: libcuda.so.1 whose GPUs are this processor. Work is done when it is
// queued; an event says once that it is not done. Threads without a context are refused, as the real one does. By environment:
//
//   STUB_DEVICES  how many GPUs (2; in the opposite order of their PCI addresses)   STUB_CUDA  version (12040)
//   STUB_RETAIN   what cuDevicePrimaryCtxRetain answers (0)                         STUB_INIT  what cuInit answers (0)
//   STUB_LOSE     file at whose sight the GPU is lost; STUB_BROKEN a GPU, by its index, that answers nothing (-1)
//   STUB_GONE     file that is made when it is lost; while it is there no process sees a GPU
//   STUB_HANG     the call that never comes back: init (cuInit), retain (cuDevicePrimaryCtxRetain); then the library does not end either
//   STUB_JIT_MS   how long it compiles (0)
//   STUB_PTX      why modules are refused (0: they are not)                         STUB_QUERY what cuEventQuery answers at last (0)
#include "kernels_library.cpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unistd.h>

namespace {

int setting(const char *name, int otherwise) {
    const char *const text = getenv(name);
    return text == nullptr ? otherwise : atoi(text);
}

struct Module {
    std::string text;
};

struct Event {
    bool is_pending;
    long count;
};

thread_local void *current = nullptr;
std::recursive_mutex everything;
int contexts[16], stream_numbers;
std::map<void *, size_t> device_memory, host_memory, pinned;
std::set<Module *> modules;
std::set<std::string> functions;
std::set<Event *> events;
std::map<void *, void *> streams; // and the context of each
long ticks = 0;

bool within(const std::map<void *, size_t> &blocks, u64 at, size_t bytes) {
    for (const auto &block : blocks) {
        if (at >= (u64)block.first && at + bytes <= (u64)block.first + block.second) return true;
    }
    return false;
}

int nothing() { return 0; }

bool is_lost = false;

// The GPU falls off the bus for the one process that finds the file, and takes it away.
bool looks_lost() {
    const char *const file = getenv("STUB_LOSE");
    if (!is_lost && file != nullptr && unlink(file) == 0) {
        is_lost = true;
        const char *const gone = getenv("STUB_GONE");
        if (gone != nullptr) close(open(gone, O_CREAT | O_WRONLY, 0600));
    }
    return is_lost;
}

volatile bool is_hanging = false;

void hang(const char *call) {
    const char *const where = getenv("STUB_HANG");
    if (where == nullptr || strcmp(where, call) != 0) return;
    is_hanging = true;
    for (;;) pause();
}

__attribute__((destructor)) void end() {
    while (is_hanging) pause();
}

bool is_gone() {
    const char *const gone = getenv("STUB_GONE");
    return gone != nullptr && access(gone, F_OK) == 0;
}

} // namespace

#define API extern "C" int
// Two GPUs may be used at the same time, and kernels know where they are by what all threads share.
#define NEEDS_CONTEXT std::lock_guard<std::recursive_mutex> held(everything); if (is_lost) return 999; if (current == nullptr) return 201
#define NEEDS_STREAM NEEDS_CONTEXT; if (streams.count(stream) == 0 || streams[stream] != current) return 400

API cuInit(unsigned) { hang("init"); return setting("STUB_INIT", 0); }
API cuDriverGetVersion(int *version) { *version = setting("STUB_CUDA", 12040); return 0; }
API cuDeviceGetCount(int *count) { *count = is_gone() ? 0 : setting("STUB_DEVICES", 2); return *count == 0 ? 100 : 0; }
API cuDeviceGet(int *device, int number) { *device = number; return 0; }
API cuDeviceGetName(char *name, int length, int device) {
    if (device == setting("STUB_BROKEN", -1)) return 999;
    snprintf(name, (size_t)length, "Stub GPU %d", device); return 0; }
API cuDeviceGetUuid(char *uuid, int device) { memset(uuid, 0xA0 + device, 16); return 0; }
API cuDeviceGetUuid_v2(char *uuid, int device) { return cuDeviceGetUuid(uuid, device); }
API cuDeviceTotalMem_v2(size_t *bytes, int) { *bytes = 1u << 30; return 0; }
API cuDeviceGetAttribute(int *value, int which, int device) {
    switch (which) {
        case 16: *value = 4; break;            // multiprocessors
        case 33: *value = 0x80 - device; break; // PCI bus
        case 34: *value = 0; break;            // PCI device
        case 50: *value = 0; break;            // PCI domain
        case 75: *value = setting("STUB_MAJOR", 9); break;
        default: *value = 0;
    }
    return 0;
}
API cuDevicePrimaryCtxRetain(void **to, int device) { hang("retain"); *to = &contexts[device]; return setting("STUB_RETAIN", 0); }
API cuDevicePrimaryCtxRelease_v2(int) {
    if (!device_memory.empty() || !host_memory.empty() || !pinned.empty() || !events.empty() || !streams.empty() || !modules.empty()) {
        fprintf(stderr, "stub: leak: %zu %zu %zu %zu %d %zu\n", device_memory.size(), host_memory.size(), pinned.size(), events.size(), (int)streams.size(), modules.size());
    }
    return 0;
}
API cuCtxSetCurrent(void *to) { current = to; return to == nullptr || (to >= (void *)contexts && to < (void *)(contexts + 16)) ? 0 : 201; }
// A context has 64 MiB, another program 16, a module 1.
API cuMemGetInfo_v2(size_t *free, size_t *total) {
    NEEDS_CONTEXT;
    *total = 1u << 30;
    *free = *total - (80u << 20) - (modules.size() << 20);
    for (const auto &block : device_memory) *free -= block.second;
    return 0;
}
API cuMemAlloc_v2(u64 *to, size_t bytes) {
    NEEDS_CONTEXT;
    if (bytes > 1u << 29) return 2;
    void *const block = aligned_alloc(256, (bytes + 255) & ~(size_t)255);
    device_memory[block] = bytes;
    *to = (u64)block;
    return 0;
}
API cuMemFree_v2(u64 at) {
    NEEDS_CONTEXT;
    if (device_memory.erase((void *)at) == 0) return 1;
    free((void *)at);
    return 0;
}
API cuMemHostAlloc(void **to, size_t bytes, unsigned flags) {
    NEEDS_CONTEXT;
    if (flags != 1) return 1;
    *to = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
    host_memory[*to] = bytes;
    return 0;
}
API cuMemFreeHost(void *at) {
    NEEDS_CONTEXT;
    if (host_memory.erase(at) == 0) return 1;
    free(at);
    return 0;
}
API cuMemHostRegister_v2(void *at, size_t bytes, unsigned) {
    NEEDS_CONTEXT;
    if (((u64)at & 4095) != 0) return 1;
    if (pinned.count(at) != 0) return 712;
    pinned[at] = bytes;
    return 0;
}
API cuMemHostUnregister(void *at) {
    NEEDS_CONTEXT;
    return pinned.erase(at) == 0 ? 713 : 0;
}
API cuMemcpyHtoDAsync_v2(u64 to, const void *from, size_t bytes, void *stream) {
    NEEDS_CONTEXT;
    if (stream == nullptr || !within(device_memory, to, bytes)) return 1;
    if (!within(pinned, (u64)from, bytes) && !within(host_memory, (u64)from, bytes)) return 1; // the tests pin all that they copy
    memcpy((void *)to, from, bytes);
    return 0;
}
API cuMemcpyDtoHAsync_v2(void *to, u64 from, size_t bytes, void *stream) {
    NEEDS_CONTEXT;
    if (stream == nullptr || !within(device_memory, from, bytes) || !within(host_memory, (u64)to, bytes)) return 1;
    memcpy(to, (void *)from, bytes);
    return 0;
}
API cuMemcpyDtoDAsync_v2(u64 to, u64 from, size_t bytes, void *) {
    NEEDS_CONTEXT;
    if (!within(device_memory, to, bytes) || !within(device_memory, from, bytes)) return 1;
    memmove((void *)to, (void *)from, bytes);
    return 0;
}
API cuMemsetD32Async(u64 to, unsigned value, size_t words, void *) {
    NEEDS_CONTEXT;
    if (!within(device_memory, to, 4 * words)) return 1;
    for (size_t i = 0; i < words; i++) ((unsigned *)to)[i] = value;
    return 0;
}
API cuStreamCreate(void **stream, unsigned flags) {
    NEEDS_CONTEXT;
    if (flags != 1) return 1;
    *stream = (void *)(u64)(0x5000 + ++stream_numbers);
    streams[*stream] = current;
    return 0;
}
API cuStreamDestroy_v2(void *stream) { NEEDS_STREAM; streams.erase(stream); return 0; }
API cuStreamWaitEvent(void *, void *event, unsigned) { NEEDS_CONTEXT; return events.count((Event *)event) == 0 ? 400 : 0; }
API cuEventCreate(void **event, unsigned) {
    NEEDS_CONTEXT;
    *event = new Event();
    events.insert((Event *)*event);
    return 0;
}
API cuEventDestroy_v2(void *event) {
    NEEDS_CONTEXT;
    if (events.erase((Event *)event) == 0) return 400;
    delete (Event *)event;
    return 0;
}
API cuEventRecord(void *event, void *stream) {
    NEEDS_STREAM;
    if (events.count((Event *)event) == 0) return 400;
    ((Event *)event)->is_pending = true;
    ((Event *)event)->count = ++ticks;
    return 0;
}
API cuEventQuery(void *event) {
    NEEDS_CONTEXT;
    if (events.count((Event *)event) == 0) return 400;
    if (looks_lost()) return 999;
    const bool was = ((Event *)event)->is_pending;
    ((Event *)event)->is_pending = false;
    return was ? 600 : setting("STUB_QUERY", 0);
}
API cuEventElapsedTime(float *ms, void *first, void *last) {
    NEEDS_CONTEXT;
    *ms = (float)(((Event *)last)->count - ((Event *)first)->count);
    return 0;
}
API cuModuleLoadDataEx(void **module, const char *text, unsigned count, const int *options, void **values) {
    NEEDS_CONTEXT;
    if (count != 2 || options[0] != 5 || options[1] != 6) return 1;
    usleep((unsigned)setting("STUB_JIT_MS", 0) * 1000);
    if (setting("STUB_PTX", 0) != 0 || strstr(text, ".target sm_70") == nullptr) {
        snprintf((char *)values[0], (size_t)values[1], "ptxas fatal: stub\nand more");
        return setting("STUB_PTX", 218);
    }
    Module *const loaded = new Module{text};
    modules.insert(loaded);
    *module = loaded;
    return 0;
}
API cuModuleUnload(void *module) { NEEDS_CONTEXT; modules.erase((Module *)module); return 0; }
API cuModuleGetFunction(const char **function, void *module, const char *name) {
    NEEDS_CONTEXT;
    if (((Module *)module)->text.find(std::string(".entry ") + name + "(") == std::string::npos) return 500;
    *function = functions.insert(name).first->c_str();
    return 0;
}
API cuLaunchKernel(const char *function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned threads_y, unsigned threads_z,
                   unsigned shared, void *stream, void **parameters, void **extra) {
    NEEDS_CONTEXT;
    if (threads_y != 1 || threads_z != 1 || shared != 0 || stream == nullptr || parameters == nullptr || extra != nullptr) return 1;
    u64 cells[32];
    const int count = dragon_arguments(function);
    for (int i = 0; i < count; i++) memcpy(&cells[i], parameters[i], 8);
    dragon_launch(function, x, y, z, threads, cells, 0);
    return 0;
}
// Tables of functions that only the runtime library knows: its length and nothing that does anything.
API cuGetExportTable(const void **to, const void *) {
    static u64 table[64];
    table[0] = sizeof(table);
    for (int i = 1; i < 64; i++) table[i] = (u64)nothing;
    *to = table;
    return 0;
}
API cuGetProcAddress(const char *name, void **to, int, u64) {
    for (const char *const suffix : {"_v2", ""}) {
        *to = dlsym(RTLD_DEFAULT, (std::string(name) + suffix).c_str());
        if (*to != nullptr) return 0;
    }
    *to = (void *)nothing;
    return 0;
}
API cuGetProcAddress_v2(const char *name, void **to, int version, u64 flags, int *status) {
    if (status != nullptr) *status = 0;
    return cuGetProcAddress(name, to, version, flags);
}
