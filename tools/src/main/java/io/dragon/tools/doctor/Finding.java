package io.dragon.tools.doctor;

import java.util.Locale;

/**
 * What a check says: one line.
 *
 * @param check    its name.
 * @param level    how bad it is.
 * @param found    what there is.
 * @param expected what there should be; empty where nothing is asked for.
 * @param mend     the command or the words that mend it; empty where nothing is to be mended.
 */
public record Finding(String check, Level level, String found, String expected, String mend) {
    /** How bad something is, from good to bad. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Good to know; neither right nor wrong. */
        NOTE,
        /** Dragon starts, but something will be slow, fragile or missing. */
        WARNING,
        /** Dragon does not start, or does not do what the configuration asks for. */
        FAULT;

        /**
         * The level as reports spell it.
         *
         * @return lower case.
         */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(final String check, final String found) {
        return new Finding(check, Level.OK, found, "", "");
    }

    static Finding note(final String check, final String found) {
        return new Finding(check, Level.NOTE, found, "", "");
    }

    static Finding warning(final String check, final String found, final String expected, final String mend) {
        return new Finding(check, Level.WARNING, found, expected, mend);
    }

    static Finding fault(final String check, final String found, final String expected, final String mend) {
        return new Finding(check, Level.FAULT, found, expected, mend);
    }

    /**
     * The line for people, without the level and the name.
     *
     * @return what was found, what was expected, and what mends it.
     */
    public String text() {
        return found + (expected.isEmpty() ? "" : "; expected " + expected) + (mend.isEmpty() ? "" : "; mend: " + mend);
    }
}
