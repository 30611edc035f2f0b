package io.dragon.worker;

import io.dragon.codecs.control.Reason;
import java.util.Objects;

/** A task's failure with the reason that its submitter sees. */
public final class TaskFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    private final Reason reason;

    /**
     * A failure.
     *
     * @param reason  why, for programs; not {@link Reason#NONE}.
     * @param message why, in one plain sentence for people; cut at 256 bytes.
     */
    public TaskFailedException(final Reason reason, final String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        if (reason == Reason.NONE) {
            throw new IllegalArgumentException("NONE means success and is no reason for a failure");
        }
    }

    /**
     * Why, for programs.
     *
     * @return the reason.
     */
    public Reason reason() {
        return reason;
    }
}
