package io.dragon.worker.device;

/**
 * What the instruments of a device showed at one moment; -1 is unknown, wherever a number stands.
 *
 * @param sampledNs            when: {@link System#nanoTime}.
 * @param temperatureCelsius   of the chip.
 * @param utilisationPermille  share of the time in which a kernel ran.
 * @param memoryBytes          all of its memory.
 * @param memoryUsedBytes      what all programs together use of it.
 * @param powerMilliwatts      what it draws.
 * @param powerLimitMilliwatts what it may draw.
 * @param eccCorrected         memory errors that were corrected, since its driver was loaded.
 * @param eccUncorrected       memory errors that were not, since its driver was loaded.
 */
public record DeviceFigures(
        long sampledNs,
        long temperatureCelsius,
        long utilisationPermille,
        long memoryBytes,
        long memoryUsedBytes,
        long powerMilliwatts,
        long powerLimitMilliwatts,
        long eccCorrected,
        long eccUncorrected) {
    /** Nothing is measured. */
    public static final DeviceFigures NONE = new DeviceFigures(0, -1, -1, -1, -1, -1, -1, -1, -1);
}
