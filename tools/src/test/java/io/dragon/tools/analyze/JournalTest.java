package io.dragon.tools.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.hash.HashAlgorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Analyses that are interrupted and resumed; what a file's content is now, and what the manifest says of it, tells whether it was read again. */
class JournalTest {
    private static final FileTime LONG_AGO = FileTime.from(1_700_000_000_123_456_789L, TimeUnit.NANOSECONDS);
    private static final int BLOCK_LENGTH = 1 << 10;

    @TempDir
    Path folder;

    @TempDir
    Path results;

    private final List<String> said = new ArrayList<>();
    private Path manifest;
    private Path journal;

    @BeforeEach
    void makeTree() throws IOException {
        manifest = results.resolve("m");
        journal = results.resolve("m.journal");
        final byte[] content = random(300_000, 1);
        Arrays.fill(content, 4096, 5120, (byte) 0);
        write("large", content);
        write("large again", content);
        write("zeros", new byte[5 * BLOCK_LENGTH + 10]);
        write("one block", Arrays.copyOf(content, BLOCK_LENGTH));
        write("one block of zeros", new byte[BLOCK_LENGTH]);
        write("empty", new byte[0]);
        write("a\nline feed", random(10, 2));
        write("a back\\slash", random(3000, 3));
        write(" \\n both \n ", random(20, 4));
        write("ends in \r", random(30, 5));
        for (int i = 0; i < 40; i++) {
            write("small " + i, random(i * 50, i % 7));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndLikeARunThatWasNotInterrupted(final HashAlgorithm algorithm) throws Exception {
        for (int i = 0; i < 8; i++) { // more than a task holds, so that there is something between beginning and end
            write("many " + i, random((3 << 20) + i, i));
        }
        final AnalysisResult whole = Analysis.run(context().algorithm(algorithm));
        final boolean[] stop = new boolean[1];
        for (final long doneBefore : new long[] {1, 8 << 20}) {
            stop[0] = false;
            final Analysis.Context ctx = context()
                    .algorithm(algorithm)
                    .readers(1)
                    .stop(() -> stop[0])
                    .progress(total -> {}, done -> stop[0] |= done >= doneBefore);
            try (Journal open = open(ctx, true)) {
                assertThrows(DragonException.class, () -> Analysis.run(ctx.journal(open)));
            }
            assertTrue(Files.exists(journal));
        }
        assertTrue(
                said.get(0).matches("\\d+ files are done and noted in \\Q" + journal + "\\E: the same.*"), said + "");
        final AnalysisResult resumed = run(context().algorithm(algorithm), true);
        assertTrue(resumed.resumedFiles() > 0 && resumed.resumedFiles() < resumed.files(), resumed.resumedFiles() + "");
        assertSame(whole, resumed);
        assertTrue(Report.markdown(resumed, null).contains("the time, the rate and the workers are those of the rest"));
    }

    @Test
    void shouldReadOnlyWhatChangedSince() throws Exception {
        run(context(), false);
        Files.write(folder.resolve("large"), random(300_000, 9)); // unnoticed: neither size nor time tells
        Files.setLastModifiedTime(folder.resolve("large"), LONG_AGO);
        Files.write(folder.resolve("one block"), random(BLOCK_LENGTH, 9));
        Files.write(folder.resolve("small 3"), random(151, 9));
        Files.setLastModifiedTime(folder.resolve("small 3"), LONG_AGO);
        Files.delete(folder.resolve("zeros"));
        write("new", random(2000, 9));
        final AnalysisResult resumed = run(context(), true);
        final AnalysisResult whole = Analysis.run(context());
        assertEquals(whole.files() - 3, resumed.resumedFiles());
        final List<String> lines = new ArrayList<>(text(resumed).lines().toList());
        lines.removeAll(text(whole).lines().toList());
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).endsWith("/large"), lines.get(0));
    }

    @Test
    void shouldForgetWhatStoodBehindATearOrDamage() throws Exception {
        final AnalysisResult whole = run(context(), false);
        final byte[] good = Files.readAllBytes(journal);
        int head = 0;
        while (good[head++] != '\n') {}
        final Random random = new Random(4);
        for (int round = 0; round < 60; round++) {
            final byte[] bad =
                    switch (round % 3) {
                        case 0 -> Arrays.copyOf(good, head + random.nextInt(good.length - head));
                        case 1 -> {
                            final byte[] flipped = good.clone();
                            flipped[head + random.nextInt(good.length - head)] ^= (byte) (1 << random.nextInt(8));
                            yield flipped;
                        }
                        default -> {
                            final byte[] hole = good.clone();
                            final int at = head + random.nextInt(good.length - head);
                            Arrays.fill(hole, at, Math.min(hole.length, at + 4096), (byte) 0);
                            yield hole;
                        }
                    };
            Files.write(journal, bad);
            final AnalysisResult resumed = run(context(), true);
            assertTrue(resumed.resumedFiles() < resumed.files(), "round " + round);
            assertSame(whole, resumed);
            final AnalysisResult again = run(context(), true);
            assertEquals(again.files(), again.resumedFiles(), "what was torn away has been appended whole");
        }
    }

