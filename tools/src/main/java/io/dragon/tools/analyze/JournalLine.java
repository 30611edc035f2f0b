package io.dragon.tools.analyze;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A line of a journal: text without a line feed, a space, and the CRC32C of the text as 8 hexadecimal digits. */
final class JournalLine {
    private static final int CHECK_LENGTH = 9;

    private JournalLine() {}

    /** The line with its line feed. */
    static byte[] bytes(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        final byte[] line = new byte[bytes.length + CHECK_LENGTH + 1];
        System.arraycopy(bytes, 0, line, 0, bytes.length);
        final String check = ' ' + HexFormat.of().toHexDigits((int) crc(bytes, bytes.length)) + '\n';
        System.arraycopy(check.getBytes(StandardCharsets.US_ASCII), 0, line, bytes.length, CHECK_LENGTH + 1);
        return line;
    }

    /** The text of a line without its line feed; null when it is damaged. */
    static String text(final byte[] line) {
        final int length = line.length - CHECK_LENGTH;
        if (length < 0) {
            return null;
        }
        final String check = ' ' + HexFormat.of().toHexDigits((int) crc(line, length));
        return check.equals(new String(line, length, CHECK_LENGTH, StandardCharsets.ISO_8859_1))
                ? new String(line, 0, length, StandardCharsets.UTF_8)
                : null;
    }

    private static long crc(final byte[] bytes, final int length) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }
}
