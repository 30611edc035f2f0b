package io.dragon.worker.device;

import io.dragon.worker.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/**
 * A GPU played on the host: its memory is the host's, its kernels are the real source compiled as C++. What is queued is done as late and
 * in as odd an order as streams and events allow, by a seed, so that a missing event shows as a wrong result. Memory
 * of the device has guards on both sides and garbage in it. What a real driver would refuse it refuses; what a real GPU would do silently
 * wrong (work on memory that was given back, results into memory that is not pinned) is an {@link AssertionError}.
 */
public final class EmulatedDriver implements GpuDriver {
    private static final int MAX_THREADS = 1_024;
    private static final int MAX_GRID_YZ = 65_535;
    private static final int MAX_SHARED = 48 << 10;

    private final EmulatedMemory memory;
    private final Random random;
    private final GpuInfo info;
    private final EmulatedStreams streams;
    private final Map<String, Map<String, Integer>> modules = new TreeMap<>();
    private final List<String> kernels = new ArrayList<>();
    private final Map<Long, Event> events = new TreeMap<>();
    private final TreeMap<Long, Long> registered = new TreeMap<>();
    private long lastEvent;
    private int registrationRefusal;
    private Callable<Void> registering;
    private int allocations;
    private int failingAllocation = -1;
    private int pinnedAllocations;
    private boolean isPinnedShort;
    private int launches;
    private int failingLaunch = -1;
    private int launchError;
    private int hangingLaunch = -1;
    private int copies;
    private int failingCopy = -1;
    private int copyError;
    private boolean closed;
    private volatile long ownBytes;
    private long moduleBytes;
    private volatile boolean isWaitLost;

    private static final class Event {
        final boolean isTimed;
        EmulatedStreams.Marker last;

        Event(final boolean isTimed) {
            this.isTimed = isTimed;
        }
    }

    /** A GPU with 1 GiB. */
    public EmulatedDriver(final long seed) {
        this(seed, 1L << 30);
    }

    /**
     * A GPU.
     *
     * @param seed        of the order in which things are done.
     * @param memoryBytes all its memory.
     */
    public EmulatedDriver(final long seed, final long memoryBytes) {
        this.random = new Random(seed);
        this.memory = new EmulatedMemory(memoryBytes, seed);
        this.info = new GpuInfo(
                0,
                "Emulated GPU",
                "GPU-00000000-0000-0000-0000-000000000000",
                "0000:00:00.0",
                7,
                0,
                4,
                memoryBytes,
                12_000);
        this.streams = new EmulatedStreams(random);
    }

    /** A device on it, which asks this clock how long a task takes. */
    public CudaDevice device(final long waitLimitNs, final LongSupplier clock) {
        return new CudaDevice(this, DeviceOptions.DEFAULT, waitLimitNs, clock);
    }

    // ---- what goes wrong -------------------------------------------------------------------------------------------

    /** The allocation of device memory of this number, from 0, counted from now, finds no memory. */
    public synchronized EmulatedDriver failAllocation(final int number) {
        failingAllocation = allocations + number;
        return this;
    }

    /** The launch of this number, from 0, counted from now, ends with a sticky error, which comes out of a later call. */
    public synchronized EmulatedDriver failLaunch(final int number, final int code) {
        failingLaunch = launches + number;
        launchError = code;
        return this;
    }

    /** The copy of this number, from 0, counted from now, ends with a sticky error, which comes out of a later call. */
    public synchronized EmulatedDriver failCopy(final int number, final int code) {
        failingCopy = copies + number;
        copyError = code;
        return this;
    }

    /** The launch of this number, from 0, counted from now, never ends. */
    public synchronized EmulatedDriver hangAtLaunch(final int number) {
        hangingLaunch = launches + number;
        return this;
    }

    /** Whether streams forget from now on to wait for each other, as with an event that a handler does not wait for. Any thread. */
    public EmulatedDriver loseWaits(final boolean isLost) {
        isWaitLost = isLost;
        return this;
    }

