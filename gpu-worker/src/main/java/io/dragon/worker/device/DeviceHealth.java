package io.dragon.worker.device;

/**
 * State of a device at one moment.
 *
 * @param state whether it takes work.
 * @param text  one sentence that says why it is not well, why nobody can tell, or what else is to be known of it; empty when there is nothing to say.
 */
public record DeviceHealth(State state, String text) {
    /** The health of a device without any fault. */
    public static final DeviceHealth OK = new DeviceHealth(State.OK, "");

    /** Whether a device takes work. */
    public enum State {
        /** Nobody can tell; it takes work. */
        UNKNOWN,
        /** It works. */
        OK,
        /** It works, more slowly or with errors that were corrected. */
        DEGRADED,
        /** It must not be given work. */
        FAILED
    }
}
