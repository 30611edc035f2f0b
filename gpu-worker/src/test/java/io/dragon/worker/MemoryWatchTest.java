package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Free memory of a CPU is read from a file, 20 times a second: a task on its way must not wait for that. */
class MemoryWatchTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int LOOKS = 5;

    private static final class Watched extends WatchedProcessor {
        private final Queue<String> threads = new ConcurrentLinkedQueue<>();

        Watched() {
            super("watched");
        }

        @Override
        public long freeBytes() {
            threads.add(Thread.currentThread().getName());
            return super.freeBytes();
        }
    }

    @Test
    void shouldLookAtTheMemoryBesideTasksAndNeverBetweenThem() {
        final Watched device = new Watched();
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(new EmbeddedContext().workers(0))) {
            dragon.addWorker(device);
            final DragonClient client = dragon.connect("client");
            Tests.await(
                    () -> {
                        client.submit(TaskRequest.of(NoopHandler.TYPE))
                                .get(TIMEOUT)
                                .close();
                        return device.threads.size() >= LOOKS;
                    },
                    TIMEOUT,
                    () -> device.threads.size() + " looks");
            final List<String> between = new ArrayList<>(device.threads);
            between.removeIf(name -> !name.startsWith("dragon-compute-"));
            assertEquals(List.of(), between);
        }
    }
}
