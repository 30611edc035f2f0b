/*
 * A libnvidia-ml that does what a test says: it has the calls and the layouts of nvml.h that Nvml.java relies on, written down here once more, as a
 * compiler lays them out. -DOLD leaves out what older drivers do not have.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct device *nvmlDevice_t;
typedef struct events *nvmlEventSet_t;
typedef int nvmlReturn_t;
typedef struct {
    unsigned long long total, free, used;
} nvmlMemory_t;
typedef struct {
    unsigned int gpu, memory;
} nvmlUtilization_t;
typedef struct {
    nvmlDevice_t device;
    unsigned long long eventType;
    unsigned long long eventData;
    unsigned int gpuInstanceId;
    unsigned int computeInstanceId;
} nvmlEventData_t;

enum { INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TIMEOUT = 10 };

/* In processes that nobody calls: the temperature stands in the file NVML_FOLDER/UUID of the GPU that CUDA_VISIBLE_DEVICES names. */
static int written_celsius(void) {
    const char *const folder = getenv("NVML_FOLDER"), *const uuid = getenv("CUDA_VISIBLE_DEVICES");
    char path[1024];
    int celsius = -1;
    if (!folder || !uuid) return -1;
    snprintf(path, sizeof path, "%s/%s", folder, uuid);
    FILE *const file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%d", &celsius) != 1) celsius = -1;
        fclose(file);
    }
    return celsius;
}

#define VALUES 32
#define MOST 16

/* By number, as FakeNvml.java names them: what each call answers, and its code. */
static unsigned long long values[VALUES];
static int codes[VALUES];
static int xids[MOST];
static int xid_count;
static int xid_type = 8;
static int opened;
static int event_sets;

void fake_reset(void) {
    memset(values, 0, sizeof values);
    memset(codes, 0, sizeof codes);
    xid_count = 0;
    xid_type = 8;
}
void fake_set(int number, unsigned long long value, int code) {
    values[number] = value;
    codes[number] = code;
}
void fake_xid(int xid, int type) {
    xids[xid_count++] = xid;
    xid_type = type;
}
int fake_opened(void) { return opened; }
int fake_event_sets(void) { return event_sets; }
/* So that the test can hold its own offsets to the compiler's. */
int fake_offset(int which) {
    switch (which) {
    case 0: return sizeof(nvmlMemory_t);
    case 1: return offsetof(nvmlMemory_t, used);
    case 2: return sizeof(nvmlUtilization_t);
    case 3: return sizeof(nvmlEventData_t);
    case 4: return offsetof(nvmlEventData_t, eventType);
    default: return offsetof(nvmlEventData_t, eventData);
    }
}

enum {
    INIT, TEMPERATURE, SHUTDOWN, GPU_BUSY, MEMORY_TOTAL, MEMORY_USED, POWER, POWER_LIMIT, CORRECTED, UNCORRECTED, THROTTLE, PENDING, FAILED, PAGES,
    EVENTS, LOST
};

#define DEVICE ((nvmlDevice_t) 0x1234567890ULL)
#define SET ((nvmlEventSet_t) 0x2345678901ULL)
#define CHECK(number) \
    if (codes[LOST]) return codes[LOST]; \
    if (device != DEVICE) return INVALID_ARGUMENT; \
    if (codes[number]) return codes[number]

nvmlReturn_t nvmlInit_v2(void) {
    if (!codes[INIT]) opened++;
    return codes[INIT];
}
nvmlReturn_t nvmlShutdown(void) {
    opened--;
    return 0;
}
const char *nvmlErrorString(nvmlReturn_t code) { return code == 15 ? "GPU is lost" : code == 9 ? "Driver Not Loaded" : "Some Error"; }
nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
    if (length < 10) return INVALID_ARGUMENT;
    strcpy(version, "550.54.15");
    return 0;
}
#ifdef OLD
#define nvmlDeviceGetCount_v2 nvmlDeviceGetCount
#define nvmlDeviceGetHandleByIndex_v2 nvmlDeviceGetHandleByIndex
#define nvmlDeviceGetCurrentClocksEventReasons nvmlDeviceGetCurrentClocksThrottleReasons
#endif
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = 2;
    return 0;
}
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if (index != 1) return INVALID_ARGUMENT;
    *device = DEVICE;
    return 0;
}
nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
    const char *const visible = getenv("CUDA_VISIBLE_DEVICES");
    if (strcmp(uuid, "GPU-01234567-89ab-cdef-0123-456789abcdef") && (!visible || strcmp(uuid, visible))) return NOT_FOUND;
    *device = DEVICE;
    return 0;
}
nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius) {
    CHECK(TEMPERATURE);
    if (sensor) return INVALID_ARGUMENT;
    *celsius = written_celsius() < 0 ? (unsigned int) values[TEMPERATURE] : (unsigned int) written_celsius();
    return 0;
}
nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device, int type, unsigned int *celsius) {
    CHECK(SHUTDOWN);
    if (type) return INVALID_ARGUMENT;
    *celsius = (unsigned int) values[SHUTDOWN];
    return 0;
}
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *rates) {
    CHECK(GPU_BUSY);
    rates->gpu = (unsigned int) values[GPU_BUSY];
    rates->memory = 77;
    return 0;
}
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) {
    CHECK(MEMORY_TOTAL);
    memory->total = values[MEMORY_TOTAL];
    memory->used = values[MEMORY_USED];
    memory->free = memory->total - memory->used;
    return 0;
}
nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) {
    CHECK(POWER);
    *milliwatts = (unsigned int) values[POWER];
    return 0;
}
nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *milliwatts) {
    CHECK(POWER_LIMIT);
    *milliwatts = (unsigned int) values[POWER_LIMIT];
    return 0;
}
nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, int type, int counter, unsigned long long *count) {
    CHECK(type ? UNCORRECTED : CORRECTED);
    if (counter) return INVALID_ARGUMENT;
    *count = values[type ? UNCORRECTED : CORRECTED];
    return 0;
}
nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long *reasons) {
    CHECK(THROTTLE);
    *reasons = values[THROTTLE];
    return 0;
}
#ifndef OLD
nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned int *corrected, unsigned int *uncorrected, unsigned int *pending, unsigned int *failed) {
    CHECK(PENDING);
    *corrected = 5;
    *uncorrected = 6;
    *pending = (unsigned int) values[PENDING];
    *failed = (unsigned int) values[FAILED];
    return 0;
}
nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set) {
    if (codes[EVENTS]) return codes[EVENTS];
    event_sets++;
    *set = SET;
    return 0;
}
nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long types, nvmlEventSet_t set) {
    if (device != DEVICE || set != SET || types != 8) return INVALID_ARGUMENT;
    return (int) values[EVENTS];
}
nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int milliseconds) {
    if (set != SET || milliseconds) return INVALID_ARGUMENT;
    if (!xid_count) return codes[LOST] ? codes[LOST] : TIMEOUT;
    data->device = DEVICE;
    data->eventType = (unsigned long long) xid_type;
    data->eventData = (unsigned long long) xids[0];
    data->gpuInstanceId = 0xFFFFFFFFU;
    data->computeInstanceId = 0xFFFFFFFFU;
    memmove(xids, xids + 1, sizeof(int) * (size_t) --xid_count);
    return 0;
}
nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) {
    event_sets--;
    return set == SET ? 0 : INVALID_ARGUMENT;
}
#endif
nvmlReturn_t nvmlDeviceGetRetiredPagesPendingStatus(nvmlDevice_t device, unsigned int *pending) {
    CHECK(PAGES);
    *pending = (unsigned int) values[PAGES];
    return 0;
}
