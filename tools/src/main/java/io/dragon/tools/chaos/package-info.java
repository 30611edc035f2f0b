/** Chaos: a cluster of real processes, the faults that befall it one after another, and the account of every task and frame it took. */
package io.dragon.tools.chaos;
