package io.dragon.engine.cluster;

import static io.dragon.engine.config.Timeouts.Key.CLIENT_LIVENESS;
import static io.dragon.engine.config.Timeouts.Key.DRIVER;
import static io.dragon.engine.config.Timeouts.Key.DRIVER_TIMER_INTERVAL;
import static io.dragon.engine.config.Timeouts.Key.IMAGE_LIVENESS;
import static io.dragon.engine.config.Timeouts.Key.PUBLICATION_CONNECTION;
import static io.dragon.engine.config.Timeouts.Key.PUBLICATION_LINGER;
import static io.dragon.engine.config.Timeouts.Key.PUBLICATION_UNBLOCK;

import io.aeron.CncFileDescriptor;
import io.aeron.CommonContext;
import io.aeron.driver.MediaDriver;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.transfer.DatagramBatches;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;

/**
 * The host's media driver. Its directory belongs to this user alone: whoever can write there owns every stream of the host.
 */
public final class MediaDriverNode implements AutoCloseable {
    /** A term of a stream over UDP: large enough for a burst, small enough that hundreds of streams fit into memory. */
    private static final int UDP_TERM_LENGTH = 1 << 20;

    /** A term of a stream inside the host; a record of a snapshot may take an eighth of it. */
    private static final int IPC_TERM_LENGTH = 1 << 20;

    /** A driver that was heard within so long is alive. */
    private static final long ACTIVE_MS = 5_000;

    static final long NO_PROCESS = -1;

    private final MediaDriver driver;
    private final DirectoryLock lock;

    private MediaDriverNode(final MediaDriver driver, final DirectoryLock lock) {
        this.driver = driver;
        this.lock = lock;
    }

    /**
     * Starts a media driver. What a killed one left in the directory is cleared away; a living one is not disturbed.
     *
     * @param ctx how.
     * @return the running driver.
     * @throws DragonException in one sentence, when it cannot start.
     */
    public static MediaDriverNode launch(final Context ctx) {
        ctx.conclude();
        final Path directory = ctx.directory().toAbsolutePath().normalize();
        makeParent(directory);
        refuseForeign(directory);
        final DirectoryLock lock = DirectoryLock.acquire(lockOf(directory), "media driver", directory);
        MediaDriver driver = null;
        try {
            refuseActive(directory);
            driver = MediaDriver.launch(driverContext(ctx, directory));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return new MediaDriverNode(driver, lock);
        } catch (final IOException | RuntimeException ex) {
            CloseHelper.quietCloseAll(driver, lock);
            throw ex instanceof DragonException
                    ? (DragonException) ex
                    : new DragonException(
                            DragonException.FAILED,
                            "The media driver cannot start in " + directory + ": " + ex.getMessage(),
                            ex);
        }
    }

    /**
     * Whether a living media driver, ours or another, runs in a directory. One that was killed does not, however fresh what it
     * left may look.
     *
     * @param directory the driver's directory.
     * @param timeouts  which say how long a driver may be silent.
     * @return true when it can be used.
     */
    public static boolean isActive(final Path directory, final Timeouts timeouts) {
        final Path absolute = directory.toAbsolutePath().normalize();
        final long pid = processId(absolute, timeouts.ms(DRIVER));
        return pid != NO_PROCESS && (DirectoryLock.isHeld(lockOf(absolute)) || isAlive(pid));
    }

    /**
     * Removes what a killed media driver left, and nothing of one that lives or is just starting.
     *
     * @param directory the driver's directory.
     * @param timeouts  which say how long a driver may be silent.
     * @return true when it is gone.
     */
    public static boolean removeDead(final Path directory, final Timeouts timeouts) {
        final Path absolute = directory.toAbsolutePath().normalize();
        if (isActive(absolute, timeouts)) {
            return false;
        }
        // the lock while deleting: a driver that starts meanwhile is refused its lock for a moment, and tries again
        try (DirectoryLock lock = DirectoryLock.acquire(lockOf(absolute), "media driver", absolute)) {
            IoUtil.delete(absolute.toFile(), true);
            return lock != null;
        } catch (final DragonException another) {
            return false;
        }
    }

    /**
     * Where its clients find it.
     *
     * @return the directory's path.
     */
    public String aeronDirectoryName() {
        return driver.aeronDirectoryName();
    }

    /** Stops the driver and removes its directory. Its clients notice, and wait for another. */
    @Override
    public void close() {
        CloseHelper.closeAll(driver, lock);
    }

