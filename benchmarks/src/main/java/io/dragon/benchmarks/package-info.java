/**
 * Micro-benchmarks, each beside a baseline that is measured in the same run: what counts is the ratio.
 * {@link io.dragon.benchmarks.Micro} runs them.
 */
package io.dragon.benchmarks;
