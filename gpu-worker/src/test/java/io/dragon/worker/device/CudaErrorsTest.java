package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CudaErrorsTest {
    @Test
    void shouldNotBlameTheGpuForMemoryOfTheHost() {
        final GpuException host = CudaErrors.ofHost(GpuException.OUT_OF_MEMORY, "pinning a frame pool (64.0 MiB)");
        assertEquals(
                "pinning a frame pool (64.0 MiB) failed: this host has no more memory that may be locked"
                        + " (ulimit -l shows the limit; CUDA_ERROR_OUT_OF_MEMORY, 2).",
                host.getMessage());
        assertTrue(host.isOutOfMemory());
        assertEquals(
                "x failed: the GPU has not enough memory left (CUDA_ERROR_OUT_OF_MEMORY, 2).",
                CudaErrors.error(GpuException.OUT_OF_MEMORY, "x").getMessage());
        assertEquals(
                "x failed: the driver does not permit it (CUDA_ERROR_NOT_PERMITTED, 800).",
                CudaErrors.ofHost(GpuException.NOT_PERMITTED, "x").getMessage());
    }
}
