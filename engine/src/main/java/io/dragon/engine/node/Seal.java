package io.dragon.engine.node;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/** The HMAC-SHA256 behind a datagram, where the hosts of a system share a secret; nothing otherwise. One thread. */
final class Seal {
    static final int HMAC_LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;

    /** @param secret that the hosts share; null for none. */
    Seal(final byte[] secret) {
        try {
            mac = secret == null ? null : Mac.getInstance(ALGORITHM);
            if (mac != null) {
                mac.init(new SecretKeySpec(secret, ALGORITHM));
            }
        } catch (final GeneralSecurityException ex) {
            throw new IllegalStateException("every Java has " + ALGORITHM, ex);
        }
    }

    /** Bytes behind a message. */
    int length() {
        return mac == null ? 0 : HMAC_LENGTH;
    }

    /** Puts the seal behind a message that begins at 0. */
    void put(final byte[] datagram, final int messageLength) {
        if (mac != null) {
            mac.update(datagram, 0, messageLength);
            try {
                mac.doFinal(datagram, messageLength);
            } catch (final ShortBufferException ex) {
                throw new IllegalArgumentException("no room for a seal behind " + messageLength + " bytes", ex);
            }
        }
    }

    /** Whether what lies behind a message is its seal. */
    boolean isIntact(final byte[] datagram, final int messageLength) {
        if (mac == null) {
            return true;
        }
        mac.update(datagram, 0, messageLength);
        return MessageDigest.isEqual(
                mac.doFinal(), Arrays.copyOfRange(datagram, messageLength, messageLength + HMAC_LENGTH));
    }
}
