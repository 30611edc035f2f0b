/** Block hashing: BLAKE3 and the task type {@code hash}. */
package io.dragon.worker.hash;
