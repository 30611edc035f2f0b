package io.dragon.engine.sequencer;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;

/**
 * Records of the faults that were detected, numbered 1, 2, 3 ...; the newest are kept. What is the same as the newest record of
 * its subject is counted there, so that ten thousand failing tasks are one record; what comes in floods also when others came
 * between ({@link #fold}).
 */
final class Incidents {
    static final int MOST_TEXT = 128;
    static final long UNKNOWN_MS = -1;

    /** What comes in floods is one record while the same comes again within this time. */
    private static final long FOLD_MS = 60_000;

    /** Records of one kind and subject that are made of reports within that time. */
    static final int MOST_REPORTED = 8;

    private final Core core;
    private Incident[] ring;
    private long oldest = 1;
    private int restored;

    Incidents(final Core core) {
        this.core = core;
        ring = blank(core.config.get(Setting.INCIDENT_CAPACITY));
    }

    private static Incident[] blank(final int capacity) {
        final Incident[] records = new Incident[capacity];
        for (int i = 0; i < capacity; i++) {
            records[i] = new Incident();
        }
        return records;
    }

    long newest() {
        return core.counters[Counters.INCIDENTS];
    }

    long oldest() {
        return oldest;
    }

    /** The record of this number; null when it is not kept any more, or not written yet. */
    Incident get(final long number) {
        return number < oldest || number > newest() ? null : slot(number);
    }

    private Incident slot(final long number) {
        return ring[(int) (number % ring.length)];
    }

    /**
     * Writes a record.
     *
     * @param subject    null: the masters, or nobody
     * @param detectedMs from the fault to its detection; -1 unknown
     * @param moved      tasks given to others, or cameras given to other nodes
     * @param retried    tasks tried again that count as an attempt
     * @return its number, for {@link #add}
     */
    long record(
            final IncidentKind kind,
            final IncidentRule rule,
            final Party subject,
            final long detectedMs,
            final long moved,
            final long retried,
            final String text) {
        return record(kind.value(), rule.value(), subject, detectedMs, moved, retried, about(text), text);
    }

    /** A text as what a repetition is told by. */
    static long about(final String text) {
        return (long) text.hashCode() << 32 | text.length();
    }

    long record(
            final int kind,
            final int rule,
            final Party subject,
            final long detectedMs,
            final long moved,
            final long retried,
            final long about,
            final String text) {
        final long repeated = repeat(kind, rule, subject, about);
        if (repeated > 0) {
            add(repeated, moved, retried);
            return repeated;
        }
        final long number = core.increment(Counters.INCIDENTS);
        if (number - oldest >= ring.length) {
            oldest++;
        }
        final Incident record = slot(number);
        record.number = number;
        record.timeMs = core.nowMs();
        record.lastMs = record.timeMs;
        record.kind = kind;
        record.rule = rule;
        record.subjectKind = subject == null ? 0 : subject.kind;
        record.subjectId = subject == null ? 0 : subject.id;
        record.subjectIncarnation = subject == null ? 0 : subject.incarnation;
        record.about = about;
        record.detectedMs = detectedMs;
        record.moved = moved;
        record.retried = retried;
        record.repeated = 0;
        record.name = subject == null ? "" : subject.name;
        record.text = fitting(text);
        return number;
    }

    /**
     * Writes a record of what somebody reports, or of what reports lead to. A text that is another one each time must not drive out the records of all others: of
     * one kind and subject there are {@link #MOST_REPORTED} within the time that they fold in, what is more counts as the newest of them.
     */
    void reported(
            final int kind,
            final int rule,
            final Party subject,
            final long detectedMs,
            final long moved,
            final long about,
            final String text) {
        Incident newest = null;
        int count = 0;
        for (long number = newest(); number >= oldest; number--) {
            final Incident record = slot(number);
            if (record.kind == kind
                    && record.subjectKind == subject.kind
                    && record.subjectId == subject.id
                    && core.nowMs() - record.lastMs <= FOLD_MS) {
                newest = newest == null ? record : newest;
                count++;
            }
        }
        if (count < MOST_REPORTED) {
            record(kind, rule, subject, detectedMs, moved, 0, about, text);
        } else {
            newest.repeated++;
            newest.lastMs = core.nowMs();
            newest.moved += moved;
        }
    }

