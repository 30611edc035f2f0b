package io.dragon.benchmarks.system;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.benchmarks.harness.Machine;
import io.dragon.benchmarks.harness.Report;
import io.dragon.benchmarks.harness.SuiteRun;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EndToEndSuiteTest {
    @TempDir
    Path folder;

    /** As {@code dragon demo --histograms} writes it. */
    @Test
    void keepsEveryLatencyOfTheDemoForTheFilesOfTheReport() throws IOException {
        final Path file = folder.resolve("demo.hlog");
        try (PrintStream out = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            final HistogramLogWriter log = new HistogramLogWriter(out);
            log.outputLogFormatVersion();
            log.outputLegend();
            for (final String stage : new String[] {"publish", "end-to-end"}) {
                final Histogram histogram = new Histogram(1_000_000_000, 3);
                histogram.recordValueWithCount(4_000, stage.length());
                histogram.setTag(stage);
                log.outputIntervalHistogram(0, 1, histogram, 1);
            }
        }

        final SuiteRun run = new SuiteRun(new SuiteRun.Settings(0, 0, 0, null), text -> {});
        EndToEndSuite.keep(run, file);

        new Report("endtoend", Machine.look(), 0, run, List.of()).write(folder);
        for (final String stage : new String[] {"publish", "end-to-end"}) {
            final String percentiles = Files.readString(folder.resolve("endtoend-ours-" + stage + ".hgrm"));
            assertTrue(percentiles.contains("Total count    =" + String.format("%13d", stage.length())), percentiles);
            assertTrue(percentiles.contains("#[Mean    =        4.0"), percentiles);
        }
        assertTrue(Files.readString(folder.resolve("endtoend.hlog")).contains("Tag=ours-end-to-end"));
        assertNotNull(ImageIO.read(folder.resolve("endtoend.png").toFile()));
    }
}
