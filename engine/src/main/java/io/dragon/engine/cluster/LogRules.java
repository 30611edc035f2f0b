package io.dragon.engine.cluster;

import io.dragon.codecs.control.SettingsDecoder;
import org.agrona.DirectBuffer;

/** What of the masters' log is for the sequencer: one rule for the master that works and for the replay that explains it. */
public final class LogRules {
    /** The one timer, the sequencer's tick; its id is the same in every snapshot, so that arming it again replaces what a snapshot brought back. */
    public static final long TICK_CORRELATION_ID = 1;

    /** What a message of the log is. */
    public enum Kind {
        /** A command that came over a session. */
        COMMAND,
        /** Settings that the leader put there itself. */
        SETTINGS,
        /** Malformed, or settings that a session forged: the sequencer never sees it. */
        IGNORED
    }

    private LogRules() {}

    /**
     * Tells what a message of the log is.
     *
     * @param hasSession whether it came over a session that is open at this point of the log
     * @param buffer     holds the message, SBE header included
     * @param offset     of the header
     * @param length     bytes with the header
     * @return what to do with it
     */
    public static Kind kind(final boolean hasSession, final DirectBuffer buffer, final int offset, final int length) {
        if (!ControlMessages.isWellFormed(buffer, offset, length)) {
            return Kind.IGNORED;
        }
        final boolean isSettings = ControlMessages.templateId(buffer, offset) == SettingsDecoder.TEMPLATE_ID;
        if (isSettings == hasSession) {
            return Kind.IGNORED;
        }
        return isSettings ? Kind.SETTINGS : Kind.COMMAND;
    }
}
