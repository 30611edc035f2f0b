package io.dragon.worker.hash;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/** XXH3 of 128 bits by hash4j, which reads the blocks where they lie. */
final class Xxh3 extends SerialBlockHash {
    private static final Hasher128 HASHER = Hashing.xxh3_128();
    private static final Memory MEMORY = new Memory();

    @Override
    public void block(
            final int offset,
            final int length,
            final long chunkCounter,
            final boolean wholeFile,
            final int resultOffset) {
        source.boundsCheck(offset, length);
        results.boundsCheck(resultOffset, Blake3.RESULT_LENGTH);
        final HashValue128 value =
                HASHER.hashBytesTo128Bits(source.byteArray(), source.addressOffset() + offset, length, MEMORY);
        results.putLong(resultOffset, value.getMostSignificantBits(), ByteOrder.BIG_ENDIAN);
        results.putLong(resultOffset + Long.BYTES, value.getLeastSignificantBits(), ByteOrder.BIG_ENDIAN);
        final int own = HashAlgorithm.XXH3.length();
        results.setMemory(resultOffset + own, Blake3.RESULT_LENGTH - own, (byte) 0);
    }

    /** Bytes of an array, or of no object: then places are addresses. Whoever asks has checked the bounds of all. */
    private static final class Memory implements ByteAccess<byte[]> {
        @Override
        public byte getByte(final byte[] base, final long at) {
            return UnsafeApi.getByte(base, at);
        }

        @Override
        public int getInt(final byte[] base, final long at) {
            return UnsafeApi.getInt(base, at);
        }

        @Override
        public long getLong(final byte[] base, final long at) {
            return UnsafeApi.getLong(base, at);
        }

        @Override
        public int getByteAsUnsignedInt(final byte[] base, final long at) {
            return UnsafeApi.getByte(base, at) & 0xFF;
        }

        @Override
        public long getByteAsUnsignedLong(final byte[] base, final long at) {
            return UnsafeApi.getByte(base, at) & 0xFFL;
        }

        @Override
        public long getIntAsUnsignedLong(final byte[] base, final long at) {
            return UnsafeApi.getInt(base, at) & 0xFFFF_FFFFL;
        }
    }
}
