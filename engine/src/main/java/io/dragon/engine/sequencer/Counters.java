package io.dragon.engine.sequencer;

/** Indices into the one array of counters and clocks, all of it state. */
final class Counters {
    static final int COMMANDS = 0;
    static final int SUBMITTED = 1;
    static final int COMPLETED = 2;
    static final int FAILED = 3;
    static final int CANCELLED = 4;
    static final int EXPIRED = 5;
    static final int RETRIED = 6;
    static final int REASSIGNED = 7;
    static final int ABANDONED = 8;
    static final int IGNORED = 9;
    static final int WAITING = 10;
    static final int READY = 11;
    static final int ASSIGNED = 12;
    static final int MEAN_EXECUTION_NS = 13;
    static final int FRAMES_ACCEPTED = 14;
    static final int FRAMES_REFUSED = 15;
    static final int BYTES_ACCEPTED = 16;
    static final int REFUSALS = 17;
    static final int FENCED = 18;
    static final int RESUMES = 19;
    static final int MALFORMED = 20;
    static final int PAIRS_SKEWED = 21;
    static final int LAST_PARTY_ID = 22;
    static final int TURN = 23;
    static final int STAMP = 24;
    static final int AGE = 25;
    static final int PLACE = 26;
    static final int NOW_MS = 27;
    static final int UP_MS = 28;
    static final int LAG_RESUMES = 29;
    static final int INCIDENTS = 30;
    static final int GAP_MS = 31;
    static final int GAP_END_MS = 32;
    static final int OVERLOADED_MS = 33;
    static final int TERMS = 34;
    static final int SUPERVISED = 35;
    static final int SPLIT = 36;

    /** One for each {@link io.dragon.codecs.control.Reason} by its value: tasks that ended other than completed. */
    static final int ENDS = 37;

    static final int REASONS = 64;
    static final int REBALANCE_MS = ENDS + REASONS;

    /** {@link Routes}: grows with every change of a node, an address or a way; whether, and when they were computed. */
    static final int ROUTES_VERSION = REBALANCE_MS + 1;

    static final int ROUTES_DIRTY = ROUTES_VERSION + 1;
    static final int ROUTES_MS = ROUTES_DIRTY + 1;

    /** Up time when a client had them computed last; 0 never. */
    static final int ROUTES_ASKED_MS = ROUTES_MS + 1;

    /** {@link RecentEnds}: for each minute of its window, which it is, tasks completed, and tasks failed or expired. */
    static final int RECENT = ROUTES_ASKED_MS + 1;

    static final int COUNT = RECENT + RecentEnds.MINUTES * RecentEnds.FIELDS;

    private Counters() {}
}
