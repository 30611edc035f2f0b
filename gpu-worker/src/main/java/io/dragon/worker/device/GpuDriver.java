package io.dragon.worker.device;

/**
 * One GPU of one process: a thin layer over the driver's calls, so that all above it can be tried without a GPU.
 *
 * <p>Addresses of the device and of the host are numbers; what lies there must stay until the work that uses it is done. Copies,
 * fills and launches only queue work on a stream and return; an error of such work may come out of any later call. A copy
 * whose host side is neither pinned nor registered may block.
 *
 * <p>One thread at a time, except {@link #unregister}, {@link #freeBytes}, {@link #ownBytes} and {@link #close}, which any thread may call. Nothing on the steady
 * path allocates: {@link #copyToDevice}, {@link #copyToHost}, {@link #copyOnDevice}, {@link #fill}, {@link #record}, {@link #await},
 * {@link #isDone}, {@link #launch}.
 *
 * <p>Every method throws {@link GpuException} when the driver refuses.
 */
public interface GpuDriver extends AutoCloseable {
    /**
     * The GPU.
     *
     * @return what it says of itself.
     */
    GpuInfo info();

    /**
     * Memory of the device that nobody has taken.
     *
     * @return bytes.
     */
    long freeBytes();

    /**
     * Memory of the device that this process has beside what it was given by {@link #allocate}: that of its context and its kernels, as far as it can
     * be told apart from what other programs have. Any thread, and nobody waits.
     *
     * @return bytes.
     */
    long ownBytes();

    /**
     * Takes memory of the device; slow, not for the steady path.
     *
     * @param bytes more than 0.
     * @return its address, a multiple of 256.
     */
    long allocate(long bytes);

    /**
     * Gives memory of the device back. Slow; no queued work may use it any more.
     *
     * @param device what {@link #allocate} gave.
     */
    void free(long device);

    /**
     * Takes memory of the host that the device reads and writes by itself; slow.
     *
     * @param bytes more than 0.
     * @return its address on the host.
     */
    long allocatePinned(long bytes);

    /**
     * Gives pinned memory back; no queued work may use it any more.
     *
     * @param host what {@link #allocatePinned} gave.
     */
    void freePinned(long host);

    /**
     * Pins memory of this process, so that the device reads it by itself; milliseconds for 100 MB.
     *
     * @param host  begins at a page.
     * @param bytes more than 0.
     */
    void register(long host, long bytes);

    /**
     * Takes back what {@link #register} did; before the memory is unmapped. Any thread.
     *
     * @param host what was registered.
     */
    void unregister(long host);

    /**
     * Queues a copy from the host to the device.
     *
     * @param device to where.
     * @param host   from where.
     * @param bytes  how much.
     * @param stream in which order.
     */
    void copyToDevice(long device, long host, long bytes, GpuStream stream);

    /**
     * Queues a copy from the device to the host.
     *
     * @param host   to where: pinned memory of this process, never a slot of a frame pool.
     * @param device from where.
     * @param bytes  how much.
     * @param stream in which order.
     */
    void copyToHost(long host, long device, long bytes, GpuStream stream);

    /**
     * Queues a copy within the device.
     *
     * @param to     to where.
     * @param from   from where.
     * @param bytes  how much.
     * @param stream in which order.
     */
    void copyOnDevice(long to, long from, long bytes, GpuStream stream);

    /**
     * Queues the filling of memory of the device.
     *
     * @param device where, a multiple of 4.
     * @param value  32 bits.
     * @param words  how often.
     * @param stream in which order.
     */
    void fill(long device, int value, long words, GpuStream stream);

    /**
     * Makes an event.
     *
     * @param isTimed whether {@link #elapsedMs} will be asked.
     * @return a handle.
     */
    long newEvent(boolean isTimed);

    /**
     * Gives an event back.
     *
     * @param event of {@link #newEvent}.
     */
    void freeEvent(long event);

    /**
     * Marks the place in a stream that is reached when all that was queued before is done.
     *
     * @param event  of {@link #newEvent}; what it marked before is forgotten.
     * @param stream where.
     */
    void record(long event, GpuStream stream);

    /**
     * Lets a stream wait for an event of another; the calling thread does not wait.
     *
     * @param stream what is queued in it from now on.
     * @param event  recorded before.
     */
    void await(GpuStream stream, long event);

    /**
     * Whether the marked place was reached.
     *
     * @param event of {@link #newEvent}.
     * @return true also for one that was never recorded.
     */
    boolean isDone(long event);

    /**
     * Waits until the marked place was reached, without turning in circles.
     *
     * @param event     of {@link #newEvent}.
     * @param timeoutNs how long at most; then it is a {@link GpuException} with {@link GpuException#NO_ANSWER}.
     */
    void synchronize(long event, long timeoutNs);

    /**
     * Time between two places.
     *
     * @param first a timed event that is done.
     * @param last  a timed event that is done.
     * @return milliseconds.
     */
    float elapsedMs(long first, long last);

    /**
     * A kernel; loads its module at the first call, slow.
     *
     * @param module {@code blake3}, {@code mask} or {@code carve}.
     * @param name   as in the source.
     * @return a handle.
     */
    long kernel(String module, String name);

    /**
     * Queues a kernel.
     *
     * @param kernel      of {@link #kernel}.
     * @param gridX       blocks.
     * @param gridY       blocks.
     * @param gridZ       blocks.
     * @param blockX      threads of a block; a block is one row.
     * @param sharedBytes memory of a block beyond what its source declares.
     * @param stream      in which order.
     * @param arguments   taken when this returns, so that they may be changed for the next launch.
     */
    void launch(
            long kernel,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int sharedBytes,
            GpuStream stream,
            KernelArguments arguments);

    /** Gives everything back that was not; a second call does nothing. */
    @Override
    void close();
}
