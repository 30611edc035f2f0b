package io.dragon.engine.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a host calls itself: the one place that says so. */
public final class HostName {
    private static final String UNKNOWN = "localhost";
    private static final String OWN = read();

    private HostName() {}

    /**
     * The name that the kernel has for this host; asking a resolver may take seconds where there is none.
     *
     * @return 1 to {@value NodeConfig#MAX_HOST} characters.
     */
    public static String own() {
        return OWN;
    }

    private static String read() {
        try {
            final String name =
                    Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
            return name.isEmpty() || name.length() > NodeConfig.MAX_HOST ? UNKNOWN : name;
        } catch (final IOException ex) {
            return UNKNOWN;
        }
    }
}
