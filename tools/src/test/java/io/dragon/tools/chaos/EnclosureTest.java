package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A run in namespaces of its own, whatever ends it. */
final class EnclosureTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private int run(final String script) {
        return Enclosure.run(
                new ProcessBuilder("sh", "-c", script),
                process -> {},
                new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    @Test
    void shouldPassOnWhatItSaysAndNotWhatEveryJvmDoes() {
        assertEquals(1, run("echo 'WARNING: Using incubator modules: x' >&2; echo 'a sentence' >&2; exit 1"));
        assertEquals("a sentence\n", said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void shouldNotFailWithoutAWord() {
        assertEquals(1, run("exit 1"));
        assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("The run ended with code 1 and did not say why"));
    }

    @Test
    void shouldNameTheSignalThatEndedIt() {
        assertEquals(137, run("kill -9 $$"));
        assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("The run was ended by signal 9: by somebody"));
    }

    @Test
    void shouldBeSilentAboutWhatWentWell() {
        assertEquals(3, run("exit 3"));
        assertEquals("", said.toString(StandardCharsets.UTF_8));
    }
}
