package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ShortTextTest {
    @Test
    void shouldCutAtAWord() {
        assertEquals("the GPU is hot", ShortText.cut("the GPU is hot", 14));
        assertEquals("the GPU is\u2026", ShortText.cut("the GPU is hot", 13));
        assertEquals("the GPU\u2026", ShortText.cut("the GPU is hot", 12));
        assertEquals("the GPU is\u2026", ShortText.cut("the GPU is warm", 14));
        assertEquals("the\u2026", ShortText.cut("the GPU is hot", 9));
        assertEquals("inc\u2026", ShortText.cut("incomprehensible", 6));
    }

    @Test
    void shouldLeaveOfADeviceHowItsFramesGetThere() {
        final String device = "NVIDIA H200, 139.8 GiB, frames pass the staging ring: pinning a frame pool";
        assertEquals(
                device + " (64.0\u2026",
                ShortText.cut(device + " (64.0 MiB) failed: the driver does not permit it", 84));
    }

    @Test
    void shouldNeverHalveACharacterNorTakeMoreThanThereIs() {
        final String text =
                "\u00e4 \u20ac\ud83d\ude00\ud83d\ude00 gr\u00fc\u00dfe \u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4 z";
        for (int most = 3; most < 64; most++) {
            final byte[] cut = ShortText.cut(text, most).getBytes(StandardCharsets.UTF_8);
            assertTrue(cut.length <= most, most + ": " + cut.length);
            assertEquals(ShortText.cut(text, most), new String(cut, StandardCharsets.UTF_8));
            assertEquals(-1, new String(cut, StandardCharsets.UTF_8).indexOf('?'));
        }
    }
}
