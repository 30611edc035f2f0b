package io.dragon.tools.chaos;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The work of a chaos run: holds its worker for a while, and returns the checksum of everything it was given. The same
 * for tasks of the client, for frames and for steps. Not among the handlers that a worker offers by itself: a chaos run names it to its own
 * workers.
 */
public final class ProbeHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "chaos-probe";

    /** Bytes of the parameters: how long to hold the worker in nanoseconds, and the length of the output frame. */
    static final int PARAMETERS_LENGTH = Long.BYTES + Integer.BYTES;

    /** Bytes of the result for each input that was there: where it came from, and its checksum. */
    static final int ENTRY_LENGTH = 2 * Integer.BYTES;

    private static final long LOOK_NS = 1_000_000;
    private static final int MOST_ENTRIES = TaskContext.MAX_INLINE_RESULT / ENTRY_LENGTH;

    private final byte[] scratch = new byte[1 << 16];

    /** A handler. */
    public ProbeHandler() {}

    /** Parameters of a task. */
    static byte[] parameters(final long holdNs, final int outputLength) {
        final byte[] bytes = new byte[PARAMETERS_LENGTH];
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        buffer.putLong(0, holdNs);
        buffer.putInt(Long.BYTES, outputLength);
        return bytes;
    }

    /** Writes the folder that makes a worker offer this handler, which lies on its class path already. */
    static Path writeProvider(final Path folder) throws java.io.IOException {
        final Path services = Files.createDirectories(folder.resolve("META-INF").resolve("services"));
        Files.writeString(services.resolve(TaskHandler.class.getName()), ProbeHandler.class.getName() + "\n");
        return folder;
    }

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        if (task.parametersLength() != PARAMETERS_LENGTH) {
            throw new TaskFailedException(
                    Reason.BAD_INPUT, "a probe has " + PARAMETERS_LENGTH + " bytes of parameters");
        }
        hold(task, task.parameters().getLong(0));
        int entries = 0;
        int first = 0;
        for (int i = 0; i < task.inputCount() && entries < MOST_ENTRIES; i++) {
            final FrameLease input = task.input(i);
            if (input != null) {
                final int checksum = checksum(input);
                first = entries == 0 ? checksum : first;
                task.inlineResult().putInt(entries * ENTRY_LENGTH, task.inputSource(i));
                task.inlineResult().putInt(entries * ENTRY_LENGTH + Integer.BYTES, checksum);
                entries++;
            }
        }
        task.inlineResultLength(entries * ENTRY_LENGTH);
        final int outputLength = task.parameters().getInt(Long.BYTES);
        if (outputLength > 0) {
            task.claimOutput(outputLength)
                    .format(FrameFormat.RAW)
                    .buffer()
                    .putBytes(0, Content.of(first, outputLength));
        }
    }

    private static void hold(final TaskContext task, final long holdNs) throws TaskFailedException {
        final long deadlineNs = System.nanoTime() + holdNs;
        for (long leftNs = holdNs; leftNs > 0; leftNs = deadlineNs - System.nanoTime()) {
            if (task.isRevoked()) {
                throw new TaskFailedException(Reason.CANCELLED, "the result is no longer wanted");
            }
            LockSupport.parkNanos(Math.min(leftNs, LOOK_NS));
        }
    }

    private int checksum(final FrameLease input) {
        final CRC32C crc = new CRC32C();
        final int length = input.ref().length();
        for (int at = 0; at < length; at += scratch.length) {
            final int part = Math.min(scratch.length, length - at);
            input.buffer().getBytes(at, scratch, 0, part);
            crc.update(scratch, 0, part);
        }
        return (int) crc.getValue();
    }
}
