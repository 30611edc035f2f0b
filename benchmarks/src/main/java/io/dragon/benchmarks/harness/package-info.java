/** What every suite of {@code dragon bench} shares: rounds, schedules, recordings, reports, thresholds, processes of its own. */
package io.dragon.benchmarks.harness;
