package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CpuDeviceTest {
    @TempDir
    Path folder;

    @Test
    void shouldCountWhatFilesOccupyInMemoryAsFree() throws IOException {
        final Path info = Files.writeString(
                folder.resolve("meminfo"),
                "MemTotal:       33554432 kB\nMemFree:              64 kB\nMemAvailable:    1048576 kB\nCached:  1048512 kB\n");
        assertEquals(1L << 30, new CpuDevice(1, info).freeBytes());
        final Path first = Files.writeString(
                folder.resolve("first"), "MemAvailable: 2 kB\nSwapAvailable: 9 kB\nNoMemAvailable: 8 kB\n");
        assertEquals(2_048, new CpuDevice(1, first).freeBytes());
    }

    @Test
    void shouldSayThatItDoesNotKnow() throws IOException {
        assertEquals(-1, new CpuDevice(1, folder.resolve("none")).freeBytes());
        assertEquals(-1, new CpuDevice(1, Files.writeString(folder.resolve("old"), "MemFree: 64 kB\n")).freeBytes());
        assertEquals(
                -1, new CpuDevice(1, Files.writeString(folder.resolve("odd"), "MemAvailable: much\n")).freeBytes());
    }

    @Test
    void shouldSayWhenItStandsInForAGpu() {
        final CpuDevice device = CpuDevice.insteadOfGpu("GPU 0 cannot be used: it is gone.");
        assertEquals(
                new DeviceHealth(DeviceHealth.State.DEGRADED, "on the CPU, because GPU 0 cannot be used: it is gone."),
                device.health());
        assertEquals(new CpuDevice().description(), device.description());
        assertEquals(DeviceHealth.OK, new CpuDevice().health());
    }

    @Test
    void shouldNotHaveMoreThanThereIs() {
        final CpuDevice device = new CpuDevice();
        assertTrue(
                device.freeBytes() > 0 && device.freeBytes() <= device.memoryBytes(),
                () -> device.freeBytes() + " of " + device.memoryBytes());
    }
}
