/**
 * Frame pools and slots in shared memory: a frame is written once by its producer and read where it lies.
 *
 * <p>A producer makes a {@link io.dragon.engine.frame.FramePool}, claims a slot, fills it and publishes it; a
 * {@link io.dragon.engine.frame.FrameRef} of 24 bytes names the frame. Whoever gets the reference leases the frame with a
 * {@link io.dragon.engine.frame.FrameReader}; whoever wants every frame of a pool without scheduling uses a
 * {@link io.dragon.engine.frame.FrameSubscriber}. Dead owners are cleaned up after by a
 * {@link io.dragon.engine.frame.PoolJanitor}.
 */
package io.dragon.engine.frame;
