package io.dragon.engine.transfer;

import java.nio.channels.FileChannel;
import org.agrona.DirectBuffer;

/**
 * Bytes to be sent: memory that a transport may copy from, and where they are in the file of their pool, so that it need not.
 * Stays as it is until a lane has taken the piece.
 */
public interface FrameSource {
    /**
     * The bytes in memory.
     *
     * @return a buffer with everything that is to be sent
     */
    DirectBuffer buffer();

    /**
     * The file with the same bytes.
     *
     * @return open for reading; null where they are in no file (compressed, or metadata)
     */
    FileChannel channel();

    /**
     * Where the buffer begins in the file.
     *
     * @return position of byte 0 of {@link #buffer()}; meaningless without a file
     */
    long position();
}