    /** The driver has so much memory of the device for a context, and for each module that is loaded from now on. */
    public synchronized EmulatedDriver own(final long contextBytes, final long bytesOfAModule) {
        ownBytes = contextBytes;
        moduleBytes = bytesOfAModule;
        return this;
    }

    /** Memory cannot be pinned; 0: it can. */
    public synchronized EmulatedDriver refuseRegistration(final int code) {
        registrationRefusal = code;
        return this;
    }

    /** The next registration takes as long as this; calls of others that need the driver would wait for it. */
    public synchronized void whileRegistering(final Callable<Void> action) {
        registering = action;
    }

    /** The next allocation of pinned memory finds none. */
    public synchronized EmulatedDriver failPinned() {
        isPinnedShort = true;
        return this;
    }

    /** All that was taken and not given back, in words; empty when there is nothing. */
    public synchronized String leaks() {
        final List<String> left = memory.leaks();
        if (!events.isEmpty()) {
            left.add(events.size() + " events");
        }
        registered.forEach((at, bytes) -> left.add(bytes + " bytes registered at 0x" + Long.toHexString(at)));
        return String.join(", ", left);
    }

    /** Whether it was given back. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /** Launches that were queued. */
    public synchronized int launches() {
        return launches;
    }

    /** Copies that were queued. */
    public synchronized int copies() {
        return copies;
    }

    /** Allocations of device memory that were asked for. */
    public synchronized int allocations() {
        return allocations;
    }

    /** How often memory was pinned. */
    public synchronized int pinnedAllocations() {
        return pinnedAllocations;
    }

    /** Segments that are registered. */
    public synchronized int registered() {
        return registered.size();
    }

    /** Does some of what is queued, as a GPU does while nobody looks. */
    public synchronized void doSome() {
        streams.doSome();
    }

    // ---- the driver ------------------------------------------------------------------------------------------------

    @Override
    public GpuInfo info() {
        return info;
    }

    @Override
    public synchronized long freeBytes() {
        return memory.freeBytes() - ownBytes;
    }

    @Override
    public long ownBytes() {
        return ownBytes;
    }

    @Override
    public synchronized long allocate(final long bytes) {
        check();
        if (bytes <= 0) {
            throw error(1, "INVALID_VALUE", bytes + " bytes cannot be allocated");
        }
        if (allocations++ == failingAllocation || bytes > freeBytes()) {
            throw error(
                    GpuException.OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "the GPU has no " + bytes + " bytes left");
        }
        return memory.allocateDevice(bytes);
    }

    @Override
    public synchronized void free(final long device) {
        check();
        streams.checkUnused(device, memory.deviceBytes(device));
        memory.freeDevice(device);
    }

    @Override
    public synchronized long allocatePinned(final long bytes) {
        check();
        if (isPinnedShort) {
            isPinnedShort = false;
            throw error(GpuException.OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "the host has no memory to pin left");
        }
        pinnedAllocations++;
        return memory.allocatePinned(bytes);
    }

    @Override
    public synchronized void freePinned(final long host) {
        check();
        streams.checkUnused(host, memory.pinnedBytes(host));
        memory.freePinned(host);
    }

    @Override
    public synchronized void register(final long host, final long bytes) {
        check();
        if (host % 4096 != 0 || bytes <= 0) {
            throw error(1, "INVALID_VALUE", "memory is registered by pages");
        }
        if (registrationRefusal != 0) {
            throw error(registrationRefusal, "CUDA_ERROR_NOT_PERMITTED", "this memory cannot be pinned here");
        }
        final Map.Entry<Long, Long> below = registered.lowerEntry(host + bytes);
        if (below != null && below.getKey() + below.getValue() > host) {
            throw error(GpuException.ALREADY_REGISTERED, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "it is pinned");
        }
        final Callable<Void> slow = registering;
        registering = null;
        if (slow != null) {
            try {
                slow.call(); // with the lock, as a driver has it
            } catch (final Exception ex) {
                throw new AssertionError(ex);
            }
        }
        registered.put(host, bytes);
    }

