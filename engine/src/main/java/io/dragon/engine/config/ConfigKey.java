package io.dragon.engine.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One row of the table of keys: everything that reading, showing and documenting a key needs. Immutable; the methods that
 * add something answer a changed copy.
 *
 * @param path        where the key is, {@code section.key}; {@code list[].key} for the keys of the entries of a list, and
 *                    {@code section.*} for a section whose names the user chooses.
 * @param type        what a value (of a list: each value) must be.
 * @param isList      true where the value is a list of such values.
 * @param scope       the file it belongs to.
 * @param defaultText the default as text; null where a value must be given, empty for an empty list or nothing.
 * @param byProfile   defaults that a profile changes, by its name.
 * @param minimum     the smallest number, size (bytes) or time (nanoseconds); of a list, the fewest values.
 * @param maximum     the largest; of a list of words, the most values.
 * @param choices     the words allowed where the type is a choice.
 * @param word        a word that is allowed in place of a size (read as 0) or a whole number (read as -1); null for none.
 * @param description one sentence for people.
 */
record ConfigKey(
        String path,
        KeyType type,
        boolean isList,
        Scope scope,
        String defaultText,
        Map<String, String> byProfile,
        long minimum,
        long maximum,
        List<String> choices,
        String word,
        String description) {

    /** The file a key belongs to. */
    enum Scope {
        CLIENT,
        SERVER,
        BOTH;

        boolean includes(final ConfigFile.Kind kind) {
            return this == BOTH || name().equals(kind.name());
        }
    }

    static ConfigKey of(
            final String path,
            final KeyType type,
            final Scope scope,
            final String defaultText,
            final String description) {
        return new ConfigKey(
                path,
                type,
                false,
                scope,
                defaultText,
                Map.of(),
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                List.of(),
                null,
                description);
    }

    ConfigKey list() {
        return new ConfigKey(
                path, type, true, scope, defaultText, byProfile, minimum, maximum, choices, word, description);
    }

    ConfigKey range(final long from, final long to) {
        return new ConfigKey(path, type, isList, scope, defaultText, byProfile, from, to, choices, word, description);
    }

    ConfigKey words(final String... allowed) {
        return new ConfigKey(
                path,
                type,
                isList,
                scope,
                defaultText,
                byProfile,
                minimum,
                maximum,
                List.of(allowed),
                word,
                description);
    }

    ConfigKey orWord(final String allowed) {
        return new ConfigKey(
                path, type, isList, scope, defaultText, byProfile, minimum, maximum, choices, allowed, description);
    }

    ConfigKey under(final String profile, final String text) {
        final Map<String, String> more = new LinkedHashMap<>(byProfile);
        more.put(profile, text);
        return new ConfigKey(
                path, type, isList, scope, defaultText, more, minimum, maximum, choices, word, description);
    }

    /** The section, empty for a key at the top. */
    String section() {
        final int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** True where a value must be given in the file. */
    boolean isRequired() {
        return defaultText == null;
    }

    /** The environment variable; null where a key cannot come from the environment. */
    String variable() {
        if (path.contains("[]") || path.contains("*")) {
            return null;
        }
        final String name = path.startsWith("dragon.") ? path : "dragon." + path;
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What a value must be, in words with its range. */
    String expected() {
        return switch (type) {
            case CHOICE -> choices.size() == 1 ? "'" + choices.get(0) + "'" : "one of " + String.join(", ", choices);
            case INTEGER -> (minimum == 0 && maximum == Long.MAX_VALUE
                            ? "a whole number of 0 or more"
                            : minimum == Long.MIN_VALUE
                                    ? "a whole number"
                                    : "a whole number from " + minimum + " to " + maximum)
                    + (word == null ? "" : " or " + word);
            case SIZE -> "a size from " + Quantity.sizeText(minimum) + " to " + Quantity.sizeText(maximum)
                    + (word == null ? "" : " or " + word);
            case TIME -> "a time from " + Quantity.timeText(minimum) + " to " + Quantity.timeText(maximum);
            default -> type.expected();
        };
    }
}