    /** Counts a repetition of the newest record of this subject; the record's number, or 0 when this is something else. */
    long repeat(final int kind, final int rule, final Party subject, final long about) {
        final Incident record = newestOf(subject);
        if (record == null || record.kind != kind || record.rule != rule || record.about != about) {
            return 0;
        }
        record.repeated++;
        record.lastMs = core.nowMs();
        return record.number;
    }

    /** Counts a repetition, also of an earlier record of this subject or an earlier incarnation of it, if that was not long ago. */
    long fold(final int kind, final int rule, final Party subject, final long about) {
        final long repeated = repeat(kind, rule, subject, about);
        if (repeated > 0) {
            return repeated;
        }
        final int kindOfSubject = subject == null ? 0 : subject.kind;
        final int id = subject == null ? 0 : subject.id;
        for (long number = newest(); number >= oldest; number--) {
            final Incident record = slot(number);
            if (record.kind == kind
                    && record.rule == rule
                    && record.about == about
                    && record.isOf(kindOfSubject, id, record.subjectIncarnation)
                    && core.nowMs() - record.lastMs <= FOLD_MS) {
                record.repeated++;
                record.lastMs = core.nowMs();
                return number;
            }
        }
        return 0;
    }

    Incident newestOf(final Party subject) {
        final int kind = subject == null ? 0 : subject.kind;
        final int id = subject == null ? 0 : subject.id;
        final int incarnation = subject == null ? 0 : subject.incarnation;
        for (long number = newest(); number >= oldest; number--) {
            final Incident record = slot(number);
            if (record.isOf(kind, id, incarnation)) {
                return record;
            }
        }
        return null;
    }

    /** A report of what is on record already, by somebody who knows when it happened; false when there is no such record. */
    boolean complete(final int kind, final int rule, final Party subject, final long detectedMs, final String text) {
        final Incident record = newestOf(subject);
        if (record == null
                || record.kind != kind
                || record.rule != rule
                || record.detectedMs != UNKNOWN_MS
                || detectedMs == UNKNOWN_MS) {
            return false;
        }
        record.detectedMs = detectedMs;
        if (!text.isEmpty()) {
            record.text = text;
        }
        return true;
    }

    /** What became of a record's tasks, once that is known. */
    void add(final long number, final long moved, final long retried) {
        final Incident record = get(number);
        if (record != null) {
            record.moved += moved;
            record.retried += retried;
        }
    }

    /** Other settings hold: as many of the newest as fit are kept. */
    void onSettings() {
        if (core.config.get(Setting.INCIDENT_CAPACITY) != ring.length) {
            final Incident[] next = blank(core.config.get(Setting.INCIDENT_CAPACITY));
            oldest = Math.max(oldest, newest() - next.length + 1);
            for (long number = oldest; number <= newest(); number++) {
                next[(int) (number % next.length)] = slot(number);
            }
            ring = next;
        }
    }

    /** A record of a snapshot is to be filled; they come in the order of their numbers, after the counters. */
    Incident restore(final long number) {
        if (restored == 0) {
            oldest = number;
        }
        if (number < 1 || number > newest() || number - oldest != restored++ || restored > ring.length) {
            throw new IndexOutOfBoundsException("incident " + number);
        }
        final Incident record = slot(number);
        record.number = number;
        return record;
    }

    /** Without control characters, and no longer than a record's text may be. */
    static String fitting(final String text) {
        final StringBuilder words = new StringBuilder();
        int length = 0;
        for (int i = 0; i < text.length(); ) {
            final int read = text.codePointAt(i);
            i += Character.charCount(read);
            final boolean isPrintable = !Character.isISOControl(read)
                    && Character.getType(read) != Character.FORMAT
                    && Character.getType(read) != Character.SURROGATE;
            final int point = isPrintable ? read : ' ';
            length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (length > MOST_TEXT) {
                break;
            }
            words.appendCodePoint(point);
        }
        return words.toString();
    }
}
