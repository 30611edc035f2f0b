package io.dragon.engine.frame;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes the file of a pool: lock first, then the file under a temporary name, filled with zeros through a channel, its
 * header, and at last its name. Who dies on the way leaves a lock file without a lock and perhaps a temporary file, which
 * the janitor removes; nobody ever sees half a pool.
 */
final class PoolCreator {
    static final long OWNER_POSITION = 0;
    static final String TEMPORARY = ".tmp";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int CHUNK_LENGTH = 1 << 20;
    private static final int ATTEMPTS = 10;
    private static final long PAUSE_NS = 1_000_000;

    private final DragonDirectory directory;
    private final PoolLayout layout;
    private final FramePool.Context ctx;
    private final Steps steps;

    PoolCreator(final DragonDirectory directory, final PoolLayout layout, final FramePool.Context ctx) {
        this.directory = directory;
        this.layout = layout;
        this.ctx = ctx;
        this.steps = ctx.steps();
    }

    PoolFile create() {
        directory.create();
        for (int i = 0; i < ATTEMPTS; i++) {
            final long poolId = RANDOM.nextLong();
            if (poolId != 0) {
                final LockFile locks = lock(poolId);
                if (locks != null) {
                    return create(poolId, locks);
                }
            }
        }
        throw new DragonException("No lock for a new frame pool could be taken in " + directory.pools() + ".");
    }

    private LockFile lock(final long poolId) {
        final Path path = directory.poolLock(poolId);
        try {
            final LockFile locks = LockFile.create(path, steps);
            if (locks == null) {
                return null;
            }
            steps.reached("create.lockFile");
            // Someone who removes leftovers may have looked at it meanwhile, or even deleted it.
            if (tryLock(locks)) {
                steps.reached("create.locked");
                return locks;
            }
            locks.close();
            return null;
        } catch (final FileAlreadyExistsException e) {
            return null;
        } catch (final IOException e) {
            throw failed(e);
        }
    }

    private static boolean tryLock(final LockFile locks) {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (locks.tryLock(OWNER_POSITION)) {
                if (locks.isInPlace()) {
                    return true;
                }
                locks.unlock(OWNER_POSITION);
                return false;
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        return false;
    }

    private PoolFile create(final long poolId, final LockFile locks) {
        final Path path = directory.pool(poolId);
        final Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY);
        PoolFile file = null;
        try {
            checkSpace();
            try (FileChannel channel =
                    FileChannel.open(temporary, Set.of(CREATE_NEW, READ, WRITE), LockFile.OWNER_ONLY)) {
                steps.reached("create.temporary");
                fill(channel);
                steps.reached("create.filled");
                file = PoolFile.map(channel, poolId, layout, locks);
            }
            if (!ctx.sparse()) {
                file.load();
            }
            writeHeader(file);
            steps.reached("create.header");
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            steps.reached("create.renamed");
            return file;
        } catch (final IOException e) {
            giveUp(temporary, poolId, locks, file);
            throw failed(e);
        } catch (final DragonException e) {
            giveUp(temporary, poolId, locks, file);
            throw e;
        }
    }

    private void giveUp(final Path temporary, final long poolId, final LockFile locks, final PoolFile file) {
        try {
            Files.deleteIfExists(temporary);
            Files.deleteIfExists(directory.poolLock(poolId));
        } catch (final IOException e) {
            // The janitor removes it.
            steps.reached("create.leftover");
        }
        locks.unlock(OWNER_POSITION);
        if (file == null) {
            locks.close();
        } else {
            file.release();
        }
    }

    private void fill(final FileChannel channel) throws IOException {
        if (ctx.sparse()) {
            channel.write(ByteBuffer.allocate(1), layout.fileLength - 1);
            return;
        }
        final ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK_LENGTH, layout.fileLength));
        long position = 0;
        while (position < layout.fileLength) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), layout.fileLength - position));
            position += channel.write(zeros, position);
            if (position == CHUNK_LENGTH) {
                steps.reached("create.filling");
            }
        }
    }

    private void writeHeader(final PoolFile file) {
        layout.write(file.header, file.poolId);
        file.header.putInt(PoolLayout.POLICY_OFFSET, ctx.fullPolicy().code());
        file.header.putLong(PoolLayout.CREATED_OFFSET, System.currentTimeMillis() * 1_000_000L);
        file.header.putLong(PoolLayout.OWNER_PID_OFFSET, ProcessHandle.current().pid());
        PoolFile.putName(file.header, PoolLayout.OWNER_NAME_OFFSET, ctx.ownerName());
        file.header.putInt(PoolLayout.COPIES_OFFSET, ctx.copies() ? 1 : 0);
    }

    private void checkSpace() throws IOException {
        if (!ctx.sparse()) {
            final long free = freeBytes();
            if (free < layout.fileLength) {
                throw noSpace(free);
            }
        }
    }

    private long freeBytes() throws IOException {
        return Files.getFileStore(directory.pools()).getUsableSpace();
    }

    private DragonException noSpace(final long free) {
        return new DragonException("There is no room for the frame pool of " + ctx.ownerName() + " in "
                + directory.pools() + ": it needs " + layout.fileLength + " bytes, " + free
                + " bytes are free. Take fewer or smaller slots, or make the file system larger.");
    }

    private DragonException failed(final IOException e) {
        try {
            final String message = String.valueOf(e.getMessage());
            if (message.contains("No space left") || message.contains("quota")) {
                return noSpace(freeBytes());
            }
        } catch (final IOException another) {
            e.addSuppressed(another);
        }
        return new DragonException(
                DragonException.FAILED,
                "The frame pool of " + ctx.ownerName() + " cannot be made in " + directory.pools() + ": " + e + ".",
                e);
    }
}
