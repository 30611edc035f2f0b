package io.dragon.worker;

import java.nio.charset.StandardCharsets;

/** Text for a place that has room for so many bytes. */
final class ShortText {
    private static final String MORE = "\u2026";
    private static final int MORE_BYTES = MORE.getBytes(StandardCharsets.UTF_8).length;

    private ShortText() {}

    /** What fits of a text, in UTF-8: all of it, or as many whole words as there is room for, and a sign that there were more. */
    static String cut(final String text, final int mostBytes) {
        if (text.getBytes(StandardCharsets.UTF_8).length <= mostBytes) {
            return text;
        }
        int bytes = MORE_BYTES;
        int end = 0;
        int wordEnd = 0;
        while (end < text.length()) {
            final int point = text.codePointAt(end);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (point == ' ') {
                wordEnd = end;
            }
            if (bytes > mostBytes) {
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, wordEnd > 0 ? wordEnd : end) + MORE;
    }
}
