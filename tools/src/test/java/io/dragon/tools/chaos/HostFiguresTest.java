package io.dragon.tools.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What the figures between hosts are taken with. */
final class HostFiguresTest {
    @Test
    void shouldMakeTheWindowWhatALinkCarriesInARoundTrip() {
        assertEquals(1_221 << 10, HostFigures.window(125e6, 0.010), "1,250,000 bytes, rounded up to kibibytes");
        assertEquals(1_220 << 10, HostFigures.window(1_220 << 10, 1), "nothing to round");
    }

    @Test
    void shouldMakeTheWindowNoSmallerAndNoLargerThanTheKeyTakes() {
        assertEquals(64 << 10, HostFigures.window(125e6, 0.0001));
        assertEquals(512 << 20, HostFigures.window(125e6, 3_600));
    }
}
