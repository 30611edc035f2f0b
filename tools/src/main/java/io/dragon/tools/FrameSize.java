package io.dragon.tools;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Width and height as a user types them. */
final class FrameSize {
    private static final Pattern SIZE = Pattern.compile("(\\d{2,5})x(\\d{2,5})");
    private static final int LEAST = 16;
    private static final int MOST = 16_384;

    private FrameSize() {}

    /** Width and height of {@code 960x540}; null when it is none, or a side is out of range. */
    static int[] parse(final String text) {
        final Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        final int width = Integer.parseInt(matcher.group(1));
        final int height = Integer.parseInt(matcher.group(2));
        return width < LEAST || height < LEAST || width > MOST || height > MOST ? null : new int[] {width, height};
    }
}
