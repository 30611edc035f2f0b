package io.dragon.worker.device.health;

import java.util.Set;

/**
 * When a GPU is taken out of service, and when it comes back; the section {@code gpu.health} of a configuration.
 *
 * @param isEnabled          whether it is watched at all.
 * @param sampleNs           time between two looks, nanoseconds.
 * @param disableCelsius     at this temperature it gets no work; 3 degrees below the one at which it switches itself off, where that is lower.
 * @param enableCelsius      at or below this temperature it may have work again.
 * @param restoreAfterNs     for so long whatever was wrong must have been gone, nanoseconds.
 * @param restoreAfterEventNs the same, after an uncorrected memory error or a fatal error of the driver.
 * @param fatalXids          errors of the driver after which it gets no work.
 * @param warningXids        errors of the driver that are only told.
 */
public record HealthSettings(
        boolean isEnabled,
        long sampleNs,
        int disableCelsius,
        int enableCelsius,
        long restoreAfterNs,
        long restoreAfterEventNs,
        Set<Integer> fatalXids,
        Set<Integer> warningXids) {
    /** What holds without a configuration. */
    public static final HealthSettings DEFAULT = new HealthSettings(
            true,
            500_000_000L,
            90,
            80,
            10_000_000_000L,
            60_000_000_000L,
            Set.of(46, 48, 62, 64, 74, 79, 94, 95, 109, 119, 120, 140),
            Set.of(63, 92));

    /**
     * Checks the limits.
     *
     * @param isEnabled           whether it is watched at all.
     * @param sampleNs            time between two looks.
     * @param disableCelsius      at this temperature it gets no work.
     * @param enableCelsius       at or below this temperature it may have work again; lower than the other.
     * @param restoreAfterNs      for so long whatever was wrong must have been gone.
     * @param restoreAfterEventNs the same, after an event.
     * @param fatalXids           errors of the driver after which it gets no work.
     * @param warningXids         errors of the driver that are only told.
     */
    public HealthSettings {
        if (enableCelsius >= disableCelsius) {
            throw new IllegalArgumentException("a GPU that gets no work at " + disableCelsius
                    + " degrees gets it again at less than that, not at " + enableCelsius);
        }
        fatalXids = Set.copyOf(fatalXids);
        warningXids = Set.copyOf(warningXids);
    }
}
