package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.dragon.codecs.control.AssignTaskEncoder;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.worker.device.CpuDevice;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compute agent by itself: what a task costs it. */
class ComputeAgentTest {
    private static final int WARM_UP = 20_000;
    private static final int TASKS = 20_000;

    @TempDir
    Path folder;

    private final UnsafeBuffer record = new UnsafeBuffer(new byte[WorkerLink.RECORD_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final AssignTaskEncoder assign = new AssignTaskEncoder();
    private final byte[] parameters = {1, 2, 3};
    private int ended;

    /** Done as soon as it is started. */
    private static final class Device implements PipelinedHandler {
        private int most;
        private int inFlight;

        @Override
        public String taskType() {
            return "device";
        }

        @Override
        public boolean start(final TaskContext task) {
            most = Math.max(most, ++inFlight);
            return true;
        }

        @Override
        public boolean isDone(final TaskContext task) {
            return inFlight == MOST_IN_FLIGHT;
        }

        @Override
        public void finish(final TaskContext task) {
            inFlight--;
            task.inlineResult().putLong(0, task.taskId());
            task.inlineResultLength(Long.BYTES);
        }

        @Override
        public void abandon(final TaskContext task) {
            inFlight--;
        }
    }

    @Test
    void shouldAllocateNothingForATask() {
        final Device device = new Device();
        assertEquals(0, allocatedBy(device) / TASKS, "bytes for each of the pipeline's tasks");
        assertEquals(PipelinedHandler.MOST_IN_FLIGHT, device.most);
        assertEquals(
                0,
                allocatedBy(TaskHandler.of("processor", task -> task.inlineResultLength(1))) / TASKS,
                "bytes for each of the processor's tasks");
    }

    private long allocatedBy(final TaskHandler handler) {
        final WorkerContext ctx = new WorkerContext()
                .name("w-" + handler.taskType())
                .directory(DragonDirectory.of(folder.resolve("dragon")).create());
        ctx.conclude();
        final WorkerLink link = new WorkerLink(8);
        final ComputeAgent agent = new ComputeAgent(ctx, List.of(handler), new CpuDevice(1), link);
        agent.onStart();
        link.handlers.put(1, handler);
        link.incarnation = 1;
        final MessageHandler count = (type, buffer, index, length) -> ended++;
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        ended = 0;
        long before = 0;
        int given = 0;
        for (long turn = 0; ended < WARM_UP + TASKS; turn++) {
            assertTrue(turn < 100L * (WARM_UP + TASKS), "it does not end");
            if (before == 0 && ended >= WARM_UP) {
                before = threads.getThreadAllocatedBytes(thread);
            }
            // two more than are counted, so that there are always three in flight
            if (given < WARM_UP + TASKS + 2 && link.assignments.size() < 4_000) {
                give(link, ++given);
            }
            agent.doWork();
            link.completions.read(count);
        }
        return threads.getThreadAllocatedBytes(thread) - before;
    }

    private void give(final WorkerLink link, final int taskId) {
        record.putLong(WorkerLink.FIRST_OFFSET, 1);
        record.putInt(WorkerLink.INCARNATION_OFFSET, 1);
        record.putInt(WorkerLink.SECOND_OFFSET, 0);
        assign.wrapAndApplyHeader(record, WorkerLink.BODY_OFFSET, header)
                .taskId(taskId)
                .typeId(1)
                .attempt(1)
                .split(1);
        assign.inputsCount(0);
        assign.putParameters(parameters, 0, parameters.length);
        final int length = WorkerLink.BODY_OFFSET + MessageHeaderEncoder.ENCODED_LENGTH + assign.encodedLength();
        assertTrue(link.assignments.write(WorkerLink.ASSIGNMENT, record, 0, length));
    }
}
