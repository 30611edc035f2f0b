package io.dragon.engine.config;

import java.util.regex.Pattern;

/** Host names and addresses as text; nothing is looked up. */
final class NetworkText {
    private static final Pattern LABELS = Pattern.compile(
            "(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]{2,39}");

    private NetworkText() {}

    static boolean isHost(final String text) {
        if (NUMBERS.matcher(text).matches()) {
            return isIpv4(text);
        }
        return text.length() <= 253 && LABELS.matcher(text).matches() || isIpv6(text);
    }

    static boolean isAddressRange(final String text) {
        final int slash = text.indexOf('/');
        final String address = slash < 0 ? text : text.substring(0, slash);
        final boolean v4 = isIpv4(address);
        return (v4 || isIpv6(address)) && (slash < 0 || isNumber(text.substring(slash + 1), 0, v4 ? 32 : 128));
    }

    static boolean isIpv4(final String text) {
        final String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (final String part : parts) {
            if (!isNumber(part, 0, 255)) {
                return false;
            }
        }
        return true;
    }

    /** Groups of at most four hexadecimal digits, eight of them or fewer around one double colon. */
    static boolean isIpv6(final String text) {
        if (!IPV6.matcher(text).matches() || text.contains(":::")) {
            return false;
        }
        final int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0 || text.startsWith(":") && gap != 0) {
            return false;
        }
        if (text.endsWith(":") && !text.endsWith("::")) {
            return false;
        }
        int groups = 0;
        for (final String group : text.split(":")) {
            if (group.length() > 4) {
                return false;
            }
            groups += group.isEmpty() ? 0 : 1;
        }
        return gap >= 0 ? groups < 8 : groups == 8;
    }

    private static boolean isNumber(final String text, final int minimum, final int maximum) {
        if (!text.matches("[0-9]{1,5}") || text.length() > 1 && text.charAt(0) == '0') {
            return false;
        }
        final int value = Integer.parseInt(text);
        return value >= minimum && value <= maximum;
    }
}