    private static MediaDriver.Context driverContext(final Context ctx, final Path directory) {
        final Timeouts timeouts = ctx.timeouts();
        final RunProfile profile = ctx.runProfile();
        return DatagramBatches.apply(new MediaDriver.Context())
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .warnIfDirectoryExists(false)
                .threadingMode(profile.threadingMode())
                .sharedIdleStrategy(profile.serverIdleStrategy())
                .sharedNetworkIdleStrategy(profile.serverIdleStrategy())
                .conductorIdleStrategy(profile.serverIdleStrategy())
                .senderIdleStrategy(profile.serverIdleStrategy())
                .receiverIdleStrategy(profile.serverIdleStrategy())
                .termBufferSparseFile(
                        false) // a page of a sparse one that a full file system does not give kills who writes
                .publicationTermBufferLength(UDP_TERM_LENGTH)
                .ipcTermBufferLength(IPC_TERM_LENGTH)
                .driverTimeoutMs(timeouts.ms(DRIVER))
                .timerIntervalNs(timeouts.ns(DRIVER_TIMER_INTERVAL))
                .clientLivenessTimeoutNs(timeouts.ns(CLIENT_LIVENESS))
                .imageLivenessTimeoutNs(timeouts.ns(IMAGE_LIVENESS))
                .publicationConnectionTimeoutNs(timeouts.ns(PUBLICATION_CONNECTION))
                .publicationUnblockTimeoutNs(timeouts.ns(PUBLICATION_UNBLOCK))
                .publicationLingerTimeoutNs(timeouts.ns(PUBLICATION_LINGER))
                .errorHandler(ctx.errorHandler());
    }

    private static void makeParent(final Path directory) {
        try {
            final Path parent = directory.getParent();
            if (!Files.isDirectory(parent)) {
                Files.createDirectories(
                        parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.FAILED,
                    "The directory of " + directory + " cannot be made: " + FileErrors.inWords(ex) + ".",
                    ex);
        }
    }

    private static void refuseForeign(final Path directory) {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            final PosixFileAttributes attributes =
                    Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            final String user = System.getProperty("user.name");
            if (attributes.isSymbolicLink() || !attributes.isDirectory()) {
                throw new DragonException(
                        directory
                                + " is not a directory of its own but a link or a file: remove it, or choose another directory.");
            }
            if (!attributes.owner().getName().equals(user)) {
                throw new DragonException(
                        directory + " belongs to " + attributes.owner().getName() + ", not to " + user
                                + ": remove it, or choose another directory.");
            }
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.FAILED, "The directory " + directory + " cannot be checked: " + ex + ".", ex);
        }
    }

    private static void refuseActive(final Path directory) {
        final long pid = processId(directory, ACTIVE_MS);
        if (pid != NO_PROCESS && pid != ProcessHandle.current().pid() && isAlive(pid)) {
            throw new DragonException("Another media driver (process " + pid + ") runs in " + directory
                    + ": use it, stop it, or choose another directory.");
        }
    }

    static boolean isAlive(final long pid) {
        return ProcessHandle.of(pid).isPresent();
    }

    /** Of the driver whose heartbeat is in the directory's file, not older than the timeout. */
    static long processId(final Path directory, final long timeoutMs) {
        final Path cncFile = directory.resolve(CncFileDescriptor.CNC_FILE);
        if (!Files.exists(cncFile)) {
            return NO_PROCESS;
        }
        final MappedByteBuffer mapped = IoUtil.mapExistingFile(cncFile.toFile(), "CnC file");
        try {
            return mapped.capacity() > CncFileDescriptor.META_DATA_LENGTH
                            && isWritten(mapped)
                            && CommonContext.isDriverActive(timeoutMs, text -> {}, mapped)
                    ? CncFileDescriptor.pid(CncFileDescriptor.createMetaDataBuffer(mapped))
                    : NO_PROCESS;
        } finally {
            IoUtil.unmap(mapped);
        }
    }

    /** A file whose driver has not written its version is not asked: Aeron would wait, in vain where the driver was killed there. */
    private static boolean isWritten(final MappedByteBuffer cncFile) {
        return CncFileDescriptor.createMetaDataBuffer(cncFile).getIntVolatile(CncFileDescriptor.cncVersionOffset(0))
                != 0;
    }

    static Path lockOf(final Path directory) {
        return Path.of(directory + ".lock");
    }

    /** How a media driver runs. */
    public static final class Context {
        private Path directory;
        private RunProfile runProfile = RunProfile.DEV;
        private Timeouts timeouts = Timeouts.dev();
        private ErrorHandler errorHandler;

        /** A context with every default. */
        public Context() {}

        /**
         * The directory it makes and owns; {@code aeron} in the host's Dragon directory by default.
         *
         * @param directory a path on a tmpfs.
         * @return this.
         */
        public Context directory(final Path directory) {
            this.directory = directory;
            return this;
        }

        /** {@return the directory it makes and owns: its path} */
        public Path directory() {
            return directory;
        }

        /**
         * Its threads and how they idle.
         *
         * @param runProfile the profile.
         * @return this.
         */
        public Context runProfile(final RunProfile runProfile) {
            this.runProfile = runProfile;
            return this;
        }

        /** {@return its threads and how they idle: the profile} */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * Every timeout.
         *
         * @param timeouts a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /** {@return every timeout: the profile} */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * Receives errors of the driver, which goes on.
         *
         * @param errorHandler called on the driver's threads.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /** {@return receives errors of the driver: the handler} */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        void conclude() {
            if (directory == null) {
                directory = DragonDirectory.byDefault().create().aeron();
            }
            if (errorHandler == null) {
                errorHandler = throwable -> {};
            }
            timeouts.conclude();
        }
    }
}
