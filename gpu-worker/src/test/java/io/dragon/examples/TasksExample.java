package io.dragon.examples;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Passport;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameLease;
import java.nio.file.Path;
import java.time.Duration;

/** The examples of docs/api.md about clients and tasks, word for word. */
final class TasksExample {
    private TasksExample() {}

    static DragonClient connect(final Path folder) {
        final DragonClient client = DragonClient.connect(new ClientContext()
                .directory(DragonDirectory.of(folder)) // dragon.dir of the servers; DragonDirectory.byDefault()
                .name("me") // 1 to 48 bytes, one program at a time
                .connectTimeout(Duration.ofSeconds(15)));
        return client;
    }

    static byte[] tasks(final DragonClient client, final byte[] bytes) {
        TaskHandle first =
                client.submit(TaskRequest.of("echo").input(bytes).priority(5).deadline(Duration.ofSeconds(20)));
        TaskHandle second =
                client.submit(TaskRequest.of("echo").dependsOn(first)); // gets the frames that first produced
        first.get(Duration.ofSeconds(20)).close(); // throws a DragonException when the time is over
        try (TaskOutcome outcome = second.get(Duration.ofSeconds(20)).orThrow()) {
            FrameLease frame = outcome.outputs().get(0); // in the worker's memory, not copied
            System.out.println(outcome.passport().durationNs(Passport.Stage.EXECUTE));
            byte[] copy = new byte[frame.buffer().capacity()];
            frame.buffer().getBytes(0, copy);
            return copy;
        }
    }

    /** What package io.dragon.engine.client shows. */
    static byte[] configured(final byte[] bytes) {
        DragonConfig config = DragonConfig.loader().load(); // as every command finds its own
        try (DragonClient client = DragonClient.connect(ClientContext.of(config).name("me"))) {
            TaskHandle task =
                    client.submit(TaskRequest.of("hash-my-way").input(bytes).deadline(Duration.ofMinutes(1)));
            try (TaskOutcome outcome = task.get(Duration.ofMinutes(1)).orThrow()) {
                return outcome.inlineResult();
            }
        }
    }
}
