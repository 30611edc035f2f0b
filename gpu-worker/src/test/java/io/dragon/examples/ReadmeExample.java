package io.dragon.examples;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The example of the README, word for word. */
final class ReadmeExample {
    private ReadmeExample() {}

    static long brightness(final byte[] picture) {
        try (EmbeddedDragon dragon =
                        EmbeddedDragon.launch(new EmbeddedContext().workers(2).handler("brightness", task -> {
                            final DirectBuffer pixels = task.input(0).buffer();
                            long sum = 0;
                            for (int i = 0; i < pixels.capacity(); i++) {
                                sum += pixels.getByte(i) & 0xFF;
                            }
                            task.inlineResult().putLong(0, sum);
                            task.inlineResultLength(Long.BYTES);
                        }));
                DragonClient client = dragon.connect("example")) {
            final TaskHandle task = client.submit(TaskRequest.of("brightness").input(picture));
            try (TaskOutcome outcome = task.get(Duration.ofSeconds(5)).orThrow()) {
                return new UnsafeBuffer(outcome.inlineResult()).getLong(0);
            }
        }
    }
}
