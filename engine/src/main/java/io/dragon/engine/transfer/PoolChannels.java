package io.dragon.engine.transfer;

import io.dragon.engine.config.DragonDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The files of pools, open for transports that send from them without touching memory. A file that is open keeps its memory, so those of
 * pools that are gone are closed now and then.
 */
final class PoolChannels implements AutoCloseable {
    private final DragonDirectory directory;
    private final ErrorHandler errorHandler;
    private final Long2ObjectHashMap<FileChannel> channels = new Long2ObjectHashMap<>();

    PoolChannels(final DragonDirectory directory, final ErrorHandler errorHandler) {
        this.directory = directory;
        this.errorHandler = errorHandler;
    }

    /** The file of a pool; null when it cannot be opened. */
    FileChannel of(final long poolId) {
        FileChannel channel = channels.get(poolId);
        if (channel == null || !channel.isOpen()) {
            try {
                channel = FileChannel.open(directory.pool(poolId), StandardOpenOption.READ);
                channels.put(poolId, channel);
            } catch (final IOException e) {
                return null;
            }
        }
        return channel;
    }

    /** Closes those whose pool is gone; not while a frame of it is being sent, which then goes on from memory. */
    void sweep() {
        if (channels.isEmpty()) {
            return;
        }
        final Long2ObjectHashMap<FileChannel>.EntryIterator entries =
                channels.entrySet().iterator();
        while (entries.hasNext()) {
            entries.next();
            if (!Files.exists(directory.pool(entries.getLongKey()))) {
                CloseHelper.close(errorHandler, entries.getValue());
                entries.remove();
            }
        }
    }

    @Override
    public void close() {
        channels.values().forEach(channel -> CloseHelper.close(errorHandler, channel));
        channels.clear();
    }
}
