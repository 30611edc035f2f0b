package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system in memory of a small size, mounted at a folder, which can be filled to the last byte and emptied again. */
final class SmallDisk implements AutoCloseable {
    private static final String FILLER = "filler-of-chaos";
    private static final int CHUNK = 1 << 16;
    private static final int PAGE = 4_096;

    private final Path folder;

    private SmallDisk(final Path folder) {
        this.folder = folder;
    }

    /**
     * Mounts one; the folder is made where it is missing.
     *
     * @param folder   where.
     * @param mebibytes its size.
     */
    static SmallDisk mount(final Path folder, final int mebibytes) {
        try {
            Files.createDirectories(folder);
        } catch (final IOException ex) {
            throw new DragonException("Cannot make the folder " + folder + ": " + ex.getMessage() + '.');
        }
        Shell.run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + mebibytes + "m", "dragon-chaos", folder.toString());
        return new SmallDisk(folder);
    }

    /** Takes all the room that is left, until {@link #empty}. Called again, it takes what has become free since. */
    void fill() {
        final Path filler = folder.resolve(FILLER);
        long written = 0;
        try (FileChannel channel = FileChannel.open(
                filler, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            for (int chunk = CHUNK; chunk >= PAGE; chunk /= 2) {
                final ByteBuffer bytes = ByteBuffer.allocate(chunk);
                try {
                    while (true) {
                        bytes.clear();
                        written += channel.write(bytes);
                    }
                } catch (final IOException full) {
                    continue; // a smaller piece may still fit
                }
            }
        } catch (final IOException ex) {
            if (written == 0 && !Files.exists(filler)) {
                throw new DragonException("Cannot fill " + folder + ": " + ex.getMessage() + '.');
            }
        }
    }

    void empty() {
        try {
            Files.deleteIfExists(folder.resolve(FILLER));
        } catch (final IOException ex) {
            throw new DragonException("Cannot empty " + folder + ": " + ex.getMessage() + '.');
        }
    }

    @Override
    public void close() {
        Shell.succeeds("umount", "--lazy", folder.toString());
    }
}
