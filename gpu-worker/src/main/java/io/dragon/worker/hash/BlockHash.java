package io.dragon.worker.hash;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Hashes blocks of one buffer into results of {@value Blake3#RESULT_LENGTH} bytes, as {@link HashAlgorithm} draws them: {@link #begin}, any
 * number of blocks, {@link #end}. One thread at a time.
 */
public abstract class BlockHash implements BlockTable.Sink {
    BlockHash() {}

    /**
     * One that computes on the processor.
     *
     * @param algorithm what it computes.
     * @return a new instance.
     */
    public static BlockHash of(final HashAlgorithm algorithm) {
        return switch (algorithm) {
            case BLAKE3 -> Blake3.fastest();
            case SHA256 -> new Sha256();
            case XXH3 -> new Xxh3();
        };
    }

    /**
     * Starts a run over blocks of one buffer.
     *
     * @param source  where the blocks lie; it must stay as it is until {@link #end}.
     * @param results receives the results.
     */
    public abstract void begin(DirectBuffer source, MutableDirectBuffer results);

    /** Completes every result of this run. */
    public abstract void end();

    /** Ends this run without completing its results. */
    public abstract void abandon();

    /**
     * Hashes the blocks of a frame as {@link BlockTable} lays them out.
     *
     * @param frame   table and blocks.
     * @param length  of the frame.
     * @param results receives 64 bytes for every block.
     * @return how many blocks there are.
     * @throws BlockTable.BadTableException when the frame is not what it should be; the results are then void.
     */
    public final int blocks(final DirectBuffer frame, final int length, final MutableDirectBuffer results)
            throws BlockTable.BadTableException {
        final int count = BlockTable.count(frame, length);
        begin(frame, results);
        try {
            for (int i = 0; i < count; i++) {
                BlockTable.entry(frame, length, count, i, this);
            }
        } catch (final BlockTable.BadTableException | RuntimeException ex) {
            abandon();
            throw ex;
        }
        end();
        return count;
    }
}
