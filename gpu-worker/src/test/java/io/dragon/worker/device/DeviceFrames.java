package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.FullPolicy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Frames of a real pool for a device on an emulated driver: a kernel over each of them, three at a time, and whether its result is right. */
abstract class DeviceFrames {
    static final int SLOTS = 4;
    static final int ROWS = 3_000;
    static final int BYTES = ROWS * Integer.BYTES;
    private static final int THREADS = 64;

    @TempDir
    Path folder;

    FramePool pool;
    FrameReader reader;
    DragonDirectory directory;
    private final KernelArguments arguments = new KernelArguments(2);
    private final Deque<Task> running = new ArrayDeque<>();

    final class Task {
        final FrameLease lease = new FrameLease();
        final FrameRef ref = new FrameRef();
        RingSlot slot;
        int firstRow;
    }

    @BeforeEach
    void open() {
        directory = DragonDirectory.of(folder.resolve("dragon")).create();
        pool = newPool();
        reader = new FrameReader(directory, "device-test");
    }

    FramePool newPool() {
        return FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("camera")
                .slotCount(SLOTS)
                .slotLength(BYTES)
                .fullPolicy(FullPolicy.BACK_PRESSURED));
    }

    @AfterEach
    void close() {
        reader.close();
        pool.deleteNow();
    }

    /** Runs the kernel over frames, three at a time; the number of results that are wrong. */
    int wrongOf(final CudaDevice device, final int frames, final boolean isWaiting) {
        final Random random = new Random(11);
        int wrong = 0;
        for (int i = 0; i < frames; i++) {
            while (running.size() == DeviceRing.SLOTS) {
                assertNull(device.ring().claim(BYTES), "the ring has more slots than it says");
                wrong += finish(running.poll());
            }
            start(device, random, isWaiting);
        }
        while (!running.isEmpty()) {
            wrong += finish(running.poll());
        }
        return wrong;
    }

    Task publish(final Random random) {
        return publish(random, reader);
    }

    Task publish(final Random random, final FrameReader by) {
        final Task task = new Task();
        final FrameClaim claim = new FrameClaim();
        assertTrue(pool.tryClaim(claim, BYTES) >= 0);
        final MutableDirectBuffer buffer = claim.buffer();
        task.firstRow = random.nextInt(1 << 20);
        for (int i = 0; i < ROWS; i++) {
            buffer.putInt(i * Integer.BYTES, task.firstRow + i);
        }
        claim.publish(task.ref, true);
        assertEquals(0, by.acquire(task.ref, task.lease));
        return task;
    }

    /** Lets go of the frame as soon as it may, so that its slot is written again while the kernel may still run. */
    private int finish(final Task task) {
        try {
            while (!task.slot.isCopiedIn()) {
                Thread.onSpinWait();
            }
        } finally {
            task.lease.release();
            pool.release(task.ref);
        }
        task.slot.awaitComputed();
        int sum = 0;
        boolean isWrong = false;
        for (int i = 0; i < ROWS; i++) {
            isWrong |= task.slot.results().buffer().getInt(i * Integer.BYTES) != sum;
            sum += task.firstRow + i;
        }
        task.slot.release();
        return isWrong ? 1 : 0;
    }

    Task start(final CudaDevice device, final Random random, final boolean isWaiting) {
        final GpuDriver driver = device.driver();
        final long kernel = driver.kernel("mask", "mask_scan");
        final Task task = publish(random);
        running.add(task);
        task.slot = device.ring().claim(BYTES);
        task.slot.copyIn(0, task.lease);
        if (isWaiting) {
            task.slot.copiedIn();
        }
        arguments.set(0, task.slot.address()).setInt(1, ROWS);
        driver.launch(kernel, 1, 1, 1, THREADS, 0, GpuStream.COMPUTE, arguments);
        arguments.set(0, 0).setInt(1, 0);
        task.slot.results().ensure(BYTES);
        driver.copyToHost(task.slot.results().address(), task.slot.address(), BYTES, GpuStream.COMPUTE);
        task.slot.computed();
        return task;
    }

    void releaseAll() {
        for (final Task task : running) {
            task.lease.release();
            pool.release(task.ref);
        }
        running.clear();
    }
}
