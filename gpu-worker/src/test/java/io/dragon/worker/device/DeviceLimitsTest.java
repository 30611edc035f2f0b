package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a device takes of the memory of its GPU and of its host, and what it does where there is none. */
class DeviceLimitsTest extends DeviceFrames {
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
}
