package io.dragon.tools.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other programs. */
interface Programs {
    /** What a program said, on both of its streams together. */
    record Answer(int code, String text) {}

    /** Runs a program; null where it is not installed, cannot be run or does not end. */
    Answer run(String... words);

    /** The programs of this host, each with at most two seconds. */
    Programs HERE = words -> {
        try {
            final Path output = Files.createTempFile("dragon-doctor-", ".txt");
            try {
                final ProcessBuilder builder = new ProcessBuilder(List.of(words))
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile());
                builder.environment().put("LC_ALL", "C");
                final Process process = builder.start();
                if (!process.waitFor(2, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    return null;
                }
                return new Answer(
                        process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip());
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (final IOException ex) {
            return null;
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return null;
        }
    };
}
