package io.dragon.engine.config;

import java.util.Collection;
import java.util.Locale;

/** What a mistyped word was probably meant to be. */
public final class Suggestion {
    private Suggestion() {}

    /**
     * The nearest known word as the end of a sentence.
     *
     * @param word  what was typed.
     * @param known what could have been meant.
     * @return {@code " (did you mean 'x'?)"}, or nothing when no known word is near.
     */
    public static String of(final String word, final Collection<String> known) {
        String best = null;
        int bestDistance = Math.max(1, Math.min(3, (word.length() + 1) / 3)) + 1;
        if (word.length() <= 64) {
            for (final String candidate : known) {
                final int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
                if (distance < bestDistance
                        || distance == bestDistance && best != null && candidate.compareTo(best) < 0) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return best == null ? "" : " (did you mean '" + best + "'?)";
    }

    /** Insertions, deletions, replacements and swaps of neighbours between two words. */
    private static int distance(final String a, final String b) {
        final int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                final int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
