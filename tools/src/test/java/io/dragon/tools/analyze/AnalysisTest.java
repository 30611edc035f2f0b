package io.dragon.tools.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.dragon.engine.config.DragonException;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AnalysisTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1 << 10, 1 << 16, 4 << 20})
    void shouldWriteTheManifestOfB3sum(final int blockLength) throws Exception {
        B3sum.assumeInstalled();
        oddTree();
        final AnalysisResult result = Analysis.run(context().blockLength(blockLength));
        assertEquals(List.of(), result.faults());
        final String manifest = manifest(result);
        assertEquals(B3sum.ofTree(folder), manifest);
        final Path file = Files.createTempFile("manifest", ".b3");
        try {
            Manifest.write(result, file);
            assertEquals("", B3sum.check(file));
            assertEquals(ManifestTest.lines(file).size(), result.files());
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldTakeNoMoreSharedMemoryThanItMayButRoomForABlock() {
        final Analysis.Context ctx = new Analysis.Context().readers(2).blockLength(1 << 20);
        assertEquals(16 << 20, ctx.slotData());
        assertEquals(4 << 20, ctx.mostMemory(32L << 20).slotData());
        assertEquals(1 << 20, ctx.mostMemory(0).slotData());
        assertEquals(64 << 20, ctx.blockLength(64L << 20).slotData());
    }

    @Test
    void shouldAgreeWithB3sumOnASystemFolder() throws Exception {
        B3sum.assumeInstalled();
        final Path system = Path.of("/usr/share/perl");
        assumeTrue(Files.isDirectory(system), "skipped: this machine has no " + system);
        final AnalysisResult result = Analysis.run(new Analysis.Context().source(system.toString()));
        assertTrue(result.files() > 10);
        assertEquals(B3sum.ofTree(system), manifest(result));
    }

    @Test
    void shouldKeepTheSourceAsItWasTyped() throws Exception {
        Files.writeString(folder.resolve("a"), "a");
        assertTrue(manifest(Analysis.run(new Analysis.Context().source(folder + "/")))
                .endsWith("  " + folder + "/a\n"));
        assertTrue(manifest(Analysis.run(new Analysis.Context().source(folder + "/./a")))
                .endsWith("  " + folder + "/./a\n"));
        assertTrue(manifest(Analysis.run(new Analysis.Context().source(folder + "/../" + folder.getFileName())))
                .endsWith("/../" + folder.getFileName() + "/a\n"));
    }

    @Test
    void shouldCountWhatIsThereMoreThanOnce() throws Exception {
        final byte[] block = random(1024, 1);
        final byte[] other = random(1024, 2);
        write("one", block, other, block);
        write("two", block, other, block);
        write("three", new byte[3000]);
        write("four", other, random(10, 3));
        write("empty");
        write("empty too");
        final AnalysisResult result = Analysis.run(context().blockLength(1024));
        final Map<String, Object> json = result.json();
        assertEquals(6L, json.get("files"));
        assertEquals(3072L * 2 + 3000 + 1034, json.get("bytes"));
        assertEquals(3L + 3 + 3 + 2, json.get("blocks"));
        assertEquals(2L + 2 + 1, json.get("uniqueBlocks"));
        assertEquals(6L, json.get("duplicateBlocks"));
        assertEquals(6L * 1024, json.get("duplicateBytes"));
        assertEquals(2L, json.get("duplicateFiles"));
        assertEquals(3L, json.get("zeroBlocks"));
        assertEquals(3000L, json.get("zeroBytes"));
        assertEquals(2L, json.get("emptyFiles"));
        assertEquals(1, result.copies().size(), "empty files are no group worth showing");
        assertTrue(Report.markdown(result, null).contains("2 files of 3072 bytes"));
    }

    @Test
    void shouldReportWhatChangesOrGoesBetweenWalkAndRead() throws Exception {
        write("stays", random(5000, 1));
        write("goes", random(5000, 2));
        write("grows", random(5000, 3));
        write("shrinks", random(5000, 4));
        write("touched", random(5000, 5));
        write("filled from empty");
        write("becomes a pipe", random(5000, 6));
        Files.createDirectory(folder.resolve("sub"));
        final AnalysisResult result = Analysis.run(context().blockLength(1024).progress(total -> meddle(), done -> {}));
        assertEquals(1, result.files());
        assertTrue(manifest(result).endsWith(folder + "/stays\n"));
        final List<String> faults = result.faults().stream()
                .map(fault -> folder.relativize(Path.of(fault.path())) + ": " + fault.error())
                .collect(java.util.stream.Collectors.toCollection(java.util.ArrayList::new));
        assertEquals(6, faults.size(), faults.toString());
        assertEquals("becomes a pipe: changed while it was read: it is no regular file any more", faults.remove(0));
        assertTrue(faults.get(0).startsWith("filled from empty: changed while it was read"), faults.get(0));
        assertTrue(faults.get(1).startsWith("goes: no such file"), faults.get(1));
        assertEquals("grows: changed while it was read: it goes on after its 5000 bytes", faults.get(2));
        assertEquals("shrinks: changed while it was read: it ends after 100 of 5000 bytes", faults.get(3));
        assertEquals("touched: changed while it was read", faults.get(4));
    }

    private void meddle() {
        try {
            Files.delete(folder.resolve("goes"));
            Files.write(folder.resolve("grows"), new byte[1], StandardOpenOption.APPEND);
            Files.write(folder.resolve("shrinks"), new byte[100]);
            Files.setLastModifiedTime(folder.resolve("touched"), FileTime.fromMillis(12345));
            Files.write(folder.resolve("filled from empty"), new byte[1]);
            final Path pipe = folder.resolve("becomes a pipe");
            Files.delete(pipe);
            assertEquals(
                    0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        } catch (final IOException | InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
    }

    @Test
    void shouldSkipLinksAndSpecialFilesAndCountThem() throws Exception {
        write("file", random(10, 1));
        Files.createDirectory(folder.resolve("sub"));
        Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        Files.createSymbolicLink(folder.resolve("sub/loop"), folder);
        Files.createSymbolicLink(folder.resolve("broken"), Path.of("nowhere"));
        final boolean fifo = new ProcessBuilder("mkfifo", folder.resolve("pipe").toString())
                        .start()
                        .waitFor()
                == 0;
        final AnalysisResult result = Analysis.run(context());
        assertEquals(1, result.files());
        assertEquals(3L, result.json().get("linksNotFollowed"));
        assertEquals(fifo ? 1L : 0L, result.json().get("specialFiles"));
        assertEquals(List.of(), result.faults());

        final AnalysisResult followed = Analysis.run(context().followLinks(true));
        assertEquals(2, followed.files());
        final List<String> faults = followed.faults().stream().map(Fault::error).toList();
        assertEquals(List.of("no such file or folder (any more)", "a link to a folder that it lies in"), faults);
    }

    @Test
    void shouldGoOnAfterAFolderAndAFileItMayNotRead() throws Exception {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "skipped: root may read everything");
        write("closed", random(10, 1));
        write("open", random(10, 1));
        final Path sub = Files.createDirectory(folder.resolve("sub"));
        Files.setPosixFilePermissions(folder.resolve("closed"), PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(sub, PosixFilePermissions.fromString("---------"));
        final AnalysisResult result = Analysis.run(context());
        Files.setPosixFilePermissions(sub, PosixFilePermissions.fromString("rwx------"));
        assertEquals(1, result.files());
        assertEquals(
                List.of(new Fault(folder + "/closed", "permission denied"), new Fault(sub + "", "permission denied")),
                result.faults());
    }

    @Test
    void shouldPrintANameThatIsNotUtf8AsB3sumDoes() throws Exception {
        B3sum.assumeInstalled();
        final Process shell = new ProcessBuilder(
                        "bash", "-c", "printf x > \"$1/$(printf 'bad\\377\\376name')\"", "-", folder + "")
                .start();
        assumeTrue(shell.waitFor() == 0, "skipped: this file system takes no such names");
        final AnalysisResult result = Analysis.run(context());
        assertEquals(1, result.lossyNames());
        assertEquals(List.of(), result.faults());
        assertEquals(B3sum.ofTree(folder), manifest(result));
    }

    @Test
    void shouldFindASparseFilesZeros() throws Exception {
        final Path sparse = folder.resolve("sparse");
        try (FileChannel channel = FileChannel.open(
                sparse, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), (20 << 20) - 1);
        }
        final AnalysisResult result = Analysis.run(context());
        assertEquals(4L, result.json().get("zeroBlocks"));
        assertEquals(2L, result.json().get("uniqueBlocks"));
    }

    @Test
    void shouldRefuseAFileOfTooManyBlocksAndGoOn() throws Exception {
        write("a", random(10, 1));
        write("z", random(10, 2));
        try (FileChannel channel = FileChannel.open(
                folder.resolve("huge"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), (1L << 36) - 1);
        } catch (final IOException ex) {
            assumeTrue(false, "skipped: this file system takes no sparse file of 64 GiB");
        }
        final AnalysisResult result = Analysis.run(context().blockLength(1024));
        assertEquals(2, result.files());
        assertTrue(result.faults().get(0).error().contains("choose a larger --block"), result.faults() + "");
    }

    @Test
    void shouldVerifyAgainstAManifest() throws Exception {
        write("same", random(3000, 1));
        write("changed", random(3000, 2));
        write("missing", random(3000, 3));
        final Path manifest = Files.createTempFile("manifest", ".b3");
        try {
            Manifest.write(Analysis.run(context()), manifest);
            assertTrue(compared(context(), manifest).isClean());
            Files.delete(folder.resolve("missing"));
            write("changed", random(3000, 4));
            write("new", random(3, 1));
            final Verification verification = compared(context(), manifest);
            assertFalse(verification.isClean());
            assertEquals(1, verification.matching());
            assertEquals(List.of(folder + "/changed"), verification.changed());
            assertEquals(List.of(folder + "/missing"), verification.missing());
            assertEquals(List.of(folder + "/new"), verification.added());

            Files.writeString(manifest, "0".repeat(64) + "  /elsewhere/file\n");
            final DragonException fault = assertThrows(DragonException.class, () -> compared(context(), manifest));
            assertEquals(DragonException.WRONG_USAGE, fault.exitCode());

            Files.writeString(manifest, "");
            assertThrows(
                    DragonException.class, () -> compared(context(), manifest), "an empty manifest proves nothing");
        } finally {
            Files.delete(manifest);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA256", "XXH3"})
    void shouldNameBlocksWhereThereAreNoDigestsOfFiles(final HashAlgorithm algorithm) throws Exception {
        final byte[] block = random(1024, 1);
        write("a \"quoted\"\nname", block, block, random(5, 2));
        write("copy", block, block, random(5, 2));
        write("like it", block, block, random(5, 3));
        write("one block", block);
        write("empty");
        final AnalysisResult result = Analysis.run(context().blockLength(1024).algorithm(algorithm));
        final Map<String, Object> json = result.json();
        assertEquals(algorithm.words(), json.get("hash"));
        assertEquals(10L, json.get("blocks"));
        assertEquals(3L, json.get("uniqueBlocks"));
        assertEquals(1L, json.get("duplicateFiles"));
        assertTrue(Report.markdown(result, null).contains("2 files of 2053 bytes, all their blocks equal"));

        final List<JsonNode> lines = new ArrayList<>();
        manifest(result)
                .lines()
                .forEach(line -> lines.add(JsonMapper.builder().build().readTree(line)));
        assertEquals(1 + 3 * 3 + 1 + 1, lines.size());
        assertEquals(1024, lines.get(0).get("blockBytes").asInt());
        for (final JsonNode line : lines.subList(1, lines.size())) {
            final byte[] file = Files.readAllBytes(Path.of(line.get("file").asString()));
            final int offset = line.get("offset").asInt();
            final int length = line.get("length").asInt();
            final byte[] expected = algorithm == HashAlgorithm.SHA256
                    ? MessageDigest.getInstance("SHA-256").digest(Arrays.copyOfRange(file, offset, offset + length))
                    : xxh3(Arrays.copyOfRange(file, offset, offset + length));
            assertEquals(HexFormat.of().formatHex(expected), line.get("hash").asString());
        }
    }

    private static byte[] xxh3(final byte[] bytes) {
        final HashValue128 value = Hashing.xxh3_128().hashBytesTo128Bits(bytes);
        return ByteBuffer.allocate(16)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array();
    }

    @Test
    void shouldVerifyBlocks() throws Exception {
        write("same", random(3000, 1));
        write("changed", random(3000, 2));
        write("longer", random(2048, 2));
        write("missing", random(10, 3));
        write("empty");
        final Path manifest = Files.createTempFile("manifest", ".jsonl");
        try {
            Manifest.write(Analysis.run(sha256()), manifest);
            assertTrue(compared(sha256(), manifest).isClean());
            Files.delete(folder.resolve("missing"));
            write("changed", random(2048, 2), random(952, 7));
            write("longer", random(2048, 2), new byte[1]);
            final Verification verification = compared(sha256(), manifest);
            assertEquals(2, verification.matching());
            assertEquals(List.of(folder + "/changed", folder + "/longer"), verification.changed());
            assertEquals(List.of(folder + "/missing"), verification.missing());

            assertMisfit("verify it with --hash sha256 --block 1KiB", context().blockLength(1024), manifest);
            assertMisfit("verify it with --hash sha256 --block 1KiB", sha256().blockLength(2048), manifest);
            final List<String> lines = Files.readAllLines(manifest);
            Files.write(manifest, lines.subList(1, lines.size()));
            assertMisfit(":1:1: a head with", sha256(), manifest);
            Files.writeString(manifest, "{\"algorithm\":");
            assertMisfit(":1:1: no JSON", sha256(), manifest);
            Files.writeString(manifest, "0".repeat(64) + "  " + folder + "/same\n");
            assertMisfit("verify it with --hash blake3", sha256(), manifest);

            final List<String> gap = new ArrayList<>(lines);
            gap.remove(2);
            Files.write(manifest, gap);
            final DragonException fault = assertThrows(DragonException.class, () -> compared(sha256(), manifest));
            assertTrue(fault.getMessage().contains(":3:1: the block at offset 1024"), fault.getMessage());
        } finally {
            Files.delete(manifest);
        }
    }

    @Test
    void shouldNotCallMissingWhatLiesInAFolderThatCannotBeRead() throws Exception {
        Files.createDirectories(folder.resolve("shut/in"));
        write("shut/in/it", random(10, 1));
        write("gone", random(10, 2));
        final Path manifest = Files.createTempFile("manifest", ".b3");
        try {
            final AnalysisResult before = Analysis.run(context());
            Manifest.write(before, manifest);
            Files.delete(folder.resolve("gone"));
            Files.delete(folder.resolve("shut/in/it"));
            Files.delete(folder.resolve("shut/in"));
            Files.delete(folder.resolve("shut"));
            Files.createSymbolicLink(folder.resolve("shut"), Path.of("shut")); // which nobody can read, root neither
            final Analysis.Context ctx = context().followLinks(true);
            final Verification verification = Verification.expect(ctx, manifest);
            verification.compare(Analysis.run(ctx));
            assertEquals(List.of(folder + "/shut/in/it"), verification.unreadable());
            assertEquals(List.of(folder + "/gone"), verification.missing());
        } finally {
            Files.delete(manifest);
        }
    }

    private static void assertMisfit(final String words, final Analysis.Context ctx, final Path manifest) {
        final DragonException fault = assertThrows(DragonException.class, () -> Verification.expect(ctx, manifest));
        assertEquals(DragonException.WRONG_USAGE, fault.exitCode());
        assertTrue(fault.getMessage().contains(words), fault.getMessage());
    }

    private Analysis.Context sha256() {
        return context().blockLength(1024).algorithm(HashAlgorithm.SHA256);
    }

    @Test
    void shouldLeaveOutTheManifestItWrites() throws Exception {
        write("a", random(10, 1));
        write("manifest", random(10, 2));
        assertEquals(
                1,
                Analysis.run(context().excluded(List.of(folder.resolve("sub/../manifest"))))
                        .files());
    }

    @Test
    void shouldStopWhenAsked() throws Exception {
        write("a", random(10, 1));
        assertThrows(DragonException.class, () -> Analysis.run(context().stop(() -> true)));
    }

    @Test
    void shouldRefuseAnImpossibleBlockOrSource() {
        for (final long bytes : new long[] {0, -1, 512, 1025, 3 << 20, 1L << 30}) {
            final DragonException fault =
                    assertThrows(DragonException.class, () -> new Analysis.Context().blockLength(bytes));
            assertEquals(DragonException.WRONG_USAGE, fault.exitCode());
        }
        assertThrows(DragonException.class, () -> Analysis.run(new Analysis.Context().source(folder + "/nothing")));
        assertThrows(DragonException.class, () -> Analysis.run(new Analysis.Context().source("/dev/null")));
    }

    private Analysis.Context context() {
        return new Analysis.Context().source(folder.toString()).readers(2);
    }

    private void oddTree() throws IOException {
        final Path sub = Files.createDirectories(folder.resolve("sub folder/deeper"));
        write("with space", random(10, 1));
        write("with\nline feed", random(10, 2));
        write("with\\backslash", random(10, 3));
        write("\\\n both \\n", random(10, 4));
        if ("UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            write("umlaut \u00e4\u00f6 \u65e5\u672c", random(10, 5));
            write("\ufb01 is before the next in UTF-8", random(7, 5));
            write("\ud83d\ude00", random(8, 5));
        }
        write("-dash", random(10, 6));
        write("empty");
        Files.write(sub.resolve("one"), random(1, 7));
        for (final int length : new int[] {1023, 1024, 1025, 65535, 65536, 65537, 200_000}) {
            write("length " + length, random(length, length));
        }
        write("block", random(4 << 20, 8));
        write("block and one", random((4 << 20) + 1, 9));
        write("two blocks and a half", random(10 << 20, 10));
        for (int i = 0; i < 1100; i++) {
            Files.write(sub.resolve("small " + i), random(i % 300, i));
        }
    }

    private void write(final String name, final byte[]... parts) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            bytes.write(part);
        }
        Files.write(folder.resolve(name), bytes.toByteArray());
    }

    private static byte[] random(final int length, final int seed) {
        final byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static String manifest(final AnalysisResult result) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        Manifest.write(result, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The program of the people who made BLAKE3. */
    static final class B3sum {
        private B3sum() {}

        static void assumeInstalled() throws IOException, InterruptedException {
            boolean installed;
            try {
                installed = new ProcessBuilder("b3sum", "--version").start().waitFor() == 0;
            } catch (final IOException ex) {
                installed = false;
            }
            assumeTrue(installed, "skipped: b3sum is not installed (apt-get install b3sum)");
        }

        static String ofTree(final Path root) throws IOException, InterruptedException {
            return run("find \"$1\" -type f -print0 | LC_ALL=C sort -z | xargs -0 -r b3sum --", root);
        }

        /** Lines of files that do not agree, and messages. */
        static String check(final Path manifest) throws IOException, InterruptedException {
            return run("b3sum --check --quiet \"$1\" 2>&1", manifest);
        }

        private static String run(final String script, final Path argument) throws IOException, InterruptedException {
            final List<String> command = new ArrayList<>(List.of("bash", "-c", script, "-", argument.toString()));
            final Process process = new ProcessBuilder(command).start();
            final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return text;
        }
    }

    private static Verification compared(final Analysis.Context ctx, final Path manifest) {
        final Verification verification = Verification.expect(ctx, manifest);
        verification.compare(Analysis.run(ctx));
        return verification;
    }
}
