package io.dragon.worker.device;

/** The two queues of work of a GPU: what is in one is done in order, the two run beside each other. */
public enum GpuStream {
    /** Copies from the host. */
    COPY,
    /** Kernels, and the copies of their results to the host. */
    COMPUTE
}
