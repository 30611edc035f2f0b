/** A frame from one process to another and back, beside what else carries it. */
package io.dragon.benchmarks.handoff;
