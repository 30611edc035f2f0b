package io.dragon.worker.voxel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.sun.management.ThreadMXBean;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameRef;
import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskBench;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.IdleDriver;
import io.dragon.worker.hash.HashHandler;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the handlers of a GPU allocate for a task, on a device that does nothing. */
class GpuAllocationTest {
    private static final int WARM_UP = 3_000;
    private static final int TASKS = 3_000;

    @TempDir
    Path folder;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private TaskBench bench;
    private CudaDevice device;

    @BeforeEach
    void open() {
        bench = new TaskBench(folder, 16, 1 << 20);
        device = new CudaDevice(new IdleDriver(), DeviceOptions.DEFAULT);
    }

    @AfterEach
    void close() {
        device.close();
        bench.close();
    }

    @Test
    void shouldAllocateNothingForABlock() throws Exception {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[50_000]);
        frame.putInt(0, 'B' | 'L' << 8 | 'K' << 16 | '1' << 24, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(4, 1, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(16, 64, ByteOrder.LITTLE_ENDIAN);
        frame.putInt(20, 40_000, ByteOrder.LITTLE_ENDIAN);
        final FrameRef ref = bench.publish(FrameFormat.BLOCKS, 0, 0, frame, 50_000);
        assertEquals(0, allocatedBy(new HashHandler(), bench.task(new byte[0], ref)));
    }

    @Test
    void shouldAllocateNothingForAMask() throws Exception {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[320 * 200]);
        final FrameRef before = bench.publish(FrameFormat.GREY8, 320, 200, frame, frame.capacity());
        final FrameRef now = bench.publish(FrameFormat.GREY8, 320, 200, frame, frame.capacity());
        final UnsafeBuffer rule = new UnsafeBuffer(new byte[MaskRule.ENCODED_LENGTH]);
        MaskRule.difference(12).encode(rule, 0);
        assertEquals(0, allocatedBy(new MaskHandler(), bench.task(rule.byteArray(), now, before)));
    }

    @Test
    void shouldAllocateNothingForASlab() throws Exception {
        final SyntheticScene scene = new SyntheticScene(4, 160, 90, 2);
        final UnsafeBuffer[] masks = new Pipeline().masks(scene, PixelFormat.GREY8, MaskRule.difference(12), 3);
        final FrameRef[] inputs = new FrameRef[masks.length + 1];
        final UnsafeBuffer rig = new UnsafeBuffer(new byte[scene.rig().encodedLength()]);
        scene.rig().encode(rig, 0);
        inputs[0] = bench.publish(FrameFormat.RIG, 0, 0, rig, rig.capacity());
        for (int i = 0; i < masks.length; i++) {
            inputs[i + 1] = bench.publish(FrameFormat.MASK, 0, 0, masks[i], masks[i].capacity());
        }
        final UnsafeBuffer rule = new UnsafeBuffer(new byte[CarveRule.ENCODED_LENGTH]);
        CarveRule.motion(scene.grid(24)).encode(rule, 0);
        assertEquals(0, allocatedBy(new CarveHandler(), bench.task(rule.byteArray(), inputs)));
    }

    /** Bytes for each task. */
    private long allocatedBy(final TaskHandler handler, final TaskBench.Task task) throws Exception {
        try (PipelinedHandler gpu = (PipelinedHandler) bench.open(handler.on(device), device)) {
            assertNotNull(gpu);
            long allocated = 0;
            for (int i = 0; i < WARM_UP + TASKS; i++) {
                final long bytes = bench.allocatedBy(gpu, task, threads);
                allocated += i < WARM_UP ? 0 : bytes;
            }
            return allocated / TASKS;
        }
    }
}
