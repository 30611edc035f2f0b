package io.dragon.worker.device.health;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The calls of NVIDIA's management library that we need, through JNA. Signatures and layouts are those of nvml.h of CUDA 12.2
 * (github.com/NVIDIA/go-nvml, gen/nvml/nvml.h) and have not changed since the versions of the calls that are named here; structures are read by
 * offset:
 *
 * <pre>
 *   nvmlMemory_t       24 bytes   0 total u64    8 free u64   16 used u64
 *   nvmlUtilization_t   8 bytes   0 gpu u32      4 memory u32
 *   nvmlEventData_t    32 bytes   0 device ptr   8 eventType u64   16 eventData u64   24 gpuInstanceId u32   28 computeInstanceId u32
 * </pre>
 *
 * <p>A call that the library does not have answers {@link #FUNCTION_NOT_FOUND}, as the library itself would. One thread.
 */
final class Nvml implements AutoCloseable {
    static final String LIBRARY = "libnvidia-ml.so.1";

    static final int SUCCESS = 0;
    static final int NOT_SUPPORTED = 3;
    static final int TIMEOUT = 10;
    static final int FUNCTION_NOT_FOUND = 13;
    static final int GPU_IS_LOST = 15;
    static final int RESET_REQUIRED = 16;

    static final long EVENT_XID = 0x8;

    private static final int SENSOR_GPU = 0;
    private static final int THRESHOLD_SHUTDOWN = 0;
    private static final String ECC = "nvmlDeviceGetTotalEccErrors";
    private static final int CORRECTED = 0;
    private static final int UNCORRECTED = 1;
    private static final int ECC_VOLATILE = 0;
    private static final int TEXT_LENGTH = 96;
    private static final int MEMORY_USED_OFFSET = 16;
    private static final int EVENT_TYPE_OFFSET = 8;
    private static final int EVENT_DATA_OFFSET = 16;

    private final NativeLibrary library;
    private final Map<String, Function> functions = new HashMap<>();

    /** Of the call before: 64 and 32 bits of answers, structures. Longer than any of them. */
    private final Memory out = new Memory(TEXT_LENGTH);

    private boolean isInitialised;
    private Pointer device;
    private Pointer events;

    private Nvml(final NativeLibrary library) {
        this.library = library;
    }

    /**
     * Loads the library and opens it.
     *
     * @throws NvmlException in words, when it is not there or cannot work.
     */
    static Nvml open(final String name) throws NvmlException {
        final Nvml nvml;
        try {
            nvml = new Nvml(NativeLibrary.getInstance(name));
        } catch (final UnsatisfiedLinkError ex) {
            throw new NvmlException("NVML is not there (" + name + " cannot be loaded)");
        } catch (final LinkageError ex) {
            throw new NvmlException("NVML cannot be called: " + ex.getMessage());
        }
        final int result = nvml.call("nvmlInit_v2");
        if (result != SUCCESS) {
            throw new NvmlException("NVML does not work: " + nvml.words(result));
        }
        nvml.isInitialised = true;
        return nvml;
    }

    /** Why there is no NVML. */
    static final class NvmlException extends Exception {
        private static final long serialVersionUID = 1;

        NvmlException(final String message) {
            super(message);
        }
    }

    private int call(final String name, final Object... arguments) {
        if (!functions.containsKey(name)) {
            functions.put(name, find(name));
        }
        final Function function = functions.get(name);
        return function == null ? FUNCTION_NOT_FOUND : function.invokeInt(arguments);
    }

    private Function find(final String name) {
        try {
            return library.getFunction(name);
        } catch (final UnsatisfiedLinkError ex) {
            return null;
        }
    }

    /** The one that has to be there under its newer or its older name. */
    private int callEither(final String name, final String other, final Object... arguments) {
        final int result = call(name, arguments);
        return result == FUNCTION_NOT_FOUND ? call(other, arguments) : result;
    }

    // ---- the library

    String driverVersion() {
        out.clear();
        return call("nvmlSystemGetDriverVersion", out, TEXT_LENGTH) == SUCCESS ? text() : "unknown";
    }

    int count() {
        return callEither("nvmlDeviceGetCount_v2", "nvmlDeviceGetCount", out) == SUCCESS ? out.getInt(0) : 0;
    }

    String words(final int result) {
        final Function function = find("nvmlErrorString");
        final Pointer text = function == null ? null : (Pointer) function.invoke(Pointer.class, new Object[] {result});
        return text == null ? "error " + result : text.getString(0, "US-ASCII") + " (error " + result + ")";
    }

    // ---- the device

    /** By UUID, or by its number in the order of PCI addresses; the code of the call. */
    int select(final String id) {
        out.clear();
        final int result = id.matches("[0-9]{1,4}")
                ? callEither("nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex", Integer.parseInt(id), out)
                : call("nvmlDeviceGetHandleByUUID", bytes(id), out);
        device = result == SUCCESS ? out.getPointer(0) : null;
        return result;
    }

    String uuid() {
        out.clear();
        return call("nvmlDeviceGetUUID", device, out, TEXT_LENGTH) == SUCCESS ? text() : "";
    }

    String name() {
        out.clear();
        return call("nvmlDeviceGetName", device, out, TEXT_LENGTH) == SUCCESS ? text() : "";
    }

    int temperature(final GpuSample.Reading into) {
        final int result = call("nvmlDeviceGetTemperature", device, SENSOR_GPU, out);
        into.temperatureCelsius = result == SUCCESS ? out.getInt(0) : -1;
        return result;
    }

    /** At which it switches itself off; -1 unknown. */
    int shutdownCelsius() {
        return call("nvmlDeviceGetTemperatureThreshold", device, THRESHOLD_SHUTDOWN, out) == SUCCESS
                ? out.getInt(0)
                : -1;
    }

    int utilisation(final GpuSample.Reading into) {
        final int result = call("nvmlDeviceGetUtilizationRates", device, out);
        into.utilisationPercent = result == SUCCESS ? out.getInt(0) : -1;
        return result;
    }

    int memory(final GpuSample.Reading into) {
        final int result = call("nvmlDeviceGetMemoryInfo", device, out);
        into.memoryBytes = result == SUCCESS ? out.getLong(0) : -1;
        into.memoryUsedBytes = result == SUCCESS ? out.getLong(MEMORY_USED_OFFSET) : -1;
        return result;
    }

    int power(final GpuSample.Reading into) {
        final int result = call("nvmlDeviceGetPowerUsage", device, out);
        into.powerMilliwatts = result == SUCCESS ? Integer.toUnsignedLong(out.getInt(0)) : -1;
        into.powerLimitMilliwatts = call("nvmlDeviceGetEnforcedPowerLimit", device, out) == SUCCESS
                ? Integer.toUnsignedLong(out.getInt(0))
                : -1;
        return result;
    }

    int ecc(final GpuSample.Reading into) {
        into.eccCorrected = call(ECC, device, CORRECTED, ECC_VOLATILE, out) == SUCCESS ? out.getLong(0) : -1;
        final int result = call(ECC, device, UNCORRECTED, ECC_VOLATILE, out);
        into.eccUncorrected = result == SUCCESS ? out.getLong(0) : -1;
        return result;
    }

    int throttle(final GpuSample.Reading into) {
        final int result = callEither(
                "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons", device, out);
        into.throttleBits = result == SUCCESS ? out.getLong(0) : -1;
        return result;
    }

    int rows(final GpuSample.Reading into) {
        final Pointer corrected = out.share(0);
        final Pointer uncorrected = out.share(4);
        final Pointer pending = out.share(8);
        final Pointer failed = out.share(12);
        final int result = call("nvmlDeviceGetRemappedRows", device, corrected, uncorrected, pending, failed);
        into.rowsPending = result == SUCCESS ? pending.getInt(0) : -1;
        into.rowsFailed = result == SUCCESS ? failed.getInt(0) : -1;
        return result;
    }

    int pages(final GpuSample.Reading into) {
        final int result = call("nvmlDeviceGetRetiredPagesPendingStatus", device, out);
        into.pagesPending = result == SUCCESS ? out.getInt(0) : -1;
        return result;
    }

    // ---- events

    /** From here on {@link #nextXid} tells of the device's critical errors; the code of the call. */
    int watchXids() {
        int result = call("nvmlEventSetCreate", out);
        if (result == SUCCESS) {
            events = out.getPointer(0);
            result = call("nvmlDeviceRegisterEvents", device, EVENT_XID, events);
            if (result != SUCCESS) {
                freeEvents();
            }
        }
        return result;
    }

    /** The next critical error that has come already; -1 for none: it waits for none. */
    int nextXid() {
        if (events == null || callEither("nvmlEventSetWait_v2", "nvmlEventSetWait", events, out, 0) != SUCCESS) {
            return -1;
        }
        return out.getLong(EVENT_TYPE_OFFSET) == EVENT_XID ? (int) out.getLong(EVENT_DATA_OFFSET) : -1;
    }

    private void freeEvents() {
        if (events != null) {
            call("nvmlEventSetFree", events);
            events = null;
        }
    }

    @Override
    public void close() {
        freeEvents();
        if (isInitialised) {
            isInitialised = false;
            call("nvmlShutdown");
        }
    }

    private String text() {
        return out.getString(0, "US-ASCII");
    }

    private static byte[] bytes(final String text) {
        return (text + '\0').getBytes(StandardCharsets.US_ASCII);
    }
}
