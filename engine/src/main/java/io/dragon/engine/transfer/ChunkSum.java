package io.dragon.engine.transfer;

import io.dragon.codecs.frame.Integrity;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * The checksum of bytes, in 128 bits whatever its kind: CRC32C in the lowest 32, MD5 in all (its first byte is the lowest), none is 0.
 * One thread; allocates nothing.
 */
final class ChunkSum {
    private static final int MD5_BYTES = 16;

    private final CRC32C crc;
    private final MessageDigest md5;
    private final byte[] digest = new byte[MD5_BYTES];
    private long low;
    private long high;

    ChunkSum(final Integrity integrity) {
        crc = integrity == Integrity.CRC32C ? new CRC32C() : null;
        md5 = integrity == Integrity.MD5 ? md5() : null;
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    /** Computes it from position to limit; moves the position. */
    void of(final ByteBuffer bytes) {
        if (crc != null) {
            crc.reset();
            crc.update(bytes);
            low = crc.getValue();
        } else if (md5 != null) {
            md5.update(bytes);
            try {
                md5.digest(digest, 0, MD5_BYTES);
            } catch (final DigestException e) {
                throw new IllegalStateException("MD5 fits into 16 bytes", e);
            }
            low = littleEndian(0);
            high = littleEndian(Long.BYTES);
        }
    }

    private long littleEndian(final int at) {
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = value << Byte.SIZE | digest[at + i] & 0xff;
        }
        return value;
    }

    long low() {
        return low;
    }

    long high() {
        return high;
    }
}
