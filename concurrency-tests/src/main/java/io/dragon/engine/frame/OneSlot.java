package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A pool of one slot in shared memory: its producer, and a reader. Mappings are used again by one sample after the other, since mapping
 * takes longer than a sample; whatever else has state is new in each.
 */
abstract class OneSlot {
    static final int SLOT = 0;
    static final long FIRST = 1;

    /** What {@link #read} says of a frame of which the ends differ. */
    static final long TORN = -100;

    private static final int LENGTH = 256;
    private static final int LAST_WORD = LENGTH - Long.BYTES;
    private static final long POOL_ID = 1;
    private static final PoolLayout LAYOUT = PoolLayout.of(1, LENGTH, 0);
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final LockFile NO_LOCKS = lockFile();
    private static final ConcurrentLinkedQueue<PoolFile> SPARE = new ConcurrentLinkedQueue<>();

    final PoolFile file;
    final SlotProducer producer;
    final AttachedPool reader;

    OneSlot() {
        this(taken());
    }

    /** With a mapping of its own that may end. */
    OneSlot(final PoolFile file) {
        this.file = file;
        producer = new SlotProducer(file, FullPolicy.BACK_PRESSURED, Steps.NONE);
        reader = new AttachedPool(file, 0, Steps.NONE);
    }

    private static LockFile lockFile() {
        try {
            final Path path = Files.createTempFile(MEMORY, "jcstress", ".lock");
            try {
                return LockFile.open(path);
            } finally {
                Files.delete(path);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PoolFile taken() {
        final PoolFile spare = SPARE.poll();
        if (spare == null) {
            return mapped();
        }
        spare.header.setMemory(0, PoolLayout.slotHeader(1), (byte) 0);
        return spare;
    }

    /** A new one, of a file that has no name any more: nothing stays behind, whatever happens. */
    static PoolFile mapped() {
        try {
            final Path path = Files.createTempFile(MEMORY, "jcstress", ".pool");
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.truncate(0).position(LAYOUT.fileLength - 1);
                channel.write(ByteBuffer.allocate(1));
                return PoolFile.map(channel, POOL_ID, LAYOUT, NO_LOCKS);
            } finally {
                Files.delete(path);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For HOLD, which is the pool's. */
    final FramePool pool() {
        return new FramePool(file, new FramePool.Context().directory(DragonDirectory.of(MEMORY)));
    }

    /** Before the sample: a frame is in the slot already. */
    final void begunWith(final long number, final boolean hold) {
        fill(number);
        file.casWord(SLOT, 0, SlotWord.of(FIRST, SlotWord.READABLE) | (hold ? SlotWord.HOLD : 0));
    }

    /** The producer's thread: claims, fills, publishes; 1, or 0 when the slot could not be taken. */
    final int publish(final long number, final boolean hold) {
        if (!claim()) {
            return 0;
        }
        fill(number);
        producer.publish(SLOT, LENGTH, hold);
        return 1;
    }

    final boolean claim() {
        if (!producer.enter()) {
            return false;
        }
        if (producer.take() == SLOT) {
            return true;
        }
        producer.leave();
        return false;
    }

    final void fill(final long number) {
        final UnsafeBuffer payload = new UnsafeBuffer(0, 0);
        file.wrapPayload(payload, SLOT, LENGTH);
        payload.putLong(0, number);
        payload.putLong(LAST_WORD, number);
        file.header.putInt(PoolLayout.slotHeader(SLOT) + PoolLayout.SLOT_PAYLOAD_LENGTH_OFFSET, LENGTH);
    }

    static FrameRef ref(final long sequence) {
        return new FrameRef().set(POOL_ID, sequence, SLOT, LENGTH);
    }

    /** Leases a frame and reads it: its number, or the code of the refusal. */
    static long lease(final AttachedPool by, final long sequence, final FrameLease lease) {
        final int code = by.acquire(ref(sequence), lease);
        return code == 0 ? read(lease) : code;
    }

    static long read(final FrameLease lease) {
        final long number = lease.buffer().getLong(0);
        return lease.buffer().getLong(LAST_WORD) == number ? number : TORN;
    }

    final long word() {
        return file.word(SLOT);
    }

    /** After the sample. */
    final void end() {
        SPARE.add(file);
    }
}
