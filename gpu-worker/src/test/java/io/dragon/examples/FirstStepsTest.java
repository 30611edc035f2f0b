package io.dragon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FirstStepsTest {
    @Test
    void shouldDoWhatTheTableInTheDocumentationSays() {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertEquals(41, FirstSteps.run(new PrintStream(bytes, true, StandardCharsets.UTF_8)));
        final String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("read a frame of 76800 bytes"), text);
        assertTrue(text.contains("status: healthy []"), text);
    }
}
