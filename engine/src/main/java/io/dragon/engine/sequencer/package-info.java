/**
 * The deterministic core: commands in, events out. No clock, no randomness, no I/O, no Aeron; the same commands at the same
 * cluster times give the same state, byte for byte, on every replica and in every replay.
 *
 * <p>Rules that are decided here and nowhere else:
 *
 * <ul>
 *   <li>A task is known until its result is acknowledged and every registered dependant is terminal; after that it is an
 *       unknown dependency. Submit dependants before acknowledging, or keep the outputs.
 *   <li>An assignment is one message: 40 inputs leave 143 bytes for parameters, 20 inputs 683. What does not fit fails with
 *       TOO_MANY_INPUTS when its dependencies are done.
 *   <li>An input that never came, or was lost, keeps its place as an absent one with a null reference.
 *   <li>Handler failures, timeouts, memory and output slots are tried again, elsewhere if there is an elsewhere; lost or bad
 *       input is not. A worker that overruns a timeout is suspect and gets nothing until it completes something, reports
 *       progress, or reports that it computes nothing.
 *   <li>A pair outside its skew takes no part in its step. A camera's frames come with rising step numbers. A step that is
 *       closed, or older than the newest closed one and never begun, takes no frame.
 *   <li>Silence and execution are measured in the time that the masters were up: one step adds at most a second, so that an
 *       outage of the masters kills nobody.
 *   <li>What was emitted and not acknowledged within 200 ms (doubling up to 6.4 s while nothing comes back) is emitted again
 *       behind a Resumed with correlation id 0, without being asked for.
 *   <li>Commands of one party within one millisecond share acknowledgements: the first is acknowledged at once, then every
 *       sixteenth, the rest when the millisecond is over.
 * </ul>
 */
package io.dragon.engine.sequencer;
