package io.dragon.engine.config;

import java.util.Locale;
import java.util.regex.Pattern;

/** The types a configuration value can have: what each accepts, in one place. */
enum KeyType {
    BOOLEAN("true or false") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (!quoted && (text.equals("true") || text.equals("false"))) {
                return text.equals("true");
            }
            throw refuse(text, key);
        }
    },
    INTEGER("a whole number") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (text.equals(key.word())) {
                return -1L;
            }
            if (quoted || !INTEGERS.matcher(text).matches()) {
                throw refuse(text, key);
            }
            final long value = Long.parseLong(text);
            if (value < key.minimum() || value > key.maximum()) {
                throw new IllegalArgumentException("is out of range: " + text + ", expected " + key.expected());
            }
            return value;
        }
    },
    SIZE("a size with its unit") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (text.equals(key.word())) {
                return 0L;
            }
            return inRange(key, text, quantity(() -> Quantity.bytes(text)));
        }
    },
    TIME("a time with its unit") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            return inRange(key, text, quantity(() -> Quantity.nanos(text)));
        }
    },
    CHOICE("one of a list of words") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (key.choices().contains(text)) {
                return text;
            }
            throw new IllegalArgumentException(
                    "is '" + shown(text) + "', expected " + key.expected() + Suggestion.of(text, key.choices()));
        }
    },
    TEXT("text") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (text.isBlank() || text.length() > 255 || text.chars().anyMatch(Character::isISOControl)) {
                throw refuse(text, key);
            }
            return text;
        }
    },
    PATH("a path") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (text.isBlank() || text.length() > 4_095 || text.chars().anyMatch(Character::isISOControl)) {
                throw refuse(text, key);
            }
            return text;
        }
    },
    HOST("a host name or an address") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (NetworkText.isHost(text)) {
                return text;
            }
            throw refuse(text, key);
        }
    },
    GPU("the number of a GPU from 0 to 63, or its UUID as nvidia-smi -L shows it") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (INTEGERS.matcher(text).matches()) {
                final Object number = INTEGER.parse(key, text, quoted);
                return number.toString();
            }
            if (text.startsWith("MIG-")) {
                throw new IllegalArgumentException("is '" + shown(text)
                        + "', a part of a GPU, which Dragon does not use, expected " + key.expected());
            }
            if (GPU_UUIDS.matcher(text).matches()) {
                return text.substring(0, 4) + text.substring(4).toLowerCase(Locale.ROOT);
            }
            throw refuse(text, key);
        }
    },
    ADDRESS_RANGE("an address or a range of addresses, as in 192.168.1.0/24") {
        @Override
        Object parse(final ConfigKey key, final String text, final boolean quoted) {
            if (NetworkText.isAddressRange(text)) {
                return text;
            }
            throw refuse(text, key);
        }
    };

    private static final Pattern INTEGERS = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern GPU_UUIDS = Pattern.compile("GPU-[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final int SHOWN = 60;

    private final String expected;

    KeyType(final String expected) {
        this.expected = expected;
    }

    /** What a value of this type looks like, in words. */
    String expected() {
        return expected;
    }

    /**
     * One scalar as a value: Boolean, Long (sizes in bytes, times in nanoseconds) or String.
     *
     * @throws IllegalArgumentException with the words that follow the key's name in a fault.
     */
    abstract Object parse(ConfigKey key, String text, boolean quoted);

    private static IllegalArgumentException refuse(final String text, final ConfigKey key) {
        return new IllegalArgumentException(
                text.isEmpty()
                        ? "is empty, expected " + key.expected()
                        : "is '" + shown(text) + "', expected " + key.expected());
    }

    private static Object inRange(final ConfigKey key, final String text, final long value) {
        if (value < key.minimum() || value > key.maximum()) {
            throw new IllegalArgumentException("is out of range: " + text + ", expected " + key.expected());
        }
        return value;
    }

    private static long quantity(final java.util.function.LongSupplier parse) {
        try {
            return parse.getAsLong();
        } catch (final IllegalArgumentException ex) {
            throw new IllegalArgumentException("is wrong: " + shown(ex.getMessage()));
        }
    }

    /** A value as far as a message shows it: no control characters, no endless line. */
    static String shown(final String text) {
        final StringBuilder visible = new StringBuilder();
        for (int i = 0; i < text.length() && visible.length() < 3 * SHOWN; i++) {
            final char c = text.charAt(i);
            visible.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return visible.length() > 2 * SHOWN ? visible.substring(0, SHOWN) + "…" : visible.toString();
    }
}
