package io.dragon.worker.hash;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.TaskContext;
import io.dragon.worker.TaskFailedException;
import io.dragon.worker.TaskHandler;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.Device;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The {@code hash} task type: BLAKE3, SHA-256 or XXH3 of the blocks of one frame.
 *
 * <p>Parameters: the name of a {@link HashAlgorithm}, or none for BLAKE3. Input: one frame of format {@link FrameFormat#BLOCKS}, laid out
 * as {@link BlockTable} draws it. Result: 64 bytes for every
 * block, inline when there are at most eight blocks, otherwise one output frame of the same format. {@link TaskContext#split}
 * changes nothing: blocks are hashed where they lie, in working memory of one size.
 */
public final class HashHandler implements TaskHandler {
    /** Name of the task type. */
    public static final String TYPE = "hash";

    private static final int ENTRIES_BETWEEN_LOOKS = 16;

    private final BlockHash[] hashes = new BlockHash[HashAlgorithm.values().length];

    /** A handler that hashes as fast as this virtual machine can. */
    public HashHandler() {
        for (final HashAlgorithm algorithm : HashAlgorithm.values()) {
            hashes[algorithm.ordinal()] = BlockHash.of(algorithm);
        }
    }

    @Override
    public String taskType() {
        return TYPE;
    }

    @Override
    public TaskHandler on(final Device device) {
        return device instanceof CudaDevice cuda ? new GpuHash(cuda) : this;
    }

    /** The frame of blocks, if it is one. */
    static FrameLease input(final TaskContext task) throws TaskFailedException {
        final FrameLease input = task.inputCount() == 1 ? task.input(0) : null;
        if (input == null) {
            throw bad("a hash task has one input, a frame of blocks, and this one has " + task.inputCount());
        }
        if (input.format() != FrameFormat.BLOCKS) {
            throw bad("a hash task reads a frame of format BLOCKS, and this one is " + input.format());
        }
        return input;
    }

    /** What the task wants. */
    static HashAlgorithm algorithm(final TaskContext task) throws TaskFailedException {
        final HashAlgorithm algorithm = HashAlgorithm.of(task);
        if (algorithm == null) {
            throw bad(HashAlgorithm.unknown(task));
        }
        return algorithm;
    }

    @Override
    public void execute(final TaskContext task) throws TaskFailedException {
        final BlockHash hash = hashes[algorithm(task).ordinal()];
        final FrameLease input = input(task);
        try {
            hash(task, hash, input.buffer(), input.ref().length());
        } catch (final BlockTable.BadTableException ex) {
            throw bad(ex.getMessage());
        }
    }

    private static void hash(final TaskContext task, final BlockHash hash, final DirectBuffer frame, final int length)
            throws TaskFailedException, BlockTable.BadTableException {
        final int count = BlockTable.count(frame, length);
        final int resultLength = count * BlockTable.RESULT_LENGTH;
        final MutableDirectBuffer results;
        if (resultLength <= TaskContext.MAX_INLINE_RESULT) {
            results = task.inlineResult();
            task.inlineResultLength(resultLength);
        } else {
            results = task.claimOutput(resultLength).format(FrameFormat.BLOCKS).buffer();
        }
        hash.begin(frame, results);
        try {
            for (int i = 0; i < count; i++) {
                if (i % ENTRIES_BETWEEN_LOOKS == 0 && task.isRevoked()) {
                    throw new TaskFailedException(Reason.CANCELLED, "the result is no longer wanted");
                }
                BlockTable.entry(frame, length, count, i, hash);
            }
        } catch (final TaskFailedException | BlockTable.BadTableException | RuntimeException ex) {
            hash.abandon();
            throw ex;
        }
        hash.end();
    }

    private static TaskFailedException bad(final String message) {
        return new TaskFailedException(Reason.BAD_INPUT, message);
    }

    @Override
    public String toString() {
        return "HashHandler{BLAKE3: " + ((Blake3) hashes[0]).description() + '}';
    }
}
