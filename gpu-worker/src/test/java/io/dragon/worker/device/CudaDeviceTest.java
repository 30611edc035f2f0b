package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device on an emulated driver: frames of a real pool through the ring, and what goes wrong on the way. */
class CudaDeviceTest {
    private static final int SLOTS = 4;
    private static final int ROWS = 3_000;
    private static final int BYTES = ROWS * Integer.BYTES;
    private static final int THREADS = 64;

    @TempDir
    Path folder;

    private FramePool pool;
    private FrameReader reader;
    private DragonDirectory directory;
    private final KernelArguments arguments = new KernelArguments(2);

    private final class Task {
        final FrameLease lease = new FrameLease();
        final FrameRef ref = new FrameRef();
        RingSlot slot;
        int firstRow;
    }

    @BeforeEach
    void open() {
        directory = DragonDirectory.of(folder.resolve("dragon")).create();
        pool = newPool();
        reader = new FrameReader(directory, "device-test");
    }

    private FramePool newPool() {
        return FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("camera")
                .slotCount(SLOTS)
                .slotLength(BYTES)
                .fullPolicy(FullPolicy.BACK_PRESSURED));
    }

    @AfterEach
    void close() {
        reader.close();
        pool.deleteNow();
    }

    @Test
    void shouldComputeFramesOfAPoolInWhateverOrderTheGpuWorks() {
        for (int seed = 0; seed < 12; seed++) {
            final EmulatedDriver driver = new EmulatedDriver(seed);
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
                assertEquals(0, wrongOf(device, 12, true), "seed " + seed);
                assertEquals(1, driver.registered(), "one segment, pinned once");
                assertEquals("frames are read in place", device.pools().words());
            }
            assertEquals("", driver.leaks());
        }
    }

    @Test
    void shouldShowThatAnEventIsMissing() {
        int wrong = 0;
        for (int seed = 0; seed < 12; seed++) {
            try (CudaDevice device = new CudaDevice(new EmulatedDriver(seed), DeviceOptions.DEFAULT)) {
                wrong += wrongOf(device, 6, false);
            }
        }
        assertTrue(wrong > 0, "kernels that do not wait for their input give the right result by chance only");
    }

    @Test
    void shouldCopyThroughPinnedMemoryWherePoolsCannotBePinned() {
        final EmulatedDriver driver = new EmulatedDriver(3).refuseRegistration(GpuException.NOT_PERMITTED);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            assertEquals(0, wrongOf(device, 6, true));
            assertTrue(device.description().contains("frames pass the staging ring: "));
            assertEquals(0, device.pools().pinnedBytes());
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldSayBeforeTheFirstFrameWhetherPoolsCanBePinned() {
        final DeviceOptions options = new DeviceOptions(70, folder.resolve("not/made/yet"));
        final EmulatedDriver refusing = new EmulatedDriver(2).refuseRegistration(GpuException.NOT_SUPPORTED);
        try (CudaDevice able = new CudaDevice(new EmulatedDriver(1), options);
                CudaDevice unable = new CudaDevice(refusing, options)) {
            assertTrue(able.description().endsWith("frames are read in place"), able.description());
            assertTrue(
                    unable.description().contains("frames pass the staging ring: this memory cannot be pinned here"));
        }
    }

    @Test
    void shouldTellThatAPoolCouldNotBePinnedLaterAndThatItCanAgain() {
        final EmulatedDriver driver = new EmulatedDriver(3);
        final DeviceOptions options = new DeviceOptions(70, folder);
        try (CudaDevice device = new CudaDevice(driver, options)) {
            assertEquals(DeviceHealth.OK, device.health(), "a page could be pinned");
            driver.refuseRegistration(GpuException.NOT_PERMITTED);
            assertEquals(0, wrongOf(device, 3, true));
            final String why =
                    "frames pass the staging ring: this memory cannot be pinned here" + " (CUDA_ERROR_NOT_PERMITTED).";
            assertEquals(new DeviceHealth(DeviceHealth.State.OK, why), device.health(), "it is slower, and not ill");
            device.watchedBy(() -> new DeviceHealth(DeviceHealth.State.DEGRADED, "the GPU is slow"));
            assertEquals(new DeviceHealth(DeviceHealth.State.DEGRADED, "the GPU is slow; " + why), device.health());
            device.watchedBy(HealthSource.NONE);
            pool.seal();
            assertEquals(1, reader.sweepIdlePools());
            device.tidy();
            assertEquals(DeviceHealth.OK, device.health(), "what was refused is gone");
            driver.refuseRegistration(0);
            pool.deleteNow();
            pool = newPool();
            assertEquals(0, wrongOf(device, 3, true));
            assertEquals(DeviceHealth.OK, device.health());
        }
        assertEquals("", driver.leaks());
    }

    /** It was told until another pool was pinned, which may be never. */
    @Test
    void shouldNotTellOfARefusedPoolThatIsGone() {
        final EmulatedDriver driver = new EmulatedDriver(3).refuseRegistration(GpuException.NOT_PERMITTED);
        final EmulatedDriver other = new EmulatedDriver(4).refuseRegistration(GpuException.NOT_PERMITTED);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                CudaDevice unable = new CudaDevice(other, new DeviceOptions(70, folder))) {
            final String why = unable.pools().staging();
            assertEquals(0, wrongOf(device, 3, true));
            assertEquals(0, wrongOf(unable, 3, true));
            assertEquals(why, device.pools().staging());
            pool.seal();
            assertEquals(1, reader.sweepIdlePools());
            device.tidy();
            unable.tidy();
            assertEquals("", device.pools().staging());
            assertEquals(why, unable.pools().staging(), "not even a page could be pinned, so the next pool cannot");
        }
        assertEquals("", driver.leaks());
        assertEquals("", other.leaks());
    }

    @Test
    void shouldCopyAFrameLongerThanTheStages() {
        final int bytes = (9 << 20) + 12;
        final EmulatedDriver driver = new EmulatedDriver(4).refuseRegistration(GpuException.NOT_SUPPORTED);
        try (FramePool large = FramePool.create(new FramePool.Context()
                        .directory(directory)
                        .ownerName("large")
                        .slotCount(1)
                        .slotLength(bytes));
                CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            final Task task = new Task();
            final FrameClaim claim = new FrameClaim();
            assertTrue(large.tryClaim(claim, bytes) >= 0);
            for (int i = 0; i < bytes; i += 4) {
                claim.buffer().putInt(i, i * 31);
            }
            claim.publish(task.ref, true);
            assertEquals(0, reader.acquire(task.ref, task.lease));
            final RingSlot slot = device.ring().claim(bytes);
            slot.copyIn(0, task.lease);
            slot.copiedIn();
            slot.results().ensure(bytes);
            driver.copyToHost(slot.results().address(), slot.address(), bytes, GpuStream.COMPUTE);
            slot.computed();
            slot.awaitComputed();
            for (int i = 0; i < bytes; i += 4) {
                assertEquals(i * 31, slot.results().buffer().getInt(i));
            }
            slot.release();
            task.lease.release();
            large.release(task.ref);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldUnpinAPoolBeforeItIsUnmapped() throws IOException {
        final EmulatedDriver driver = new EmulatedDriver(5);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            assertEquals(0, wrongOf(device, 3, true));
            assertTrue(device.pools().pinnedBytes() >= SLOTS * BYTES);
            pool.seal();
            assertEquals(1, reader.sweepIdlePools());
            assertEquals(
                    1,
                    mappings(),
                    "whoever ends the mapping does not ask the driver, and it stays until that was done");
            assertEquals(1, driver.registered());
            device.tidy();
            assertEquals(0, driver.registered());
            assertEquals(0, device.pools().pinnedBytes());
            assertEquals(0, mappings());
        }
        assertEquals("", driver.leaks());
    }

    /** Mappings of the pool in this process besides that of its owner. */
    private long mappings() throws IOException {
        final String file = directory.pool(pool.poolId()).toString();
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            final long segments = maps.filter(line -> line.endsWith(file)).count();
            return segments > 2 ? 1 : 0; // a header and a segment are the owner's
        }
    }

    @Test
    void shouldKeepNobodyWaitingWhileAPoolIsPinned() throws Exception {
        final EmulatedDriver driver = new EmulatedDriver(15);
        try (FramePool second = FramePool.create(new FramePool.Context()
                        .directory(directory)
                        .ownerName("second")
                        .slotCount(1)
                        .slotLength(BYTES));
                FrameReader control = new FrameReader(directory, "control");
                CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            final Task fetched = publish(new Random(1), control);
            final RingSlot first = device.ring().claim(BYTES);
            first.copyIn(0, fetched.lease);
            first.release();
            assertEquals(1, driver.registered());

            final Task next = new Task();
            final FrameClaim claim = new FrameClaim();
            assertTrue(second.tryClaim(claim, BYTES) >= 0);
            claim.publish(next.ref, true);
            assertEquals(0, reader.acquire(next.ref, next.lease));
            final CountDownLatch isPinning = new CountDownLatch(1);
            final CountDownLatch mayPin = new CountDownLatch(1);
            driver.whileRegistering(() -> {
                isPinning.countDown();
                assertTrue(mayPin.await(20, TimeUnit.SECONDS));
                return null;
            });
            final FutureTask<Void> compute = new FutureTask<>(() -> {
                final RingSlot slot = device.ring().claim(BYTES);
                slot.copyIn(0, next.lease);
                slot.release();
                return null;
            });
            new Thread(compute).start();
            assertTrue(isPinning.await(20, TimeUnit.SECONDS));
            // this thread is the one of control: the last lease and the mapping of a pool end here
            pool.release(fetched.ref);
            pool.seal();
            fetched.lease.release();
            assertEquals(1, control.sweepIdlePools());
            assertFalse(compute.isDone(), "a pool is still being pinned");
            mayPin.countDown();
            compute.get(20, TimeUnit.SECONDS);
            device.tidy();
            assertEquals(1, driver.registered(), "the first is taken back, the second is pinned");
            next.lease.release();
            second.release(next.ref);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldGiveBackWhatALargeTaskHasLeftInTheRing() {
        final EmulatedDriver driver = new EmulatedDriver(16, 256 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(100))) {
            device.ring().claim(100 << 20).release();
            device.ring().claim(100 << 20).release();
            final RingSlot larger = device.ring().claim(200 << 20);
            assertEquals(200 << 20, device.memory().usedBytes(), "those that nobody uses make room");
            larger.release();
            device.ring().shrink();
            assertEquals(200 << 20, device.memory().usedBytes(), "it was needed just now");
            device.ring().claim(1 << 20).release();
            device.ring().claim(1 << 20).release();
            device.ring().claim(1 << 20).release();
            device.ring().shrink();
            assertEquals(2 << 20, device.memory().usedBytes());
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldTakeNoMoreMemoryThanItMay() {
        final EmulatedDriver driver = new EmulatedDriver(6, 64 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(50))) {
            assertEquals(32 << 20, device.memory().limitBytes());
            final RingSlot first = device.ring().claim(20 << 20);
            final GpuException refused =
                    assertThrows(GpuException.class, () -> device.ring().claim(20 << 20));
            assertTrue(refused.isOutOfMemory());
            assertFalse(refused.isSticky());
            assertTrue(refused.getMessage().contains("gpu.memory_limit_percent is 50"), refused.getMessage());
            assertEquals(20 << 20, device.memory().usedBytes());
            assertEquals(12 << 20, device.freeBytes());
            final RingSlot smaller = device.ring().claim(10 << 20);
            first.release();
            smaller.release();
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldCountWhatTheDriverHasForItsContextAndItsKernels() {
        final EmulatedDriver driver = new EmulatedDriver(6, 64 << 20).own(10 << 20, 2 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(50))) {
            assertEquals(22 << 20, device.memory().limitBytes(), "half of 64 MiB, without those of the context");
            driver.kernel("mask", "mask_bits");
            driver.kernel("mask", "mask_scan");
            driver.kernel("blake3", "blake3_chunks");
            assertEquals(18 << 20, device.memory().limitBytes(), "two modules");
            device.ring().claim(18 << 20).release();
            assertEquals(
                    32 << 20, (64 << 20) - driver.freeBytes(), "no more than half of the device's memory is taken");
            assertEquals(0, device.freeBytes());
            final GpuException refused =
                    assertThrows(GpuException.class, () -> device.memory().allocate(1));
            assertTrue(refused.isOutOfMemory());
            assertTrue(
                    refused.getMessage()
                            .contains("14.0 MiB of it are the driver's for this process or other programs'"),
                    refused.getMessage());
        }
    }

    /** All that went missing while a context was made counted: a worker with a tenth of 8 GiB could take nothing, for ever. */
    @Test
    void shouldKeepHalfOfItsShareWhateverOthersTakeWhileTheContextIsMade() {
        final EmulatedDriver driver = new EmulatedDriver(7, 64 << 20).own(40 << 20, 2 << 20);
        try (CudaDevice device = new CudaDevice(driver, new DeviceOptions(25))) {
            driver.kernel("mask", "mask_bits");
            assertEquals(8 << 20, device.memory().limitBytes(), "half of 16 MiB");
            device.ring().claim(8 << 20).release();
            final GpuException refused =
                    assertThrows(GpuException.class, () -> device.memory().allocate(1));
            assertTrue(refused.getMessage().contains("8.0 MiB of it are"), refused.getMessage());
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldLoseNothingWhereverMemoryEnds() {
        for (int number = 0; number < 3; number++) {
            final EmulatedDriver driver = new EmulatedDriver(7).failAllocation(number);
            try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
                final GpuException refused =
                        assertThrows(GpuException.class, () -> wrongOf(device, 6, true), "allocation " + number);
                assertTrue(refused.isOutOfMemory());
                releaseAll();
            }
            assertEquals("", driver.leaks());
        }
    }

    @Test
    void shouldSayThatNothingWorksAnyMoreAfterAnErrorOfTheGpu() {
        for (final int code : new int[] {
            GpuException.ILLEGAL_ADDRESS,
            GpuException.LAUNCH_FAILED,
            GpuException.ECC_UNCORRECTABLE,
            GpuException.UNKNOWN
        }) {
            final EmulatedDriver driver = new EmulatedDriver(code).failLaunch(2, code);
            final CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
            final GpuException error = assertThrows(GpuException.class, () -> wrongOf(device, 12, true));
            assertTrue(error.isSticky());
            assertEquals(code, error.code());
            device.failed(error);
            assertEquals(DeviceHealth.State.FAILED, device.health().state());
            releaseAll();
            device.close();
            driver.close();
        }
    }

    @Test
    void shouldNotWaitForeverForAGpuThatHangs() {
        final EmulatedDriver driver = new EmulatedDriver(9).hangAtLaunch(1);
        final CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT, 50_000_000);
        final GpuException error = assertThrows(GpuException.class, () -> wrongOf(device, 12, true));
        assertEquals(GpuException.NO_ANSWER, error.code());
        assertTrue(error.isSticky());
        device.failed(error);
        releaseAll();
        device.close();
        driver.close();
    }

    @Test
    void shouldNotAskForeverWhetherAGpuIsDone() {
        final EmulatedDriver driver = new EmulatedDriver(9).hangAtLaunch(0);
        final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5);
        final CudaDevice device = driver.device(1_000, nowNs::get);
        final Task task = start(device, new Random(1), true);
        nowNs.addAndGet(5_000); // before anybody asks, others may be in its way
        assertFalse(task.slot.isComputed());
        nowNs.addAndGet(1_000);
        assertFalse(task.slot.isComputed());
        nowNs.addAndGet(1);
        final GpuException error = assertThrows(GpuException.class, task.slot::isComputed);
        assertEquals(GpuException.NO_ANSWER, error.code());
        assertTrue(error.isSticky());
        device.failed(error);
        releaseAll();
        device.close();
        driver.close();
    }

    @Test
    void shouldNotCallAGpuHungBecauseTheProcessStoodStill() {
        final EmulatedDriver driver = new EmulatedDriver(9).hangAtLaunch(0);
        final AtomicLong nowNs = new AtomicLong();
        final long second = 1_000_000_000;
        final CudaDevice device = driver.device(30 * second, nowNs::get);
        final Task task = start(device, new Random(1), true);
        assertFalse(task.slot.isComputed());
        for (int i = 0; i < 30; i++) {
            nowNs.addAndGet(40 * second); // each counts as a second
            assertFalse(task.slot.isComputed());
        }
        nowNs.addAndGet(1);
        assertEquals(
                GpuException.NO_ANSWER,
                assertThrows(GpuException.class, task.slot::isComputed).code());
        device.failed(new GpuException(GpuException.NO_ANSWER, "NO_ANSWER", "hung"));
        releaseAll();
        device.close();
        driver.close();
    }

    @Test
    void shouldAskALostGpuForNothingWhenAPoolIsUnmapped() {
        final EmulatedDriver driver = new EmulatedDriver(12).hangAtLaunch(1);
        final CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT, 50_000_000);
        device.failed(assertThrows(GpuException.class, () -> wrongOf(device, 12, true)));
        releaseAll();
        pool.seal();
        assertEquals(1, reader.sweepIdlePools());
        assertEquals(1, driver.registered(), "a driver that does not answer was asked to take back a pinning");
        device.close();
        driver.close();
    }

    @Test
    void shouldCopyThroughPinnedMemoryThatWasNotThereAtFirst() {
        final EmulatedDriver driver = new EmulatedDriver(13).refuseRegistration(GpuException.NOT_PERMITTED);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            driver.failPinned();
            final Task task = publish(new Random(1));
            final RingSlot slot = device.ring().claim(BYTES);
            final GpuException refused = assertThrows(GpuException.class, () -> slot.copyIn(0, task.lease));
            assertTrue(refused.isOutOfMemory());
            slot.release();
            task.lease.release();
            pool.release(task.ref);
            assertEquals(0, wrongOf(device, 6, true));
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldGiveBackASlotWhoseTaskEndedHalfWay() {
        final EmulatedDriver driver = new EmulatedDriver(10);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT)) {
            final Task task = publish(new Random(1));
            task.slot = device.ring().claim(BYTES);
            task.slot.copyIn(0, task.lease);
            task.slot.release();
            task.slot.release();
            assertEquals(0, device.ring().claimed());
            task.lease.release();
            pool.release(task.ref);
            assertThrows(IllegalStateException.class, () -> task.slot.copyIn(0, 0, 4));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> device.ring().claim(BYTES).copyIn(1 << 20, 0, 4));
        }
        assertEquals("", driver.leaks());
    }

    private final Deque<Task> running = new ArrayDeque<>();

    /** Runs the kernel over frames, three at a time; the number of results that are wrong. */
    private int wrongOf(final CudaDevice device, final int frames, final boolean isWaiting) {
        final Random random = new Random(11);
        int wrong = 0;
        for (int i = 0; i < frames; i++) {
            while (running.size() == DeviceRing.SLOTS) {
                assertNull(device.ring().claim(BYTES), "the ring has more slots than it says");
                wrong += finish(running.poll());
            }
            start(device, random, isWaiting);
        }
        while (!running.isEmpty()) {
            wrong += finish(running.poll());
        }
        return wrong;
    }

    private Task publish(final Random random) {
        return publish(random, reader);
    }

    private Task publish(final Random random, final FrameReader by) {
        final Task task = new Task();
        final FrameClaim claim = new FrameClaim();
        assertTrue(pool.tryClaim(claim, BYTES) >= 0);
        final MutableDirectBuffer buffer = claim.buffer();
        task.firstRow = random.nextInt(1 << 20);
        for (int i = 0; i < ROWS; i++) {
            buffer.putInt(i * Integer.BYTES, task.firstRow + i);
        }
        claim.publish(task.ref, true);
        assertEquals(0, by.acquire(task.ref, task.lease));
        return task;
    }

    /** Lets go of the frame as soon as it may, so that its slot is written again while the kernel may still run. */
    private int finish(final Task task) {
        try {
            while (!task.slot.isCopiedIn()) {
                Thread.onSpinWait();
            }
        } finally {
            task.lease.release();
            pool.release(task.ref);
        }
        task.slot.awaitComputed();
        int sum = 0;
        boolean isWrong = false;
        for (int i = 0; i < ROWS; i++) {
            isWrong |= task.slot.results().buffer().getInt(i * Integer.BYTES) != sum;
            sum += task.firstRow + i;
        }
        task.slot.release();
        return isWrong ? 1 : 0;
    }

    private Task start(final CudaDevice device, final Random random, final boolean isWaiting) {
        final GpuDriver driver = device.driver();
        final long kernel = driver.kernel("mask", "mask_scan");
        final Task task = publish(random);
        running.add(task);
        task.slot = device.ring().claim(BYTES);
        task.slot.copyIn(0, task.lease);
        if (isWaiting) {
            task.slot.copiedIn();
        }
        arguments.set(0, task.slot.address()).setInt(1, ROWS);
        driver.launch(kernel, 1, 1, 1, THREADS, 0, GpuStream.COMPUTE, arguments);
        arguments.set(0, 0).setInt(1, 0);
        task.slot.results().ensure(BYTES);
        driver.copyToHost(task.slot.results().address(), task.slot.address(), BYTES, GpuStream.COMPUTE);
        task.slot.computed();
        return task;
    }

    private void releaseAll() {
        for (final Task task : running) {
            task.lease.release();
            pool.release(task.ref);
        }
        running.clear();
    }
}
