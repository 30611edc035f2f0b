/**
 * The public API: submit tasks, publish frames, run camera jobs, look at the cluster.
 *
 * <p>{@link io.dragon.engine.client.DragonClient} owns one agent thread, which alone talks to the sequencer. Methods of the client,
 * of a task handle and of a job may be called from any thread except that one; a {@link io.dragon.engine.client.FramePublisher}
 * belongs to the one thread that uses it first.
 */
package io.dragon.engine.client;
