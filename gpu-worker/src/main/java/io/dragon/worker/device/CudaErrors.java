package io.dragon.worker.device;

import java.util.Map;
import jcuda.driver.CUresult;

/** What CUDA's codes mean to somebody who wants to do something about them. */
final class CudaErrors {
    private static final String AGAIN = "; this process cannot use the GPU any more";
    private static final Map<Integer, String> WORDS = Map.ofEntries(
            Map.entry(GpuException.OUT_OF_MEMORY, "the GPU has not enough memory left"),
            Map.entry(GpuException.STUB_LIBRARY, "libcuda.so.1 is the toolkit's stub, not NVIDIA's driver"),
            Map.entry(
                    GpuException.DEVICE_UNAVAILABLE,
                    "the GPU is in exclusive mode and another process has it, or its mode forbids its use"
                            + " (nvidia-smi -q -d COMPUTE shows it, sudo nvidia-smi -c DEFAULT allows everybody)"),
            Map.entry(GpuException.NO_DEVICE, "there is no GPU that this process can see"),
            Map.entry(GpuException.INVALID_DEVICE, "there is no such GPU"),
            Map.entry(218, "the driver cannot compile the kernels for this GPU"),
            Map.entry(222, "the driver is too old for the kernels"),
            Map.entry(GpuException.ECC_UNCORRECTABLE, "the GPU met a memory error that it cannot correct" + AGAIN),
            Map.entry(220, "a link to the GPU met an error that it cannot correct" + AGAIN),
            Map.entry(GpuException.ILLEGAL_ADDRESS, "a kernel touched memory that is not its own" + AGAIN),
            Map.entry(702, "a kernel ran longer than the driver allows" + AGAIN),
            Map.entry(GpuException.LAUNCH_FAILED, "a kernel failed on the GPU" + AGAIN),
            Map.entry(GpuException.NOT_PERMITTED, "the driver does not permit it"),
            Map.entry(GpuException.NOT_SUPPORTED, "this system or this GPU cannot do it"),
            Map.entry(802, "the system of GPUs is not ready (nvidia-fabricmanager has to run)"),
            Map.entry(803, "NVIDIA's driver library and its kernel module do not fit each other: restart the host"),
            Map.entry(GpuException.UNKNOWN, "the GPU does not answer; it may have fallen off the bus" + AGAIN));

    private CudaErrors() {}

    static void check(final int code, final String doing) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw error(code, doing);
        }
    }

    static GpuException error(final int code, final String doing) {
        final String name = CUresult.stringFor(code);
        return new GpuException(code, name, doing + " failed: " + words(code) + " (" + name + ", " + code + ").");
    }

    /** Of memory of the host that was to be pinned: there the GPU's own memory is not what is short. */
    static GpuException ofHost(final int code, final String doing) {
        if (code != GpuException.OUT_OF_MEMORY) {
            return error(code, doing);
        }
        final String name = CUresult.stringFor(code);
        return new GpuException(
                code,
                name,
                doing + " failed: this host has no more memory that may be locked (ulimit -l shows the limit; " + name
                        + ", " + code + ").");
    }

    /** One after which nothing works any more for this process. */
    static GpuException lost(final int code, final String doing) {
        final GpuException error = error(code, doing);
        return new GpuException(error.code(), error.codeName(), error.getMessage(), true);
    }

    static String words(final int code) {
        return WORDS.getOrDefault(code, "the driver refused it");
    }
}
