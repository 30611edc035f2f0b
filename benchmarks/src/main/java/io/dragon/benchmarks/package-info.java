/**
 * The suites of {@link io.dragon.benchmarks.Bench}, each beside a baseline that is measured in the same run: what counts is the ratio.
 * {@link io.dragon.benchmarks.HotPaths} are the micro-benchmarks among them.
 */
package io.dragon.benchmarks;