    @Override
    public synchronized void unregister(final long host) {
        check();
        final Long bytes = registered.get(host);
        if (bytes == null) {
            throw error(GpuException.NOT_REGISTERED, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "it is not pinned");
        }
        streams.checkUnused(host, bytes);
        registered.remove(host);
    }

    @Override
    public synchronized void copyToDevice(
            final long device, final long host, final long bytes, final GpuStream stream) {
        check();
        memory.checkDevice(device, bytes);
        if (isDirect(host, bytes)) {
            queueCopy("copy to device", device, host, bytes, stream);
        } else {
            // a driver has read all of pageable memory before it returns
            final long stage = memory.stage(host, bytes);
            streams.queue(
                    stream,
                    "copy to device",
                    () -> {
                        memory.copy(device, stage, bytes);
                        memory.dropStage(stage);
                    },
                    new long[] {device},
                    new long[] {bytes});
        }
        fail(copies++ == failingCopy, copyError, stream);
    }

    @Override
    public synchronized void copyToHost(final long host, final long device, final long bytes, final GpuStream stream) {
        check();
        memory.checkDevice(device, bytes);
        if (!memory.isPinned(host, bytes)) {
            throw new AssertionError(
                    "results are copied into pinned memory of the process only, and nothing else than that");
        }
        queueCopy("copy to host", host, device, bytes, stream);
        fail(copies++ == failingCopy, copyError, stream);
    }

    @Override
    public synchronized void copyOnDevice(final long to, final long from, final long bytes, final GpuStream stream) {
        check();
        memory.checkDevice(to, bytes);
        memory.checkDevice(from, bytes);
        queueCopy("copy on device", to, from, bytes, stream);
    }

    @Override
    public synchronized void fill(final long device, final int value, final long words, final GpuStream stream) {
        check();
        memory.checkDevice(device, 4 * words);
        if (device % 4 != 0) {
            throw error(1, "INVALID_VALUE", "a fill begins at a multiple of 4");
        }
        streams.queue(
                stream, "fill", () -> memory.fill(device, value, words), new long[] {device}, new long[] {4 * words});
    }

    @Override
    public synchronized long newEvent(final boolean isTimed) {
        check();
        events.put(++lastEvent, new Event(isTimed));
        return lastEvent;
    }

    @Override
    public synchronized void freeEvent(final long event) {
        event(event);
        events.remove(event);
    }

    @Override
    public synchronized void record(final long event, final GpuStream stream) {
        check();
        event(event).last = streams.record(stream);
    }

    @Override
    public synchronized void await(final GpuStream stream, final long event) {
        check();
        final EmulatedStreams.Marker last = event(event).last;
        if (!isWaitLost) {
            streams.await(stream, last);
        }
    }

    @Override
    public synchronized boolean isDone(final long event) {
        check();
        final EmulatedStreams.Marker marker = event(event).last;
        if (marker == null || marker.isDone) {
            return true;
        }
        doSome();
        check();
        return marker.isDone;
    }

    @Override
    public synchronized void synchronize(final long event, final long timeoutNs) {
        check();
        final EmulatedStreams.Marker marker = event(event).last;
        if (random.nextBoolean()) {
            doSome();
        }
        while (marker != null && !marker.isDone) {
            if (!streams.step(marker.stream)) {
                throw error(
                        GpuException.NO_ANSWER,
                        "NO_ANSWER",
                        "the GPU has not finished after " + timeoutNs / 1_000_000 + " ms");
            }
            check();
        }
        check();
        memory.checkGuards();
    }

