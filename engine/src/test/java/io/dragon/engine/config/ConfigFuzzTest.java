package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever the bytes are, the answer is a configuration or a {@link DragonException} with a place in it. */
final class ConfigFuzzTest {
    private static final long SEED = 20_261_122L;
    private static final String SYNTAX = "{}[]:,-?&*!|>'\"%@`#\t \n~<=.0xeE_";

    @Test
    void shouldAnswerRandomBytesInWords() {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 3_000; i++) {
            final byte[] bytes = new byte[random.nextInt(200)];
            final boolean syntax = (i & 1) == 0;
            for (int b = 0; b < bytes.length; b++) {
                bytes[b] = (byte) (syntax ? SYNTAX.charAt(random.nextInt(SYNTAX.length())) : random.nextInt(256));
            }
            read(bytes, "random " + i);
        }
    }

    @Test
    void shouldAnswerMutatedFilesInWords() throws IOException {
        final Path conf = ConfigTest.examples();
        final SplittableRandom random = new SplittableRandom(SEED);
        for (final String name : new String[] {"dragon_gpu.yaml", "gpu_server.yaml"}) {
            final byte[] good = Files.readAllBytes(conf.resolve(name));
            for (int i = 0; i < 3_000; i++) {
                byte[] bytes = good.clone();
                for (int m = 1 + random.nextInt(4); m > 0; m--) {
                    bytes = mutate(bytes, random);
                }
                read(bytes, name + " " + i);
            }
        }
    }

    private static byte[] mutate(final byte[] bytes, final SplittableRandom random) {
        if (bytes.length < 2) {
            return bytes;
        }
        final int at = random.nextInt(bytes.length);
        switch (random.nextInt(4)) {
            case 0 -> bytes[at] = (byte) SYNTAX.charAt(random.nextInt(SYNTAX.length()));
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> {
                return java.util.Arrays.copyOf(bytes, at);
            }
            default -> {
                final int length = Math.min(random.nextInt(40), bytes.length - at);
                final byte[] longer = new byte[bytes.length + length];
                System.arraycopy(bytes, 0, longer, 0, at);
                System.arraycopy(bytes, at, longer, at, length);
                System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                return longer;
            }
        }
        return bytes;
    }

    private static void read(final byte[] bytes, final String which) {
        try {
            final DragonConfig config =
                    DragonConfig.loader().environment(Map.of()).load("f.yaml", bytes);
            config.settings();
            config.remoteGpus();
            config.missingGpus(Map.of(0, "GPU-a"));
            config.masters();
            config.dragonDir();
            config.scheduling().strategies();
        } catch (final DragonException ex) {
            assertFalse(ex.getMessage().isBlank());
            ex.getMessage().lines().forEach(line -> assertFalse(line.chars().anyMatch(c -> c < ' '), line));
        } catch (final RuntimeException | StackOverflowError ex) {
            fail(which + ": " + new String(bytes, StandardCharsets.ISO_8859_1), ex);
        }
    }
}
