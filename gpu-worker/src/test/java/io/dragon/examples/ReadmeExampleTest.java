package io.dragon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the README shows compiles and gives what it says. */
final class ReadmeExampleTest {
    @Test
    void shouldSumThePixels() {
        assertEquals(3 * 255 + 7, ReadmeExample.brightness(new byte[] {-1, -1, 0, -1, 7}));
    }

    @Test
    void shouldBeWhatTheReadmeShows() throws IOException {
        final String readme = Files.readString(Path.of("..", "README.md"));
        final int begin = readme.indexOf("```java") + "```java".length();
        final String shown = readme.substring(begin, readme.indexOf("```", begin));
        final String source = Files.readString(Path.of("src/test/java/io/dragon/examples/ReadmeExample.java"));

        assertTrue(shown.length() > 200, "no example in the README");
        assertTrue(
                source.replaceAll("\\s+", "").contains(shown.replaceAll("\\s+", "")),
                "the README's example is not the one that is compiled");
    }
}
