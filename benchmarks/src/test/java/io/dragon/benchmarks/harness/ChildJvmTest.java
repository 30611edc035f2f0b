package io.dragon.benchmarks.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ChildJvmTest {
    private static final double SECONDS = 30;

    @Test
    void talksInLinesAndEndsWithItsInput() throws Exception {
        final ChildJvm child = ChildJvm.start("cat", List.of("cat"));
        try (child) {
            child.send("skipped");
            child.send("answer  42");
            assertEquals("42", child.await("answer", SECONDS));
            assertTrue(child.isAlive());
        }
        assertFalse(child.isAlive());
    }

    @Test
    void oneThatEndsOrIsSilentIsToldByItsName() throws Exception {
        try (ChildJvm child = ChildJvm.start("the liar", List.of("true"))) {
            final IllegalStateException ended =
                    assertThrows(IllegalStateException.class, () -> child.await("ready", SECONDS));
            assertEquals("the liar has ended before it said 'ready'", ended.getMessage());
        }
        try (ChildJvm child = ChildJvm.start("the mute", List.of("cat"))) {
            final IllegalStateException silent =
                    assertThrows(IllegalStateException.class, () -> child.await("ready", 0.05));
            assertEquals("the mute has not said 'ready' within 0.05 s", silent.getMessage());
        }
    }
}
