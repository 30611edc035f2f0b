package io.dragon.tools.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * How the demo talks to a group of cameras in a process of its own: lines {@code run NANOTIME} and {@code counts} in; lines
 * {@code cameras IDS}, {@code done} and {@code counts ...} out. It ends with its input.
 */
final class CameraConsole {
    private CameraConsole() {}

    static void serve(
            final CameraGroup group, final InputStream in, final PrintStream out, final BooleanSupplier stop)
            throws IOException {
        out.println("cameras "
                + Arrays.stream(group.cameraIds()).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
        out.flush();
        final BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !stop.getAsBoolean(); line = lines.readLine()) {
            if (line.startsWith("run ")) {
                group.run(Long.parseLong(line.substring(4)), stop);
                out.println("done");
            } else if (line.equals("counts")) {
                out.println("counts " + group.counts().line());
            }
            out.flush();
        }
    }
}
