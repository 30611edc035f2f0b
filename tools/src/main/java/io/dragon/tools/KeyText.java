package io.dragon.tools;

/** Words of somebody else's file inside a message of ours. */
final class KeyText {
    private static final int SHOWN = 40;

    private KeyText() {}

    /** The word without control characters and not too long. */
    static String plain(final String word) {
        final String visible = word.replaceAll("[^\\x20-\\x7e]", "?");
        return visible.length() > SHOWN ? visible.substring(0, SHOWN) + "..." : visible;
    }
}
