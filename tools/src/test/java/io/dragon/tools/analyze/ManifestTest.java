package io.dragon.tools.analyze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    @Test
    void shouldReadWhatItWrites() throws Exception {
        final String[] names = {
            "plain", "a b", " ", "a\nb", "a\\b", "\\", "\\n", "\n", "\\\n\\", "ends in \\", "ends in \r", "in\rside"
        };
        final StringBuilder text = new StringBuilder();
        for (final String name : names) {
            text.append(Manifest.line(DIGEST, name));
        }
        final var lines = lines(written(text.toString()));
        assertEquals(names.length, lines.size());
        for (int i = 0; i < names.length; i++) {
            assertEquals(new Manifest.Line(DIGEST, names[i]), lines.get(i));
        }
    }

    @Test
    void shouldGiveEveryFaultItsPlace() throws Exception {
        final Path file = written(DIGEST + "  good\nnonsense\n" + DIGEST + " one space\n" + DIGEST + "  \n\\" + DIGEST
                + "  bad \\t escape\n" + DIGEST.toUpperCase(java.util.Locale.ROOT) + "  upper\n");
        final DragonException fault = assertThrows(DragonException.class, () -> lines(file));
        assertEquals(DragonException.WRONG_USAGE, fault.exitCode());
        final String[] lines = fault.getMessage().split("\n");
        assertEquals(5, lines.length, fault.getMessage());
        assertTrue(lines[0].startsWith(file + ":2:1: "), lines[0]);
        assertTrue(lines[1].startsWith(file + ":3:65: "), lines[1]);
        assertTrue(lines[2].startsWith(file + ":4:65: "), lines[2]);
        assertTrue(lines[3].startsWith(file + ":5:72: "), lines[3]);
        assertTrue(lines[4].startsWith(file + ":6:11: "), lines[4]);
    }

    @Test
    void shouldSayOnceThatAFileIsNoManifest() throws Exception {
        final Path file = written("no\n".repeat(100));
        final DragonException fault = assertThrows(DragonException.class, () -> lines(file));
        assertEquals(
                file + ":1:1: a digest of 64 hexadecimal digits (0-9, a-f) was expected here; " + file
                        + " is no manifest: none of its 100 lines has a digest and a name",
                fault.getMessage());
    }

    @Test
    void shouldSurviveRandomText() throws Exception {
        final Random random = new Random(5);
        final byte[] valid = (DIGEST + "  name\n").repeat(3).getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 500; round++) {
            final byte[] bytes = valid.clone();
            for (int i = random.nextInt(5); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            final Path file = folder.resolve("random");
            Files.write(file, bytes);
            try {
                lines(file);
            } catch (final DragonException ex) {
                assertTrue(ex.getMessage().startsWith(file + ":"), ex.getMessage());
            }
        }
    }

    /** One of many terabytes of small files was longer than an array can be. */
    @Test
    void shouldReadAManifestOfMoreThanTwoGigabytesInTheMemoryOfALine() throws Exception {
        final Path file = folder.resolve("large");
        final byte[] line = (DIGEST + "  name\n").getBytes(StandardCharsets.UTF_8);
        final long holeEnd = (1L << 31) + 12_345;
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(line));
            channel.write(
                    ByteBuffer.wrap(("\n" + Manifest.line(DIGEST, "last")).getBytes(StandardCharsets.UTF_8)), holeEnd);
        }
        final List<String> names = new ArrayList<>();
        final DragonException fault =
                assertThrows(DragonException.class, () -> Manifest.read(file, each -> names.add(each.name())));
        assertEquals(List.of("name", "last"), names);
        assertEquals(file + ":2:1: the line is longer than 1048576 bytes", fault.getMessage());
    }

    @Test
    void shouldTakeALineOfTheGreatestLengthAndNoneThatIsLonger() throws Exception {
        final String name = "n".repeat(ManifestLines.LONGEST - DIGEST.length() - 2);
        final Path file = written(Manifest.line(DIGEST, name) + Manifest.line(DIGEST, "short"));
        assertEquals(List.of(new Manifest.Line(DIGEST, name), new Manifest.Line(DIGEST, "short")), lines(file));
        final Path longer = written(Manifest.line(DIGEST, name + "n") + Manifest.line(DIGEST, "short"));
        final DragonException fault = assertThrows(DragonException.class, () -> lines(longer));
        assertTrue(fault.getMessage().startsWith(longer + ":1:1: the line is longer"), fault.getMessage());
    }

    @Test
    void shouldCountTheFaultsThatItDoesNotShow() throws Exception {
        final Path file = written(DIGEST + "  good\n" + "no\n".repeat(30));
        final String[] words = assertThrows(DragonException.class, () -> lines(file))
                .getMessage()
                .split("\n");
        assertEquals(21, words.length);
        assertEquals("and 10 more faults", words[20]);
    }

    static List<Manifest.Line> lines(final Path file) {
        final List<Manifest.Line> lines = new ArrayList<>();
        Manifest.read(file, lines::add);
        return lines;
    }

    private Path written(final String text) throws Exception {
        return Files.writeString(folder.resolve("manifest"), text);
    }
}
