package io.dragon.worker.hash;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of blocks by the JDK, which uses the processor's instructions for it. No allocation after construction. */
final class Sha256 extends SerialBlockHash {
    private static final int PART = 1 << 14;

    private final MessageDigest digest;
    private final byte[] part = new byte[PART]; // the JDK reads arrays only, and copies by itself from anything else
    private final byte[] value = new byte[HashAlgorithm.SHA256.length()];

    Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException ex) {
            throw new IllegalStateException("every Java has SHA-256", ex);
        }
    }

    @Override
    public void block(
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile,
            final int resultOffset) {
        source.boundsCheck(offset, length);
        results.boundsCheck(resultOffset, Blake3.RESULT_LENGTH);
        for (int done = 0, bytes; done < length; done += bytes) {
            bytes = Math.min(PART, length - done);
            source.getBytes(offset + done, part, 0, bytes);
            digest.update(part, 0, bytes);
        }
        try {
            digest.digest(value, 0, value.length);
        } catch (final DigestException ex) {
            throw new IllegalStateException("a digest of SHA-256 has " + value.length + " bytes", ex);
        }
        results.putBytes(resultOffset, value);
        results.setMemory(resultOffset + value.length, Blake3.RESULT_LENGTH - value.length, (byte) 0);
    }
}
