/**
 * The deterministic core: commands in, events out. No clock, no randomness, no I/O, no Aeron; the same commands at the same
 * cluster times give the same state, byte for byte, on every replica and in every replay.
 */
package io.dragon.engine.sequencer;
