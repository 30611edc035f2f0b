package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.voxel.Camera;
import io.dragon.worker.voxel.SyntheticScene;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetReaderTest {
    @TempDir
    Path folder;

    private Path write(final String name, final String text) throws IOException {
        return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String refusal(final org.junit.jupiter.api.function.Executable what) {
        final String message = assertThrows(DragonException.class, what).getMessage();
        assertFalse(message.isBlank() || message.contains("Exception"), message);
        return message;
    }

    @Test
    void shouldReadARigAndScaleItToItsPictures() throws IOException {
        final SyntheticScene scene = new SyntheticScene(2, 320, 240, 1);
        write(
                "rig.json",
                "{\"cameras\":[" + RigText.of(scene.rig().camera(0), 4) + ","
                        + RigText.of(scene.rig().camera(1), 4) + "]}");
        Files.createDirectory(folder.resolve("frames"));
        write("frames/cam00_7.pgm", "P5 160 120 255\n" + "x".repeat(160 * 120));
        write("frames/cam01_007.PGM", "P5\n# a comment\n320 240\n65535\n" + "x".repeat(2 * 320 * 240));
        write("frames/cam00_8.pgm", "P5 160 120 255\n" + "x".repeat(160 * 120));
        write("frames/notes.txt", "not a frame");
        final Dataset dataset = DatasetReader.read(folder, null);
        assertEquals(2, dataset.cameras());
        assertEquals(2, dataset.steps());
        assertEquals(7, dataset.step(0));
        assertEquals(160, dataset.rig(0).camera(0).width());
        assertEquals(
                scene.rig().camera(0).focalLength() / 2,
                dataset.rig(0).camera(0).focalLength(),
                1e-9);
        assertEquals(4, dataset.rig(0).pair(1));
        assertEquals(null, dataset.file(1, 1));
        assertEquals(FrameFormat.GREY16, PictureReader.read(dataset.file(0, 1)).format());
    }

    @Test
    void shouldReadPosesAsTheSourceDocumentMeansThem() throws IOException {
        write("a.pgm", "P5 200 100 255\n" + "x".repeat(200 * 100));
        write("b.pgm", "P5 200 100 255\n" + "x".repeat(200 * 100));
        write(
                "metadata.json",
                "[{\"camera_index\":0,\"frame_index\":0,\"camera_position\":[1,2,3],\"yaw\":90,\"pitch\":90,\"roll\":0,"
                        + "\"fov_degrees\":90,\"image_file\":\"a.pgm\"},"
                        + "{\"camera_index\":1,\"frame_index\":0,\"camera_position\":[0,0,9],\"yaw\":0,\"pitch\":0,\"roll\":0,"
                        + "\"fov_degrees\":90,\"image_file\":\"b.pgm\"}]");
        final Dataset dataset = DatasetReader.read(folder, null);
        final Camera down = dataset.rig(0).camera(1);
        final double[] uv = new double[2];
        assertTrue(down.project(2, 1, 5, uv), "without turning it looks along -Z");
        assertEquals(100 + 100 * 2 / 4.0, uv[0], 1e-9);
        assertEquals(50 - 100 * 1 / 4.0, uv[1], 1e-9);
        // Pitched up by 90 degrees it looks along +Y with +Z up; turned left by 90 degrees along -X.
        final Camera left = dataset.rig(0).camera(0);
        assertTrue(left.project(1 - 10, 2 + 1, 3 + 2, uv));
        assertEquals(100 + 100 * 1 / 10.0, uv[0], 1e-9);
        assertEquals(50 - 100 * 2 / 10.0, uv[1], 1e-9);
        assertFalse(left.project(11, 2, 3, uv), "behind");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"cameras\":[",
                "{}",
                "{\"cameras\":[]}",
                "{\"cameras\":[{\"id\":\"a\"}]}",
                "{\"cameras\":[{\"id\":\"a\",\"width\":10,\"height\":10,\"K\":[1,2],\"R\":[],\"t\":[]}]}",
                "{\"cameras\":[{\"id\":\"a\",\"width\":-1,\"height\":10,\"K\":[[9,0,1],[0,9,1],[0,0,1]],"
                        + "\"R\":[[1,0,0],[0,1,0],[0,0,1]],\"t\":[0,0,0]}]}",
                "{\"cameras\":[{\"id\":\"a\",\"width\":10,\"height\":10,\"K\":[[9,0,1],[0,9,1],[0,0,1]],"
                        + "\"R\":[[2,0,0],[0,1,0],[0,0,1]],\"t\":[0,0,0]}]}",
                "[1,2,3]",
                "null",
                ""
            })
    void shouldRefuseBadRigsInWords(final String text) throws IOException {
        final Path rig = write("rig.json", text);
        final String message = refusal(() -> DatasetReader.read(folder, null));
        assertTrue(message.contains(rig.toString()), message);
    }

    @Test
    void shouldRefuseFilesThatLeadOutOfTheFolder() throws IOException {
        write(
                "metadata.json",
                "[{\"camera_index\":0,\"frame_index\":0,\"camera_position\":[1,2,3],\"yaw\":9,\"pitch\":0,\"roll\":0,"
                        + "\"fov_degrees\":90,\"image_file\":\"../../etc/a.pgm\"}]");
        assertTrue(refusal(() -> DatasetReader.read(folder, null)).contains("leads out"));
    }

    @Test
    void shouldRefuseFoldersWithoutADatasetInWords() throws IOException {
        assertTrue(refusal(() -> DatasetReader.read(folder, null)).contains("rig.json"));
        assertTrue(refusal(() -> DatasetReader.read(folder.resolve("nowhere"), null))
                .contains("nowhere"));
        write("x_par.txt", "1\nimage.png 1 2 3\n");
        assertTrue(refusal(() -> DatasetReader.read(folder, null)).contains("x_par.txt:2"));
        final SyntheticScene scene = new SyntheticScene(2, 320, 240, 1);
        final Path rig =
                write("my.json", "{\"cameras\":[" + RigText.of(scene.rig().camera(0), 0) + "]}");
        assertTrue(refusal(() -> DatasetReader.read(folder, rig)).contains("<id>_<step>"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "P",
                "P2 1 1 255\n1",
                "P5",
                "P5 x",
                "P5 10 10 255\n123",
                "P5 10 10 0\n",
                "P5 10 10 70000\n",
                "P5 99999999 99999999 255\n",
                "P5 30000 30000 255\n",
                "P5 0 10 255\n",
                "P6 10 10 255\n123",
                "P5 10 10"
            })
    void shouldRefuseBadPicturesInWords(final String text) throws IOException {
        final Path file = write("bad.pgm", text);
        assertTrue(refusal(() -> PictureReader.read(file)).contains("bad.pgm"));
    }

    @Test
    void shouldSurviveDamagedPictures() throws IOException {
        final Path file = folder.resolve("picture.png");
        ImageIO.write(new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        assertEquals(FrameFormat.RGB8, PictureReader.read(file).format());
        final byte[] good = Files.readAllBytes(file);
        final Random random = new Random(4);
        for (int i = 0; i < 300; i++) {
            final byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length) + 1);
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            Files.write(file, bad);
            try {
                PictureReader.size(file);
                PictureReader.read(file);
            } catch (final DragonException e) {
                assertTrue(e.getMessage().contains("picture.png"));
            }
        }
    }

    @Test
    void shouldRefuseAJpegThatIsCutOff() throws IOException {
        final Path file = folder.resolve("cut.jpg");
        final BufferedImage noise = new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB);
        final Random random = new Random(3);
        for (int i = 0; i < 200 * 200; i++) {
            noise.setRGB(i % 200, i / 200, random.nextInt());
        }
        ImageIO.write(noise, "jpg", file.toFile());
        final byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));

        final DragonException fault = assertThrows(DragonException.class, () -> PictureReader.read(file));

        assertTrue(fault.getMessage().contains("cut"), fault.getMessage());
    }

    @Test
    void shouldTakeGreySamplesAsTheyAreInTheFile() throws IOException {
        final BufferedImage wide = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        wide.getRaster().setSample(0, 0, 0, 0x8001);
        wide.getRaster().setSample(1, 0, 0, 0x0102);
        ImageIO.write(wide, "png", folder.resolve("wide.png").toFile());

        final Picture picture = PictureReader.read(folder.resolve("wide.png"));

        assertEquals(FrameFormat.GREY16, picture.format());
        assertArrayEquals(new byte[] {1, (byte) 0x80, 2, 1}, picture.pixels());
    }

    @Test
    void shouldReadForegroundRules() {
        assertEquals(12, Foreground.parse("diff:12").rule().threshold());
        assertTrue(Foreground.parse("diff:12").rule().present());
        assertFalse(Foreground.parse("diff:12,both").rule().present());
        assertEquals(
                "bg/{id}.png",
                Foreground.parse("background:bg/{id}.png,diff:30").background());
        assertEquals(7, Foreground.parse(Foreground.MIDDLEBURY).rule().shrink());
        for (final String wrong : List.of(
                "",
                "diff",
                "diff:x",
                "diff:999",
                "dilate:3",
                "threshold:1,diff:2",
                "background:",
                "both:1,diff:2",
                "dif:12")) {
            assertTrue(refusal(() -> Foreground.parse(wrong)).startsWith("--foreground"), wrong);
        }
    }
}
