package io.dragon.engine.sequencer;

import java.util.Arrays;

/** What a worker told last about its device. */
final class DeviceTold {
    static final int FAILED = 3;

    /** Fields of a report that are numbers of 64 bits, in the order of the message: temperatureCelsius to eccUncorrected. */
    static final int FACTS = 8;

    static final int MOST_TEXT = 128;

    final long[] facts = new long[FACTS];
    final byte[] text = new byte[MOST_TEXT];
    int state;
    int textLength;

    /** Up time since when it is FAILED; 0 when it is not. */
    long sinceMs;

    DeviceTold() {
        Arrays.fill(facts, -1);
    }
}
