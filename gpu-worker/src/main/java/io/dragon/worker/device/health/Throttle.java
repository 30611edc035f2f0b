package io.dragon.worker.device.health;

import java.util.ArrayList;
import java.util.List;

/**
 * Why the clocks of a GPU are lower than they could be. The bits are {@code nvmlClocksThrottleReason...} of nvml.h, since driver 535 also
 * called {@code nvmlClocksEventReason...} (docs.nvidia.com/deploy/nvml-api, "NvmlClocksEventReasons"). Only those that mean that the GPU
 * protects itself count as a fault; idling and the limits that somebody set do not.
 */
enum Throttle {
    GPU_IDLE(0x1, false, "it idles"),
    APPLICATION_CLOCKS(0x2, false, "its clocks were set"),
    SOFTWARE_POWER_CAP(0x4, false, "it draws as much power as it may"),
    HARDWARE_SLOWDOWN(0x8, true, "half clocks or less"),
    SYNC_BOOST(0x10, false, "it keeps in step with other GPUs"),
    SOFTWARE_THERMAL(0x20, true, "lower clocks by its driver (temperature)"),
    HARDWARE_THERMAL(0x40, true, "half clocks or less (temperature)"),
    POWER_BRAKE(0x80, true, "half clocks or less (power supply)"),
    DISPLAY_CLOCKS(0x100, false, "a display sets its clocks");

    final long bit;
    final boolean isFault;
    final String words;

    Throttle(final long bit, final boolean isFault, final String words) {
        this.bit = bit;
        this.isFault = isFault;
        this.words = words;
    }

    /** The faults among some bits; the general one only where no other says more. */
    static List<String> faults(final long bits) {
        final List<String> faults = new ArrayList<>();
        if (bits > 0) {
            for (final Throttle reason : values()) {
                if (reason.isFault && reason != HARDWARE_SLOWDOWN && (bits & reason.bit) != 0) {
                    faults.add(reason.words);
                }
            }
            if (faults.isEmpty() && (bits & HARDWARE_SLOWDOWN.bit) != 0) {
                faults.add(HARDWARE_SLOWDOWN.words);
            }
        }
        return faults;
    }
}
