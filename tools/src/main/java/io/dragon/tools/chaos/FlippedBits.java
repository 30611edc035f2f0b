package io.dragon.tools.chaos;

import io.dragon.engine.transfer.ChunkFault;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Turns a bit in some of the chunks that come from other hosts, while a file is there: fault injection. One thread. */
public final class FlippedBits implements ChunkFault {
    /** The option of a node agent that names the file: nothing that a user's environment or configuration can hold. */
    public static final String OPTION = "--chaos-flip";

    private static final int EACH = 7;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path file;
    private final SplittableRandom random = new SplittableRandom(1);
    private long nextLookNs = System.nanoTime();
    private boolean isOn;

    /**
     * Bits that turn while a file is there.
     *
     * @param file its path.
     */
    public FlippedBits(final Path file) {
        this.file = file;
    }

    @Override
    public void onChunk(final long poolId, final int chunk, final ByteBuffer bytes) {
        final long nowNs = System.nanoTime();
        if (nowNs - nextLookNs >= 0) {
            nextLookNs = nowNs + LOOK_NS;
            isOn = Files.exists(file);
        }
        if (isOn && bytes.hasRemaining() && random.nextInt(EACH) == 0) {
            final int at = bytes.position() + random.nextInt(bytes.remaining());
            bytes.put(at, (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
        }
    }
}
