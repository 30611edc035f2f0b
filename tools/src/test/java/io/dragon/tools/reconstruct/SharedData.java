package io.dragon.tools.reconstruct;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of real data sets, which a clone of the repository does not have. */
final class SharedData {
    private SharedData() {}

    static Path folder(final String name) {
        final String property = System.getProperty("dragon.shared.data");
        if (property != null) {
            final Path folder = Path.of(property, name);
            assumeTrue(Files.isDirectory(folder), "skipped: there is no " + folder);
            return folder;
        }
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            final Path folder = up.resolve("shared/data").resolve(name);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        assumeTrue(false, "skipped: no data set '" + name + "' in ../shared/data, and dragon.shared.data is not set");
        throw new IllegalStateException();
    }
}
