package io.dragon.tools.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.dragon.engine.frame.LivenessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a demo killed with -9 leaves, and what nobody may touch. */
final class DeadSystemsTest {
    @TempDir
    Path folder;

    @Test
    void shouldTakeAwayWhatTheDeadLeftAndNothingElse() throws Exception {
        final Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        final long own = ProcessHandle.current().pid();
        final List<String> kept = List.of(
                "dragon-u",
                "dragon-u-demo-" + own,
                "dragon-u-embedded-" + own + "-0",
                "dragon-u-demo-" + dead.pid() + "-mine",
                "dragon-us-demo-" + dead.pid(),
                "dragon-demo-1-2",
                "dragon-demo-3-4",
                "dragon-demo-notes",
                "dragon-master-8");
        for (final String name : kept) {
            Files.createDirectories(folder.resolve(name).resolve("pools"));
        }
        for (final String name : List.of(
                "dragon-u-demo-" + dead.pid(),
                "dragon-u-embedded-" + dead.pid() + "-0",
                "dragon-demo-" + dead.pid() + "-5")) {
            Files.createDirectories(folder.resolve(name).resolve("pools"));
            Files.write(folder.resolve(name).resolve("pools").resolve("a"), new byte[10]);
        }
        Files.createFile(folder.resolve("dragon-demo-" + dead.pid() + "-5").resolve(DeadSystems.LOCK));
        Files.createFile(
                Files.createDirectory(folder.resolve("dragon-master-7")).resolve("embedded.lock"));

        final Path lock = folder.resolve("dragon-demo-1-2").resolve(DeadSystems.LOCK);
        try (LivenessLock held = LivenessLock.acquire(lock)) {
            assertNotNull(held);
            DeadSystems.sweep(folder.resolve("dragon-u"), folder);
        }

        assertEquals(kept.stream().sorted().toList(), names());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
