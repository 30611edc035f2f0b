package io.dragon.worker.hash;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.TaskContext;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.agrona.DirectBuffer;

/**
 * What a {@code hash} task computes of each block. The name of it, in ASCII, is the parameters of the task; no parameters are {@link #BLAKE3}.
 *
 * <p>A result has {@value Blake3#RESULT_LENGTH} bytes for every block whatever is computed:
 *
 * <pre>
 *             0                               16                              32                              64
 *            +-------------------------------+-------------------------------+-------------------------------+
 *   BLAKE3   | digest of the block alone                                     | chaining value at its place   |
 *            +-------------------------------+-------------------------------+-------------------------------+
 *   SHA256   | digest of the block alone                                     | 0                             |
 *            +-------------------------------+-------------------------------+-------------------------------+
 *   XXH3     | hash of the block alone       | 0                                                             |
 *            +-------------------------------+---------------------------------------------------------------+
 * </pre>
 *
 * <p>Bytes are in the order in which {@code b3sum}, {@code sha256sum} and {@code xxhsum -H2} (the canonical, big-endian form) print them.
 */
public enum HashAlgorithm {
    /** BLAKE3: the only one from whose blocks the digest of a whole file is assembled. */
    BLAKE3(32),

    /** SHA-256 (FIPS 180-4), for what must be compared with digests of other programs. Serial within a block. */
    SHA256(32),

    /** XXH3 of 128 bits, seed 0: finds what is equal by chance, and is no protection against anybody who wants two blocks to look equal. */
    XXH3(16);

    private static final HashAlgorithm[] VALUES = values();

    private final int length;
    private final String words = name().toLowerCase(Locale.ROOT);
    private final byte[] encoded = words.getBytes(StandardCharsets.US_ASCII);

    HashAlgorithm(final int length) {
        this.length = length;
    }

    /**
     * Length of the hash of a block.
     *
     * @return bytes at the beginning of a result, 16 or 32.
     */
    public int length() {
        return length;
    }

    /**
     * Its name for people and for the parameters of a task.
     *
     * @return {@code blake3}, {@code sha256} or {@code xxh3}.
     */
    public String words() {
        return words;
    }

    /**
     * Parameters of a task.
     *
     * @return a copy of its own; nothing for {@link #BLAKE3}.
     */
    public byte[] parameters() {
        return this == BLAKE3 ? new byte[0] : encoded.clone();
    }

    /**
     * The algorithm of a name.
     *
     * @param name as {@link #words} gives it.
     * @return what is meant.
     * @throws DragonException when there is none of this name, as wrong usage.
     */
    public static HashAlgorithm of(final String name) {
        for (final HashAlgorithm algorithm : VALUES) {
            if (algorithm.words.equals(name)) {
                return algorithm;
            }
        }
        throw new DragonException(DragonException.WRONG_USAGE, unknown(name));
    }

    /** What a task asks for; null when that is nothing we know. Allocates nothing. */
    static HashAlgorithm of(final TaskContext task) {
        final int length = task.parametersLength();
        for (final HashAlgorithm algorithm : VALUES) {
            if (length == algorithm.encoded.length && equal(task.parameters(), algorithm.encoded)) {
                return algorithm;
            }
        }
        return length == 0 ? BLAKE3 : null;
    }

    /** What a task asks for that {@link #of(TaskContext)} does not know, in words. */
    static String unknown(final TaskContext task) {
        final byte[] name = new byte[Math.min(task.parametersLength(), 32)];
        task.parameters().getBytes(0, name);
        return unknown(new String(name, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?"));
    }

    private static String unknown(final String name) {
        return "there is no hash '" + name + "': expected blake3, sha256 or xxh3";
    }

    private static boolean equal(final DirectBuffer buffer, final byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (buffer.getByte(i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
