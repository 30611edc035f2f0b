package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks after the pools of dead owners on one host: what the owner would have done, and their removal. One thread. A file
 * that is not a pool of this layout is left alone by everything but {@link #delete}.
 */
public final class PoolJanitor {
    private static final Pattern POOL = Pattern.compile("[0-9a-f]{16}");
    private static final String LOCK = ".lock";

    private final DragonDirectory directory;
    private final Steps steps;

    /**
     * A janitor of a directory.
     *
     * @param directory of Dragon
     */
    public PoolJanitor(final DragonDirectory directory) {
        this(directory, Steps.NONE);
    }

    PoolJanitor(final DragonDirectory directory, final Steps steps) {
        this.directory = directory;
        this.steps = steps;
    }

    /**
     * The pools that are there.
     *
     * @return their ids, in order
     */
    public long[] pools() {
        return names().filter(name -> POOL.matcher(name).matches())
                .mapToLong(name -> Long.parseUnsignedLong(name, 16))
                .toArray();
    }

    private Stream<String> names() {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory.pools())) {
            final List<String> names = new ArrayList<>();
            stream.forEach(path -> names.add(path.getFileName().toString()));
            return names.stream().sorted();
        } catch (final NoSuchFileException e) {
            return Stream.empty();
        } catch (final IOException | DirectoryIteratorException e) {
            throw new DragonException(
                    DragonException.FAILED, "The folder " + directory.pools() + " cannot be read: " + e + ".", e);
        }
    }

    /**
     * Whether the owner of a pool lives, by its lock.
     *
     * @param poolId of the pool
     * @return false when it is dead, has closed the pool, or the pool is gone
     */
    public boolean isOwnerAlive(final long poolId) {
        return LockFile.isLocked(directory.poolLock(poolId), PoolCreator.OWNER_POSITION);
    }

    /**
     * Seals a pool whose owner is dead and takes back what dead readers left.
     *
     * @param poolId of the pool
     * @return the number of readers found dead; 0 when the owner lives or the pool is gone
     */
    public int sweep(final long poolId) {
        return asOwner(poolId, file -> {
            file.seal();
            steps.reached("janitor.sealed");
            for (int slot = 0; slot < file.layout.slotCount; slot++) {
                final long word = file.word(slot);
                if (SlotWord.state(word) == SlotWord.FILLING) {
                    file.casWord(slot, word, SlotWord.of(SlotWord.sequence(word), SlotWord.DEAD));
                    steps.reached("janitor.dead");
                }
            }
            return ReaderRows.sweep(file, steps);
        });
    }

    /**
     * Whether anyone has leased a frame of a pool; sweep it first, so that the dead do not count. A frame that a handler of a
     * {@link FrameSubscriber} reads without a lease of its own, because its producer keeps it meanwhile, does not count: when that one is
     * dead it stays readable nevertheless, because nobody writes into the pool any more.
     *
     * @param poolId of the pool
     * @return false when no one does, or the pool is gone
     */
    public boolean isRead(final long poolId) {
        return any(poolId, SlotWord.READER_MASK);
    }

    /**
     * Whether a frame of a pool is held.
     *
     * @param poolId of the pool
     * @return false when none is, or the pool is gone
     */
    public boolean isHeld(final long poolId) {
        return any(poolId, SlotWord.HOLD);
    }

    private boolean any(final long poolId, final long mask) {
        return 0
                != with(poolId, file -> {
                    for (int slot = 0; slot < file.layout.slotCount; slot++) {
                        if ((file.word(slot) & mask) != 0) {
                            return 1;
                        }
                    }
                    return 0;
                });
    }

    /**
     * Clears HOLD of a frame whose owner is dead.
     *
     * @param ref of the frame
     * @return false when there was nothing to clear, or the owner lives
     */
    public boolean release(final FrameRef ref) {
        return 0
                != asOwner(ref.poolId(), file -> {
                    if (ref.slot() < 0 || ref.slot() >= file.layout.slotCount) {
                        return 0;
                    }
                    long word = file.word(ref.slot());
                    while (SlotWord.isReadable(word, ref.sequence()) && SlotWord.isHeld(word)) {
                        if (file.casWord(ref.slot(), word, word & ~SlotWord.HOLD)) {
                            return 1;
                        }
                        word = file.word(ref.slot());
                    }
                    return 0;
                });
    }

    /**
     * Deletes a pool whose owner is dead; who reads a frame keeps it until it ends its lease.
     *
     * @param poolId of the pool
     * @return false when the owner lives or the pool is gone
     */
    public boolean delete(final long poolId) {
        if (!Files.exists(directory.pool(poolId))) {
            return false;
        }
        try (LockFile locks = LockFile.open(directory.poolLock(poolId))) {
            if (!locks.tryLock(PoolCreator.OWNER_POSITION)) {
                return false;
            }
            try {
                with(poolId, file -> {
                    file.seal();
                    return 0;
                });
                deleteFiles(directory, poolId, steps);
            } finally {
                locks.unlock(PoolCreator.OWNER_POSITION);
            }
            return true;
        } catch (final NoSuchFileException e) {
            // Without a lock file there is no owner.
            deleteFiles(directory, poolId, steps);
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    /**
     * Removes what owners left that died while they made or deleted a pool.
     *
     * @return the number of files removed
     */
    public int removeLeftovers() {
        final int[] removed = {0};
        names().filter(name -> name.endsWith(LOCK) || name.endsWith(PoolCreator.TEMPORARY))
                .map(name -> name.substring(0, name.lastIndexOf('.')))
                .filter(name -> POOL.matcher(name).matches())
                .distinct()
                .mapToLong(name -> Long.parseUnsignedLong(name, 16))
                .forEach(poolId -> removed[0] += removeLeftover(poolId));
        return removed[0];
    }

    private int removeLeftover(final long poolId) {
        try (LockFile locks = LockFile.open(directory.poolLock(poolId))) {
            if (!locks.tryLock(PoolCreator.OWNER_POSITION)) {
                return 0;
            }
            try {
                // Looked at under the lock: a living owner would have it.
                return Files.exists(directory.pool(poolId)) ? 0 : deleteFiles(directory, poolId, steps);
            } finally {
                locks.unlock(PoolCreator.OWNER_POSITION);
            }
        } catch (final NoSuchFileException e) {
            // Makers have the lock before the temporary file, so this one has no maker.
            return Files.exists(directory.pool(poolId)) ? 0 : deleteFiles(directory, poolId, steps);
        } catch (final IOException e) {
            return 0;
        }
    }

    /**
     * What a pool says about itself; anyone may ask, whether its owner lives or not.
     *
     * @param poolId of the pool
     * @return its state, or null when it is gone
     * @throws DragonException when the file is not a pool of this layout, in words
     */
    public PoolStatus status(final long poolId) {
        final PoolFile file = PoolFile.open(directory.pool(poolId), poolId, null, false);
        if (file == null) {
            return null;
        }
        try {
            return PoolStatus.of(file, isOwnerAlive(poolId));
        } finally {
            file.release();
        }
    }

    /** The file first, its lock last: as long as there is a pool, there is a proof of life for it. */
    static int deleteFiles(final DragonDirectory directory, final long poolId, final Steps steps) {
        final Path pool = directory.pool(poolId);
        try {
            int deleted = Files.deleteIfExists(pool) ? 1 : 0;
            steps.reached("delete.pool");
            deleted += Files.deleteIfExists(pool.resolveSibling(pool.getFileName() + PoolCreator.TEMPORARY)) ? 1 : 0;
            deleted += Files.deleteIfExists(directory.poolLock(poolId)) ? 1 : 0;
            steps.reached("delete.lock");
            return deleted;
        } catch (final IOException e) {
            throw new DragonException(
                    DragonException.FAILED, "The frame pool " + pool + " cannot be deleted: " + e + ".", e);
        }
    }

    /** Does something in place of a dead owner, whose lock it takes meanwhile. */
    private int asOwner(final long poolId, final ToIntFunction<PoolFile> action) {
        try (LockFile locks = LockFile.open(directory.poolLock(poolId))) {
            if (!locks.tryLock(PoolCreator.OWNER_POSITION)) {
                return 0;
            }
            try {
                return with(poolId, action);
            } finally {
                locks.unlock(PoolCreator.OWNER_POSITION);
            }
        } catch (final IOException e) {
            return 0;
        }
    }

    private int with(final long poolId, final ToIntFunction<PoolFile> action) {
        LockFile locks = null;
        PoolFile file = null;
        try {
            locks = LockFile.open(directory.poolLock(poolId));
            file = PoolFile.open(directory.pool(poolId), poolId, locks, false);
            return file == null ? 0 : action.applyAsInt(file);
        } catch (final IOException | DragonException e) {
            return 0;
        } finally {
            if (file != null) {
                file.release();
            } else if (locks != null) {
                locks.close();
            }
        }
    }
}
