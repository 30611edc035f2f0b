package io.dragon.worker.check;

import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuInfo;
import io.dragon.worker.device.GpuStream;
import io.dragon.worker.device.KernelArguments;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A driver between two others: it passes everything on and, while it is asked to, puts a timed event before and behind each copy and
 * each kernel. So what a handler does on a GPU is seen from outside, with the handler as it is. One thread, as the driver below it.
 */
final class Timeline implements GpuDriver {
    private static final int EVENTS = 2;

    private final GpuDriver driver;
    private final Map<Long, String> kernels = new HashMap<>();
    private final List<long[]> events = new ArrayList<>();
    private final List<Work> works = new ArrayList<>();
    private boolean isRecording;

    /** What was queued between a pair of events. */
    private record Work(GpuStream stream, String words, long bytes) {}

    /**
     * Work of the GPU.
     *
     * @param stream  that it was queued in
     * @param words   {@code copy in}, {@code copy out}, {@code copy on device}, {@code fill}, or the kernel's name
     * @param bytes   that were copied or filled; 0 for a kernel
     * @param beginMs since the first of them
     * @param endMs   since the first of them
     */
    record Span(GpuStream stream, String words, long bytes, double beginMs, double endMs) {
        static final String COPY_IN = "copy in";
        static final String COPY_OUT = "copy out";
        static final String COPY_ON_DEVICE = "copy on device";
        static final String FILL = "fill";

        double ms() {
            return endMs - beginMs;
        }

        boolean isKernel() {
            return bytes == 0;
        }
    }

    Timeline(final GpuDriver driver) {
        this.driver = driver;
    }

    /** From now on everything is timed. */
    void begin() {
        works.clear();
        isRecording = true;
    }

    /**
     * Ends it, and waits until all of it is done.
     *
     * @return what was done, in the order in which it was queued.
     */
    List<Span> end(final long timeoutNs) {
        isRecording = false;
        final List<Span> spans = new ArrayList<>();
        for (int i = 0; i < works.size(); i++) {
            driver.synchronize(events.get(i)[1], timeoutNs);
        }
        for (int i = 0; i < works.size(); i++) {
            final Work work = works.get(i);
            final long first = events.get(0)[0];
            spans.add(new Span(
                    work.stream,
                    work.words,
                    work.bytes,
                    driver.elapsedMs(first, events.get(i)[0]),
                    driver.elapsedMs(first, events.get(i)[1])));
        }
        return spans;
    }

    private void before(final GpuStream stream, final String words, final long bytes) {
        if (isRecording) {
            if (works.size() == events.size()) {
                final long[] pair = new long[EVENTS];
                for (int i = 0; i < EVENTS; i++) {
                    pair[i] = driver.newEvent(true);
                }
                events.add(pair);
            }
            driver.record(events.get(works.size())[0], stream);
            works.add(new Work(stream, words, bytes));
        }
    }

    private void after(final GpuStream stream) {
        if (isRecording) {
            driver.record(events.get(works.size() - 1)[1], stream);
        }
    }

    @Override
    public GpuInfo info() {
        return driver.info();
    }

    @Override
    public long freeBytes() {
        return driver.freeBytes();
    }

    @Override
    public long ownBytes() {
        return driver.ownBytes();
    }

    @Override
    public long allocate(final long bytes) {
        return driver.allocate(bytes);
    }

    @Override
    public void free(final long device) {
        driver.free(device);
    }

    @Override
    public long allocatePinned(final long bytes) {
        return driver.allocatePinned(bytes);
    }

    @Override
    public void freePinned(final long host) {
        driver.freePinned(host);
    }

    @Override
    public void register(final long host, final long bytes) {
        driver.register(host, bytes);
    }

    @Override
    public void unregister(final long host) {
        driver.unregister(host);
    }

    @Override
    public void copyToDevice(final long device, final long host, final long bytes, final GpuStream stream) {
        before(stream, Span.COPY_IN, bytes);
        driver.copyToDevice(device, host, bytes, stream);
        after(stream);
    }

    @Override
    public void copyToHost(final long host, final long device, final long bytes, final GpuStream stream) {
        before(stream, Span.COPY_OUT, bytes);
        driver.copyToHost(host, device, bytes, stream);
        after(stream);
    }

    @Override
    public void copyOnDevice(final long to, final long from, final long bytes, final GpuStream stream) {
        before(stream, Span.COPY_ON_DEVICE, bytes);
        driver.copyOnDevice(to, from, bytes, stream);
        after(stream);
    }

    @Override
    public void fill(final long device, final int value, final long words, final GpuStream stream) {
        before(stream, Span.FILL, Integer.BYTES * words);
        driver.fill(device, value, words, stream);
        after(stream);
    }

    @Override
    public long newEvent(final boolean isTimed) {
        return driver.newEvent(isTimed);
    }

    @Override
    public void freeEvent(final long event) {
        driver.freeEvent(event);
    }

    @Override
    public void record(final long event, final GpuStream stream) {
        driver.record(event, stream);
    }

    @Override
    public void await(final GpuStream stream, final long event) {
        driver.await(stream, event);
    }

    @Override
    public boolean isDone(final long event) {
        return driver.isDone(event);
    }

    @Override
    public void synchronize(final long event, final long timeoutNs) {
        driver.synchronize(event, timeoutNs);
    }

    @Override
    public float elapsedMs(final long first, final long last) {
        return driver.elapsedMs(first, last);
    }

    @Override
    public long kernel(final String module, final String name) {
        final long kernel = driver.kernel(module, name);
        kernels.put(kernel, name);
        return kernel;
    }

    @Override
    public void launch(
            final long kernel,
            final int gridX,
            final int gridY,
            final int gridZ,
            final int blockX,
            final int sharedBytes,
            final GpuStream stream,
            final KernelArguments arguments) {
        before(stream, kernels.get(kernel), 0);
        driver.launch(kernel, gridX, gridY, gridZ, blockX, sharedBytes, stream, arguments);
        after(stream);
    }

    @Override
    public void close() {
        events.forEach(pair -> {
            driver.freeEvent(pair[0]);
            driver.freeEvent(pair[1]);
        });
        events.clear();
        driver.close();
    }
}
