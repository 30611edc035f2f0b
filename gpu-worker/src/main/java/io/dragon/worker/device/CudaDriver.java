package io.dragon.worker.device;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.agrona.BufferUtil;

/**
 * A GPU by the calls of JCuda's driver API. Only addresses are given to it, never arrays, which it would pin in the Java heap. JCuda's
 * own exceptions stay off, because a question whether an event is done would throw one; every code that comes back is checked here.
 */
public final class CudaDriver implements GpuDriver {
    /** Whose context a thread has: contexts belong to threads, and a thread may use several GPUs. */
    private static final ThreadLocal<CudaDriver> CURRENT = new ThreadLocal<>();

    private static final int[] LOG_OPTIONS = {
        CUjit_option.CU_JIT_ERROR_LOG_BUFFER, CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
    };
    private static final int LOG_BYTES = 4_096;
    private static final int EVENTS = 64;

    /** Contexts take 0.3 to 0.7 GiB; what more is missing when this one is made is another program's. */
    private static final long MOST_OWN_BYTES = 1L << 30;

    private static final int SPINS = 200;
    private static final long PAUSE_NS = 20_000;
    private static final long MOST_BETWEEN_NS = 1_000_000_000L;

    private final GpuInfo info;
    private final CUdevice device;
    private final CUcontext context = new CUcontext();
    private final CUstream[] streams = new CUstream[GpuStream.values().length];
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, Integer> kernelNumbers = new HashMap<>();
    private final List<CUfunction> kernels = new ArrayList<>();
    private final CudaAddress.Device to = new CudaAddress.Device();
    private final CudaAddress.Device from = new CudaAddress.Device();
    private final CudaAddress.Host host = new CudaAddress.Host();
    private final CudaAddress.Host pointers = new CudaAddress.Host();
    private CUevent[] events = new CUevent[EVENTS];
    private volatile long ownBytes;
    private volatile boolean closed;

    private CudaDriver(final CUdevice device, final GpuInfo info) {
        this.device = device;
        this.info = info;
    }

    /**
     * Opens a GPU for this process.
     *
     * @param uuid of the GPU.
     * @return the driver, to be closed; the calling thread may use it first.
     * @throws GpuException in words, when it is not there, or another process has it for itself.
     */
    public static CudaDriver open(final String uuid) {
        for (final CudaGpus.Gpu gpu : CudaGpus.list()) {
            if (gpu.info().uuid().equals(uuid)) {
                final CudaDriver driver = new CudaDriver(gpu.device(), gpu.info());
                driver.openContext();
                return driver;
            }
        }
        throw CudaErrors.error(GpuException.INVALID_DEVICE, "opening GPU " + uuid);
    }

    private void openContext() {
        CudaErrors.check(
                JCudaDriver.cuDevicePrimaryCtxRetain(context, device),
                "opening " + info.name() + " (" + info.uuid() + ")");
        try {
            attach();
            for (int i = 0; i < streams.length; i++) {
                final CUstream stream = new CUstream();
                CudaErrors.check(
                        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "making a stream");
                streams[i] = stream;
            }
            final long[] total = new long[1];
            addOwn(-freeBytes(total) + total[0]);
        } catch (final GpuException ex) {
            if (!ex.isSticky()) { // one that is lost might not answer
                for (final CUstream stream : streams) {
                    if (stream != null) {
                        JCudaDriver.cuStreamDestroy(stream);
                    }
                }
                JCudaDriver.cuDevicePrimaryCtxRelease(device);
            }
            CURRENT.remove();
            throw ex;
        }
    }

    @Override
    public GpuInfo info() {
        return info;
    }

    @Override
    public long freeBytes() {
        return freeBytes(new long[1]);
    }

    private long freeBytes(final long[] total) {
        final long[] free = new long[1];
        attach();
        CudaErrors.check(JCudaDriver.cuMemGetInfo(free, total), "asking for free memory");
        return free[0];
    }

    @Override
    public long ownBytes() {
        return ownBytes;
    }

    private void addOwn(final long bytes) {
        ownBytes = Math.min(MOST_OWN_BYTES, ownBytes + Math.max(0, bytes)); // others may give back meanwhile
    }

    @Override
    public long allocate(final long bytes) {
        attach();
        final CudaAddress.Device address = new CudaAddress.Device();
        final int code = JCudaDriver.cuMemAlloc(address, bytes);
        if (code != CUresult.CUDA_SUCCESS) {
            throw CudaErrors.error(code, "taking " + DeviceMemory.mib(bytes) + " of device memory");
        }
        return CudaAddress.of(address);
    }

