package io.dragon.tools;

import io.dragon.engine.config.ConfigLoader;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.MastersConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Who the masters are, beside their locks in the shared folder: one of several writes it there, and a command of this host that is told
 * nothing about masters reads it. It is believed only while the media driver of one of them lives.
 */
final class RunningMasters {
    private static final String FILE = "masters";
    private static final String MEMBERS = "masters.members";
    private static final String BASE_PORT = "masters.base_port";

    private RunningMasters() {}

    /** Says which masters run, for the commands that come; a single one needs no saying, and is not to be taken for others. */
    static void write(final DragonConfig config) throws IOException {
        final Path file = config.dragonDir().resolve(FILE);
        final MastersConfig masters = config.masters();
        if (masters.members().size() == 1) {
            Files.deleteIfExists(file);
            return;
        }
        final Path partial = Files.createTempFile(config.dragonDir(), FILE, ".partial");
        Files.writeString(
                partial,
                MEMBERS
                        + '='
                        + String.join(",", masters.members())
                        + '\n'
                        + BASE_PORT
                        + '='
                        + masters.basePort()
                        + '\n');
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Takes it away with the last process of a system; failures do not matter. */
    static void forget(final Path folder) {
        try {
            Files.deleteIfExists(folder.resolve(FILE));
        } catch (final IOException ignored) { // whoever reads it asks for a living driver
            return;
        }
    }

    /**
     * Reads a configuration, and once more with the masters that run here where it names none.
     *
     * @param loaders gives a fresh one each time.
     */
    static DragonConfig load(final Supplier<ConfigLoader> loaders) {
        final DragonConfig config = loaders.get().load();
        if (config.areMastersNamed() || !isAnyAlive(config)) {
            return config;
        }
        final ConfigLoader loader = loaders.get();
        for (final String line : lines(config.dragonDir().resolve(FILE))) {
            final int equals = line.indexOf('=');
            if (line.startsWith(MEMBERS + '=') || line.startsWith(BASE_PORT + '=')) {
                loader.flag(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return loader.load();
    }

    private static boolean isAnyAlive(final DragonConfig config) {
        if (!Files.isRegularFile(config.dragonDir().resolve(FILE))) {
            return false;
        }
        try (Stream<Path> files = Files.list(config.dragonDir())) {
            return files.filter(file -> file.getFileName().toString().matches("aeron-[0-9]"))
                    .anyMatch(driver -> ClusterAccess.isDriverActive(driver, config.timeouts()));
        } catch (final IOException ex) { // the last one has just ended
            return false;
        }
    }

    private static List<String> lines(final Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (final IOException ex) { // the last one has just ended
            return List.of();
        }
    }
}
