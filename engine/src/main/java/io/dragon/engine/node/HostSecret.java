package io.dragon.engine.node;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** The secret that the hosts of a system share, as its file has it. */
public final class HostSecret {
    /** What is shorter can be guessed. */
    static final int MIN_LENGTH = 16;

    static final int MAX_LENGTH = 4_096;

    private static final Set<PosixFilePermission> OWNERS =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private HostSecret() {}

    /**
     * Reads a secret.
     *
     * @param file that holds it; white space at its end does not belong to it.
     * @return the secret.
     * @throws DragonException in words, when it cannot be read, can be read by others than its owner, or is too short.
     */
    public static byte[] read(final Path file) {
        try {
            final Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (!OWNERS.containsAll(permissions)) {
                throw wrong("The secret in " + file + " can be read or changed by others than its owner: chmod 600 "
                        + file + ".");
            }
            if (Files.size(file) > MAX_LENGTH) {
                throw wrong("The secret in " + file + " has more than " + MAX_LENGTH + " bytes.");
            }
            final byte[] secret = trimmed(Files.readAllBytes(file));
            if (secret.length < MIN_LENGTH) {
                throw wrong("The secret in " + file + " has " + secret.length + " bytes, expected " + MIN_LENGTH
                        + " at least: head -c 32 /dev/urandom | base64 > " + file + ".");
            }
            return secret;
        } catch (final NoSuchFileException ex) {
            throw wrong("There is no secret in " + file + ", which 'security.secret_file' names.");
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "The secret in " + file + " cannot be read: " + ex.getMessage(), ex);
        }
    }

    private static byte[] trimmed(final byte[] text) {
        int length = text.length;
        while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r' || text[length - 1] == ' ')) {
            length--;
        }
        return Arrays.copyOf(text, length);
    }

    private static DragonException wrong(final String sentence) {
        return new DragonException(DragonException.WRONG_USAGE, sentence);
    }
}