    @Test
    void shouldBeginAnewWhereNothingWasDone() throws Exception {
        final AnalysisResult whole = run(context(), false);
        final byte[] good = Files.readAllBytes(journal);
        for (final int length : new int[] {0, 1, 10, 30, 100}) {
            for (final boolean resume : new boolean[] {true, false}) {
                Files.write(journal, Arrays.copyOf(good, length));
                assertSame(whole, run(context(), resume));
            }
        }
        Files.delete(journal);
        open(context(), true).close();
        assertFalse(Files.exists(journal), "nothing was done, so nothing is to be kept");
    }

    @Test
    void shouldRefuseInASentence() throws Exception {
        run(context(), false);
        final long files = Analysis.run(context()).files();
        refused(
                "was interrupted after " + files + " files: --resume goes on with it, or delete " + journal,
                context(),
                false);
        refused(
                "was begun with --block 1KiB, and here it is --block 4MiB:",
                context().blockLength(4 << 20),
                true);
        refused("--hash blake3, and here it is --hash xxh3:", context().algorithm(HashAlgorithm.XXH3), true);
        refused("and here it is --source " + folder + "/:", context().source(folder + "/"), true);
        final Path one = Files.createSymbolicLink(results.resolve("link"), folder);
        Files.delete(journal);
        run(context().source(one.toString()), false);
        Files.delete(one);
        Files.createSymbolicLink(one, results);
        refused("the source " + folder.toRealPath() + ", and", context().source(one.toString()), true);

        Files.writeString(journal, "what somebody else wrote\n");
        refused("is none or has a damaged first line: move or delete it", context(), true);
        Files.writeString(
                journal, new String(JournalLine.bytes(JournalHead.MAGIC + "{\"version\":2}"), StandardCharsets.UTF_8));
        refused("is of format 2, and this program writes and reads format 1", context(), true);
        assertTrue(Files.exists(journal));

        Files.delete(journal);
        try (Journal open = open(context(), false)) {
            refused("Another analysis is writing this manifest now", context(), true);
            open.delete();
        }
        assertFalse(Files.exists(journal));
    }

    @Test
    void shouldGoOnWithoutAJournalThatFindsNoRoom() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "skipped: this machine has no /dev/full");
        Files.createSymbolicLink(journal, Path.of("/dev/full"));
        final AnalysisResult result = run(context(), false);
        assertSame(Analysis.run(context()), result);
        assertEquals(1, said.size(), said.toString());
        assertTrue(said.get(0).startsWith("Cannot write the journal " + journal + ": "), said.get(0));
    }

    @Test
    void shouldNotTrustAFileThatMayChangeWithinTheTickOfAClock() throws Exception {
        final Path fresh = folder.resolve("fresh");
        Files.write(fresh, random(100, 1));
        run(context(), false);
        final FileTime time = Files.getLastModifiedTime(fresh);
        Files.write(fresh, random(100, 2));
        Files.setLastModifiedTime(fresh, time);
        final AnalysisResult resumed = run(context(), true);
        assertEquals(resumed.files() - 1, resumed.resumedFiles());
        assertSame(Analysis.run(context()), resumed);
    }

    @Test
    void shouldNoteHashesOfALongFileInManyLines() throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(folder.resolve("long").toFile(), "rw")) {
            file.setLength(20 << 20);
        }
        Files.setLastModifiedTime(folder.resolve("long"), LONG_AGO);
        final AnalysisResult whole = run(context(), false);
        final AnalysisResult resumed = run(context(), true);
        assertEquals(whole.files(), resumed.resumedFiles());
        assertEquals(0L, resumed.workers().get(0).blocks());
        assertSame(whole, resumed);
    }

    private void refused(final String words, final Analysis.Context ctx, final boolean resume) {
        final DragonException ex = assertThrows(DragonException.class, () -> open(ctx, resume));
        assertTrue(ex.getMessage().contains(words), ex.getMessage());
        assertEquals(1, ex.getMessage().lines().count());
    }

    private static void assertSame(final AnalysisResult expected, final AnalysisResult result) throws IOException {
        assertEquals(text(expected), text(result));
        final Map<String, Object> was = expected.json();
        final Map<String, Object> is = result.json();
        for (final String ofThisRun : List.of("seconds", "gigabytesPerSecond", "workers", "resumed")) {
            was.remove(ofThisRun);
            is.remove(ofThisRun);
        }
        assertEquals(was, is);
        assertEquals(groups(expected), groups(result));
    }

    private static Object groups(final AnalysisResult result) {
        return Report.json(result, null).get("equalFiles");
    }

    /** A run to its end, after which the manifest cannot be written, so that the journal stays. */
    private AnalysisResult run(final Analysis.Context ctx, final boolean resume) {
        try (Journal open = open(ctx, resume)) {
            return Analysis.run(ctx.journal(open));
        }
    }

    private Journal open(final Analysis.Context ctx, final boolean resume) {
        return Journal.open(ctx, manifest, resume, said::add);
    }

    private Analysis.Context context() {
        return new Analysis.Context().source(folder.toString()).blockLength(BLOCK_LENGTH);
    }

    private static String text(final AnalysisResult result) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        Manifest.write(result, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private void write(final String name, final byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
        Files.setLastModifiedTime(folder.resolve(name), LONG_AGO);
    }

    private static byte[] random(final int length, final int seed) {
        final byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
