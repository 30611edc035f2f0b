package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompilerTimeTest {
    @TempDir
    Path folder;

    private void thread(final int pid, final int number, final String name, final String account) throws IOException {
        final Path thread = Files.createDirectories(folder.resolve(pid + "/task/" + number));
        Files.writeString(thread.resolve("comm"), name + '\n');
        Files.writeString(thread.resolve("schedstat"), account + '\n');
    }

    @Test
    void shouldAddUpTheCompilersOfItsProcessesAndNobodyElse() throws IOException {
        thread(7, 70, "C1 CompilerThre", "100 5000 9");
        thread(7, 71, "C2 CompilerThre", "30 5000 9");
        thread(7, 72, "java", "9000 5000 9");
        thread(8, 80, "C2 CompilerThre", "2 5000 9");
        thread(9, 90, "C2 CompilerThre", "7000 5000 9");
        assertEquals(132, new CompilerTime(folder, 7, 8).ns());
    }

    @Test
    void shouldPassOverWhatHasEndedOrIsNotTold() throws IOException {
        thread(7, 70, "C2 CompilerThre", "");
        Files.createDirectories(folder.resolve("7/task/71"));
        thread(7, 72, "C1 CompilerThre", "4 0 1");
        assertEquals(4, new CompilerTime(folder, 7, 8).ns());
    }

    @Test
    void shouldFindThisProcesssOwnWhereLinuxKeepsAnAccount() {
        assumeTrue(Files.exists(Path.of("/proc/self/schedstat")));
        assertTrue(new CompilerTime(ProcessHandle.current().pid()).ns() > 0);
    }
}
