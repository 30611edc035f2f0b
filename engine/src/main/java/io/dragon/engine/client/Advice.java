package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import java.util.Locale;
import java.util.Map;

/** What to do about what is wrong, in words that follow a colon. */
final class Advice {
    static final String ON_OVERLOAD =
            ": add workers (workers.cpu, or 'dragon gpu-server' on one more host); 'dragon status' shows whether all have work";

    private Advice() {}

    /** Why most tasks ended that did not complete, and what helps; empty when that is not known. */
    static String onFailures(final Map<Reason, Long> ends) {
        Reason most = null;
        for (final Map.Entry<Reason, Long> end : ends.entrySet()) {
            final boolean isFailure = end.getKey() != Reason.CANCELLED && end.getKey() != Reason.DEPENDENCY_FAILED;
            if (isFailure && (most == null || end.getValue() > ends.get(most))) {
                most = end.getKey();
            }
        }
        if (most == null) {
            return "";
        }
        final String name = most.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return ", " + ends.get(most) + " ended by '" + name + "': " + remedy(most);
    }

    private static String remedy(final Reason reason) {
        return switch (reason) {
            case OUT_OF_MEMORY -> "give more of the device's memory (gpu.memory_limit_percent), let tasks be cut smaller"
                    + " (retries.max_split), or ask for less at a time";
            case TIMED_OUT -> "raise retries.shortest_timeout, or look why workers take longer than they did";
            case DEADLINE_EXPIRED -> "give later deadlines, or more workers";
            case WORKER_LOST -> "look in the logs of the workers why they end";
            case INPUT_LOST -> "a host or a camera was lost with its frames";
            case INPUT_CORRUPT -> "look for a bad cable, card or memory on the way: 'dragon routes', 'dragon doctor --peer'";
            case INPUT_UNREACHABLE -> "look at the links between the hosts: 'dragon routes'";
            case NO_OUTPUT_SLOT -> "let clients take their results sooner, or make pools larger (pools.slots)";
            case UNKNOWN_TASK_TYPE -> "start workers with a handler for it (--handlers)";
            default -> "'dragon status --incidents --details' and the logs of the workers say more";
        };
    }
}
