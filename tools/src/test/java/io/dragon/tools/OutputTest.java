package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.cluster.service.ClusterTerminationException;
import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.DriverTimeoutException;
import io.aeron.exceptions.TimeoutException;
import io.dragon.engine.config.DragonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.AgentTerminationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

final class OutputTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long nowNs;

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldShowNothingInTheFirstTwoSecondsAndThenALineEveryFive() {
        try (ProgressBar bar = new ProgressBar(stream, "hashing", 1_000, "files", () -> nowNs, false, 80)) {
            for (int tenth = 0; tenth < 20; tenth++) {
                nowNs = tenth * SECOND / 10;
                bar.update(tenth * 10);
            }
            assertEquals("", written());
            for (int tenth = 20; tenth <= 80; tenth++) {
                nowNs = tenth * SECOND / 10;
                bar.update(tenth * 10);
            }
        }
        assertEquals(
                List.of(
                        "hashing  20 % 200 files of 1000 files, 100 files/s, 8 s left",
                        "hashing  70 % 700 files of 1000 files, 100 files/s, 3 s left",
                        "hashing  80 % 800 files of 1000 files, 100 files/s, 2 s left"),
                written().lines().toList());
    }

    @Test
    void shouldCountTheRateFromWhereTheWorkBegan() {
        try (ProgressBar bar = new ProgressBar(stream, "steps", 100, "", () -> nowNs, false, 80)) {
            bar.update(0);
            nowNs = 1 * SECOND;
            bar.update(0);
            nowNs = 6 * SECOND;
            bar.update(29);
        }
        assertEquals(
                List.of("steps  29 % 29 of 100, 5/s, 13 s left"),
                written().lines().toList());
    }

    @Test
    void shouldDrawOverItselfOnATerminalAndNeverWrap() {
        try (ProgressBar bar = new ProgressBar(stream, "copy", 1L << 30, "B", () -> nowNs, true, 60)) {
            nowNs = 3 * SECOND;
            bar.update(1L << 29);
            bar.line("a line for good");
        }
        final String[] parts = written().split("\r");
        assertEquals("", parts[0]);
        assertTrue(parts[1].startsWith("copy [############------------]  50 % 512.0 MiB of 1.0 GiB"), parts[1]);
        assertTrue(parts[1].replace("\u001b[K", "").length() <= 59);
        assertEquals("\u001b[Ka line for good", parts[2].stripTrailing());
    }

    @Test
    void shouldAlignTables() {
        Tables.print(stream, List.of("NAME", "N", "MS"), List.of(List.of("a", 7, 1.5), List.of("longer", 1_000, 0.25)));
        assertEquals(
                List.of("NAME       N    MS", "a          7  1.50", "longer  1000  0.25"),
                written().lines().toList());
        assertEquals("64.0 MiB", Tables.bytes(64L << 20));
        assertEquals("12.3 us", Tables.nanos(12_345));
        assertEquals("-", Tables.nanos(Double.NaN));
    }

    @Test
    void shouldWriteOneLineForEachEventAndCountRepeatedErrors() throws IOException {
        final Logger log = ProcessLog.start("worker", "gpu-0", folder, "info");
        final LoggedErrors errors = new LoggedErrors(log, "; trying again", false);
        log.info("two\nlines");
        log.debug("not this one");
        for (int i = 0; i < 5; i++) {
            errors.onError(new IllegalStateException("broken"));
        }
        errors.onError(new DragonException("one sentence"));
        ProcessLog.start("worker", "gpu-0", null, "off");
        final List<String> lines = Files.readAllLines(folder.resolve("dragon-worker-gpu-0.log"));
        assertEquals(5, lines.size(), lines.toString());
        assertTrue(
                lines.get(0)
                        .matches(
                                "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ INFO  worker gpu-0 two \\| lines"),
                lines.get(0));
        assertTrue(lines.get(1)
                .contains("ERROR worker gpu-0 broken | java.lang.IllegalStateException: broken | at io.dragon.tools."));
        assertTrue(lines.get(2).contains(" broken (2 times) | "));
        assertTrue(lines.get(3).contains(" broken (4 times) | "));
        assertTrue(lines.get(4).endsWith(" WARN  worker gpu-0 one sentence"), lines.get(4));
    }

    @Test
    void shouldTellTheLossOfTheMediaDriverInOneLine() throws IOException {
        final Logger log = ProcessLog.start("worker", "calm", folder, "info");
        final LoggedErrors errors = new LoggedErrors(log, "; trying again", false);
        for (int i = 0; i < 2; i++) {
            errors.onError(new TimeoutException("cluster connect timeout: state=POLL_RESPONSE messageTimeout=" + i));
        }
        errors.onError(
                new AeronException("MediaDriver (/dev/shm/d/aeron) has been shutdown", AeronException.Category.FATAL));
        errors.onError(new AgentTerminationException());
        errors.onError(new ClusterTerminationException());
        errors.onError(new AeronException("local archive is not connected"));
        errors.onError(new DriverTimeoutException("MediaDriver keepalive: age=10012ms > timeout=10000ms"));
        ProcessLog.start("worker", "calm", null, "off");
        final List<String> lines = Files.readAllLines(folder.resolve("dragon-worker-calm.log"));
        assertEquals(3, lines.size(), lines.toString());
        assertTrue(lines.get(0).endsWith(" WARN  worker calm no master answered in time; trying again"), lines.get(0));
        assertTrue(lines.get(1).endsWith("trying again (2 times)"), lines.get(1));
        assertTrue(lines.get(2).endsWith(" WARN  worker calm lost the media driver; trying again"), lines.get(2));
    }

    @Test
    void shouldOrderNamesByTheirNumbers() {
        assertTrue(ImageFolder.compareNatural("f_9.png", "f_10.png") < 0);
        assertTrue(ImageFolder.compareNatural("f_010.png", "f_9.png") > 0);
        assertTrue(ImageFolder.compareNatural("a1b2", "a1b10") < 0);
        assertTrue(ImageFolder.compareNatural("a", "a1") < 0);
        assertTrue(ImageFolder.compareNatural("1", "01") != 0);
    }
}
