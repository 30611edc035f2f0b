package io.dragon.worker.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import jcuda.JCudaVersion;

/**
 * JCuda's native libraries, unpacked once into a directory of our own. JCuda would unpack them itself, to a name in the temporary
 * directory that all users and processes share, and load whatever it finds there, complete or not. So each is put, whole and under the
 * name that JCuda looks for, into a directory named after its content, and JCuda is shown that one for its temporary directory while it
 * loads.
 */
final class NativeLibraries {
    /** Where they are unpacked to, if not into the user's cache. */
    static final String FOLDER_ENV_NAME = "DRAGON_NATIVES";

    private static final Path PROCESS = Path.of("/proc/self");
    private static final String UID = "unix:uid";
    private static final String TEMPORARY = "java.io.tmpdir";
    private static final int NAME_LENGTH = 16;

    private NativeLibraries() {}

    /** Why a library cannot be used, in one plain sentence. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(final String message, final Throwable cause) {
            super(message, cause);
        }
    }

    /** Whether there are libraries for this machine. */
    static boolean isSupported() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
                && System.getProperty("os.arch").matches("amd64|x86_64");
    }

    /**
     * Has a class of JCuda load its library.
     *
     * @param library {@code JCudaDriver} or {@code JCudaRuntime}.
     * @param loading touches the class.
     */
    static synchronized void load(final String library, final Runnable loading) throws Unusable {
        final Path folder = unpacked(folder(), library);
        final String temporary = System.getProperty(TEMPORARY);
        System.setProperty(TEMPORARY, folder.toString());
        try {
            loading.run();
        } catch (final LinkageError ex) {
            throw new Unusable(words(ex, folder), ex);
        } finally {
            System.setProperty(TEMPORARY, temporary);
        }
    }

    /** The user's own directory for them, made if it is not there. */
    static Path folder() throws Unusable {
        final String named = System.getenv(FOLDER_ENV_NAME);
        final String cache = System.getenv("XDG_CACHE_HOME");
        final Path folder = named != null && !named.isBlank()
                ? Path.of(named)
                : (cache != null && !cache.isBlank()
                                ? Path.of(cache)
                                : Path.of(System.getProperty("user.home"), ".cache"))
                        .resolve("dragon")
                        .resolve("natives");
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            // by number: in a container a user may have no name
            if (!Files.getAttribute(folder, UID).equals(Files.getAttribute(PROCESS, UID))) {
                throw new Unusable(
                        folder + " belongs to " + Files.getOwner(folder).getName()
                                + ", and libraries are loaded from a directory of one's own only: set "
                                + FOLDER_ENV_NAME + " to one.",
                        null);
            }
            return folder;
        } catch (final IOException ex) {
            throw new Unusable(
                    "the libraries for GPUs cannot be unpacked to " + folder + " (" + ex + "): set " + FOLDER_ENV_NAME
                            + " to a directory that can be written.",
                    ex);
        }
    }

    /** The directory in which a library lies whole, whoever put it there. */
    static Path unpacked(final Path folder, final String library) throws Unusable {
        final String name = "lib" + library + "-" + JCudaVersion.get() + "-linux-x86_64.so";
        try (InputStream resource = JCudaVersion.class.getResourceAsStream("/lib/" + name)) {
            if (resource == null) {
                throw new Unusable("this installation has no " + name + ": it was built without GPUs.", null);
            }
            final byte[] bytes = resource.readAllBytes();
            final byte[] digest = sha256(bytes);
            final Path own = folder.resolve(HexFormat.of().formatHex(digest).substring(0, NAME_LENGTH));
            final Path target = own.resolve(name);
            if (!isWhole(target, bytes.length, digest)) {
                Files.createDirectories(own);
                write(own, target, bytes);
            }
            return own;
        } catch (final IOException ex) {
            throw new Unusable("the library " + name + " cannot be unpacked to " + folder + " (" + ex + ").", ex);
        }
    }

    private static boolean isWhole(final Path target, final int length, final byte[] digest) throws IOException {
        return Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
                && Files.size(target) == length
                && Arrays.equals(sha256(Files.readAllBytes(target)), digest);
    }

    /** Whoever else does the same at the same time puts the same bytes there. */
    private static void write(final Path own, final Path target, final byte[] bytes) throws IOException {
        final Path fresh = Files.createTempFile(own, "unpacking", ".tmp");
        try {
            Files.write(fresh, bytes);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static byte[] sha256(final byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (final NoSuchAlgorithmException ex) {
            throw new IllegalStateException(ex); // every Java has it
        }
    }

    private static String words(final LinkageError error, final Path folder) {
        final String text = String.valueOf(error.getMessage());
        if (text.contains("failed to map segment")) {
            return folder + " is on a file system that allows no programs (noexec): set " + FOLDER_ENV_NAME
                    + " to a directory elsewhere.";
        }
        if (text.contains("libcuda.so")) {
            return "NVIDIA's driver is not installed: there is no libcuda.so.1.";
        }
        final String line = text.lines().findFirst().orElse("no reason given");
        return "the libraries for GPUs cannot be loaded from " + folder + " (" + line + ").";
    }
}
