package io.dragon.engine.client;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import java.util.Locale;

/**
 * The masters' record of a fault that was detected, or of its end. Records are numbered 1, 2, 3 ...; the newest are kept.
 *
 * @param number         its number.
 * @param timeMillis     when it was seen: milliseconds since 1970 by the clock of the master that led then.
 * @param lastMillis     when it was seen last, of the same clock; {@code timeMillis} when it was not repeated.
 * @param kind           what went wrong, or right again; null for a kind that this program does not know.
 * @param rule           by which rule it was seen; null for a rule that this program does not know.
 * @param subjectKind    what it is about; null for the masters as a whole.
 * @param subjectId      party id of that; 0 for the masters as a whole.
 * @param subject        name of that; empty for the masters as a whole.
 * @param detectedMillis milliseconds from the fault to its detection, at most; -1 unknown.
 * @param moved          tasks given to other workers, or cameras given to other nodes.
 * @param retried        tasks tried again that count as an attempt.
 * @param repeated       how often the same came again while this was the newest record of its subject.
 * @param text           more about it, in words.
 */
public record Incident(
        long number,
        long timeMillis,
        long lastMillis,
        IncidentKind kind,
        IncidentRule rule,
        PartyKind subjectKind,
        int subjectId,
        String subject,
        long detectedMillis,
        long moved,
        long retried,
        long repeated,
        String text) {

    /**
     * What happened, to whom.
     *
     * @return a few words, {@code worker w1 died}.
     */
    public String what() {
        final String who = who();
        if (kind == null) {
            return "something happened to " + who;
        }
        final boolean isOfNode = subjectKind == PartyKind.NODE;
        return switch (kind) {
            case PARTY_DIED -> (isOfNode ? "the gpu-server of " + who : who) + " died";
            case PARTY_SILENT -> who + " fell silent";
            case PARTY_REPLACED -> who + " was replaced";
            case WORKER_HUNG -> who + " hangs";
            case WORKER_WOKE -> who + " moves again";
            case WORKER_KILLED -> who + " was killed";
            case WORKER_DRAINED -> who + " was drained";
            case WORKER_RESTORED -> who + " was restored";
            case WORKER_RESTARTED -> (isOfNode ? "a worker of " + who : who) + " was restarted";
            case WORKER_GIVEN_UP -> (isOfNode ? "a worker of " + who : who) + " was given up";
            case LEADER_CHANGED -> "the leader changed";
            case MASTERS_AWAY -> "the masters were away";
            case NODE_LOST -> who + " is lost";
            case NODE_RETURNED, MEMBER_REJOINED -> who + " is back";
            case OUT_OF_MEMORY -> who + " is short of memory";
            case TASK_FAILED -> "a task of " + who + " failed";
            case INPUT_LOST -> "a task of " + who + " lost its input";
            case POOL_ORPHANED -> "a pool of " + who + " has no owner";
            case DRIVER_LOST -> who + " lost its media driver";
            case DRIVER_RETURNED -> who + " has its media driver back";
            case CLIENT_ABANDONED -> who + " was given up";
            case OVERLOADED -> subjectKind == null ? "the masters are overloaded" : who + " takes no events";
            case DEVICE_UNFIT -> "a device of " + who + " is unfit";
            case LINK_CHANGED -> "a link of " + who + " changed";
            case ROUTE_CHANGED -> "frames to " + who + " take another way";
            case FRAME_CORRUPT -> "a frame came damaged to " + who;
            case INTRUDER -> "packets of a stranger came to " + who;
            case NULL_VAL -> "something happened to " + who;
        };
    }

    private String who() {
        return subjectKind == null ? "the masters" : word(subjectKind) + ' ' + subject;
    }

    /**
     * By which rule it was seen.
     *
     * @return a few words, {@code lock is free}.
     */
    public String how() {
        if (rule == null) {
            return "a rule of later masters";
        }
        return switch (rule) {
            case HANG_KILL_AFTER -> "hung for too long";
            case HANDLER_REPORT -> "report of a handler";
            case RETRIES_USED -> "retries used up";
            case FRAME_GONE -> "frame is gone";
            case TABLE_FULL -> "table is full";
            default -> word(rule);
        };
    }

    private static String word(final Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
