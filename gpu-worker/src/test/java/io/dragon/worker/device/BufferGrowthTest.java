package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What grows a little with each task takes memory seldom, and only what there is. */
final class BufferGrowthTest {
    private static final int LEAST = 64 << 10;

    @Test
    void shouldGrowByHalf() {
        final EmulatedDriver driver = new EmulatedDriver(1);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                DeviceBuffer buffer = new DeviceBuffer(device.memory());
                PinnedBuffer pinned = new PinnedBuffer(driver)) {
            final int before = driver.allocations();
            final int pinnedBefore = driver.pinnedAllocations();
            for (int scene = 1; scene <= 200; scene++) {
                buffer.grow((long) scene * LEAST);
                pinned.grow((long) scene * LEAST);
                assertTrue(buffer.capacity() >= (long) scene * LEAST);
                assertTrue(buffer.capacity() <= (long) scene * LEAST * 3 / 2 + LEAST);
                assertTrue(pinned.buffer().capacity() >= scene * LEAST);
            }
            assertTrue(driver.allocations() - before <= 14, driver.allocations() - before + " times");
            assertTrue(driver.pinnedAllocations() - pinnedBefore <= 15);
        }
        assertEquals("", driver.leaks());
    }

    @Test
    void shouldTakeWhatIsAskedForWhereThereIsNoMore() {
        final EmulatedDriver driver = new EmulatedDriver(2);
        try (CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
                DeviceBuffer buffer = new DeviceBuffer(device.memory())) {
            buffer.grow(20L * LEAST);
            driver.failAllocation(0);
            buffer.grow(21L * LEAST);
            assertEquals(21L * LEAST, buffer.capacity());
            try (PinnedBuffer pinned = new PinnedBuffer(driver)) {
                pinned.grow(20L * LEAST);
                driver.failPinned();
                pinned.grow(21L * LEAST);
                assertEquals(21L * LEAST, pinned.buffer().capacity());
            }
        }
        assertEquals("", driver.leaks());
    }
}
