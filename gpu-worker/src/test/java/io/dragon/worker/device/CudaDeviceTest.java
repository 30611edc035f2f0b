package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A device on an emulated driver: frames of a real pool through the ring, and what goes wrong on the way. */
class CudaDeviceTest extends DeviceFrames {
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
}
