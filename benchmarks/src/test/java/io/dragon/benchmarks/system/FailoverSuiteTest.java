package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Machine;
import io.dragon.benchmarks.harness.Report;
import io.dragon.benchmarks.harness.SuiteRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class FailoverSuiteTest {
    @TempDir
    Path folder;

    private final SuiteRun run = new SuiteRun(new SuiteRun.Settings(0, 0, 0, null), text -> {});

    private void add(final String title, final String key) {
        final JsonNode faults = JsonMapper.builder()
                .build()
                .readTree("[{'detectedMillis':80,'recoveredMillis':120.5},{'detectedMillis':90,'recoveredMillis':-1}]"
                        .replace('\'', '"'));
        FailoverSuite.add(run, faults, title, key);
    }

    @Test
    void keepsTheSingleTimesForTheFilesOfTheReport() throws Exception {
        add("worker killed", "detectedMillis");
        add("worker killed", "sequencedMillis"); // chaos does not know it
        add("leader killed, profile ci", "detectedMillis");
        assertEquals(2, run.rows().size());
        assertEquals("worker killed: seen", run.rows().get(0).name());

        final Machine machine = Machine.look();
        new Report("failover", machine, machine.loadBefore(), run, List.of()).write(folder);
        final String percentiles = Files.readString(folder.resolve("failover-worker-killed-seen.hgrm"));
        assertTrue(percentiles.contains("Total count    =            2"), percentiles);
        assertTrue(Files.exists(folder.resolve("failover-leader-killed-profile-ci-seen.hgrm")));
        assertTrue(Files.readString(folder.resolve("failover.hlog")).contains("Tag=worker-killed-seen,"));
        assertTrue(Files.size(folder.resolve("failover.png")) > 0);
    }

    @Test
    void tellsTheFigureOfTheSourcesOnlyWhereATaskIsReassigned() {
        add("worker killed", "recoveredMillis");
        add("worker killed", "detectedMillis");
        add("leader killed, profile ha", "recoveredMillis");
        assertEquals("below 2 s (task reassigned)", run.rows().get(0).source());
        assertNull(run.rows().get(1).source());
        assertNull(run.rows().get(2).source());
    }
}
