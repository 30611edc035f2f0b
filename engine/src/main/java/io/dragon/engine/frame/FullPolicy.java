package io.dragon.engine.frame;

/** What a full pool answers to a producer. No policy ever takes a frame that is held or being read. */
public enum FullPolicy {
    /** The claim is refused at once; counted as dropped. */
    BACK_PRESSURED(0),

    /** The claim waits; counted as dropped when its time is over. */
    WAIT(1),

    /** The oldest frame that no one holds or reads makes room; counted as dropped when no one ever read it. */
    OVERWRITE_OLDEST(2);

    private static final FullPolicy[] VALUES = values();

    private final int code;

    FullPolicy(final int code) {
        this.code = code;
    }

    /**
     * The code in the header of a pool.
     *
     * @return its number
     */
    public int code() {
        return code;
    }

    static FullPolicy of(final int code) {
        return code >= 0 && code < VALUES.length ? VALUES[code] : null;
    }
}