    @Override
    public void free(final long address) {
        attach();
        CudaErrors.check(JCudaDriver.cuMemFree(to.at(address)), "giving device memory back");
    }

    @Override
    public long allocatePinned(final long bytes) {
        attach();
        final CudaAddress.Host address = new CudaAddress.Host();
        final int code = JCudaDriver.cuMemHostAlloc(address, bytes, JCudaDriver.CU_MEMHOSTALLOC_PORTABLE);
        if (code != CUresult.CUDA_SUCCESS) {
            throw CudaErrors.ofHost(code, "taking " + DeviceMemory.mib(bytes) + " of pinned memory");
        }
        return CudaAddress.of(address);
    }

    @Override
    public void freePinned(final long address) {
        attach();
        CudaErrors.check(JCudaDriver.cuMemFreeHost(host.at(address)), "giving pinned memory back");
    }

    @Override
    public void register(final long address, final long bytes) {
        attach();
        final int code = JCudaDriver.cuMemHostRegister(
                new CudaAddress.Host().at(address), bytes, JCudaDriver.CU_MEMHOSTREGISTER_PORTABLE);
        if (code != CUresult.CUDA_SUCCESS) {
            throw CudaErrors.ofHost(
                    code, "pinning a frame pool" + (bytes < 1 << 20 ? "" : " (" + DeviceMemory.mib(bytes) + ")"));
        }
    }

    @Override
    public void unregister(final long address) {
        attach();
        CudaErrors.check(JCudaDriver.cuMemHostUnregister(new CudaAddress.Host().at(address)), "taking back a pinning");
    }

