/** The check of a GPU: every kernel against its reference on the processor, and its speed against what the bus can carry. */
package io.dragon.worker.check;
