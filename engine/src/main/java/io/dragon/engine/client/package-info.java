/**
 * The public API: submit tasks, publish frames, run camera jobs, look at the cluster.
 *
 * <p>A task is submitted, its result awaited, and both the result and the client are closed:
 *
 * <pre>{@code
 * DragonConfig config = DragonConfig.loader().load(); // as every command finds its own
 * try (DragonClient client = DragonClient.connect(ClientContext.of(config).name("me"))) {
 *     TaskHandle task = client.submit(TaskRequest.of("hash-my-way").input(bytes).deadline(Duration.ofMinutes(1)));
 *     try (TaskOutcome outcome = task.get(Duration.ofMinutes(1)).orThrow()) {
 *         return outcome.inlineResult();
 *     }
 * }
 * }</pre>
 *
 * <p>{@link io.dragon.engine.client.DragonClient} owns one agent thread, which hears what the sequencer says and calls listeners. Methods of the client,
 * of a task handle and of a job may be called from any thread except that one; a {@link io.dragon.engine.client.FramePublisher}
 * belongs to the one thread that uses it first.
 */
package io.dragon.engine.client;
