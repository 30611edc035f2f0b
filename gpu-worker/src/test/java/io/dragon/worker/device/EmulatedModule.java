package io.dragon.worker.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the committed PTX of a module says of its kernels. */
final class EmulatedModule {
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");

    private EmulatedModule() {}

    /** The kernels, and how many arguments each takes. */
    static Map<String, Integer> entries(final String module) {
        final String resource = "/io/dragon/worker/kernels/" + module + ".ptx";
        try (InputStream ptx = GpuDriver.class.getResourceAsStream(resource)) {
            if (ptx == null) {
                throw new GpuException(
                        500, "CUDA_ERROR_NOT_FOUND", "there is no module " + module + " (CUDA_ERROR_NOT_FOUND).");
            }
            final Map<String, Integer> entries = new TreeMap<>();
            final Matcher matcher = ENTRY.matcher(new String(ptx.readAllBytes(), StandardCharsets.UTF_8));
            while (matcher.find()) {
                entries.put(
                        matcher.group(1),
                        matcher.group(2).isBlank() ? 0 : matcher.group(2).split(",").length);
            }
            return entries;
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }
}
