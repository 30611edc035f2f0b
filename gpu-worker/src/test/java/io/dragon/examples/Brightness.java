package io.dragon.examples;

import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;

/** The handler of docs/api.md, as a jar of your own has it. */
public final class Brightness implements TaskHandler {
    @Override
    public String taskType() {
        return "brightness";
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final FrameLease frame = task.input(0);
        long sum = 0;
        for (int i = 0; i < frame.buffer().capacity(); i++) {
            sum += frame.buffer().getByte(i) & 0xFF;
        }
        task.inlineResult().putLong(0, sum); // little-endian here; the reader says which order it reads
        task.inlineResultLength(Long.BYTES);
    }
}
