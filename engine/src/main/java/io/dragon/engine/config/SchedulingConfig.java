package io.dragon.engine.config;

import java.util.Map;

/**
 * Who gets a task, and what becomes of one that fails: the sections {@code strategies}, {@code retries}, {@code balance} and
 * {@code drain}.
 *
 * @param strategies        names of strategies by names of task types, and {@code default} for all others.
 * @param maximumRetries    how often a failed task is tried again, 0 to 15.
 * @param shortestTimeoutMs the least time that an attempt of a task has, milliseconds.
 * @param maximumSplit      into how many pieces a task is cut at most for want of device memory, 1 to 65,535.
 * @param scoredThreshold   the score in thousandths below which strategy scored gives a worker nothing; 0: none is below.
 * @param recentErrorMs     for how long an error halves the score of strategy scored, milliseconds.
 * @param spillPercent      from how much use of the local workers on strategy prefer-local takes remote ones too, percent.
 * @param drainFailures     after how many failures in a row a worker is drained, 1 to 10,000.
 * @param drainWaitMs       how long until the first probe of a drained worker, milliseconds.
 * @param drainSuccesses    after how many successes in a row a drained worker is as good as any, 1 to 10,000.
 */
public record SchedulingConfig(
        Map<String, String> strategies,
        int maximumRetries,
        long shortestTimeoutMs,
        int maximumSplit,
        int scoredThreshold,
        long recentErrorMs,
        int spillPercent,
        int drainFailures,
        long drainWaitMs,
        int drainSuccesses) {}
