package io.dragon.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FrameSourceTest {
    @TempDir
    Path folder;

    private static List<byte[]> read(final FrameSource source) {
        final List<byte[]> frames = new ArrayList<>();
        final ByteBuffer target = ByteBuffer.allocateDirect(source.shape().bytes() + 3);
        while (source.next(target)) {
            final byte[] frame = new byte[source.shape().bytes()];
            target.get(0, frame);
            frames.add(frame);
        }
        return frames;
    }

    private static String refusal(final Path file, final String format) {
        return assertThrows(DragonException.class, () -> {
                    try (FrameSource source = FrameSource.open(file.toString(), format)) {
                        read(source);
                    }
                })
                .getMessage();
    }

    private static byte[] bytes(final String header, final int... body) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
        Arrays.stream(body).forEach(out::write);
        return out.toByteArray();
    }

    @Test
    void shouldReadARawStreamAndBeginAgain() throws IOException {
        final byte[] content = new byte[3 * 5 * 4 * 3];
        new SplittableRandom(1).nextBytes(content);
        final Path file = Files.write(folder.resolve("f.raw"), content);
        try (FrameSource source = FrameSource.open(file.toString(), "raw:5x4:rgb8")) {
            assertEquals(new FrameSource.Shape(5, 4, FrameFormat.RGB8), source.shape());
            assertEquals(3, source.count());
            for (int round = 0; round < 2; round++) {
                final List<byte[]> frames = read(source);
                assertEquals(3, frames.size());
                assertArrayEquals(Arrays.copyOfRange(content, 60, 120), frames.get(1));
                source.rewind();
            }
        }
    }

    @Test
    void shouldSayThatARawStreamIsCutOff() throws IOException {
        final Path file = Files.write(folder.resolve("f.raw"), new byte[25]);
        assertEquals(
                file + " ends in the middle of a frame: its last one has 5 of 20 bytes.",
                refusal(file, "raw:5x4:grey8"));
    }

    @Test
    void shouldReadY4mInEveryChroma() throws IOException {
        final Path mono = Files.write(
                folder.resolve("m.y4m"), bytes("YUV4MPEG2 W3 H1 F25:1 Cmono\nFRAME\n\1\2\3FRAME Ip\n\4\5\6"));
        try (FrameSource source = FrameSource.open(mono.toString(), null)) {
            assertEquals(FrameFormat.GREY8, source.shape().format());
            final List<byte[]> frames = read(source);
            assertArrayEquals(new byte[] {4, 5, 6}, frames.get(1));
            source.rewind();
            assertEquals(2, read(source).size());
        }
        // An odd size: chroma planes are rounded up. White, black, and full red in the video range.
        final Path colour = Files.write(
                folder.resolve("c.y4m"), bytes("YUV4MPEG2 W3 H1 C420jpeg\nFRAME\n", 235, 16, 81, 128, 90, 128, 240));
        try (FrameSource source = FrameSource.open(colour.toString(), "y4m")) {
            final byte[] frame = read(source).get(0);
            assertArrayEquals(new byte[] {-1, -1, -1, 0, 0, 0}, Arrays.copyOf(frame, 6));
            assertTrue((frame[6] & 0xFF) >= 254 && frame[7] <= 1 && frame[8] <= 1, Arrays.toString(frame));
        }
        final Path full = Files.write(
                folder.resolve("f.y4m"), bytes("YUV4MPEG2 W1 H2 C444\nFRAME\n", 16, 235, 128, 128, 128, 128));
        try (FrameSource source = FrameSource.open(full.toString(), null)) {
            assertArrayEquals(new byte[] {0, 0, 0, -1, -1, -1}, read(source).get(0));
        }
    }

    @Test
    void shouldRefuseDamagedY4mInWords() throws IOException {
        final Path file = folder.resolve("d.y4m");
        for (final String[] damage : new String[][] {
            {"", "ends in the middle of a header"},
            {"RIFF\n", "does not begin with YUV4MPEG2"},
            {"YUV4MPEG2 W0 H4\n", "0x4 pixels: that is impossible"},
            {"YUV4MPEG2 W99999999 H99999999 Cmono\n", "that is impossible"},
            {"YUV4MPEG2 W2 H2 C420p10\n", "the colour space C420p10, expected mono, 420, 422 or 444"},
            {"YUV4MPEG2 W2 H2 Cmono\nFRAME\nab", "ends in the middle of a frame: its last one has 2 of 4 bytes"},
            {"YUV4MPEG2 W2 H2 Cmono\nFRAMX\nabcd", "a frame must begin with FRAME"},
            {"YUV4MPEG2 " + "x".repeat(600), "a header is longer than 512 bytes"},
        }) {
            Files.writeString(file, damage[0]);
            assertTrue(refusal(file, "y4m").contains(damage[1]), refusal(file, "y4m"));
        }
    }

    @Test
    void shouldReadAFolderOfImagesInTheOrderOfTheirNumbers() throws IOException {
        for (final int i : new int[] {10, 9, 1}) {
            final BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(1, 0, 0, 100 + i);
            ImageIO.write(image, "png", folder.resolve("cam_" + i + ".png").toFile());
        }
        Files.write(
                folder.resolve("cam_2.pgm"),
                bytes("P5\n# a comment\n4 3\n255\n", 0, 102, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        Files.writeString(folder.resolve("notes.txt"), "no image");
        try (FrameSource source = FrameSource.open(folder.toString(), null)) {
            assertEquals(new FrameSource.Shape(4, 3, FrameFormat.GREY8), source.shape());
            final List<byte[]> frames = read(source);
            assertEquals(
                    List.of(101, 102, 109, 110),
                    frames.stream().map(frame -> (int) frame[1] & 0xFF).toList());
        }
    }

    @Test
    void shouldReadColoursAndGreyAmongThem() throws IOException {
        final BufferedImage colour = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        colour.setRGB(0, 0, 0x010203);
        colour.setRGB(1, 0, 0xFFFEFD);
        ImageIO.write(colour, "png", folder.resolve("a.png").toFile());
        final BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 77);
        ImageIO.write(grey, "png", folder.resolve("b.png").toFile());
        try (FrameSource source = FrameSource.open(folder.toString(), null)) {
            final List<byte[]> frames = read(source);
            assertArrayEquals(new byte[] {1, 2, 3, -1, -2, -3}, frames.get(0));
            assertArrayEquals(new byte[] {77, 77, 77, 0, 0, 0}, frames.get(1));
        }
    }

    @Test
    void shouldRefuseDamagedImagesInWords() throws IOException {
        final Path good = Files.write(folder.resolve("a.pgm"), bytes("P5 2 2 255\n", 1, 2, 3, 4));
        final Path bad = folder.resolve("b.pgm");
        for (final String[] damage : new String[][] {
            {"P5 2 2 255\nab", "is cut off: it has 2 of 4 bytes of pixels"},
            {"P2 2 2 255\n", "does not begin with P5 or P6"},
            {"P5 2 x", "has a damaged header at byte 5"},
            {"P5 2 2 65535\nabcdefgh", "has 65535 as its brightest value"},
            {"P5 3 2 255\nabcdef", "is 3x2 grey8, but the first one is 2x2 grey8"},
            {"P5 999999 999999 255\n", "that is impossible"},
        }) {
            Files.writeString(bad, damage[0]);
            assertTrue(refusal(folder, null).contains(damage[1]), refusal(folder, null));
            assertTrue(refusal(folder, null).contains(bad.toString()));
        }
        Files.delete(bad);
        final Path png = folder.resolve("c.png");
        Files.writeString(png, "no image at all");
        assertTrue(refusal(folder, null).contains(png + " is not an image that can be read"), refusal(folder, null));
        Files.delete(png);
        Files.delete(good);
        final BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        final SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, random.nextInt());
        }
        for (final String kind : List.of("png", "jpg", "bmp", "gif")) {
            final Path file = folder.resolve("whole." + kind);
            ImageIO.write(image, kind, file.toFile());
            try (FrameSource whole = FrameSource.open(file.toString(), null)) {
                assertEquals(1, read(whole).size());
            }
            final byte[] all = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(all, all.length / 2));
            assertTrue(refusal(file, null).startsWith("The image " + file + " "), refusal(file, null));
            Files.delete(file);
        }
        assertTrue(refusal(folder, null).contains("has no images"));
    }

    @Test
    void shouldRefuseWrongFormatsInWords() throws IOException {
        final Path file = Files.write(folder.resolve("f.bin"), new byte[4]);
        assertTrue(refusal(file, null).startsWith("The format of " + file + " cannot be told by its name"));
        assertTrue(refusal(file, "raw:2x2:rgb9").startsWith("'--format raw:2x2:rgb9' is not known"));
        assertTrue(refusal(file, "raw:999999x999999:grey8").contains("that is impossible"));
        assertTrue(refusal(folder, "y4m").contains("is a folder of images"));
    }
}
