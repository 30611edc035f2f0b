package io.dragon.worker.device;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.config.DragonException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** What {@link CudaDriverTest} runs in processes of their own, on a stand-in for NVIDIA's driver library. */
final class CudaDriverProcess {
    private static final int ROWS = 2_000;
    private static final int BYTES = 4 * ROWS;
    private static final int STEPS = 2_000;

    private CudaDriverProcess() {}

    public static void main(final String[] args) throws Exception {
        switch (args[0]) {
            case "hang" -> hang();
            case "open" -> open();
            case "probe" -> say(GpuProbe.look().toString());
            case "list" -> {
                final GpuProbe probe = GpuProbe.ofDriver();
                probe.gpus().forEach(gpu -> say(gpu.toString()));
                probe.faults().forEach(CudaDriverProcess::say);
                say("reason=" + probe.reason());
            }
            case "work" -> inAnotherThread(CudaDriverProcess::work);
            case "two" -> inAnotherThread(CudaDriverProcess::twoGpus);
            case "compile" -> compile();
            case "errors" -> inAnotherThread(CudaDriverProcess::errors);
            default -> throw new IllegalArgumentException(args[0]);
        }
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            final List<String> libraries = maps.filter(line -> line.contains("libJCuda"))
                    .map(line -> line.replaceAll(".* /", "/"))
                    .distinct()
                    .toList();
            libraries.forEach(library -> say("loaded " + library));
        }
        say("temporary directory " + System.getProperty("java.io.tmpdir"));
    }

    /** And it ends, which it could not in order. */
    private static void hang() {
        final GpuProbe probe = GpuProbe.look();
        say("same " + (GpuProbe.look() == probe) + ", " + probe.reason());
        end();
    }

    /** The runtime library does not take the stand-in for NVIDIA's driver, so that the UUID has to be known. */
    private static void open() {
        try {
            say("opened "
                    + CudaDevice.open("GPU-a0a0a0a0-a0a0-a0a0-a0a0-a0a0a0a0a0a0", DeviceOptions.DEFAULT)
                            .id());
        } catch (final DragonException ex) {
            say(ex.getMessage());
        }
        end();
    }

    private static void end() {
        say("stuck " + DriverCall.isStuck());
        DriverCall.endProcess(0);
    }

    private static void inAnotherThread(final Runnable body) throws InterruptedException {
        final Thread thread = new Thread(body);
        thread.start();
        thread.join();
    }

    /** As a worker does: opened here, used in a thread of its own, nothing allocated on the way. */
    private static void work() {
        final String uuid = GpuProbe.ofDriver().gpus().get(1).uuid();
        final CudaDriver driver = CudaDriver.open(uuid);
        try {
            inAnotherThread(() -> steps(driver));
        } catch (final InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
        say("free " + driver.freeBytes() + ", own " + driver.ownBytes());
        driver.close();
        driver.close();
        say("closed");
    }

    private static void steps(final CudaDriver driver) {
        final ByteBuffer pages = BufferUtil.allocateDirectAligned(1 << 16, 4_096);
        final UnsafeBuffer source = new UnsafeBuffer(pages);
        driver.register(source.addressOffset(), 1 << 16);
        final long device = driver.allocate(BYTES);
        final long copy = driver.allocate(BYTES);
        final PinnedBuffer results = new PinnedBuffer(driver);
        results.ensure(BYTES);
        final KernelArguments arguments = new KernelArguments(2);
        final long kernel = driver.kernel("mask", "mask_scan");
        if (driver.kernel("mask", "mask_scan") != kernel || driver.kernel("blake3", "blake3_chunks") == kernel) {
            throw new AssertionError("kernels are mixed up");
        }
        final long[] events = new long[100];
        for (int i = 0; i < events.length; i++) {
            events[i] = driver.newEvent(i < 2);
        }
        final Random random = new Random(5);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        int wrong = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step == STEPS / 2) {
                before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            }
            final int first = random.nextInt(1_000);
            for (int i = 0; i < ROWS; i++) {
                source.putInt(4 * i, first + i);
            }
            driver.copyToDevice(device, source.addressOffset(), BYTES, GpuStream.COPY);
            driver.record(events[0], GpuStream.COPY);
            driver.await(GpuStream.COMPUTE, events[0]);
            driver.fill(copy, 0, ROWS, GpuStream.COMPUTE);
            driver.copyOnDevice(copy, device, BYTES, GpuStream.COMPUTE);
            arguments.set(0, copy).setInt(1, ROWS);
            if (step % 100 == 0) {
                driver.launch(kernel, 1, 1, 1, 64, 0, GpuStream.COMPUTE, arguments); // slow here
            }
            driver.copyToHost(results.address(), copy, BYTES, GpuStream.COMPUTE);
            driver.record(events[1], GpuStream.COMPUTE);
            driver.synchronize(events[1], 1_000_000_000L);
            wrong += wrong(results.buffer(), first, step % 100 == 0);
        }
        final long allocated =
                threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
        say("wrong " + wrong);
        say("allocated " + (allocated < 2_000 ? "nothing" : allocated + " bytes"));
        say("elapsed " + (driver.elapsedMs(events[0], events[1]) > 0));
        for (final long event : events) {
            driver.freeEvent(event);
        }
        driver.unregister(source.addressOffset());
        driver.free(device);
        driver.free(copy);
        results.close();
        if (pages.capacity() == 0) {
            throw new AssertionError();
        }
    }

    /** Garbage must be collected while the driver compiles: it takes seconds on a new machine, and the control thread works meanwhile. */
    private static void compile() throws InterruptedException {
        final CudaDriver driver =
                CudaDriver.open(GpuProbe.ofDriver().gpus().get(0).uuid());
        final AtomicBoolean isCompiled = new AtomicBoolean();
        final Thread thread = new Thread(() -> {
            driver.kernel("mask", "mask_scan");
            isCompiled.set(true);
        });
        thread.start();
        while (!isCompiled.get() && !isCompiling(thread)) {
            Thread.onSpinWait();
        }
        System.gc();
        say("collected while it compiles: " + !isCompiled.get());
        thread.join();
        driver.close();
    }

    private static boolean isCompiling(final Thread thread) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("cuModuleLoadDataExNative"));
    }

    private static int wrong(final UnsafeBuffer results, final int first, final boolean isScanned) {
        int sum = 0;
        for (int i = 0; i < ROWS; i++) {
            if (results.getInt(4 * i) != (isScanned ? sum : first + i)) {
                return 1;
            }
            sum += first + i;
        }
        return 0;
    }

    /** One thread, and another that only takes back, as when the last user of a pool's mapping is somebody else's. */
    private static void twoGpus() {
        final List<GpuInfo> gpus = GpuProbe.ofDriver().gpus();
        final ByteBuffer pages = BufferUtil.allocateDirectAligned(1 << 16, 4_096);
        final long address = BufferUtil.address(pages);
        try (CudaDriver first = CudaDriver.open(gpus.get(0).uuid());
                CudaDriver second = CudaDriver.open(gpus.get(1).uuid())) {
            final long ofFirst = first.newEvent(false);
            final long ofSecond = second.newEvent(false);
            for (int i = 0; i < 3; i++) {
                first.record(ofFirst, GpuStream.COPY);
                second.record(ofSecond, GpuStream.COPY);
                first.register(address, 1 << 16);
                second.record(ofSecond, GpuStream.COPY);
                first.unregister(address);
                second.record(ofSecond, GpuStream.COMPUTE);
                first.freeBytes();
                second.record(ofSecond, GpuStream.COMPUTE);
            }
            say("both work");
        } catch (final GpuException ex) {
            say(ex.getMessage());
        }
        if (pages.capacity() == 0) {
            throw new AssertionError();
        }
    }

    private static void errors() {
        attempt(() -> CudaDriver.open("GPU-none"));
        attempt(() -> {
            try (CudaDriver driver =
                    CudaDriver.open(GpuProbe.ofDriver().gpus().get(0).uuid())) {
                attempt(() -> driver.allocate(1L << 40));
                attempt(() -> driver.kernel("mask", "no_such_kernel"));
                attempt(() -> driver.kernel("no_such_module", "x"));
                attempt(() -> driver.unregister(4_096));
                final long event = driver.newEvent(false);
                attempt(() -> driver.isDone(event));
            }
        });
    }

    private static void attempt(final Runnable body) {
        try {
            body.run();
        } catch (final GpuException ex) {
            say(ex.code() + " " + ex.isSticky() + " " + ex.isOutOfMemory() + " " + ex.getMessage());
        }
    }

    private static void say(final String line) {
        System.out.println(line);
    }
}
