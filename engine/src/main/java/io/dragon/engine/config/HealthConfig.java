package io.dragon.engine.config;

/**
 * The section {@code health}: where its states begin.
 *
 * @param degradedSuccessPercent    share of ended tasks that completed.
 * @param criticalSuccessPercent    share of ended tasks that completed.
 * @param degradedLatencyNs         mean time from submit to result, nanoseconds.
 * @param overloadedTasksPerWorker  tasks that could run, for each live worker.
 * @param degradedRefusedPercent    share of frames refused.
 * @param degradedRoundTripNs      round trip between two nodes, nanoseconds.
 */
public record HealthConfig(
        int degradedSuccessPercent,
        int criticalSuccessPercent,
        long degradedLatencyNs,
        int overloadedTasksPerWorker,
        int degradedRefusedPercent,
        long degradedRoundTripNs) {}
