package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The command as a user has it: a whole system in this process, small files many to a task, a large one in many tasks. */
class AnalyzeCommandTest {
    private static final int SMALL_FILES = 1500;

    @TempDir
    Path folder;

    @TempDir
    Path results;

    @Test
    void shouldWriteAndTellTheRestWhereOneFileFindsNoRoom() throws Exception {
        Files.write(folder.resolve("one"), new byte[100]);
        final Path json = results.resolve("json");
        final Path report = results.resolve("report.md");
        final Run run = run("--manifest", "/dev/full", "--json", json + "", "--report", report + "");
        assertEquals(1, run.code);
        assertTrue(run.err.contains("Cannot write the manifest /dev/full: "), run.err);
        assertTrue(run.out.startsWith("1 file, 100 B, 1 block of 4.0 MiB, in "), run.out);
        assertEquals(1, JsonOutput.parse(Files.readString(json)).get("files").asInt());
        assertTrue(Files.readString(report).startsWith("# Analysis of "));
    }

    @Test
    void shouldHashATreeOnWorkersAndFindWhatChanged() throws Exception {
        final Random random = new Random(1);
        long bytes = 0;
        for (int i = 0; i < SMALL_FILES; i++) {
            final byte[] content = new byte[i % 997];
            random.nextBytes(content);
            Files.write(folder.resolve("small " + i), content);
            bytes += content.length;
        }
        final byte[] large = new byte[(21 << 20) + 12345];
        random.nextBytes(large);
        Files.write(folder.resolve("large"), large);
        Files.write(folder.resolve("large again"), large);
        bytes += 2L * large.length;

        final Path manifest = results.resolve("manifest");
        final Path json = results.resolve("json");
        final Path report = results.resolve("report.md");
        final Run first = run("--manifest", manifest + "", "--json", json + "", "--report", report + "");
        assertEquals(0, first.code, first.err);
        final JsonNode values = JsonOutput.parse(Files.readString(json));
        assertEquals(SMALL_FILES + 2, values.get("files").asInt());
        assertEquals(bytes, values.get("bytes").asLong());
        assertTrue(
                values.get("duplicateBytes").asLong() >= large.length, "one of the two large files is there already");
        assertEquals(bytes, sum(values, "bytes"));
        assertEquals(values.get("blocks").asLong(), sum(values, "blocks"));
        assertEquals(0, values.get("unreadable").size());
        assertTrue(values.get("gigabytesPerSecond").asDouble() > 0);
        assertTrue(Files.readString(report).contains("2 files of " + large.length + " bytes"));
        for (final String name : List.of(
                "files",
                "bytes",
                "blocks",
                "uniqueBlocks",
                "duplicateBlocks",
                "duplicateBytes",
                "duplicateFiles",
                "unreadable",
                "seconds",
                "gigabytesPerSecond",
                "workers")) {
            assertTrue(values.has(name), name);
        }
        for (final String name : List.of("id", "device", "blocks", "bytes", "gigabytesPerSecond")) {
            values.get("workers").forEach(worker -> assertTrue(worker.has(name), name));
        }
        checkWithB3sum(manifest);

        large[20 << 20]++;
        Files.write(folder.resolve("large"), large);
        Files.delete(folder.resolve("small 7"));
        final Run second = run("--verify", manifest + "", "--block", "64KiB", "--json", "-");
        assertEquals(3, second.code, second.err);
        final JsonNode verify = JsonOutput.parse(second.out).get("verify");
        assertEquals(SMALL_FILES, verify.get("matching").asInt());
        assertEquals(folder + "/large", verify.get("changed").get(0).asString());
        assertEquals(folder + "/small 7", verify.get("missing").get(0).asString());
        assertEquals(List.of(), leftOvers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "xxh3"})
    void shouldNameBlocksByOtherHashes(final String hash) throws Exception {
        final byte[] large = new byte[300_000];
        new Random(3).nextBytes(large);
        Files.write(folder.resolve("large"), large);
        Files.write(folder.resolve("large again"), large);
        Files.writeString(folder.resolve("abc"), "abc");
        final Path manifest = results.resolve("manifest");
        final String[] options = {"--hash", hash, "--block", "64KiB"};
        final Run first = run(with(options, "--manifest", manifest + "", "--json", "-"));
        assertEquals(0, first.code, first.err);
        final JsonNode values = JsonOutput.parse(first.out);
        assertEquals(hash, values.get("hash").asString());
        assertEquals(11, values.get("blocks").asInt());
        assertEquals(6, values.get("uniqueBlocks").asInt());
        assertEquals(1, values.get("duplicateFiles").asInt());
        final List<String> lines = Files.readAllLines(manifest);
        assertEquals(1 + 11, lines.size());
        assertEquals(
                "{\"file\":\"" + folder + "/abc\",\"offset\":0,\"length\":3,\"hash\":\""
                        + (hash.equals("sha256")
                                ? "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                                : "06b05ab6733a618578af5f94892f3950")
                        + "\"}",
                lines.get(1));
        final Run same = run(with(options, "--verify", manifest + ""));
        assertEquals(0, same.code, same.err);

        large[200_000]++;
        Files.write(folder.resolve("large"), large);
        final Run changed = run(with(options, "--verify", manifest + "", "--json", "-"));
        assertEquals(3, changed.code, changed.err);
        final JsonNode verify = JsonOutput.parse(changed.out).get("verify");
        assertEquals(folder + "/large", verify.get("changed").get(0).asString());
        assertEquals(2, verify.get("matching").asInt());
        assertRefused("other blocks", "--hash " + hash + " --block 64KiB", "--verify", manifest + "");
    }

    private static String[] with(final String[] options, final String... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void shouldRefuseWrongUsageInWords() {
        assertRefused("--hash md5", "dragon analyze: --hash: there is no hash 'md5'", "--hash", "md5");
        assertRefused("--block 3MiB", "dragon analyze: --block: a block has a power of two", "--block", "3MiB");
        assertRefused("--block 4", "unit", "--block", "4");
        assertRefused("two on standard output", "both", "--json", "-", "--manifest", "-");
        assertRefused("no such manifest", "no such file", "--verify", folder + "/nothing");
        final Run missing = runAs("--source", folder + "/nothing");
        assertEquals(2, missing.code);
        assertTrue(missing.err.contains("does not exist"), missing.err);
        assertEquals(2, runAs().code);
    }

    @Test
    void shouldNotHashTheFilesThatItWritesThroughLinks() throws IOException {
        Files.writeString(folder.resolve("data"), "data");
        final List<String> options = new ArrayList<>();
        for (final String name : List.of("manifest", "report", "json")) {
            final Path file = Files.writeString(folder.resolve(name + ".txt"), "of an earlier run");
            options.add("--" + name);
            options.add(Files.createSymbolicLink(results.resolve(name), file) + "");
        }
        final Run run = run(options.toArray(String[]::new));
        assertEquals(0, run.code, run.err);
        final List<String> lines = Files.readAllLines(folder.resolve("manifest.txt"));
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).endsWith("/data"), lines.toString());
    }