    @Override
    public synchronized float elapsedMs(final long first, final long last) {
        check();
        final Event from = event(first);
        final Event to = event(last);
        if (!from.isTimed || !to.isTimed || from.last == null || to.last == null) {
            throw error(400, "CUDA_ERROR_INVALID_HANDLE", "these events have no time");
        }
        if (!from.last.isDone || !to.last.isDone) {
            throw error(600, "CUDA_ERROR_NOT_READY", "these events are not done");
        }
        return (to.last.doneNs - from.last.doneNs) / 1e6f;
    }

    @Override
    public synchronized long kernel(final String module, final String name) {
        check();
        if (!modules.containsKey(module)) {
            ownBytes = ownBytes + moduleBytes;
        }
        final Integer count =
                modules.computeIfAbsent(module, EmulatedModule::entries).get(name);
        if (count == null) {
            throw error(500, "CUDA_ERROR_NOT_FOUND", "module " + module + " has no kernel " + name);
        }
        if (count != KernelLibrary.arguments(name)) {
            throw new AssertionError(
                    "kernel " + name + " has " + count + " arguments as PTX, and another number as source");
        }
        if (!kernels.contains(name)) {
            kernels.add(name);
        }
        return kernels.indexOf(name) + 1;
    }

    @Override
    public synchronized void launch(
            final long kernel,
            final int gridX,
            final int gridY,
            final int gridZ,
            final int blockX,
            final int sharedBytes,
            final GpuStream stream,
            final KernelArguments arguments) {
        check();
        final String name = kernels.get((int) kernel - 1);
        if (gridX < 1 || gridY < 1 || gridZ < 1 || gridY > MAX_GRID_YZ || gridZ > MAX_GRID_YZ) {
            throw error(1, "CUDA_ERROR_INVALID_VALUE", "no grid: " + gridX + " x " + gridY + " x " + gridZ);
        }
        if (blockX < 1 || blockX > MAX_THREADS || sharedBytes < 0 || sharedBytes > MAX_SHARED) {
            throw error(1, "CUDA_ERROR_INVALID_VALUE", "no block: " + blockX + " threads, " + sharedBytes + " bytes");
        }
        if (arguments.count() != KernelLibrary.arguments(name)) {
            throw new AssertionError("kernel " + name + " takes " + KernelLibrary.arguments(name) + " arguments, not "
                    + arguments.count());
        }
        final long[] cells = new long[arguments.count()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = arguments.cell(i);
        }
        final boolean isHanging = launches == hangingLaunch;
        final boolean isBackwards = random.nextBoolean();
        streams.queue(
                stream,
                name,
                () -> {
                    if (isHanging) {
                        streams.hang();
                    } else {
                        KernelLibrary.launch(name, gridX, gridY, gridZ, blockX, cells, isBackwards);
                    }
                },
                cells,
                new long[cells.length]);
        fail(launches++ == failingLaunch, launchError, stream);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            streams.clear();
            memory.close();
        }
    }

    // ---- the machine -----------------------------------------------------------------------------------------------

    private void queueCopy(
            final String words, final long to, final long from, final long bytes, final GpuStream stream) {
        streams.queue(
                stream, words, () -> memory.copy(to, from, bytes), new long[] {to, from}, new long[] {bytes, bytes});
    }

    private void fail(final boolean isTrue, final int code, final GpuStream stream) {
        if (isTrue) {
            streams.queueError(stream, error(code, "CUDA_ERROR_" + code, "the GPU reports error " + code));
        }
    }

    private boolean isDirect(final long host, final long bytes) {
        final Map.Entry<Long, Long> segment = registered.floorEntry(host);
        return segment != null && host + bytes <= segment.getKey() + segment.getValue() || memory.isPinned(host, bytes);
    }

    private Event event(final long event) {
        final Event found = events.get(event);
        if (found == null) {
            throw error(400, "CUDA_ERROR_INVALID_HANDLE", "there is no event " + event);
        }
        return found;
    }

    private void check() {
        if (closed) {
            throw new AssertionError("the driver is closed");
        }
        streams.check();
    }

    private static GpuException error(final int code, final String name, final String words) {
        return new GpuException(code, name, words + " (" + name + ").");
    }
}
