package io.dragon.tools;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** What the build knows about itself. */
final class BuildInfo {
    private BuildInfo() {}

    /** The version, {@code development} where no build wrote one. */
    static String version() {
        try (InputStream stream = BuildInfo.class.getResourceAsStream("build.properties")) {
            final Properties properties = new Properties();
            if (stream != null) {
                properties.load(stream);
            }
            final String version = properties.getProperty("version", "");
            return version.isEmpty() || version.startsWith("$") ? "development" : version;
        } catch (final IOException ex) {
            return "development";
        }
    }
}
