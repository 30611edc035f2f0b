package io.dragon.worker.device.health;

import java.util.List;

/**
 * What the instruments of a GPU showed at one moment; -1 is unknown, wherever a number stands.
 *
 * @param unknown              why nothing at all could be read, in words; empty when something could.
 * @param access               whether the GPU can be reached.
 * @param temperatureCelsius   of the chip.
 * @param shutdownCelsius      at which the GPU switches itself off.
 * @param utilisationPercent   share of the time in which a kernel ran.
 * @param memoryBytes          all of its memory.
 * @param memoryUsedBytes      what all programs together use of it, the driver included.
 * @param powerMilliwatts      what it draws.
 * @param powerLimitMilliwatts what it may draw.
 * @param eccCorrected         memory errors that were corrected, since the driver was loaded.
 * @param eccUncorrected       memory errors that were not, since the driver was loaded.
 * @param throttleBits         why its clocks are lower than they could be, as of {@link Throttle}.
 * @param rowsPending          1 when a row of its memory is to be replaced by a spare one at the next reset, otherwise 0.
 * @param rowsFailed           1 when that failed once, for want of spare rows, otherwise 0.
 * @param pagesPending         1 when a page of its memory is to be retired at the next start of the driver, otherwise 0.
 * @param xids                 numbers of the driver's critical errors since the last sample, in their order.
 */
public record GpuSample(
        String unknown,
        Access access,
        int temperatureCelsius,
        int shutdownCelsius,
        int utilisationPercent,
        long memoryBytes,
        long memoryUsedBytes,
        long powerMilliwatts,
        long powerLimitMilliwatts,
        long eccCorrected,
        long eccUncorrected,
        long throttleBits,
        int rowsPending,
        int rowsFailed,
        int pagesPending,
        List<Integer> xids) {
    /** Whether a GPU can be reached. */
    public enum Access {
        /** It answers. */
        REACHED,
        /** It has fallen off the bus, or cannot be reached for another reason. */
        LOST,
        /** It has to be reset before it works again. */
        NEEDS_RESET
    }

    /**
     * Nothing could be read.
     *
     * @param why in words, without a full stop.
     * @return the sample.
     */
    public static GpuSample unknown(final String why) {
        return new Reading().unknown(why).sample();
    }

    /** A sample in the making: everything is unknown until it is set. */
    static final class Reading {
        String unknown = "";
        Access access = Access.REACHED;
        int temperatureCelsius = -1;
        int shutdownCelsius = -1;
        int utilisationPercent = -1;
        long memoryBytes = -1;
        long memoryUsedBytes = -1;
        long powerMilliwatts = -1;
        long powerLimitMilliwatts = -1;
        long eccCorrected = -1;
        long eccUncorrected = -1;
        long throttleBits = -1;
        int rowsPending = -1;
        int rowsFailed = -1;
        int pagesPending = -1;
        List<Integer> xids = List.of();

        Reading unknown(final String why) {
            unknown = why;
            return this;
        }

        GpuSample sample() {
            return new GpuSample(
                    unknown,
                    access,
                    temperatureCelsius,
                    shutdownCelsius,
                    utilisationPercent,
                    memoryBytes,
                    memoryUsedBytes,
                    powerMilliwatts,
                    powerLimitMilliwatts,
                    eccCorrected,
                    eccUncorrected,
                    throttleBits,
                    rowsPending,
                    rowsFailed,
                    pagesPending,
                    List.copyOf(xids));
        }
    }
}
