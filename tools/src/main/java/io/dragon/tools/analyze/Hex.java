package io.dragon.tools.analyze;

import java.util.HexFormat;

/** Digests of four little-endian words as text. */
final class Hex {
    static final int LENGTH = 64;
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Hex() {}

    static String of(final FoundFile file) {
        final char[] text = new char[LENGTH];
        put(text, 0, file.d0);
        put(text, 16, file.d1);
        put(text, 32, file.d2);
        put(text, 48, file.d3);
        return new String(text);
    }

    static String of(final byte[] bytes, final int offset, final int length) {
        return HexFormat.of().formatHex(bytes, offset, offset + length);
    }

    private static void put(final char[] text, final int at, final long word) {
        for (int i = 0; i < Long.BYTES; i++) {
            final int value = (int) (word >>> 8 * i) & 0xFF;
            text[at + 2 * i] = DIGITS[value >>> 4];
            text[at + 2 * i + 1] = DIGITS[value & 15];
        }
    }
}
