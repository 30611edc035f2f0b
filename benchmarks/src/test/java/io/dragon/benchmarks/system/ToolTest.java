package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.SuiteRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ToolTest {
    @TempDir
    Path temporary;

    @Test
    void runsAProgramToItsEnd() throws Exception {
        final Tool.Result result = Tool.run(temporary, 30, List.of("sh", "-c", "echo yes; exit 3"));
        assertEquals("yes\n", result.out());
        assertEquals(3, result.code());
        assertTrue(Tool.isThere("sh"));
        assertFalse(Tool.isThere("no-such-program"));
    }

    @Test
    void oneThatFailsOrStaysIsToldInItsOwnWords() {
        final List<String> failing = List.of("sh", "-c", "echo no room >&2; exit 1");
        final Exception failed = assertThrows(IllegalStateException.class, () -> Tool.run(temporary, 30, failing));
        assertTrue(failed.getMessage().endsWith("exit code 1: no room"), failed.getMessage());
        assertThrows(IllegalStateException.class, () -> Tool.run(temporary, 0.1, List.of("sleep", "60")));
    }

    @Test
    void withoutTheScriptThereAreNoCommands() {
        final SuiteRun run = new SuiteRun(new SuiteRun.Settings(0, 0, 0, null), text -> {});
        final Exception failed =
                assertThrows(IllegalStateException.class, () -> Tool.dragon(run, temporary, 1, "demo"));
        assertTrue(failed.getMessage().contains("dragon bench"), failed.getMessage());
    }
}
