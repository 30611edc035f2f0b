package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.reconstruct.ClusterRunnerTest;
import io.dragon.worker.voxel.SyntheticScene;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What {@code dragon reconstruct} says to programs. */
final class ReconstructCommandTest {
    @TempDir
    Path folder;

    @Test
    void shouldWriteTheContractsNames() throws IOException {
        ClusterRunnerTest.SceneFiles.write(folder, new SyntheticScene(4, 320, 240, 2), 3);

        final CommandRun run = CommandRun.of(
                "reconstruct",
                "--dataset",
                folder.toString(),
                "--bounds",
                "-16,-16,-16,16,16,16",
                "--voxel",
                "0.5",
                "--out",
                folder.resolve("out.npy").toString(),
                "--json",
                "-");

        assertEquals(0, run.code(), run.err());
        final JsonNode json = JsonOutput.parse(run.out());
        for (final String name : List.of("grid", "occupied", "bounds", "peaks", "seconds")) {
            assertTrue(json.has(name), name);
        }
        for (final String name : List.of("origin", "voxel", "shape")) {
            assertTrue(json.get("grid").has(name), name);
        }
        assertEquals(64, json.get("grid").get("shape").get(2).asInt());
        assertTrue(json.get("peaks").size() > 0);
        for (final JsonNode peak : json.get("peaks")) {
            for (final String name : List.of("step", "x", "y", "z", "votes", "score")) {
                assertTrue(peak.get(name).isNumber(), name);
            }
            assertTrue(peak.get("step").asInt() > 0, "step 0 has nothing to compare with");
        }
    }
}