    @Test
    void shouldFindFaultsOfAManifestBeforeItHashes() throws IOException {
        final Path other = Files.writeString(results.resolve("other"), "0".repeat(64) + "  /no/such/file\n");
        final Path broken = Files.writeString(results.resolve("broken"), "0".repeat(64) + "  a\nrubbish\n");
        assertRefused("a manifest of other files", "lines are about files elsewhere", "--verify", other.toString());
        assertRefused("a manifest with a fault", ":2:", "--verify", broken.toString());
        Files.writeString(folder.resolve("file"), "x");
        final Path empty = Files.createFile(results.resolve("nothing"));
        assertRefused("an empty manifest", "is empty: there is nothing to compare with", "--verify", empty.toString());
        final Run run = run(
                "--verify",
                broken.toString(),
                "--manifest",
                results.resolve("m").toString());
        assertEquals(2, run.code);
        assertEquals(List.of(), leftOvers());
        assertTrue(Files.notExists(results.resolve("m")));
    }

    @Test
    void shouldKeepItsFramesBesideTheFolderThatItIsGiven() throws IOException {
        Files.writeString(folder.resolve("a"), "a");
        final Path shared = results.resolve("missing").resolve("shared");
        final Run run = run("--dir", shared.toString());
        assertEquals(0, run.code, run.err);
        assertTrue(Files.isDirectory(shared.getParent()), "frames were somewhere else");
        try (Stream<Path> left = Files.list(shared.getParent())) {
            assertEquals(List.of(), left.toList());
        }
    }

    private void assertRefused(final String what, final String words, final String... options) {
        final Run run = run(options);
        assertEquals(2, run.code, what);
        assertTrue(run.err.contains(words), run.err);
    }

    private static long sum(final JsonNode values, final String key) {
        long sum = 0;
        for (final JsonNode worker : values.get("workers")) {
            sum += worker.get(key).asLong();
        }
        return sum;
    }

    private static void checkWithB3sum(final Path manifest) throws Exception {
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

    private static List<String> leftOvers() throws IOException {
        final String mine = "-embedded-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            return files.map(Path::toString).filter(name -> name.contains(mine)).toList();
        } catch (final UncheckedIOException ex) {
            return List.of();
        }
    }

    private Run run(final String... options) {
        return runAs(
                Stream.concat(Stream.of("--source", folder.toString(), "--plain", "--workers", "2"), Stream.of(options))
                        .toArray(String[]::new));
    }

    private static Run runAs(final String... options) {
        final PrintStream out = System.out;
        final PrintStream err = System.err;
        final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            final int code = DragonMain.run(
                    Stream.concat(Stream.of("analyze"), Stream.of(options)).toArray(String[]::new));
            return new Run(code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private record Run(int code, String out, String err) {}
}
