package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskRequest;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.DragonRun;
import io.dragon.worker.EmbeddedContext;
import io.dragon.worker.EmbeddedDragon;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dragon top} beside a cluster that works, and one whose master is killed. */
final class TopCommandTest {
    private static final long DEADLINE_S = 40;

    @TempDir
    Path folder;

    private Path shared() {
        return folder.resolve("shared");
    }

    private String[] top(final String... more) {
        final List<String> words = new ArrayList<>(List.of("top", "--dir", shared().toString()));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    @Test
    void shouldShowTheRatesOfOneInterval() throws InterruptedException {
        final AtomicBoolean isEnough = new AtomicBoolean();
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(
                        new EmbeddedContext().directory(shared()).workers(1).handler("nothing", task -> {}));
                DragonClient client = dragon.connect("load")) {
            final Thread load = new Thread(() -> {
                while (!isEnough.get()) {
                    client.submit(TaskRequest.of("nothing"))
                            .get(Duration.ofSeconds(DEADLINE_S))
                            .orThrow()
                            .close();
                }
            });
            load.start();
            try {
                final CommandRun run = CommandRun.of(top("--once", "--interval", "2s"));
                assertEquals(0, run.code(), run.err());
                assertTrue(run.out().contains("health: "), run.out());
                assertTrue(run.out().contains("masters: 0 leads in term "), run.out());
                assertTrue(
                        run.out().matches("(?s).*\\Rtasks: [1-9]\\d*\\.\\d/s completed, 0\\.0/s failed; .*"),
                        run.out());
                assertFalse(run.out().contains("\u001b"));
                final JsonNode rates = JsonOutput.parse(CommandRun.of(top("--once", "--interval", "2s", "--json"))
                                .out())
                        .get("rates");
                assertTrue(rates.get("seconds").asDouble() >= 2, rates.toString());
                assertTrue(rates.get("tasksPerSecond").asDouble() > 0, rates.toString());
                assertTrue(rates.get("workers").get(0).get("tasksPerSecond").asDouble() > 0, rates.toString());
            } finally {
                isEnough.set(true);
                load.join();
            }
        }
    }

    @Test
    void shouldPrintBlocksIntoAPipeUntilItIsStopped() throws Exception {
        try (EmbeddedDragon dragon = EmbeddedDragon.launch(
                        new EmbeddedContext().directory(shared()).workers(1));
                DragonRun run = new DragonRun(folder, DEADLINE_S, top("--interval", "100ms"))) {
            run.await("two blocks", () -> run.said().split("dragon top  ", -1).length > 3);
            run.process().destroy();
            assertEquals(0, run.awaitEnd(), dragon + run.said());
            assertFalse(run.said().contains("\u001b"), run.said());
            assertTrue(run.said().contains("/s completed"), run.said());
        }
    }

    @Test
    void shouldSayThatAMasterIsLostAndGoOnWithTheNext() throws Exception {
        assumeTrue(PseudoTerminal.isThere(), "script(1) makes the terminal");
        try (ChildProcess first = master("first");
                PseudoTerminal terminal = top();
                DragonRun pipe = new DragonRun(folder, DEADLINE_S, top("--interval", "200ms"))) {
            terminal.await("the master", () -> shows(terminal, "health: ", "masters: 0 leads in term 0"));
            assertTrue(terminal.picture().get(0).endsWith(", every 200 ms, q ends it"), terminal.shown());
            pipe.await("a block", () -> pipe.said().contains("/s completed"));
            first.kill();
            terminal.await(
                    "its loss",
                    () -> shows(
                            terminal, "health: critical", "  no master answers for ", "masters: 0 leads in term 0"));
            pipe.await("its loss in the pipe, too", () -> pipe.said().contains("  no master answers for "));
            try (ChildProcess second = master("second")) {
                terminal.await(
                        "the next " + second.name(),
                        () -> shows(terminal, "masters: 0 leads in term 1", "tasks: 0.0/s"));
                terminal.press("q");
                assertEquals(0, terminal.awaitRestored());
            }
        }
    }

    private PseudoTerminal top() throws Exception {
        final CommandRun[] status = new CommandRun[1];
        final long startNs = System.nanoTime();
        do {
            status[0] = CommandRun.of("status", "--dir", shared().toString());
            assertTrue(System.nanoTime() - startNs < DEADLINE_S * 1_000_000_000L, () -> status[0].err());
        } while (status[0].code() != 0);
        return new PseudoTerminal(folder, DragonMain.class, top("--interval", "200ms"));
    }

    private static boolean shows(final PseudoTerminal terminal, final String... starts) {
        final List<String> picture = terminal.picture();
        for (final String start : starts) {
            if (picture.stream().noneMatch(line -> line.startsWith(start))) {
                return false;
            }
        }
        return true;
    }

    private ChildProcess master(final String name) {
        return ChildProcess.start(
                name,
                folder,
                Map.of(),
                "256m",
                List.of(
                        "master",
                        "--dir",
                        shared().toString(),
                        "--data",
                        folder.resolve("data").toString()));
    }

    @Test
    void shouldEndWhereNothingRuns() {
        final CommandRun run = CommandRun.of(top("--once"));
        assertEquals(1, run.code());
        assertTrue(run.err().startsWith("No media driver runs in "), run.err());
        assertEquals(2, CommandRun.of(top("--sort", "colour")).code());
        assertEquals(2, CommandRun.of(top("--interval", "1ms")).code());
    }
}
