package io.dragon.engine.config;

/**
 * The section {@code pools}: frame pools of publishers.
 *
 * @param slots          frames a pool holds.
 * @param slotLength     bytes of the largest frame; 0 means that of the first.
 * @param metadataLength bytes of the caller's own data in each slot.
 * @param fullPolicy     {@code back-pressured}, {@code wait} or {@code overwrite-oldest}.
 * @param waitTimeoutNs  how long the policy {@code wait} waits, nanoseconds.
 */
public record PoolConfig(int slots, long slotLength, int metadataLength, String fullPolicy, long waitTimeoutNs) {}
