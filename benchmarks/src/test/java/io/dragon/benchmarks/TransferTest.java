package io.dragon.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The transfer benchmark brings frames by every transport and tells every ratio. */
class TransferTest {
    @Test
    void shouldTellARatioForEveryTransport() {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final int exitCode;
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            exitCode = Transfer.run(out, "--rounds", "1", "--megabytes", "1", "--frames", "2", "--sizes", "1,2");
        }
        final String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(0, exitCode, text);
        for (final String ratio :
                new String[] {"udp / aeron ", "udp / aeron + crc32c", "tcp / sockets", "tcp-copy / sockets"}) {
            assertTrue(text.contains(ratio), text);
        }
        assertTrue(text.contains("tcp, 2 MB: ns a byte"), text);
    }
}
