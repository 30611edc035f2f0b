package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.process.DragonRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the processes, mounts and folders of a chaos run when the run itself is killed or stopped. */
@Tag("long")
final class ChaosProcessesTest {
    private static final long DEADLINE_S = 180;

    @TempDir
    Path folder;

    private DragonRun chaos;

    /** With a fault that needs namespaces, so that the run is a process inside another one where the machine allows it. */
    @BeforeEach
    void start() throws Exception {
        final String words = "chaos --only memory-full,worker-kill --repeat 100 --workers 2 --publishers 1";
        chaos = new DragonRun(folder, DEADLINE_S, words.split(" "));
        // three masters, driver, gpu-server, two workers, cameras
        assertTrue(chaos.awaitChildren("seen by").size() >= 8, chaos::said);
    }

    @AfterEach
    void endWhatIsLeft() {
        chaos.close();
    }

    private List<String> leftOvers() {
        return chaos.leftOvers(name -> name.startsWith("dragon-chaos-"));
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsKilled() throws Exception {
        chaos.process().destroyForcibly().waitFor();

        chaos.awaitEndOfChildren();
        assertFalse(Files.readString(Path.of("/proc/self/mounts")).contains(folder.toString()));
        chaos.await("the end of what it left", () -> {
            DeadSystems.sweep(chaos.shared(), chaos.temporary());
            return leftOvers().isEmpty();
        });
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsStopped() throws Exception {
        chaos.process().destroy();

        assertEquals(1, chaos.awaitEnd(), chaos::said);
        assertTrue(chaos.said().contains("The run was stopped."), chaos.said());
        chaos.awaitEndOfChildren();
        chaos.await("the end of what it left", () -> leftOvers().isEmpty());
    }
}
