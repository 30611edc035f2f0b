package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** One entry of the simulated log: what every member applies, and what came of it where it was applied first. */
final class LogEntry {
    static final int COMMAND = 0;
    static final int TICK = 1;
    static final int SETTINGS = 2;
    static final int SESSION_CLOSED = 3;
    static final int SNAPSHOT = 4;

    private static final byte[] NOTHING = {};

    final int kind;
    final long sessionId;
    final byte[] bytes;
    final UnsafeBuffer buffer;
    final long timeMs;

    boolean isApplied;

    /** Of everything that left the sequencer: the same on every member. */
    long digest;

    final List<Event> out = new ArrayList<>(2);

    /** Of the state behind this entry, where some member has computed it. */
    long stateHash;

    boolean isHashed;
    List<byte[]> snapshot;

    LogEntry(final int kind, final long sessionId, final byte[] bytes, final long timeMs) {
        this.kind = kind;
        this.sessionId = sessionId;
        this.bytes = bytes == null ? NOTHING : bytes;
        this.timeMs = timeMs;
        buffer = new UnsafeBuffer(this.bytes);
    }

    int template() {
        return bytes.length < 4 ? 0 : (bytes[2] & 0xFF) | (bytes[3] & 0xFF) << 8;
    }

    @Override
    public String toString() {
        final String what =
                switch (kind) {
                    case TICK -> "tick";
                    case SETTINGS -> "settings";
                    case SESSION_CLOSED -> "session closed";
                    case SNAPSHOT -> "snapshot";
                    default -> Heard.describe(bytes);
                };
        return "at " + timeMs + " ms, session " + sessionId + ": " + what;
    }
}
