/** Micro-benchmarks of what is not public in the transfer of frames. */
package io.dragon.engine.transfer;
