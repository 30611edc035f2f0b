package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OthersTimeTest {
    private static final long NS_A_TICK = 10_000_000;

    @TempDir
    Path folder;

    private void process(final int pid, final String name, final int user, final int kernel) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve(Integer.toString(pid))).resolve("stat"),
                pid + " (" + name + ") S 1 2 3 0 -1 4 5 6 7 8 " + user + ' ' + kernel + " 900 900 20 0 1 0 99\n");
    }

    @Test
    void shouldLeaveItsProcessesOutAndIdleTime() throws IOException {
        Files.writeString(
                folder.resolve("stat"),
                "cpu  1000 200 300 7777 888 40 5 66 1000 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nctxt 5\n");
        process(7, "java", 400, 100);
        process(8, "a (odd) 1 2 3 name", 30, 6);
        process(9, "other", 50, 50);
        assertEquals((1545 - 536) * NS_A_TICK, new OthersTime(folder, 7, 8).ns());
    }

    @Test
    void shouldSayNothingWhereNothingIsTold() throws IOException {
        assertEquals(0, new OthersTime(folder, 7).ns());
        Files.writeString(folder.resolve("stat"), "cpu  1000 200 300 7777 888 40 5 66 0 0\n");
        assertEquals(0, new OthersTime(folder, 7).ns(), "process 7 has ended");
    }

    @Test
    void shouldFindNoneWhoTakesLessThanNothing() {
        assumeTrue(Files.exists(Path.of("/proc/stat")));
        assertTrue(new OthersTime(ProcessHandle.current().pid()).ns() > 0);
    }
}
