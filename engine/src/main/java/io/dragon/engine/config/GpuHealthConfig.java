package io.dragon.engine.config;

import java.util.List;

/**
 * The section {@code gpu_health}: when a GPU gets no work, and when it gets work again.
 *
 * @param isEnabled           whether GPUs are watched.
 * @param sampleNs            time between two looks, nanoseconds.
 * @param disableCelsius      the temperature at which it gets no work.
 * @param enableCelsius       the temperature at or below which it may get work again.
 * @param restoreAfterNs      for so long whatever was wrong must have been gone, nanoseconds.
 * @param restoreAfterEventNs the same after an event, nanoseconds.
 * @param fatalXids           errors of the driver after which it gets no work.
 * @param warningXids         errors of the driver that are only told.
 */
public record GpuHealthConfig(
        boolean isEnabled,
        long sampleNs,
        int disableCelsius,
        int enableCelsius,
        long restoreAfterNs,
        long restoreAfterEventNs,
        List<Integer> fatalXids,
        List<Integer> warningXids) {}
