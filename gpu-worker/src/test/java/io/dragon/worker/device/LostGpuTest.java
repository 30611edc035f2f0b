package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A GPU that fails or hangs: it is said, nobody waits for it, and it is asked for nothing more. */
class LostGpuTest extends DeviceFrames {
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
}
