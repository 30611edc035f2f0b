package io.dragon.tools.analyze;

import io.dragon.tools.analyze.Analysis.WorkerShare;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Who hashes: the workers of a Dragon system, or this thread. */
interface BlockHasher extends AutoCloseable {
    /**
     * Slots for one reader.
     *
     * @param index      of the reader, from 0.
     * @param slotLength bytes of the longest frame of blocks.
     */
    Lane lane(int index, int slotLength);

    /** Who did how much, when all is done. */
    List<WorkerShare> shares();

    @Override
    void close();

    /** Slots of one reader, used by its thread only. */
    interface Lane extends AutoCloseable {
        /**
         * Waits for a slot.
         *
         * @param length bytes of the frame.
         * @return false when none became free for a while; try again.
         */
        boolean claim(int length) throws InterruptedException;

        /** The claimed slot. */
        MutableDirectBuffer buffer();

        /** The same memory, to read files into. */
        ByteBuffer byteBuffer();

        /** Sends the claimed slot to be hashed; each batch is answered exactly once, on any thread. */
        void submit(Batch batch, Results results);

        /** Gives the claimed slot back. */
        void abandon();

        @Override
        void close();
    }

    /** Where answers go. Any thread; must not wait. */
    interface Results {
        /**
         * A batch has been hashed.
         *
         * @param batch   the batch.
         * @param results 64 bytes for every entry, valid afterwards too.
         */
        void onHashed(Batch batch, DirectBuffer results);

        /**
         * A batch could not be hashed.
         *
         * @param batch the batch.
         * @param error why, in words.
         */
        void onFailed(Batch batch, String error);
    }
}