    @Override
    public void copyToDevice(final long device, final long address, final long bytes, final GpuStream stream) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuMemcpyHtoDAsync(to.at(device), host.at(address), bytes, streams[stream.ordinal()]),
                "copying to the GPU");
    }

    @Override
    public void copyToHost(final long address, final long device, final long bytes, final GpuStream stream) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuMemcpyDtoHAsync(host.at(address), from.at(device), bytes, streams[stream.ordinal()]),
                "copying from the GPU");
    }

    @Override
    public void copyOnDevice(final long target, final long source, final long bytes, final GpuStream stream) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuMemcpyDtoDAsync(to.at(target), from.at(source), bytes, streams[stream.ordinal()]),
                "copying on the GPU");
    }

    @Override
    public void fill(final long address, final int value, final long words, final GpuStream stream) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuMemsetD32Async(to.at(address), value, words, streams[stream.ordinal()]),
                "filling memory of the GPU");
    }

    @Override
    public long newEvent(final boolean isTimed) {
        attach();
        int index = 1; // 0 is no event
        while (index < events.length && events[index] != null) {
            index++;
        }
        if (index == events.length) {
            events = Arrays.copyOf(events, 2 * index);
        }
        final CUevent event = new CUevent();
        CudaErrors.check(
                JCudaDriver.cuEventCreate(
                        event, isTimed ? CUevent_flags.CU_EVENT_DEFAULT : CUevent_flags.CU_EVENT_DISABLE_TIMING),
                "making an event");
        events[index] = event;
        return index;
    }

    @Override
    public void freeEvent(final long event) {
        attach();
        CudaErrors.check(JCudaDriver.cuEventDestroy(events[(int) event]), "giving an event back");
        events[(int) event] = null;
    }

    @Override
    public void record(final long event, final GpuStream stream) {
        attach();
        CudaErrors.check(JCudaDriver.cuEventRecord(events[(int) event], streams[stream.ordinal()]), "marking a stream");
    }

    @Override
    public void await(final GpuStream stream, final long event) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuStreamWaitEvent(streams[stream.ordinal()], events[(int) event], 0),
                "letting a stream wait");
    }

    /** An error that comes out here is one of work that was queued, and after such a one nothing works any more, whatever its code. */
    @Override
    public boolean isDone(final long event) {
        attach();
        final int code = JCudaDriver.cuEventQuery(events[(int) event]);
        if (code == CUresult.CUDA_ERROR_NOT_READY) {
            return false;
        }
        if (code != CUresult.CUDA_SUCCESS) {
            throw CudaErrors.lost(code, "the work of the GPU");
        }
        return true;
    }

    /** By questions: the driver's own wait has no limit. */
    @Override
    public void synchronize(final long event, final long timeoutNs) {
        long askedNs = System.nanoTime();
        long waitedNs = 0;
        for (int i = 0; !isDone(event); i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
                continue;
            }
            final long nowNs = System.nanoTime();
            waitedNs += Math.min(MOST_BETWEEN_NS, nowNs - askedNs); // a process that stood still has not waited
            askedNs = nowNs;
            if (waitedNs > timeoutNs) {
                throw GpuException.hung(timeoutNs);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    @Override
    public float elapsedMs(final long first, final long last) {
        attach();
        final float[] elapsed = new float[1];
        CudaErrors.check(
                JCudaDriver.cuEventElapsedTime(elapsed, events[(int) first], events[(int) last]), "asking for a time");
        return elapsed[0];
    }

    /** The driver compiles a module for its GPU and keeps the result in its own cache ({@code CUDA_CACHE_PATH}). */
    @Override
    public long kernel(final String module, final String name) {
        attach();
        final Integer known = kernelNumbers.get(module + "/" + name);
        if (known != null) {
            return known;
        }
        final CUfunction function = new CUfunction();
        final long freeBefore = freeBytes();
        CudaErrors.check(
                JCudaDriver.cuModuleGetFunction(function, module(module), name),
                "looking for kernel " + name + " of " + module);
        addOwn(freeBefore - freeBytes());
        kernels.add(function);
        kernelNumbers.put(module + "/" + name, kernels.size() - 1);
        return kernels.size() - 1L;
    }

    private CUmodule module(final String name) {
        final CUmodule known = modules.get(name);
        if (known != null) {
            return known;
        }
        final String resource = "/io/dragon/worker/kernels/" + name + ".ptx";
        try (InputStream stream = CudaDriver.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw CudaErrors.error(CUresult.CUDA_ERROR_NOT_FOUND, "looking for the kernels of " + name);
            }
            final byte[] text = stream.readAllBytes();
            final ByteBuffer image = ByteBuffer.allocateDirect(text.length + 1).put(text); // ends with a 0
            final ByteBuffer log = ByteBuffer.allocateDirect(LOG_BYTES);
            final ByteBuffer values = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
            values.putLong(0, BufferUtil.address(log)).putLong(Long.BYTES, LOG_BYTES);
            final CUmodule module = new CUmodule();
            // Not from an array: no collection of garbage could begin while the driver compiles it, which takes
            // seconds.
            final int code = JCudaDriver.cuModuleLoadDataEx(
                    module,
                    new CudaAddress.Host().at(BufferUtil.address(image)),
                    LOG_OPTIONS.length,
                    LOG_OPTIONS,
                    new CudaAddress.Host().at(BufferUtil.address(values)));
            Reference.reachabilityFence(image);
            Reference.reachabilityFence(values);
            if (code != CUresult.CUDA_SUCCESS) {
                throw CudaErrors.error(code, "loading the kernels of " + name + compilerSays(log));
            }
            modules.put(name, module);
            return module;
        } catch (final IOException ex) {
            throw CudaErrors.error(CUresult.CUDA_ERROR_FILE_NOT_FOUND, "reading the kernels of " + name);
        }
    }

    private static String compilerSays(final ByteBuffer log) {
        final StringBuilder line = new StringBuilder();
        for (int i = 0; i < LOG_BYTES && log.get(i) >= ' '; i++) {
            line.append((char) log.get(i));
        }
        return line.length() == 0 ? "" : " (its compiler says: " + line + ")";
    }

    @Override
    public void launch(
            final long kernel,
            final int gridX,
            final int gridY,
            final int gridZ,
            final int blockX,
            final int sharedBytes,
            final GpuStream stream,
            final KernelArguments arguments) {
        attach();
        CudaErrors.check(
                JCudaDriver.cuLaunchKernel(
                        kernels.get((int) kernel),
                        gridX,
                        gridY,
                        gridZ,
                        blockX,
                        1,
                        1,
                        sharedBytes,
                        streams[stream.ordinal()],
                        pointers.at(arguments.pointersAddress()),
                        null),
                "starting a kernel");
        Reference.reachabilityFence(arguments); // only its address is known down there
    }

    /** What is left goes with the context; a context that failed has nothing to give back. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            JCudaDriver.cuCtxSetCurrent(context);
            for (final CUevent event : events) {
                if (event != null) {
                    JCudaDriver.cuEventDestroy(event);
                }
            }
            for (final CUstream stream : streams) {
                JCudaDriver.cuStreamDestroy(stream);
            }
            modules.values().forEach(JCudaDriver::cuModuleUnload);
            JCudaDriver.cuDevicePrimaryCtxRelease(device);
            CURRENT.remove();
        }
    }

    private void attach() {
        if (closed) {
            throw new IllegalStateException("the GPU is closed");
        }
        if (CURRENT.get() != this) {
            CudaErrors.check(JCudaDriver.cuCtxSetCurrent(context), "using the GPU");
            CURRENT.set(this);
        }
    }
}
