package io.dragon.engine.config;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The directory where the processes of one user meet on one host.
 *
 * <pre>
 *   dragon-USER/            0700
 *     pools/HEX             a frame pool: its id in 16 hexadecimal digits
 *     pools/HEX.lock        the locks of its owner and its readers
 *     workers/NAME.lock     held by a worker for its whole life
 *     parties/              further liveness locks
 *     aeron/                the media driver of the host
 * </pre>
 *
 * Immutable; any thread.
 */
public final class DragonDirectory {
    /** The system property that names another directory than the default. */
    public static final String DIRECTORY_PROP_NAME = "dragon.dir";

    /** The environment variable that names another directory than the default. */
    public static final String DIRECTORY_ENV_NAME = "DRAGON_DIR";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final Path path;

    private DragonDirectory(final Path path) {
        this.path = path.toAbsolutePath().normalize();
    }

    /**
     * A directory by its path; nothing is touched until {@link #create()}.
     *
     * @param path of the directory
     * @return the directory
     */
    public static DragonDirectory of(final Path path) {
        return new DragonDirectory(path);
    }

    /**
     * The directory named by the property {@value #DIRECTORY_PROP_NAME}, else by the environment variable
     * {@value #DIRECTORY_ENV_NAME}, else {@code /dev/shm/dragon-USER}.
     *
     * @return the directory
     */
    public static DragonDirectory byDefault() {
        final String property = System.getProperty(DIRECTORY_PROP_NAME, System.getenv(DIRECTORY_ENV_NAME));
        if (property != null && !property.isEmpty()) {
            return of(Path.of(property));
        }
        return of(Path.of("/dev/shm", "dragon-" + System.getProperty("user.name")));
    }

    /**
     * Where it is.
     *
     * @return an absolute path
     */
    public Path path() {
        return path;
    }

    /**
     * Where frame pools are.
     *
     * @return the folder of pools
     */
    public Path pools() {
        return path.resolve("pools");
    }

    /**
     * The file of a pool, computed from its id.
     *
     * @param poolId of the pool
     * @return its path, whether it exists or not
     */
    public Path pool(final long poolId) {
        return pools().resolve(hex(poolId));
    }

    /**
     * The lock file of a pool.
     *
     * @param poolId of the pool
     * @return its path, whether it exists or not
     */
    public Path poolLock(final long poolId) {
        return pools().resolve(hex(poolId) + ".lock");
    }

    /**
     * The lock that a worker holds for its whole life.
     *
     * @param name of the worker
     * @return its path, whether it exists or not
     */
    public Path workerLock(final String name) {
        return path.resolve("workers").resolve(fileName(name) + ".lock");
    }

    /**
     * The lock that any other party holds for its whole life.
     *
     * @param name of the party
     * @return its path, whether it exists or not
     */
    public Path partyLock(final String name) {
        return path.resolve("parties").resolve(fileName(name) + ".lock");
    }

    /**
     * The directory of the host's media driver.
     *
     * @return its path, whether it exists or not
     */
    public Path aeron() {
        return path.resolve("aeron");
    }

    /**
     * Makes the directory and its folders, for this user only; what is there already is checked.
     *
     * @return this
     * @throws DragonException when it cannot be made, is a link, or belongs to someone else
     */
    public DragonDirectory create() {
        makeParents();
        make(path);
        make(pools());
        make(path.resolve("workers"));
        make(path.resolve("parties"));
        return this;
    }

    private void makeParents() {
        try {
            if (path.getParent() != null) {
                Files.createDirectories(path.getParent());
            }
        } catch (final IOException e) {
            throw new DragonException(
                    DragonException.FAILED,
                    "The directory " + path.getParent() + " cannot be made: " + FileErrors.inWords(e) + ".",
                    e);
        }
    }

    private static void make(final Path folder) {
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (final FileAlreadyExistsException e) {
            check(folder);
        } catch (final IOException e) {
            throw new DragonException(
                    DragonException.FAILED,
                    "The directory " + folder + " cannot be made: " + FileErrors.inWords(e) + ".",
                    e);
        }
    }

    private static void check(final Path folder) {
        try {
            final PosixFileAttributes attributes =
                    Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                throw new DragonException(
                        folder + " is a symbolic link; Dragon shares memory only in a directory of its own.");
            }
            if (!attributes.isDirectory()) {
                throw new DragonException(folder + " is in the way: it is not a directory.");
            }
            final String user = System.getProperty("user.name");
            final String owner = attributes.owner().getName();
            if (!owner.equals(user)) {
                throw new DragonException(folder + " belongs to " + owner + ", not to " + user
                        + ": remove it or choose another directory (" + DIRECTORY_ENV_NAME + ").");
            }
            if (!attributes.permissions().equals(OWNER_ONLY)) {
                Files.setPosixFilePermissions(folder, OWNER_ONLY);
            }
        } catch (final IOException e) {
            throw new DragonException(
                    DragonException.FAILED,
                    "The directory " + folder + " cannot be checked: " + FileErrors.inWords(e) + ".",
                    e);
        }
    }

    private static String hex(final long id) {
        return String.format("%016x", id);
    }

    /** A name from a configuration may hold anything; a file name may not leave its folder. */
    private static String fileName(final String name) {
        final StringBuilder result = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            final char c = name.charAt(i);
            final boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_');
            if (plain || c == '.' && i > 0) {
                result.append(c);
            } else {
                result.append('%').append(String.format("%04x", (int) c));
            }
        }
        return result.toString();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
