package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostSecretTest {
    @TempDir
    Path folder;

    private Path file(final String text, final String mode) throws IOException {
        final Path file = Files.writeString(folder.resolve("secret"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static void refused(final Path file, final String why) {
        final String words =
                assertThrows(DragonException.class, () -> HostSecret.read(file)).getMessage();
        assertTrue(words.contains(why), words);
    }

    @Test
    void shouldReadWhatOnlyItsOwnerMayRead() throws IOException {
        final byte[] expected = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
        assertArrayEquals(expected, HostSecret.read(file("0123456789abcdef\n", "rw-------")));
        assertArrayEquals(expected, HostSecret.read(file("0123456789abcdef \r\n", "r--------")));
    }

    @Test
    void shouldSayInWordsWhatIsWrongWithIt() throws IOException {
        refused(file("0123456789abcdef", "rw-r-----"), "chmod 600");
        refused(file("0123456789abcdef", "rw----r--"), "chmod 600");
        refused(file("0123456789abcde\n", "rw-------"), "has 15 bytes");
        refused(file("x".repeat(5_000), "rw-------"), "more than 4096 bytes");
        refused(folder.resolve("nothing"), "There is no secret");
    }
}
