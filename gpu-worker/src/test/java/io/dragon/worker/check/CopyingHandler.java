package io.dragon.worker.check;

import io.dragon.worker.PipelinedHandler;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.RingSlot;
import java.util.ArrayDeque;
import java.util.Deque;

/** Copies the inputs to the device as a handler for it does, and has the processor do the work. */
final class CopyingHandler implements PipelinedHandler {
    private final TaskHandler processor;
    private final CudaDevice device;
    private final boolean isWrong;
    private int failing = -1;
    private int finished;
    private final Deque<RingSlot> slots = new ArrayDeque<>();

    CopyingHandler(final TaskHandler processor, final CudaDevice device, final boolean isWrong) {
        this.processor = processor;
        this.device = device;
        this.isWrong = isWrong;
    }

    /** The end of this task, from 0, is an exception. */
    CopyingHandler failAt(final int number) {
        failing = number;
        return this;
    }

    @Override
    public String taskType() {
        return processor.taskType();
    }

    @Override
    public boolean start(final TaskContext task) {
        long bytes = 0;
        for (int i = 0; i < task.inputCount(); i++) {
            bytes += task.input(i) == null ? 0 : task.input(i).buffer().capacity();
        }
        final RingSlot slot = device.ring().claim(Math.max(1, bytes));
        if (slot == null) {
            return false;
        }
        long at = 0;
        for (int i = 0; i < task.inputCount(); i++) {
            if (task.input(i) != null) {
                slot.copyIn(at, task.input(i));
                at += task.input(i).buffer().capacity();
            }
        }
        slot.copiedIn();
        slot.computed();
        slots.add(slot);
        return true;
    }

    @Override
    public boolean isDone(final TaskContext task) {
        return slots.getFirst().isComputed();
    }

    @Override
    public void finish(final TaskContext task) throws TaskFailedException, Exception {
        slots.removeFirst().release();
        if (finished++ == failing) {
            throw new IllegalStateException("made up");
        }
        processor.execute(task);
        if (isWrong) {
            task.inlineResult().putByte(0, (byte) ~task.inlineResult().getByte(0));
        }
    }

    @Override
    public void abandon(final TaskContext task) {
        slots.removeFirst().release();
    }
}
