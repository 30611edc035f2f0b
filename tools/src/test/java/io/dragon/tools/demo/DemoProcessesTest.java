package io.dragon.tools.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.process.DeadSystems;
import io.dragon.tools.process.DragonRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a demo's processes and folders when the demo itself is stopped or killed. */
final class DemoProcessesTest {
    private static final long DEADLINE_S = 60;

    @TempDir
    Path folder;

    private DragonRun demo;
    private List<ProcessHandle> children;

    @BeforeEach
    void start() throws Exception {
        final String words = "demo --processes --cameras 4 --frame 160x120 --seconds 300 --workers 1 --voxels 32";
        demo = new DragonRun(folder, DEADLINE_S, words.split(" "));
        children = demo.awaitChildren("Running 4 cameras");
        assertEquals(4, children.size(), demo::said);
    }

    @AfterEach
    void endWhatIsLeft() {
        demo.close();
    }

    private List<String> leftOvers() {
        return demo.leftOvers(name -> name.startsWith("dragon-demo-") && !name.endsWith(".png"));
    }

    @Test
    void shouldEndAllItsProcessesWhenItIsKilledAndTheNextOneTakesAwayWhatItLeft() throws Exception {
        demo.process().destroyForcibly().waitFor();

        demo.awaitEndOfChildren();
        demo.await("the end of what it left", () -> {
            DeadSystems.sweep(demo.shared(), demo.temporary());
            return leftOvers().isEmpty();
        });
    }

    @Test
    void shouldStopAtOnceWhenATerminalSendsCtrlCToAllOfThem() throws Exception {
        final List<String> command = new ArrayList<>(List.of("kill", "-INT"));
        children.forEach(child -> command.add(Long.toString(child.pid())));
        assertEquals(0, new ProcessBuilder(command).start().waitFor());
        demo.process().destroy(); // not INT, which a test that runs in the background of a shell inherits as ignored

        assertEquals(3, demo.awaitEnd(), demo::said);
        assertTrue(demo.said().contains("NOT GOOD stopped before the end"), demo.said());
        assertFalse(demo.said().contains("ended by itself"), demo.said());
        assertTrue(children.stream().noneMatch(ProcessHandle::isAlive));
        assertEquals(List.of(), leftOvers());
    }
}
