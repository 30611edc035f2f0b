/** Whole systems of real processes: what a task costs, what a frame goes through, what a death costs, how it scales. */
package io.dragon.benchmarks.system;
