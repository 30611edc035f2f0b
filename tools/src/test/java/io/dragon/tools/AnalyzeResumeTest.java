package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.tools.analyze.Analysis;
import io.dragon.tools.analyze.Journal;
import io.dragon.tools.analyze.Manifest;
import io.dragon.tools.process.DragonRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dragon analyze} as a process of its own, killed and stopped in the middle of its work. */
class AnalyzeResumeTest {
    private static final int LARGE_FILES = 6;
    private static final long LARGE = 512L << 20;
    private static final long DEADLINE_SECONDS = 120;

    @TempDir
    Path folder;

    private Path source;
    private Path manifest;
    private Path journal;

    @Test
    void shouldGoOnAfterKillAndStopAndEndAsIfNeitherHadBeen() throws Exception {
        makeTree();
        final Path json = folder.resolve("json");
        try (DragonRun run = start("--json", json + "")) {
            run.await("a large file in the journal", () -> largeFilesDone() >= 1);
            run.process().destroyForcibly(); // SIGKILL
            run.awaitEnd();
        }
        final int afterKill = largeFilesDone();
        assertTrue(afterKill < LARGE_FILES, "it had come to its end");
        assertFalse(Files.exists(manifest));

        try (DragonRun run = start("--json", json + "")) {
            assertEquals(2, run.awaitEnd());
            assertTrue(run.said().contains("--resume goes on with it, or delete " + journal), run.said());
        }
        try (DragonRun run = start("--resume", "--json", json + "")) {
            run.await("another large file in the journal", () -> largeFilesDone() > afterKill);
            run.process().destroy(); // SIGTERM
            assertEquals(1, run.awaitEnd(), run.said());
            assertTrue(run.said().contains("the same command with --resume goes on from there."), run.said());
        }
        assertFalse(Files.exists(manifest));

        try (DragonRun run = start("--resume", "--json", json + "")) {
            assertEquals(0, run.awaitEnd(), run.said());
            assertTrue(run.said().contains("are not read again"), run.said());
        }
        assertFalse(Files.exists(journal));
        final var whole = Analysis.run(new Analysis.Context().source(source.toString()));
        final Path expected = folder.resolve("expected");
        Manifest.write(whole, expected);
        assertEquals(-1, Files.mismatch(expected, manifest));
        final JsonNode values = JsonOutput.parse(Files.readString(json));
        for (final String name :
                new String[] {"files", "bytes", "blocks", "uniqueBlocks", "duplicateBlocks", "duplicateBytes"}) {
            assertEquals(
                    ((Number) whole.json().get(name)).longValue(),
                    values.get(name).asLong(),
                    name);
        }
        assertTrue(values.get("resumed").get("bytes").asLong() >= 2 * LARGE);
        checkWithB3sum();
    }

    @Test
    void shouldKeepTheJournalWhereTheManifestCouldNotBeWritten() throws Exception {
        makeTree();
        for (int i = 0; i < LARGE_FILES; i++) {
            Files.delete(source.resolve("large " + i));
        }
        final Path inTheWay = Files.createDirectory(folder.resolve("m.partial"));
        final String[] command = {
            "analyze",
            "--source",
            source + "",
            "--manifest",
            manifest + "",
            "--plain",
            "--dir",
            folder.resolve("shared") + ""
        };
        final CommandRun failed = CommandRun.of(command);
        assertEquals(1, failed.code(), failed.err());
        assertTrue(failed.err().contains("300 files are done and noted in " + journal), failed.err());
        Files.deleteIfExists(inTheWay);
        assertEquals(2, CommandRun.of(command).code());
        final CommandRun resumed = CommandRun.of(
                Stream.concat(Stream.of(command), Stream.of("--resume")).toArray(String[]::new));
        assertEquals(0, resumed.code(), resumed.err());
        assertTrue(resumed.out().contains("300 files of them ("), resumed.out());
        assertFalse(Files.exists(journal));
        assertEquals(300, Files.readAllLines(manifest).size());
    }

    @Test
    void shouldRefuseToResumeWithoutAManifestBesideWhichAJournalLies() {
        for (final String[] options : new String[][] {{"--manifest", "-"}, {"--manifest", "/dev/full"}, {}}) {
            final String[] command = Stream.concat(
                            Stream.of("analyze", "--source", "/etc/hostname", "--resume"), Stream.of(options))
                    .toArray(String[]::new);
            final CommandRun run = CommandRun.of(command);
            assertEquals(2, run.code());
            assertTrue(run.err().contains("--resume needs --manifest FILE"), run.err());
        }
    }

    private void makeTree() throws IOException {
        source = Files.createDirectory(folder.resolve("source"));
        manifest = folder.resolve("m");
        journal = Journal.beside(manifest);
        final Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            final byte[] content = new byte[i * 100];
            random.nextBytes(content);
            write("a small one " + i, content);
        }
        for (int i = 0; i < LARGE_FILES; i++) {
            try (RandomAccessFile file =
                    new RandomAccessFile(source.resolve("large " + i).toFile(), "rw")) {
                file.setLength(LARGE);
                file.write(i);
            }
            Files.setLastModifiedTime(source.resolve("large " + i), FileTime.fromMillis(1_700_000_000_000L + i));
        }
    }

    private void write(final String name, final byte[] content) throws IOException {
        Files.write(source.resolve(name), content);
        Files.setLastModifiedTime(source.resolve(name), FileTime.fromMillis(1_600_000_000_000L));
    }

    private DragonRun start(final String... more) throws IOException {
        final String[] first = {
            "analyze",
            "--source",
            source + "",
            "--manifest",
            manifest + "",
            "--plain",
            "--readers",
            "1",
            "--workers",
            "1"
        };
        return new DragonRun(
                folder,
                DEADLINE_SECONDS,
                Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
    }

    private int largeFilesDone() {
        try {
            return (int) Files.readString(journal, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("  " + source + "/large "))
                    .count();
        } catch (final IOException ex) {
            return 0;
        }
    }

    private void checkWithB3sum() throws Exception {
        try {
            final Process check = new ProcessBuilder("b3sum", "--check", "--quiet", manifest.toString())
                    .redirectErrorStream(true)
                    .start();
            final String text = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, check.waitFor(), text);
        } catch (final IOException ex) {
            System.out.println("skipped: b3sum is not installed, so the manifest is not checked by it");
        }
    }
}
